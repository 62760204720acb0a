"""Feeds the checkpoint loader files that lie: `make fuzz`.

Mutations know the format: declared sizes and offsets, shapes, dtypes, the identity's JSON, cuts,
repeats and flipped bytes. Whatever a file says, the loader may answer with a model or with
`CheckpointError`, and nothing else, within a second; and the model reads and writes.

    python -m tests.proofs.fuzz_checkpoint [--seconds S] [--files N] [--seed N]
"""

from __future__ import annotations

import argparse
import json
import random
import struct
import sys
import time
from typing import Any

import numpy as np

from l2c.engines import checkpoint
from l2c.engines.engine import Batch, Sampler
from l2c.engines.model import LanguageModel
from l2c.errors import CheckpointError, L2CError
from l2c.text.characters import CharacterTokenizer
from tests.engines.llama.files.made import sentencepiece

NUMBERS = (0, 1, -1, 2, 7, 255, 2**31 - 1, 2**31, -(2**31), 2**63 - 1, 2**64, 0.5, 1e400)
VALUES: tuple[Any, ...] = (*NUMBERS, None, True, "", "lstm", "F64", "I32", [], [[]], {}, "\ud800")
SLOWEST_S = 1.0

TINY: dict[str, dict[str, Any]] = {
    "lstm": {"hidden_size": 4},
    "llama": {"dim": 8, "layers": 1, "heads": 2, "kv_heads": 1, "hidden": 8, "context": 8},
    "ngram": {"context": 2},
    "htm": {"columns": 128, "cells_per_column": 4},
}
"""A small model of every family that keeps tensors of its own."""


def mutate_json(value: Any, chance: random.Random) -> Any:
    """The value with one thing in it changed, left out, or said twice."""
    if isinstance(value, dict) and value and chance.random() < 0.85:
        key = chance.choice(list(value))
        if chance.random() < 0.1:
            return {k: v for k, v in value.items() if k != key}
        return {**value, key: mutate_json(value[key], chance)}
    if isinstance(value, list) and value and chance.random() < 0.85:
        i = chance.randrange(len(value))
        return [*value[:i], mutate_json(value[i], chance), *value[i + chance.randrange(2) :]]
    return chance.choice(VALUES)


def mutate(content: bytes, chance: random.Random) -> bytes:
    """The file with its header, its identity or its bytes changed."""
    (size,) = struct.unpack("<Q", content[:8])
    header = json.loads(content[8 : 8 + size])
    kind = chance.randrange(5)
    if kind == 0:
        identity = mutate_json(json.loads(header["__metadata__"]["l2c"]), chance)
        header["__metadata__"]["l2c"] = json.dumps(identity)
    elif kind == 1:
        header = mutate_json(header, chance)
    if kind in (0, 1):
        written = json.dumps(header).encode("ascii")
        return struct.pack("<Q", len(written)) + written + content[8 + size :]
    if kind == 2:
        lie = chance.choice([n for n in NUMBERS if isinstance(n, int) and 0 <= n < 2**64])
        return struct.pack("<Q", lie) + content[8:]
    if kind == 3:
        return content[: chance.randrange(len(content))]
    changed = bytearray(content)
    for _ in range(chance.randrange(1, 8)):
        changed[chance.randrange(len(changed))] = chance.randrange(256)
    return bytes(changed)


def sound() -> list[bytes]:
    """A checkpoint of every family, with and without what its training has gathered."""
    letters, batch = CharacterTokenizer("abc"), np.array([[1, 3, 4, 5, 3]], np.int32)
    files = []
    for family, config in TINY.items():
        model = LanguageModel.create(family, config, letters, seed=0)
        model.engine.practise(Batch(batch % letters.vocab_size, np.ones((1, 4), np.float32),
                                    np.ones(1, np.bool_)))  # fmt: skip
        files += [checkpoint.to_bytes(model), checkpoint.to_bytes(model, optimizer=False)]
    pieces = LanguageModel.create("llama", TINY["llama"], sentencepiece(), seed=0)
    return [*files, checkpoint.to_bytes(pieces, optimizer=False)]


def use(model: LanguageModel) -> None:
    """Read and write a little with a model that was loaded; it may find its numbers unusable."""
    engine = model.engine
    try:
        state = engine.advance(np.arange(min(3, engine.vocab_size), dtype=np.int32))[1]
        engine.generate(state, 2, Sampler(temperature=0.7), seed=1)
    except L2CError:
        return


def fuzz(*, seconds: float, files: int, seed: int) -> dict[str, int]:
    """Feed files until time or number is up; how many were loaded, how many refused.

    Raises on anything else.
    """
    originals = sound()
    counts = {"files": 0, "loaded": 0, "refused": 0}
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and counts["files"] < files:
        chance = random.Random(f"{seed} {counts['files']}")
        content = mutate(chance.choice(originals), chance)
        counts["files"] += 1
        began = time.process_time()
        try:
            use(checkpoint.from_bytes(content))
            counts["loaded"] += 1
        except CheckpointError:
            counts["refused"] += 1
        except BaseException:
            print(f"file {counts['files'] - 1} of seed {seed}", file=sys.stderr)
            raise
        if time.process_time() - began > SLOWEST_S:
            raise AssertionError(f"file {counts['files'] - 1} of seed {seed} took over a second")
    return counts


def main() -> None:
    """Fuzz, and print one JSON line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--files", type=int, default=10**9)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    counts = fuzz(seconds=given.seconds, files=given.files, seed=given.seed)
    print(json.dumps({"format": "checkpoint", **counts}))


if __name__ == "__main__":
    main()
