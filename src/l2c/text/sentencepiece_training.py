"""Training of a SentencePiece vocabulary, by the SentencePiece library itself.

The library is an extra, `pip install "l2c[sentencepiece]"`: it is needed here and nowhere else.
The ids are in the order that llama2.c takes for granted: unknown, begin, end, the 256 bytes, the
pieces; the control tokens that only L2C has come last. So a model trained with such a vocabulary
runs in other programs as it is.
"""

from __future__ import annotations

import importlib
import importlib.util
import io
import itertools
from collections.abc import Iterable, Iterator

from l2c.errors import InvalidInput
from l2c.text.sentencepiece import SentencePieceTokenizer
from l2c.text.sentencepiece_file import read_sentencepiece, write_sentencepiece
from l2c.text.vocabulary import CONTROL_PIECES, MAX_TOKENS, Sort, Vocabulary, controls_of

FEWEST_TOKENS = 3 + 256 + len(CONTROL_PIECES) + 1
_LINE = 4096


def can_train_pieces() -> bool:
    """Whether the library is installed."""
    return importlib.util.find_spec("sentencepiece") is not None


def train_sentencepiece(texts: Iterable[str], vocab_size: int) -> SentencePieceTokenizer:
    """A vocabulary of at most `vocab_size` tokens for texts like these; the same every time.

    Fewer where the texts do not hold as many pieces. Characters that make up the rarest 0.05 % get
    no piece and are written as bytes. Raises `InvalidInput` when there is nothing to learn from,
    the size is out of range, or the library is not installed.
    """
    if not FEWEST_TOKENS <= vocab_size <= MAX_TOKENS:
        raise InvalidInput(
            f"A vocabulary has {FEWEST_TOKENS} to {MAX_TOKENS} tokens; found {vocab_size}."
        )
    if not can_train_pieces():
        raise InvalidInput('Training a vocabulary needs `pip install "l2c[sentencepiece]"`.')
    library = importlib.import_module("sentencepiece")
    lines = _lines(texts)
    first = next(lines, None)
    if first is None:
        raise InvalidInput("There is no text to learn a vocabulary from.")
    written = io.BytesIO()
    try:
        library.SentencePieceTrainer.train(
            sentence_iterator=itertools.chain([first], lines),
            model_writer=written,
            model_type="bpe",
            vocab_size=vocab_size - len(CONTROL_PIECES),
            hard_vocab_limit=False,
            byte_fallback=True,
            normalization_rule_name="identity",
            add_dummy_prefix=False,
            remove_extra_whitespaces=False,
            allow_whitespace_only_pieces=True,
            split_digits=True,
            character_coverage=0.9995,
            max_sentence_length=4 * _LINE,
            unk_id=0,
            bos_id=1,
            eos_id=2,
            pad_id=-1,
            num_threads=1,
            minloglevel=2,
        )
    except RuntimeError as error:
        raise InvalidInput(f"No vocabulary can be learned from these texts: {error}") from error
    return with_controls(read_sentencepiece(written.getvalue()))


def with_controls(tokenizer: SentencePieceTokenizer) -> SentencePieceTokenizer:
    """The same vocabulary with the control tokens that only L2C has at its end."""
    known = tokenizer.vocabulary
    pieces = (*known.pieces, *CONTROL_PIECES.values())
    sorts = (*known.sorts, *[Sort.CONTROL] * len(CONTROL_PIECES))
    controls = controls_of(pieces, sorts, "turns", begin=1, end=2, unknown=0)
    vocabulary = Vocabulary(pieces, sorts, controls, "turns")
    scores = (*tokenizer.scores, *[0.0] * len(CONTROL_PIECES))
    again = SentencePieceTokenizer(vocabulary, scores, space_first=tokenizer.space_first)
    return read_sentencepiece(write_sentencepiece(again))


def _lines(texts: Iterable[str]) -> Iterator[str]:
    for text in texts:
        for line in text.splitlines():
            for at in range(0, len(line), _LINE):
                yield line[at : at + _LINE]
