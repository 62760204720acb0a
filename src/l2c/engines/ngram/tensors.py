"""Counted n-grams as named tensors and back: what a checkpoint holds, checked when it comes in.

Only the n-grams of full length are stored, and what is left of pruned ones, each once and in
ascending order: everything else follows from them, so that equal counts give equal bytes, and a
file cannot contradict itself.

| tensor | |
|---|---|
| `vocabulary` | int64 (2): tokens now, and when the counts last changed |
| `ngrams.contexts` | uint16 (N, M); 65 535 stands for nothing before, 65 534 for what was pruned |
| `ngrams.tokens`, `ngrams.counts` | uint16 (N), uint32 (N) |
| `ngrams.given_up` | uint32 (M + 1, 4): entries that pruning took, by length of context and count |
| `optimizer/steps` | int64 (1) |
| `optimizer/carried` | uint16 (B, M): what each row of the last batch read last |

Letters: B batch, M length of a context, N n-grams.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from l2c.engines.engine import Tensors
from l2c.engines.ngram.counts import ANY, MAX_EVENTS, MAX_VOCAB_SIZE, NOTHING, Config, Vocabulary
from l2c.errors import CheckpointError

if TYPE_CHECKING:
    from jaxtyping import Int32, UInt16, UInt32

_PACKED_NOTHING = np.iinfo(np.uint16).max
_PACKED_ANY = _PACKED_NOTHING - 1


@dataclass(frozen=True, slots=True)
class Contents:
    """What the tensors say; the optimizer's part is fresh when none of it was stored."""

    vocabulary: Vocabulary
    windows: Int32[np.ndarray, "N M+1"]
    amounts: UInt32[np.ndarray, " N"]
    given_up: UInt32[np.ndarray, "M+1 4"]
    steps: int
    carried: Int32[np.ndarray, "B M"]


def bytes_of_one(config: Config) -> int:
    """What a stored n-gram takes."""
    return 2 * (config.context + 1) + 4


def pack(contents: Contents) -> Tensors:
    """Every tensor by name, the n-grams sorted."""
    order = np.lexsort(_packed(contents.windows).T[::-1])
    windows = _packed(contents.windows)[order]
    vocabulary = contents.vocabulary
    return {
        "vocabulary": np.array([vocabulary.size, vocabulary.known], np.int64),
        "ngrams.contexts": windows[:, :-1].copy(),
        "ngrams.tokens": windows[:, -1].copy(),
        "ngrams.counts": contents.amounts[order],
        "ngrams.given_up": contents.given_up.copy(),
        "optimizer/steps": np.array([contents.steps], np.int64),
        "optimizer/carried": _packed(contents.carried),
    }


def unpack(config: Config, tensors: Mapping[str, np.ndarray]) -> Contents:
    """What `pack` took apart.

    Raises `CheckpointError` for a tensor that is missing, unknown, of another shape or dtype than
    `config` says, for tokens outside the vocabulary, counts of 0, or n-grams out of order.
    """
    M, contexts = config.context, tensors.get("ngrams.contexts")
    N = len(contexts) if contexts is not None and contexts.ndim else 0
    shapes: dict[str, tuple[type[np.generic], tuple[int | None, ...]]] = {
        "vocabulary": (np.int64, (2,)),
        "ngrams.contexts": (np.uint16, (N, M)),
        "ngrams.tokens": (np.uint16, (N,)),
        "ngrams.counts": (np.uint32, (N,)),
        "ngrams.given_up": (np.uint32, (M + 1, 4)),
    }
    trained = any(name.startswith("optimizer/") for name in tensors)
    if trained:
        shapes["optimizer/steps"] = (np.int64, (1,))
        shapes["optimizer/carried"] = (np.uint16, (None, M))
    for name in tensors.keys() - shapes.keys():
        raise CheckpointError(f"A counting model has no tensor {name!r}.")
    for name, (dtype, shape) in shapes.items():
        _check_form(name, tensors.get(name), dtype, shape)
    vocabulary = _vocabulary(tensors["vocabulary"])
    windows = np.column_stack([tensors["ngrams.contexts"], tensors["ngrams.tokens"]])
    _check_contexts("ngrams.contexts", _without_pruned(tensors["ngrams.contexts"]), vocabulary)
    _check_ngrams(windows, tensors["ngrams.counts"], vocabulary)
    if (tensors["ngrams.given_up"] > MAX_EVENTS // 2).any():
        raise CheckpointError(f"'ngrams.given_up' must be at most {MAX_EVENTS // 2}.")
    steps, carried = 0, np.zeros((0, M), np.uint16)
    if trained:
        steps, carried = int(tensors["optimizer/steps"][0]), tensors["optimizer/carried"]
        _check_contexts("optimizer/carried", carried, vocabulary)
    return Contents(
        vocabulary,
        _unpacked(windows),
        tensors["ngrams.counts"],
        tensors["ngrams.given_up"],
        steps,
        _unpacked(carried),
    )


def _packed(tokens: Int32[np.ndarray, "*shape"]) -> UInt16[np.ndarray, "*shape"]:
    return tokens.astype(np.uint16)  # modulo 2**16: -1 and -2 become the two largest


def _unpacked(tokens: UInt16[np.ndarray, "*shape"]) -> Int32[np.ndarray, "*shape"]:
    found = tokens.astype(np.int32)
    found[tokens == _PACKED_NOTHING] = NOTHING
    found[tokens == _PACKED_ANY] = ANY
    return found


def _check_form(
    name: str, found: np.ndarray | None, dtype: type[np.generic], shape: tuple[int | None, ...]
) -> None:
    if found is None:
        raise CheckpointError(f"The tensor {name!r} is missing.")
    fits = found.ndim == len(shape) and all(
        wanted in (None, size) for wanted, size in zip(shape, found.shape, strict=True)
    )
    if not fits or found.dtype != dtype:
        raise CheckpointError(
            f"The tensor {name!r} must be {np.dtype(dtype)} of shape {shape}; found {found.dtype} "
            f"of shape {found.shape}."
        )


def _vocabulary(found: np.ndarray) -> Vocabulary:
    size, known = found.tolist()
    if not 1 <= known <= size <= MAX_VOCAB_SIZE:
        raise CheckpointError(
            f"'vocabulary' must hold 1 ≤ known ≤ size ≤ {MAX_VOCAB_SIZE}; found {known} and {size}."
        )
    return Vocabulary(size, known)


def _check_contexts(name: str, contexts: np.ndarray, vocabulary: Vocabulary) -> None:
    nothing = contexts == _PACKED_NOTHING
    if not (nothing | (contexts < vocabulary.size)).all():
        raise CheckpointError(f"{name!r} holds tokens outside the vocabulary.")
    if (nothing[:, 1:] & ~nothing[:, :-1]).any():
        raise CheckpointError(f"{name!r} holds a context with nothing in its middle.")


def _without_pruned(contexts: UInt16[np.ndarray, "N M"]) -> UInt16[np.ndarray, "N M"]:
    """What is pruned is always the oldest, and to be checked nothing more is to be known of it."""
    pruned = contexts == _PACKED_ANY
    if (pruned[:, 1:] & ~pruned[:, :-1]).any():
        raise CheckpointError("'ngrams.contexts' holds a context pruned in its middle.")
    return np.where(pruned, _PACKED_NOTHING, contexts)


def _check_ngrams(windows: np.ndarray, counts: np.ndarray, vocabulary: Vocabulary) -> None:
    if not (windows[:, -1] < vocabulary.known).all():
        raise CheckpointError("'ngrams.tokens' holds tokens outside the vocabulary.")
    if not (counts > 0).all() or counts.sum(dtype=np.uint64) > MAX_EVENTS:
        raise CheckpointError(
            f"'ngrams.counts' must be 1 or more each and at most {MAX_EVENTS} together."
        )
    before, after = windows[:-1], windows[1:]
    different = before != after
    first = different.argmax(axis=1)[:, None]
    rising = np.take_along_axis(after, first, 1) > np.take_along_axis(before, first, 1)
    if not rising.all():
        raise CheckpointError("The n-grams must stand in ascending order, each once.")
