"""What a mixture is configured by: its members, each a family and that family's configuration."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from l2c.engines.engine import Engine
from l2c.engines.mixture.mixing import LEARNING_RATE
from l2c.engines.registry import families
from l2c.errors import InvalidConfig

MAX_MEMBERS = 4
DEFAULT_MEMBERS: tuple[Mapping[str, Any], ...] = (
    {"family": "lstm", "config": {}},
    {"family": "ngram", "config": {}},
)


@dataclass(frozen=True, slots=True)
class Member:
    """One engine of a mixture: its class, what makes it, and whether its tokens are its own."""

    engine: type[Engine]
    config: Mapping[str, Any]
    spelled: bool = False


@dataclass(frozen=True, slots=True)
class Config:
    """The members, and how fast their weights are learned (AdaGrad's rate)."""

    members: tuple[Member, ...]
    learning_rate: float = LEARNING_RATE

    @classmethod
    def from_mapping(cls, values: Mapping[str, Any]) -> Self:
        """The configuration with these values; raises `InvalidConfig` for a bad or unknown one."""
        for key in values:
            if key not in ("members", "learning_rate"):
                raise InvalidConfig(
                    f"A mixture is configured by ['learning_rate', 'members']; found {key!r}."
                )
        rate = values.get("learning_rate", LEARNING_RATE)
        if isinstance(rate, bool) or not isinstance(rate, int | float) or not 0 < rate <= 1:
            raise InvalidConfig(f"`learning_rate` must be a number in (0, 1]; found {rate!r}.")
        listed = values.get("members", DEFAULT_MEMBERS)
        if not isinstance(listed, Sequence) or not 1 <= len(listed) <= MAX_MEMBERS:
            raise InvalidConfig(
                f"`members` must list 1 to {MAX_MEMBERS} engines; found {listed!r}."
            )
        members = tuple(_member(value) for value in listed)
        if all(member.spelled for member in members):
            raise InvalidConfig("At least one member must have the vocabulary of the mixture.")
        return cls(members, float(rate))


def _member(value: object) -> Member:
    # A mixture of mixtures would be a mixture, and a file could nest them without end.
    known = [name for name in families() if name != "mixture"]
    if not isinstance(value, Mapping) or set(value) - {"family", "config", "spelled"}:
        raise _nonsense(value, known)
    family, config = value.get("family"), value.get("config", {})
    if not isinstance(family, str) or family not in known or not isinstance(config, Mapping):
        raise _nonsense(value, known)
    spelled = value.get("spelled", False)
    if type(spelled) is not bool:
        raise _nonsense(value, known)
    return Member(families()[family], config, spelled)


def _nonsense(value: object, known: Sequence[str]) -> InvalidConfig:
    return InvalidConfig(
        f"A member must be {{'family': one of {sorted(known)}, 'config': {{...}}}}; "
        f"found {value!r:.80}."
    )
