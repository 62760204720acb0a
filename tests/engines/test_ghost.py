"""Ghost text: counts over a model, whole words, exact forgetting."""

import numpy as np
import pytest

from l2c.engines.ghost import (
    ByteReader,
    CountingMemory,
    keystrokes_saved,
    suggest,
)
from l2c.engines.model import LanguageModel
from l2c.text.bytes import ByteTokenizer
from l2c.text.characters import CharacterTokenizer

DIARY = "Pim slept on the warm pipe all day.\nFrost on the roof, gone by nine.\n"


@pytest.fixture
def reader() -> ByteReader:
    """A model that was taught nothing."""
    config = {"hidden_size": 8, "layers": 1}
    return ByteReader(LanguageModel.create("lstm", config, ByteTokenizer(), seed=1))


def learned(*texts: str) -> CountingMemory:
    memory = CountingMemory()
    for text in texts:
        memory.learn(text)
    return memory


def test_a_text_that_was_learned_goes_on_in_its_own_words(reader: ByteReader) -> None:
    memory = learned(*[DIARY] * 5)
    assert suggest("Pim slept on the wa", memory, reader).words[:3] == ("rm", " pipe", " all")
    assert suggest("Frost on the roof", memory, reader).words[:2] == (", gone", " by")


def test_suggestions_end_with_the_line(reader: ByteReader) -> None:
    assert suggest("Frost on the roof, gone by n", learned(*[DIARY] * 5), reader).words == ("ine",)


def test_who_wrote_nothing_is_offered_nothing_by_an_untaught_model(reader: ByteReader) -> None:
    assert suggest("Pim slept on the wa", CountingMemory(), reader).words == ()


@pytest.mark.parametrize("before", ["", "\n", "\n\n", "猫と", "caf\u00e9 ", "a" * 4000])
def test_any_text_can_stand_before_the_cursor(reader: ByteReader, before: str) -> None:
    suggest(before, learned("猫と犬 caf\u00e9 au lait\n"), reader)


def test_a_suggestion_is_text_also_where_bytes_are_not() -> None:
    reader = ByteReader(
        LanguageModel.create("lstm", {"hidden_size": 8, "layers": 1}, ByteTokenizer(), seed=1)
    )
    memory = learned(*["das schöne Wetter\n"] * 5)
    assert suggest("das sch", memory, reader).words == ("öne", " Wetter")


def test_what_is_forgotten_leaves_no_trace() -> None:
    memory = learned(DIARY, "My password is swordfish.\n", DIARY)
    memory.forget("My password is swordfish.\n")
    assert known(memory) == known(learned(DIARY, DIARY))
    assert known(memory) != known(learned(DIARY))


def known(memory: CountingMemory) -> list[float]:
    """What is expected at every place of the words that were learned and of those forgotten."""
    expected = memory.expected(f"{DIARY}My password is swordfish.\n")
    return [*expected.p.ravel().tolist(), *expected.shares.tolist()]


def test_a_reading_of_a_text_tells_what_suggestions_would_spare(reader: ByteReader) -> None:
    """The short way agrees with typing the text letter by letter and taking what is right."""
    memory = learned(*[DIARY] * 4, "Frost again, and Pim slept.\n")
    text = "Pim slept on the roof, gone by day.\nFrost and the pipe again"
    found = keystrokes_saved(text, memory.expected(text), reader)
    keys, at = 0, 0
    while at < len(text):
        words = suggest(text[:at], memory, reader).words
        goes_on = text[at : at + len(words[0])] if words else ""
        whole = not text[at + len(goes_on) : at + len(goes_on) + 1].isalpha()
        at += len(goes_on) if words and goes_on == words[0] and len(goes_on) > 1 and whole else 1
        keys += 1
    assert found == pytest.approx(1 - keys / len(text))
    assert found > 0.2


def test_an_empty_text_spares_nothing(reader: ByteReader) -> None:
    assert keystrokes_saved("", None, reader) == 0.0


def test_a_model_of_other_tokens_is_read_byte_by_byte() -> None:
    tokenizer = CharacterTokenizer().grown(DIARY)
    model = LanguageModel.create("lstm", {"hidden_size": 8, "layers": 1}, tokenizer, seed=2)
    chances = ByteReader(model).chances(ByteReader(model).read(b"Pim"))
    assert chances.shape == (256,)
    assert chances.sum() == pytest.approx(1)


def test_reading_on_is_reading_all(reader: ByteReader) -> None:
    reader.read(b"Pim sle")
    went_on = reader.chances(reader.read(b"Pim slept on"))
    reader.read(b"something else")
    assert np.array_equal(went_on, reader.chances(reader.read(b"Pim slept on")))
