"""A SentencePiece vocabulary gives the ids its own library gives, and can write everything."""

import json
import struct

import pytest

from l2c.errors import InvalidInput
from l2c.text.sentencepiece import SentencePieceTokenizer
from l2c.text.sentencepiece_file import read_sentencepiece, write_sentencepiece
from l2c.text.sentencepiece_training import train_sentencepiece
from l2c.text.tokenizer import Control
from l2c.text.vocabulary import Sort, Vocabulary
from tests.text.nasty import CORPUS, strings

sentencepiece = pytest.importorskip("sentencepiece", reason="needs the SentencePiece library")


@pytest.fixture(scope="module")
def trained() -> SentencePieceTokenizer:
    return train_sentencepiece([CORPUS], 420)


def test_ten_thousand_nasty_strings_get_the_library_s_ids(trained: SentencePieceTokenizer) -> None:
    library = sentencepiece.SentencePieceProcessor(model_proto=write_sentencepiece(trained))
    for text in strings(10_000):
        assert trained.encode_for_file(text) == library.encode(text), repr(text)


def test_a_model_that_puts_a_space_first_gets_the_library_s_ids(
    trained: SentencePieceTokenizer,
) -> None:
    spaced = SentencePieceTokenizer(trained.vocabulary, trained.scores, space_first=True)
    library = sentencepiece.SentencePieceProcessor(model_proto=write_sentencepiece(spaced))
    for text in strings(1_000):
        assert spaced.encode_for_file(text) == library.encode(text), repr(text)
        assert spaced.decode(spaced.encode(text)) == text.replace("\u2581", " ")


def test_pieces_across_words_and_pieces_of_the_user_get_the_library_s_ids(
    trained: SentencePieceTokenizer,
) -> None:
    known = trained.vocabulary
    pieces = (*known.pieces, "on\u2581the", "<tab>", "<tab><tab>")
    sorts = (*known.sorts, Sort.NORMAL, Sort.USER_DEFINED, Sort.USER_DEFINED)
    own = SentencePieceTokenizer(
        Vocabulary(pieces, sorts, known.controls, "turns"),
        (*trained.scores, -5.0, 0.0, 0.0),
        space_first=False,
    )
    library = sentencepiece.SentencePieceProcessor(model_proto=write_sentencepiece(own))
    for text in (*strings(500), "sat on the mat", "<tab>on the<tab><tab> on the<tab<tab>"):
        assert own.encode_for_file(text) == library.encode(text), repr(text)


def test_every_text_survives_but_for_the_sign_that_is_a_space(
    trained: SentencePieceTokenizer,
) -> None:
    for text in strings(2_000):
        tokens = trained.encode(text)
        assert min(tokens, default=8) >= len(Control)
        assert trained.decode(tokens) == text.replace("\u2581", " ")


def test_the_same_texts_give_the_same_vocabulary(trained: SentencePieceTokenizer) -> None:
    again = train_sentencepiece([CORPUS], 420)
    assert again.describe() == trained.describe()
    assert trained.vocab_size <= 420


def test_a_description_makes_the_same_tokenizer(trained: SentencePieceTokenizer) -> None:
    described = json.loads(json.dumps(trained.describe()))
    assert SentencePieceTokenizer.from_description(described).describe() == trained.describe()


def test_a_written_file_reads_back_as_it_was(trained: SentencePieceTokenizer) -> None:
    assert read_sentencepiece(write_sentencepiece(trained)).describe() == trained.describe()


def test_a_text_without_spaces_is_cut_in_no_time(trained: SentencePieceTokenizer) -> None:
    text = "the" * 50_000
    assert trained.decode(trained.encode(text)) == text


@pytest.mark.parametrize("cut", range(1, 400, 7))
def test_a_file_cut_short_is_refused_or_read(trained: SentencePieceTokenizer, cut: int) -> None:
    content = write_sentencepiece(trained)
    with pytest.raises(InvalidInput):
        read_sentencepiece(content[: len(content) * cut // 400])


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f",
        b"\xff" * 20,
        b"\x0b",
        b"\x0d" + struct.pack("<f", 1),
        b"\x0a\x02\x0a\x00\x0a\x03\x0a\x01\xff",
    ],
)
def test_what_is_no_model_is_refused(content: bytes) -> None:
    with pytest.raises(InvalidInput):
        read_sentencepiece(content)


def test_a_unigram_model_is_refused_by_name() -> None:
    with pytest.raises(InvalidInput, match="type BPE"):
        read_sentencepiece(b"\x12\x02\x18\x01")


def test_a_vocabulary_that_cannot_write_every_byte_is_refused() -> None:
    vocabulary = Vocabulary(("<unk>", "a"), (Sort.UNKNOWN, Sort.NORMAL), {}, "plain")
    with pytest.raises(InvalidInput, match="every byte"):
        SentencePieceTokenizer(vocabulary, (0.0, 0.0), space_first=False)


@pytest.mark.parametrize("size", [0, 264, 10**9])
def test_a_size_out_of_range_is_refused(size: int) -> None:
    with pytest.raises(InvalidInput, match="tokens"):
        train_sentencepiece([CORPUS], size)


@pytest.mark.parametrize("texts", [[], [""], ["\n\n"]])
def test_nothing_to_learn_from_is_said(texts: list[str]) -> None:
    with pytest.raises(InvalidInput):
        train_sentencepiece(texts, 300)
