"""A mixture as named tensors and back.

| tensor | |
|---|---|
| `weights.sure` | float32 (buckets, K), by how sure the members are |
| `weights.token` | float32 (V + 1, K), by the token before; the first row is for none |
| `known` | int64 (1): how many tokens there were at the last step |
| `members.N/...` | the tensors of member N |
| `optimizer/steps` | int64 (1) |
| `optimizer/squares.sure`, `optimizer/squares.token` | float32, as the weights |
| `optimizer/members.N/...` | what only training needs of member N |
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from l2c.engines.engine import Engine, Tensors
from l2c.engines.mixture.mixing import PARTS, Mixer
from l2c.errors import CheckpointError

_OPTIMIZER = "optimizer/"
_MAX_VOCAB_SIZE = 65_536


@dataclass(frozen=True, slots=True)
class Parts:
    """The tensors of a mixture, those of each member under that member's own names."""

    mixer: Mixer
    known: int
    steps: int
    members: list[Tensors]


def join(members: Sequence[Engine], mixer: Mixer, *, known: int, steps: int) -> Tensors:
    """Copies of all tensors by name."""
    named: Tensors = {"known": np.array([known], np.int64)}
    kept: Tensors = {"optimizer/steps": np.array([steps], np.int64)}
    for part in PARTS:
        named[f"weights.{part}"] = mixer.weights[part].copy()
        kept[f"optimizer/squares.{part}"] = mixer.squares[part].copy()
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
    mixer = Mixer.fresh(members, _vocab_size(tensors), learning_rate=learning_rate)
    known, steps = np.zeros(1, np.int64), np.zeros(1, np.int64)
    own: Tensors = {"known": known}
    own |= {f"weights.{part}": mixer.weights[part] for part in PARTS}
    if any(name.startswith(_OPTIMIZER) for name in tensors):
        own |= {"optimizer/steps": steps}
        own |= {f"optimizer/squares.{part}": mixer.squares[part] for part in PARTS}
    for name, target in own.items():
        _fill(name, target, tensors.get(name))
    if any((squares < 0).any() for squares in mixer.squares.values()):
        raise CheckpointError("'optimizer/squares.…' must not be negative.")
    of_members: list[Tensors] = [{} for _ in range(members)]
    for name in tensors.keys() - own.keys():
        number, inner = _owner(name, members)
        of_members[number][inner] = tensors[name]
    return Parts(mixer, int(known[0]), int(steps[0]), of_members)


def _vocab_size(tensors: Mapping[str, np.ndarray]) -> int:
    by_token = tensors.get("weights.token")
    if by_token is None or by_token.ndim != 2 or not 2 <= len(by_token) <= _MAX_VOCAB_SIZE + 1:
        raise CheckpointError(
            f"A mixture needs a tensor 'weights.token' of shape (V + 1, members), V in [1, "
            f"{_MAX_VOCAB_SIZE}]; found {None if by_token is None else by_token.shape}."
        )
    return len(by_token) - 1


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
