"""Feeds the checkpoint loader files that lie: `make fuzz`.

Mutations know the format: declared sizes and offsets, shapes, dtypes, the identity's JSON, cuts,
repeats and flipped bytes. Whatever a file says, the loader may answer with a model or with
`CheckpointError`, and nothing else, within a second.

    python -m tests.proofs.fuzz_checkpoint [--seconds S] [--seed N]
"""

from __future__ import annotations

import argparse
import json
import random
import struct
import sys
import time
from typing import Any

from l2c.engines import checkpoint
from l2c.engines.model import LanguageModel
from l2c.errors import CheckpointError
from l2c.text.characters import CharacterTokenizer

NUMBERS = (0, 1, -1, 2, 7, 255, 2**31 - 1, 2**31, -(2**31), 2**63 - 1, 2**64, 0.5, 1e400)
VALUES: tuple[Any, ...] = (*NUMBERS, None, True, "", "lstm", "F64", "I32", [], [[]], {}, "\ud800")
SLOWEST_S = 1.0


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


def fuzz(seconds: float, seed: int) -> dict[str, int]:
    """Feed files for so long; how many were loaded, how many refused.

    Raises on anything else.
    """
    model = LanguageModel.create("lstm", {"hidden_size": 4}, CharacterTokenizer("abc"), seed=0)
    sound = checkpoint.to_bytes(model)
    counts = {"files": 0, "loaded": 0, "refused": 0}
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        content = mutate(sound, random.Random(f"{seed} {counts['files']}"))
        counts["files"] += 1
        began = time.process_time()
        try:
            checkpoint.from_bytes(content)
            counts["loaded"] += 1
        except CheckpointError:
            counts["refused"] += 1
        if time.process_time() - began > SLOWEST_S:
            raise AssertionError(f"file {counts['files']} of seed {seed} took over a second")
    return counts


def main() -> None:
    """Fuzz, and print one JSON line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    print(json.dumps(fuzz(given.seconds, given.seed)), file=sys.stdout)


if __name__ == "__main__":
    main()
