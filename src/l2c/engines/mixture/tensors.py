"""A mixture as named tensors and back.

| tensor | |
|---|---|
| `weights` | float32 (buckets, K) |
| `known` | int64 (1): how many tokens there were at the last step |
| `members.N/...` | the tensors of member N |
| `optimizer/steps`, `optimizer/squares` | int64 (1), float32 (buckets, K) |
| `optimizer/members.N/...` | what only training needs of member N |
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from l2c.engines.engine import Engine, Tensors
from l2c.engines.mixture.mixing import Mixer
from l2c.errors import CheckpointError

_OPTIMIZER = "optimizer/"


@dataclass(frozen=True, slots=True)
class Parts:
    """The tensors of a mixture, those of each member under that member's own names."""

    mixer: Mixer
    known: int
    steps: int
    members: list[Tensors]


def join(members: Sequence[Engine], mixer: Mixer, *, known: int, steps: int) -> Tensors:
    """Copies of all tensors by name."""
    named = {"weights": mixer.weights.copy(), "known": np.array([known], np.int64)}
    kept: Tensors = {
        "optimizer/steps": np.array([steps], np.int64),
        "optimizer/squares": mixer.squares.copy(),
    }
    for number, member in enumerate(members):
        for name, tensor in member.tensors().items():
            if name.startswith(_OPTIMIZER):
                kept[f"optimizer/members.{number}/{name.removeprefix(_OPTIMIZER)}"] = tensor
            else:
                named[f"members.{number}/{name}"] = tensor
    return named | kept


def split(members: int, tensors: Mapping[str, np.ndarray], *, learning_rate: float) -> Parts:
    """What `join` put together; the optimizer is fresh when none of its tensors is there.

    Raises `CheckpointError` for a tensor of the mixture's own that is missing, of another shape or
    dtype or not finite, or one that belongs to nobody; members check theirs.
    """
    mixer = Mixer.fresh(members, learning_rate=learning_rate)
    known, steps = np.zeros(1, np.int64), np.zeros(1, np.int64)
    own: Tensors = {"weights": mixer.weights, "known": known}
    if any(name.startswith(_OPTIMIZER) for name in tensors):
        own |= {"optimizer/steps": steps, "optimizer/squares": mixer.squares}
    for name, target in own.items():
        _fill(name, target, tensors.get(name))
    if (mixer.squares < 0).any():
        raise CheckpointError("'optimizer/squares' must not be negative.")
    of_members: list[Tensors] = [{} for _ in range(members)]
    for name in tensors.keys() - own.keys():
        number, inner = _owner(name, members)
        of_members[number][inner] = tensors[name]
    return Parts(mixer, int(known[0]), int(steps[0]), of_members)


def _owner(name: str, members: int) -> tuple[int, str]:
    for number in range(members):
        for prefix, inner in (
            (f"members.{number}/", ""),
            (f"optimizer/members.{number}/", _OPTIMIZER),
        ):
            if name.startswith(prefix):
                return number, inner + name.removeprefix(prefix)
    raise CheckpointError(f"A mixture of {members} members has no tensor {name!r}.")


def _fill(name: str, target: np.ndarray, found: np.ndarray | None) -> None:
    if found is None:
        raise CheckpointError(f"The tensor {name!r} is missing.")
    if found.shape != target.shape or found.dtype != target.dtype:
        raise CheckpointError(
            f"The tensor {name!r} must be {target.dtype} of shape {target.shape}; found "
            f"{found.dtype} of shape {found.shape}."
        )
    if not np.isfinite(found).all():
        raise CheckpointError(f"The tensor {name!r} holds values that are not finite.")
    target[...] = found
