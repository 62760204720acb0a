"""A local model as a provider: whole characters, honest ends, probabilities on request."""

import math

import pytest

from l2c.conversation import Message, Role
from l2c.engines.model import LanguageModel
from l2c.providers.local import LocalProvider
from l2c.providers.provider import Said, Sampling, Writing
from l2c.text.bytes import ByteTokenizer
from l2c.text.characters import CharacterTokenizer
from tests.providers.test_stopping import read

SAID = [Message(Role.USER, "abba")]


def provider(characters: str = "ab") -> LocalProvider:
    tokenizer = CharacterTokenizer(characters)
    model = LanguageModel.create("lstm", {"hidden_size": 8}, tokenizer, seed=1)
    return LocalProvider("le", "0" * 64, model)


def text(writing: Writing) -> str:
    return "".join(said.text for said in read(writing)[0])


def test_the_stream_is_the_text_of_the_answer() -> None:
    sampling = Sampling(temperature=1.0, length=40, seed=3)
    assert "".join(provider().stream(SAID, sampling)) == text(provider().answer(SAID, sampling))


def test_an_answer_says_whether_it_ended_by_itself() -> None:
    for seed in range(30):
        said, outcome = read(provider().answer(SAID, Sampling(1.5, 12, seed)))
        written = sum(len(one.written) for one in said)
        assert outcome.tokens == written
        assert (outcome.reason == "length") == (written == 12)


def test_a_completion_has_exactly_its_length() -> None:
    assert len(text(provider().complete("abba", Sampling(1.0, 33, 1)))) == 33


def test_with_top_every_token_stands_among_the_probable_ones() -> None:
    """At temperature 0 the token written is the most probable one of its place."""
    said, _ = read(provider("abcdef").complete("fa", Sampling(0.0, 20, 1, top=3)))
    written = [token for one in said for token in one.written]
    assert len(written) == 20
    for token in written:
        (best, chance), *others = token.top
        assert token.token == best
        assert token.log_probability == pytest.approx(chance, abs=1e-5)
        assert all(chance >= other for _, other in others)
        assert sum(math.exp(chance) for _, chance in token.top) <= 1


def test_without_top_nothing_is_computed_for_it() -> None:
    said, _ = read(provider().complete("ab", Sampling(1.0, 9, 1)))
    assert all(token.top == () for one in said for token in one.written)


def test_what_is_written_is_whole_characters() -> None:
    model = LanguageModel.create("lstm", {"hidden_size": 8}, ByteTokenizer(), seed=1)
    said, _ = read(LocalProvider("le", "0" * 64, model).complete("ä", Sampling(2.0, 60, 5)))
    assert all(isinstance(one, Said) and one.text.encode().decode() == one.text for one in said)
