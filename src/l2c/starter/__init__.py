"""The starter checkpoint: what `le` is before it has met its user. Rebuilt by `make starter`.

It comes with the program, is read and never written, and holds weights only: a user's first
lesson begins with a fresh optimizer.
"""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

PATH = Path(__file__).parent / "le.safetensors"

HTM_PATH = PATH.with_name("htm.safetensors")
"""A sequence memory to begin with, beside `le`."""

LLAMA_PATH = PATH.with_name("llama.safetensors")
"""A small transformer to begin with, whose file other programs can read."""

DOUBT = PATH.with_name("doubt.json")
"""When `le`, and what descends from it, had better decline: see `l2c.engines.doubt`."""

LLAMA_DOUBT = PATH.with_name("llama_doubt.json")
"""The same of the transformer."""

DOUBTS = (DOUBT, LLAMA_DOUBT)
"""The records that come along; a starter without one answers everything."""


@cache
def digest(path: Path = PATH) -> str | None:
    """The digest of a starter, by default the one that came with the program; None without it."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return None
