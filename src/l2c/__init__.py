"""L2C, learn to chat: language models written from scratch that keep learning from their user.

    >>> from l2c import CharLSTM                                        # doctest: +SKIP
    >>> model = CharLSTM(hidden_size=128, seed=0)                       # doctest: +SKIP
    >>> model.fit("Hello world. " * 200, steps=200)                     # doctest: +SKIP
    >>> model.generate(seed_text="Hello", length=20)                    # doctest: +SKIP

Names are loaded when they are first used, so that `import l2c` costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from l2c.learning.char_lstm import CharLSTM
    from l2c.learning.continuous import ContinuousTrainer

__version__ = "0.1.0"
__all__ = ["CharLSTM", "ContinuousTrainer", "__version__"]

_PUBLIC = {
    "CharLSTM": "l2c.learning.char_lstm",
    "ContinuousTrainer": "l2c.learning.continuous",
}


def __getattr__(name: str) -> object:
    """Load a public name from its module."""
    if name not in _PUBLIC:
        raise AttributeError(f"module 'l2c' has no attribute {name!r}")
    return getattr(import_module(_PUBLIC[name]), name)
