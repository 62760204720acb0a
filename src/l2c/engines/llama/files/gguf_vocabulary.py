"""The vocabulary inside a GGUF file: the kinds `llama` (SentencePiece) and `gpt2` (byte-level).

A file says how texts are cut into words only by a name (`tokenizer.ggml.pre`), and L2C reads those
names whose rules it knows. The chat template in Jinja that a file may hold is never looked at: how
turns are written follows from the tokens (`l2c.text.vocabulary`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from l2c.engines.llama.files.gguf_header import GgufHeader
from l2c.errors import CheckpointError
from l2c.text.byte_level import ByteLevelTokenizer, read_merges
from l2c.text.filed import FileTokenizer
from l2c.text.sentencepiece import SentencePieceTokenizer
from l2c.text.tokenizer import Control
from l2c.text.vocabulary import Sort, Vocabulary, controls_of, layout_of

_PATTERNS = {
    "gpt-2": "gpt-2",
    "gpt2": "gpt-2",
    "smollm": "smollm",
    "llama-bpe": "llama-bpe",
    "llama3": "llama-bpe",
    "llama-v3": "llama-bpe",
}
"""What L2C calls the rules that a file names."""

_IDS = {
    "begin": "bos_token_id",
    "end": "eos_token_id",
    "unknown": "unknown_token_id",
}
_USUAL = {"begin": 1, "end": 2, "unknown": 0}
"""What a `llama` vocabulary means where it does not say."""


def tokenizer(values: Mapping[str, Any]) -> FileTokenizer:
    """The tokenizer a file describes. Raises `CheckpointError` or `InvalidInput`."""
    kind = values.get("tokenizer.ggml.model")
    if kind not in ("llama", "gpt2"):
        raise CheckpointError(
            f"its vocabulary is of the kind {kind!r:.40}; llama and gpt2 are read"
        )
    pieces = _list(values, "tokens", str)
    numbers = _list(values, "token_type", int) or [int(Sort.NORMAL)] * len(pieces)
    if len(numbers) != len(pieces) or not set(numbers) <= set(map(int, Sort)):
        raise CheckpointError("its vocabulary needs a known type for every token")
    sorts = tuple(map(Sort, numbers))
    ids = {name: _id(values, key, len(pieces)) for name, key in _IDS.items()}
    if kind == "llama":
        for name, usual in _USUAL.items():
            if ids[name] is None and usual < len(pieces):
                ids[name] = usual
    layout = layout_of(pieces, sorts, ids["end"])
    controls = controls_of(pieces, sorts, layout, **ids)
    vocabulary = Vocabulary(tuple(pieces), sorts, controls, layout)
    if kind == "llama":
        scores = _list(values, "scores", float)
        space_first = values.get("tokenizer.ggml.add_space_prefix", True) is True
        return SentencePieceTokenizer(vocabulary, scores, space_first=space_first)
    pattern = _PATTERNS.get(str(values.get("tokenizer.ggml.pre")))
    if pattern is None:
        raise CheckpointError(
            f"it cuts texts into words as {values.get('tokenizer.ggml.pre')!r:.40}, which this "
            f"version does not know; it knows {', '.join(sorted(_PATTERNS))}"
        )
    merges = read_merges(_list(values, "merges", str))
    return ByteLevelTokenizer(vocabulary, merges, pattern=pattern)


def write(own: FileTokenizer, header: GgufHeader) -> None:
    """Add a tokenizer to the header of a file."""
    vocabulary = own.vocabulary
    if isinstance(own, SentencePieceTokenizer):
        header.text("tokenizer.ggml.model", "llama")
        header.texts("tokenizer.ggml.tokens", vocabulary.pieces)
        header.numbers("tokenizer.ggml.scores", own.scores)
        header.truth("tokenizer.ggml.add_space_prefix", own.space_first)
    else:
        assert isinstance(own, ByteLevelTokenizer)
        header.text("tokenizer.ggml.model", "gpt2")
        header.text("tokenizer.ggml.pre", own.pattern)
        header.texts("tokenizer.ggml.tokens", vocabulary.pieces)
        header.texts("tokenizer.ggml.merges", [" ".join(pair) for pair in own.merges])
    header.wholes("tokenizer.ggml.token_type", [int(sort) for sort in vocabulary.sorts])
    for name, control in (
        ("bos_token_id", Control.START),
        ("eos_token_id", Control.END),
        ("unknown_token_id", Control.UNKNOWN),
    ):
        if control in vocabulary.controls:
            header.whole(f"tokenizer.ggml.{name}", vocabulary.controls[control])
    header.truth("tokenizer.ggml.add_bos_token", isinstance(own, SentencePieceTokenizer))
    header.truth("tokenizer.ggml.add_eos_token", False)


def _list(values: Mapping[str, Any], key: str, kind: type) -> list[Any]:
    found = values.get(f"tokenizer.ggml.{key}", [])
    if not isinstance(found, list) or not all(type(value) is kind for value in found):
        raise CheckpointError(f"its tokenizer.ggml.{key} must be a list of {kind.__name__}")
    return found


def _id(values: Mapping[str, Any], key: str, tokens: int) -> int | None:
    found = values.get(f"tokenizer.ggml.{key}")
    if found is None:
        return None
    if type(found) is not int or not 0 <= found < tokens:
        raise CheckpointError(f"its tokenizer.ggml.{key} must be one of {tokens} tokens")
    return found
