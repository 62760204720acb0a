"""Every tokenizer keeps one contract: whole characters, no forged roles, ids that stay."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from l2c.errors import InvalidInput
from l2c.text.bytes import ByteTokenizer
from l2c.text.characters import CAP, CharacterTokenizer
from l2c.text.tokenizer import Control, Tokenizer

texts = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=60)
EMPTY: list[Tokenizer] = [CharacterTokenizer(), ByteTokenizer()]


@pytest.mark.parametrize("empty", EMPTY, ids=lambda tokenizer: tokenizer.kind)
@given(text=texts)
def test_text_survives_the_way_there_and_back(empty: Tokenizer, text: str) -> None:
    tokenizer = empty.grown(text)
    assert tokenizer.decode(tokenizer.encode(text)) == text


@pytest.mark.parametrize("empty", EMPTY, ids=lambda tokenizer: tokenizer.kind)
@given(text=texts)
def test_no_text_encodes_to_a_role(empty: Tokenizer, text: str) -> None:
    assert all(token >= len(Control) for token in empty.grown(text).encode(text))


@pytest.mark.parametrize("empty", EMPTY, ids=lambda tokenizer: tokenizer.kind)
@given(known=texts, more=texts)
def test_growing_keeps_every_id(empty: Tokenizer, known: str, more: str) -> None:
    before = empty.grown(known)
    assert before.grown(more).encode(known) == before.encode(known)


@pytest.mark.parametrize("empty", EMPTY, ids=lambda tokenizer: tokenizer.kind)
@given(text=texts)
def test_only_whole_characters_leave_a_decoder(empty: Tokenizer, text: str) -> None:
    tokenizer = empty.grown(text)
    decoder = tokenizer.decoder()
    pieces = [decoder.push(token) for token in tokenizer.encode(text)]
    assert "".join(pieces) == text
    assert decoder.finish() == ""


@pytest.mark.parametrize("empty", EMPTY, ids=lambda tokenizer: tokenizer.kind)
@given(text=texts)
def test_a_description_makes_the_same_tokenizer(empty: Tokenizer, text: str) -> None:
    tokenizer = empty.grown(text)
    again = type(tokenizer).from_description(json.loads(json.dumps(tokenizer.describe())))
    assert again.encode(text) == tokenizer.encode(text)
    assert again.vocab_size == tokenizer.vocab_size


def test_a_character_cut_in_half_reads_as_a_replacement() -> None:
    tokenizer = ByteTokenizer()
    assert tokenizer.decode(tokenizer.encode("é")[:1]) == "\ufffd"


def test_an_unknown_character_is_read_as_unknown_until_it_is_grown() -> None:
    tokenizer = CharacterTokenizer("abc")
    assert tokenizer.encode("a?") == [8, Control.UNKNOWN]
    assert Control.UNKNOWN not in tokenizer.grown("a?").encode("a?")


def test_a_thousand_rare_characters_cannot_inflate_the_vocabulary() -> None:
    everything = "".join(map(chr, range(0x3400, 0x9FFF)))
    tokenizer = CharacterTokenizer().grown("abc").grown(everything)
    assert tokenizer.vocab_size <= CAP
    assert tokenizer.decode(tokenizer.encode(everything)) == everything


def test_a_lone_surrogate_does_not_break_a_tokenizer() -> None:
    for tokenizer in (ByteTokenizer(), CharacterTokenizer().grown("\ud800")):
        assert tokenizer.decode(tokenizer.encode("\ud800")) == "?"


@pytest.mark.parametrize("token", [-1, 264, 10**9])
def test_an_id_outside_the_vocabulary_is_refused(token: int) -> None:
    with pytest.raises(InvalidInput, match=r"must be in \[0, 264\)"):
        ByteTokenizer().token_bytes(token)


@pytest.mark.parametrize(
    "pieces", [["ab"], [256], [-1], [True], [None], ["a", "a"], "abc", ["\ud800"], [1.0]]
)
def test_a_senseless_description_is_refused(pieces: object) -> None:
    with pytest.raises(InvalidInput):
        CharacterTokenizer.from_description({"kind": "characters", "pieces": pieces})
