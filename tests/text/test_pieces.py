"""Pieces of words as tokens: nothing is lost, frequent words are short, a vocabulary is checked."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from l2c.errors import InvalidInput
from l2c.text.characters import CharacterTokenizer
from l2c.text.pieces import MAX_PIECES, PieceTokenizer, learn_pieces
from l2c.text.tokenizer import Control

LETTERS = CharacterTokenizer("".join(map(chr, range(32, 127))))
TOKENIZER = PieceTokenizer([" you", "How", " are", "are", "ing"], LETTERS)
nasty = st.text(st.characters(codec="utf-8"), max_size=40)


@given(nasty)
def test_a_grown_vocabulary_writes_every_text_back(text: str) -> None:
    grown = TOKENIZER.grown(text)
    tokens = grown.encode(text)
    assert grown.decode(tokens) == text
    assert all(len(Control) <= token < grown.vocab_size for token in tokens)


@given(nasty)
def test_growing_leaves_known_ids_alone(text: str) -> None:
    grown = TOKENIZER.grown(text)
    assert grown.encode("How are you") == TOKENIZER.encode("How are you")
    assert [grown.token_bytes(t) for t in range(TOKENIZER.vocab_size)] == [
        TOKENIZER.token_bytes(t) for t in range(TOKENIZER.vocab_size)
    ]


def test_the_longest_piece_that_fits_is_taken() -> None:
    tokens = TOKENIZER.encode("How are you")
    assert [TOKENIZER.token_bytes(token) for token in tokens] == [b"How", b" are", b" you"]


def test_a_piece_never_reaches_over_the_end_of_a_word() -> None:
    tokenizer = PieceTokenizer(["e y"], LETTERS)
    assert len(tokenizer.encode("are you")) == len("are you")


def test_a_character_it_lacks_is_unknown_until_it_grows() -> None:
    assert TOKENIZER.encode("Æ") == [Control.UNKNOWN]
    assert TOKENIZER.grown("Æ").encode("Æ") == [TOKENIZER.vocab_size]
    assert TOKENIZER.grown("are you") is TOKENIZER


def test_no_text_encodes_to_a_role() -> None:
    assert set(TOKENIZER.encode("<user> \x00\x01\x02\x03\x04")) & set(Control) <= {Control.UNKNOWN}


def test_a_description_makes_the_same_tokenizer() -> None:
    described = json.loads(json.dumps(TOKENIZER.grown("Ærøskøbing").describe()))
    again = PieceTokenizer.from_description(described)
    assert again.describe() == described
    assert again.encode("How are you, Ærøskøbing?") == TOKENIZER.grown("Ærøskøbing").encode(
        "How are you, Ærøskøbing?"
    )


@pytest.mark.parametrize(
    "pieces",
    [["a"], ["ab", "ab"], [1], ["x" * 33], ["\ud800\ud800"], "ab", None, ["ab"] * (MAX_PIECES + 1)],
)
def test_a_vocabulary_that_makes_no_sense_is_refused(pieces: object) -> None:
    described = {"kind": "pieces", "pieces": pieces, "characters": LETTERS.describe()}
    with pytest.raises(InvalidInput):
        PieceTokenizer.from_description(described)


def test_frequent_neighbours_are_joined_first() -> None:
    texts = ["the cat and the hat"] * 4 + ["once"]
    assert learn_pieces(texts, 3) == ["th", "the", "at"]


def test_the_same_texts_give_the_same_pieces_in_any_order() -> None:
    texts = ["my name is Pim"] * 3 + ["your name is le"] * 3
    assert learn_pieces(texts, 20) == learn_pieces(texts[::-1], 20)
    assert len(learn_pieces(texts, 1000)) < 1000


def test_words_seen_hardly_ever_give_no_piece() -> None:
    assert learn_pieces(["zyzzyva", "zyzzyva"], 5) == []
