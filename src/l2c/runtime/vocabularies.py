"""Vocabularies in files: learned from text, tried on text, and written for other programs.

Ids are those of the vocabulary's own file everywhere here, as other programs number them too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from l2c.engines.llama.files import formats
from l2c.engines.llama.files.tokenizer_bin import write_tokenizer_bin
from l2c.errors import InvalidInput
from l2c.learning.texts import read_files
from l2c.text.filed import FileTokenizer
from l2c.text.sentencepiece import SentencePieceTokenizer
from l2c.text.sentencepiece_file import write_sentencepiece
from l2c.text.sentencepiece_training import train_sentencepiece
from l2c.text.tokenizer import Tokenizer

__all__ = ["Tokenizer", "Trained", "decode", "encode", "export", "read", "train"]


@dataclass(frozen=True, slots=True)
class Trained:
    """A vocabulary that was learned, and how it fits the text it was learned from."""

    file: str
    tokens: int
    characters_per_token: float


def train(files: Sequence[Path], out: Path, *, size: int) -> Trained:
    """Learn a vocabulary of at most `size` tokens from text files, and write `tokenizer.model`.

    Raises `InvalidInput` for files without text, `Conflict` when `out` is there already.
    """
    text = read_files(files)
    made = train_sentencepiece([text], size)
    formats.write_new(out, write_sentencepiece(made))
    return Trained(str(out), made.vocab_size, len(text) / len(made.encode(text)))


def read(file: Path) -> SentencePieceTokenizer:
    """The vocabulary in a `tokenizer.model` or `tokenizer.bin`.

    Raises `NotFound` or `CheckpointError`.
    """
    return formats.read_tokenizer(file)


def encode(tokenizer: Tokenizer, text: str) -> list[int]:
    """The ids of a text."""
    if isinstance(tokenizer, FileTokenizer):
        return tokenizer.encode_for_file(text)
    return tokenizer.encode(text)


def decode(tokenizer: Tokenizer, ids: Sequence[int]) -> str:
    """The text of ids. Raises `InvalidInput` for one that is none."""
    if isinstance(tokenizer, FileTokenizer):
        ids = tokenizer.from_file(ids)
    return tokenizer.decode(list(ids))


def export(tokenizer: Tokenizer, out: Path) -> int:
    """Write llama2.c's `tokenizer.bin`, or a `tokenizer.model` if `out` ends so; its bytes.

    Raises `InvalidInput` for a vocabulary that format cannot hold.
    """
    if out.suffix != ".model":
        content = write_tokenizer_bin(tokenizer)
    elif isinstance(tokenizer, SentencePieceTokenizer):
        content = write_sentencepiece(tokenizer)
    else:
        raise InvalidInput("Only SentencePiece vocabularies become a tokenizer.model.")
    formats.write_new(out, content)
    return len(content)
