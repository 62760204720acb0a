"""Which families of engines there are: the folders beside this file that hold an `engine.py`.

A new family is a new folder. No list has to be edited, and the contract test, the command line
and the checkpoints know it at once.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pkgutil import iter_modules

import l2c.engines
from l2c.engines.engine import Engine


@cache
def _families() -> dict[str, type[Engine]]:
    found: dict[str, type[Engine]] = {}
    for folder in iter_modules(l2c.engines.__path__, prefix="l2c.engines."):
        name = f"{folder.name}.engine"
        if not folder.ispkg or find_spec(name) is None:
            continue
        module = import_module(name)
        for value in vars(module).values():
            if isinstance(value, type) and issubclass(value, Engine) and value.__module__ == name:
                found[value.family] = value
    return dict(sorted(found.items()))


def families() -> dict[str, type[Engine]]:
    """Every engine class by the name of its family, in alphabetical order.

    >>> families()["lstm"].family
    'lstm'
    """
    return dict(_families())
