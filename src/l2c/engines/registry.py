"""Which families of engines there are: the folders beside this file that hold an `engine.py`.

A new family is a new folder, called like the family. No list has to be edited, and the contract
test, the command line and the checkpoints know it at once. A family's code is loaded when somebody
asks for it, so that reading a checkpoint of one does not take the memory of all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pkgutil import iter_modules

import l2c.engines
from l2c.engines.engine import Engine


class Families(Mapping[str, type[Engine]]):
    """Every engine class by the name of its family, in alphabetical order; loaded when asked."""

    def __iter__(self) -> Iterator[str]:
        return iter(_names())

    def __len__(self) -> int:
        return len(_names())

    def __contains__(self, family: object) -> bool:
        return family in _names()

    def __getitem__(self, family: str) -> type[Engine]:
        if family not in _names():
            raise KeyError(family)
        return _engine(family)


def families() -> Families:
    """Every family there is.

    >>> families()["lstm"].family
    'lstm'
    """
    return Families()


@cache
def _names() -> tuple[str, ...]:
    folders = (folder for folder in iter_modules(l2c.engines.__path__) if folder.ispkg)
    return tuple(sorted(one.name for one in folders if find_spec(f"l2c.engines.{one.name}.engine")))


@cache
def _engine(family: str) -> type[Engine]:
    """The one engine class that a folder's `engine.py` defines."""
    name = f"l2c.engines.{family}.engine"
    for value in vars(import_module(name)).values():
        if isinstance(value, type) and issubclass(value, Engine) and value.__module__ == name:
            assert value.family == family, f"{name} calls itself {value.family!r}"
            return value
    raise AssertionError(f"{name} defines no engine")
