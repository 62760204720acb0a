"""llama2.c's `tokenizer.bin`: the length of the longest piece, then score, length, bytes of each.

How many there are only the model says. Spaces are written as spaces, `<s>` and `</s>` between ends
of lines. The program counts on the order unknown, begin, end, 256 bytes, pieces; control tokens of
L2C come last and are known by their names.
Source: `tokenizer.py` and `run.c` of https://github.com/karpathy/llama2.c
"""

from __future__ import annotations

import math
import struct
from pathlib import Path

from l2c.engines.llama.files.reading import Reader, one_error
from l2c.errors import CheckpointError, InvalidInput
from l2c.text.sentencepiece import SPACE, SentencePieceTokenizer
from l2c.text.tokenizer import Control, Tokenizer
from l2c.text.vocabulary import (
    CONTROL_PIECES,
    MAX_TOKEN_BYTES,
    MAX_TOKENS,
    Sort,
    Vocabulary,
    controls_of,
    layout_of,
)

_UNKNOWN, _BEGIN, _END, _FIRST_BYTE = 0, 1, 2, 3
_FIRST_PIECE = _FIRST_BYTE + 256
_NAMES = {_UNKNOWN: "<unk>", _BEGIN: "<s>", _END: "</s>"}


def read_tokenizer_bin(path: Path) -> SentencePieceTokenizer:
    """The tokenizer in a `tokenizer.bin`. Raises `CheckpointError`."""
    with one_error(path.name), Reader.open(path) as reader:
        return read_tokenizer_from(reader, None)


def read_tokenizer_from(reader: Reader, tokens: int | None) -> SentencePieceTokenizer:
    """The same from an open reader: `tokens` pieces, or all there are."""
    reader.whole("i")
    pieces: list[str] = []
    scores: list[float] = []
    while reader.at < reader.size if tokens is None else len(pieces) < tokens:
        if len(pieces) == MAX_TOKENS:
            raise CheckpointError(f"its vocabulary has more than {MAX_TOKENS} tokens")
        score, size = float(reader.number("f")), reader.whole("i")
        if not math.isfinite(score) or not 0 <= size <= MAX_TOKEN_BYTES:
            raise CheckpointError(f"its token {len(pieces)} has the score {score}, {size} bytes")
        pieces.append(reader.text(size).replace(" ", SPACE))
        scores.append(score)
    if reader.at != reader.size or len(pieces) <= _FIRST_PIECE:
        raise CheckpointError(
            f"its tokenizer should have {tokens or 'some'} tokens; found {len(pieces)} in "
            f"{reader.at} of {reader.size} bytes"
        )
    pieces[:_FIRST_BYTE] = _NAMES.values()
    pieces[_FIRST_BYTE:_FIRST_PIECE] = [f"<0x{byte:02X}>" for byte in range(256)]
    sorts = [Sort.UNKNOWN, Sort.CONTROL, Sort.CONTROL, *[Sort.BYTE] * 256]
    sorts += [Sort.NORMAL] * (len(pieces) - len(sorts))
    ours = list(CONTROL_PIECES.values())
    if pieces[-len(ours) :] == ours:
        sorts[-len(ours) :] = [Sort.CONTROL] * len(ours)
    layout = layout_of(pieces, sorts, _END)
    controls = controls_of(pieces, sorts, layout, begin=_BEGIN, end=_END, unknown=_UNKNOWN)
    vocabulary = Vocabulary(tuple(pieces), tuple(sorts), controls, layout)
    # The file does not say; the models of others were made with a space first, ours are not.
    return SentencePieceTokenizer(vocabulary, scores, space_first=layout != "turns")


def write_tokenizer_bin(tokenizer: Tokenizer) -> bytes:
    """The tokenizer as a `tokenizer.bin`. Raises `InvalidInput` for one llama2.c cannot use."""
    own = expect_numbered(tokenizer)
    written = [piece.replace(SPACE, " ").encode() for piece in own.vocabulary.pieces]
    written[_BEGIN], written[_END] = b"\n<s>\n", b"\n</s>\n"
    parts = [struct.pack("<i", max(map(len, written)))]
    for score, piece in zip(own.scores, written, strict=True):
        parts += [struct.pack("<fi", score, len(piece)), piece]
    return b"".join(parts)


def expect_numbered(tokenizer: Tokenizer) -> SentencePieceTokenizer:
    """The tokenizer, if its tokens are numbered as llama2.c takes for granted.

    Raises `InvalidInput` otherwise.
    """
    if isinstance(tokenizer, SentencePieceTokenizer):
        vocabulary = tokenizer.vocabulary
        named = {Control.UNKNOWN: _UNKNOWN, Control.START: _BEGIN, Control.END: _END}
        bytes_at = [f"<0x{byte:02X}>" for byte in range(256)]
        if (
            all(vocabulary.controls.get(control) == i for control, i in named.items())
            and list(vocabulary.pieces[_FIRST_BYTE:_FIRST_PIECE]) == bytes_at
        ):
            return tokenizer
    raise InvalidInput(
        "llama2.c needs a SentencePiece vocabulary whose tokens are unknown, begin, end, the 256 "
        "bytes and then the pieces."
    )
