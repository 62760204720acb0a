"""The SentencePiece library's own file, `tokenizer.model`: read and written without the library.

It is one protocol buffer message, `ModelProto` of
https://github.com/google/sentencepiece/blob/master/src/sentencepiece_model.proto: pieces with score
and sort, how the model was trained, and how a text is normalised. What L2C cannot do as the library
does (unigram models, normalisation by tables) is refused by name. Files are read as if a stranger
wrote them: every length is checked before it is used.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator

from l2c.errors import InvalidInput
from l2c.text.sentencepiece import SentencePieceTokenizer
from l2c.text.tokenizer import Control
from l2c.text.vocabulary import MAX_TOKENS, Sort, Vocabulary, controls_of, layout_of

MAX_FILE_BYTES = 64 << 20

_BPE = 2
_Value = int | bytes

# Field numbers of the messages.
_PIECES, _TRAINER, _NORMALIZER = 1, 2, 3
_PIECE, _SCORE, _SORT = 1, 2, 3
_MODEL_TYPE, _SUFFIXED, _BYTE_FALLBACK = 3, 24, 35
_UNKNOWN_ID, _BEGIN_ID, _END_ID, _PADDING_ID, _VOCAB_SIZE = 40, 41, 42, 43, 4
_NAME, _TABLE, _SPACE_FIRST, _FEWER_SPACES, _ESCAPED = 1, 2, 3, 4, 5


def read_sentencepiece(content: bytes) -> SentencePieceTokenizer:
    """The tokenizer in a `tokenizer.model`. Raises `InvalidInput`, saying what is wrong."""
    if len(content) > MAX_FILE_BYTES:
        raise InvalidInput(f"A tokenizer.model has at most {MAX_FILE_BYTES} bytes.")
    pieces: list[str] = []
    scores: list[float] = []
    sorts: list[Sort] = []
    trained: dict[int, _Value] = {}
    normalized: dict[int, _Value] = {}
    for number, value in _fields(content):
        if number == _PIECES:
            if len(pieces) == MAX_TOKENS:
                raise InvalidInput(f"A vocabulary has at most {MAX_TOKENS} pieces.")
            piece = dict(_fields(_message(value)))
            pieces.append(_text(piece.get(_PIECE, b"")))
            scores.append(_float(piece.get(_SCORE, 0)))
            sorts.append(_sort(piece.get(_SORT, 1)))
        elif number == _TRAINER:
            trained |= dict(_fields(_message(value)))
        elif number == _NORMALIZER:
            normalized |= dict(_fields(_message(value)))
    _expect_known(trained, normalized)
    found = {
        name: _id(trained.get(field, default), len(pieces))
        for name, field, default in (
            ("unknown", _UNKNOWN_ID, 0),
            ("begin", _BEGIN_ID, 1),
            ("end", _END_ID, 2),
        )
    }
    layout = layout_of(pieces, sorts, found["end"])
    controls = controls_of(pieces, sorts, layout, **found)
    vocabulary = Vocabulary(tuple(pieces), tuple(sorts), controls, layout)
    space_first = normalized.get(_SPACE_FIRST, 1) == 1
    return SentencePieceTokenizer(vocabulary, scores, space_first=space_first)


def write_sentencepiece(tokenizer: SentencePieceTokenizer) -> bytes:
    """The tokenizer as a `tokenizer.model`, which the library reads too."""
    vocabulary = tokenizer.vocabulary
    rows = zip(vocabulary.pieces, tokenizer.scores, vocabulary.sorts, strict=True)
    pieces = b"".join(
        _field(
            _PIECES,
            _field(_PIECE, piece.encode())
            + _tag(_SCORE, 5)
            + struct.pack("<f", score)
            + (_field(_SORT, int(sort)) if sort is not Sort.NORMAL else b""),
        )
        for piece, score, sort in rows
    )
    ids = {control: vocabulary.controls.get(control, -1) for control in Control}
    trained = b"".join(
        (
            _field(_MODEL_TYPE, _BPE),
            _field(_VOCAB_SIZE, len(vocabulary.pieces)),
            _field(_BYTE_FALLBACK, 1),
            _field(_UNKNOWN_ID, ids[Control.UNKNOWN]),
            _field(_BEGIN_ID, ids[Control.START]),
            _field(_END_ID, ids[Control.END]),
            _field(_PADDING_ID, -1),
        )
    )
    normalized = b"".join(
        (
            _field(_NAME, b"identity"),
            _field(_SPACE_FIRST, int(tokenizer.space_first)),
            _field(_FEWER_SPACES, 0),
            _field(_ESCAPED, 1),
        )
    )
    return pieces + _field(_TRAINER, trained) + _field(_NORMALIZER, normalized)


def _expect_known(trained: dict[int, _Value], normalized: dict[int, _Value]) -> None:
    """Raise `InvalidInput` for a model whose texts the library would cut in another way."""
    if trained.get(_MODEL_TYPE, 1) != _BPE:
        raise InvalidInput("Only SentencePiece models of the type BPE are read.")
    if trained.get(_SUFFIXED, 0) or normalized.get(_ESCAPED, 1) != 1:
        raise InvalidInput("SentencePiece models that write spaces in another way are not read.")
    if normalized.get(_TABLE, b"") or normalized.get(_FEWER_SPACES, 1):
        raise InvalidInput(
            "SentencePiece models that change a text before they cut it are not read "
            "(normalisation by a table, or spaces left out)."
        )


def _fields(content: bytes) -> Iterator[tuple[int, _Value]]:
    """The fields of a message: number and value; floats and doubles as their bytes."""
    at = 0
    while at < len(content):
        tag, at = _varint(content, at)
        number, wire = tag >> 3, tag & 7
        if wire == 0:
            value, at = _varint(content, at)
            yield number, value
            continue
        if wire == 2:
            size, at = _varint(content, at)
        elif wire in (1, 5):
            size = 8 if wire == 1 else 4
        else:
            raise InvalidInput("This is no SentencePiece model.")
        if size > len(content) - at:
            raise InvalidInput("This is no SentencePiece model, or it was cut short.")
        yield number, content[at : at + size]
        at += size


def _varint(content: bytes, at: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        if at >= len(content):
            raise InvalidInput("This is no SentencePiece model, or it was cut short.")
        byte = content[at]
        at += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, at
    raise InvalidInput("This is no SentencePiece model.")


def _message(value: _Value) -> bytes:
    if not isinstance(value, bytes):
        raise InvalidInput("This is no SentencePiece model.")
    return value


def _text(value: _Value) -> str:
    try:
        return _message(value).decode()
    except UnicodeDecodeError as error:
        raise InvalidInput("A piece of a SentencePiece model must be UTF-8.") from error


def _float(value: _Value) -> float:
    if value == 0:
        return 0.0
    if not isinstance(value, bytes) or len(value) != 4:
        raise InvalidInput("A score of a SentencePiece model must be a 32-bit number.")
    (score,) = struct.unpack("<f", value)
    if not math.isfinite(score):
        raise InvalidInput("A score of a SentencePiece model must be finite.")
    return float(score)


def _sort(value: _Value) -> Sort:
    if value not in tuple(Sort):
        raise InvalidInput(f"A piece of a SentencePiece model has the unknown sort {value!r:.20}.")
    return Sort(value)


def _id(value: _Value, tokens: int) -> int | None:
    """The id, None where there is none: files write -1 as the largest 64-bit number."""
    return value if isinstance(value, int) and value < tokens else None


def _tag(number: int, wire: int) -> bytes:
    return _write_varint(number << 3 | wire)


def _field(number: int, value: _Value) -> bytes:
    if isinstance(value, bytes):
        return _tag(number, 2) + _write_varint(len(value)) + value
    return _tag(number, 0) + _write_varint(value & (2**64 - 1))


def _write_varint(value: int) -> bytes:
    written = bytearray()
    while value > 127:
        written.append(value & 127 | 128)
        value >>= 7
    return bytes([*written, value])
