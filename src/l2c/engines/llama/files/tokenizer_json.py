"""Hugging Face's `tokenizer.json` of a byte-level BPE vocabulary, read and written.

The file describes a small program; L2C reads those descriptions whose meaning it knows (the rules
of GPT-2, SmolLM and Llama 3) and refuses every other by name, rather than cut texts in another way.
Format: https://huggingface.co/docs/tokenizers
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from l2c.errors import CheckpointError
from l2c.text.byte_level import ByteLevelTokenizer, read_merges
from l2c.text.tokenizer import Control
from l2c.text.vocabulary import MAX_TOKENS, Sort, Vocabulary, controls_of, layout_of

_BYTES = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True}
_DIGITS = {"type": "Digits", "individual_digits": True}
_LLAMA3 = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
)
_CUTS: dict[str, dict[str, Any]] = {
    "gpt-2": _BYTES | {"use_regex": True},
    "smollm": {
        "type": "Sequence",
        "pretokenizers": [_DIGITS, _BYTES | {"use_regex": True}],
    },
    "llama-bpe": {
        "type": "Sequence",
        "pretokenizers": [
            {
                "type": "Split",
                "pattern": {"Regex": _LLAMA3},
                "behavior": "Isolated",
                "invert": False,
            },
            _BYTES | {"use_regex": False},
        ],
    },
}
"""How texts are cut into words, in this file's words."""

_IDS = "begin", "end"


def read(values: Mapping[str, Any], ids: Mapping[str, Any]) -> ByteLevelTokenizer:
    """The tokenizer a file describes, `ids` being its begin and end.

    Raises `CheckpointError` or `InvalidInput`.
    """
    model, cut = values.get("model"), values.get("pre_tokenizer")
    pattern = next((name for name, known in _CUTS.items() if _same(known, cut)), None)
    if not isinstance(model, dict) or model.get("type") != "BPE" or model.get("byte_fallback"):
        raise CheckpointError("its tokenizer.json must hold a byte-level BPE model")
    if pattern is None or values.get("normalizer") is not None:
        raise CheckpointError("its tokenizer.json cuts texts in a way this version does not know")
    known, merges = model.get("vocab"), model.get("merges")
    added = values.get("added_tokens") or []
    if not isinstance(known, dict) or not isinstance(merges, list) or not isinstance(added, list):
        raise CheckpointError("its tokenizer.json needs a vocabulary and merges")
    sorts = dict.fromkeys(known, Sort.NORMAL)
    for token in added:
        if not isinstance(token, dict) or not isinstance(token.get("content"), str):
            raise CheckpointError("its tokenizer.json has an added token that is none")
        sorts[token["content"]] = Sort.CONTROL if token.get("special") else Sort.USER_DEFINED
        known = known | {token["content"]: token.get("id")}
    pieces = _in_order(known)
    ordered = tuple(sorts[piece] for piece in pieces)
    found = {name: _id(ids.get(name), len(pieces)) for name in _IDS}
    unknown = known.get(str(model.get("unk_token")))
    layout = layout_of(pieces, ordered, found["end"])
    controls = controls_of(pieces, ordered, layout, unknown=unknown, **found)
    lines = [" ".join(pair) if _is_pair(pair) else pair for pair in merges]
    vocabulary = Vocabulary(pieces, ordered, controls, layout)
    return ByteLevelTokenizer(vocabulary, read_merges(lines), pattern=pattern)


def write(tokenizer: ByteLevelTokenizer) -> dict[str, Any]:
    """The JSON object that describes the tokenizer."""
    vocabulary = tokenizer.vocabulary
    rows = list(enumerate(zip(vocabulary.pieces, vocabulary.sorts, strict=True)))
    unknown = vocabulary.controls.get(Control.UNKNOWN)
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [
            {
                "id": i,
                "content": piece,
                "single_word": False,
                "lstrip": False,
                "rstrip": False,
                "normalized": False,
                "special": sort is not Sort.USER_DEFINED,
            }
            for i, (piece, sort) in rows
            if sort is not Sort.NORMAL
        ],
        "normalizer": None,
        "pre_tokenizer": _CUTS[tokenizer.pattern],
        "post_processor": None,
        "decoder": _BYTES | {"use_regex": True},
        "model": {
            "type": "BPE",
            "dropout": None,
            "unk_token": None if unknown is None else vocabulary.pieces[unknown],
            "continuing_subword_prefix": None,
            "end_of_word_suffix": None,
            "fuse_unk": False,
            "byte_fallback": False,
            "ignore_merges": tokenizer.pattern == "llama-bpe",
            "vocab": {piece: i for i, (piece, _) in rows},
            "merges": [" ".join(pair) for pair in tokenizer.merges],
        },
    }


def _same(known: object, found: object) -> bool:
    """Whether a description says the same; what does not change the cut is not compared."""
    if isinstance(known, dict) and isinstance(found, dict):
        keys = known.keys() - {"trim_offsets"}
        return found.keys() - {"trim_offsets"} <= keys | {"use_regex"} and all(
            _same(known[key], found.get(key, True if key == "use_regex" else None)) for key in keys
        )
    if isinstance(known, list) and isinstance(found, list):
        return len(known) == len(found) and all(map(_same, known, found))
    return type(known) is type(found) and known == found


def _in_order(known: Mapping[str, Any]) -> tuple[str, ...]:
    """The tokens by their ids, which must be 0, 1, 2 and so on."""
    if not 1 <= len(known) <= MAX_TOKENS or not all(type(i) is int for i in known.values()):
        raise CheckpointError(f"its tokenizer.json must have 1 to {MAX_TOKENS} numbered tokens")
    pieces = sorted(known, key=lambda piece: int(known[piece]))
    if [known[piece] for piece in pieces] != list(range(len(pieces))):
        raise CheckpointError("its tokenizer.json must number its tokens 0, 1, 2 and so on")
    return tuple(pieces)


def _is_pair(pair: object) -> bool:
    return isinstance(pair, list) and len(pair) == 2 and all(isinstance(x, str) for x in pair)


def _id(found: object, tokens: int) -> int | None:
    return found if type(found) is int and 0 <= found < tokens else None
