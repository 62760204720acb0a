"""What computes: the compiled kernels where they were built, the NumPy twins elsewhere."""

from __future__ import annotations

from l2c.errors import InvalidConfig
from l2c.kernels import binding


def installed() -> tuple[str, ...]:
    """The backends this installation has, the one that is taken first."""
    return ("kernel", "reference") if binding.available() else ("reference",)


def is_kernel(name: str | None) -> bool:
    """Whether `name` asks for the kernels; without a name they are taken where there are any.

    Raises `InvalidConfig` for a name that is no backend.
    """
    if name not in (None, "kernel", "reference"):
        raise InvalidConfig(f"`backend` must be 'kernel' or 'reference'; found {name!r}.")
    return (name or installed()[0]) == "kernel"
