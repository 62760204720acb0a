"""One pass over a text, from nothing: how many bits a character costs whoever learns as it reads.

    python -m benchmarks.one_pass tinyshakespeare [--data FOLDER] [--characters N] [--out FILE]

Every character is predicted before it is learned, so the mean is what a compressor made of the
learner would need (the alphabet aside). Three learners: counts; a network that rehearses what it
has read while it reads on; both mixed, weights learned as they go. Beside them stand compressors:
those of Python's standard library, and `7z` (PPMd), `zpaq` and `lstm-compress` where they are
installed, each on the same bytes; a missing one is named.
"""

from __future__ import annotations

import argparse
import bz2
import lzma
import math
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks import record
from benchmarks.continual.run import predicted
from benchmarks.continual.strategies import networks
from benchmarks.quality import find, read
from l2c.engines.engine import Batch, Engine, State
from l2c.engines.lstm.engine import LSTM
from l2c.engines.mixture.engine import Mixture
from l2c.engines.ngram.engine import NGram

if TYPE_CHECKING:
    from jaxtyping import Int32

CHUNK = 1024
"""Characters that are predicted before the network learns them."""

REPORT_EVERY = 100 * CHUNK
CONTEXT, MIXED_CONTEXT = 6, 8
"""Of the counts alone, where 6 is best, and of those beside a network."""


@dataclass(frozen=True)
class Rehearsal:
    """How a network learns between two chunks: `steps` steps, in which rows of text are read on.

    `newest` of the rows begin in the newest chunk, the others anywhere in what was read so far.
    """

    rows: int = 32
    newest: int = 4
    sequence: int = 64
    steps: int = 8
    seed: int = 0

    def batches(self, text: Int32[np.ndarray, " N"], end: int) -> Iterator[Batch]:
        """The steps after the first `end` characters; none where these are too few."""
        span = self.steps * self.sequence
        last = end - span - 1
        if last < 0:
            return
        chance = np.random.default_rng([self.seed, end])
        new = chance.integers(max(end - CHUNK, 0), last, self.newest, endpoint=True)
        old = chance.integers(0, last, self.rows - self.newest, endpoint=True)
        ones = np.ones((self.rows, self.sequence), np.float32)
        places = np.concatenate([new, old])
        for step in range(self.steps):
            begin = places + step * self.sequence
            tokens = np.stack([text[at : at + self.sequence + 1] for at in begin])
            yield Batch(tokens, ones, np.full(self.rows, step == 0))


NETWORK = {
    "hidden_size": 256,
    "learning_rate": 3e-3,
    "weight_decay": 0.1,
    "recurrent_dropout": 0.05,
}


def counts(vocab_size: int, context: int = CONTEXT) -> Engine:
    return NGram.create({"context": context}, vocab_size, seed=0)


def network(vocab_size: int) -> Engine:
    return LSTM.create(NETWORK, vocab_size, seed=1)


def mixture(vocab_size: int) -> Engine:
    return Mixture.of([network(vocab_size), counts(vocab_size, MIXED_CONTEXT)])


LEARNERS: dict[str, Callable[[int], Engine]] = {
    "counts": counts,
    "network": network,
    "mixture": mixture,
}


def passed(engine: Engine, text: Int32[np.ndarray, " N"], rehearsal: Rehearsal) -> dict[str, float]:
    """Bits a character over the whole text and over its last tenth, and what that took."""
    state: State | None = None
    log_p = np.zeros(len(text))
    began = time.process_time()
    for begin in range(0, len(text), CHUNK):
        end = min(begin + CHUNK, len(text))
        log_p[begin:end], state = predicted(engine, text[begin:end], state)
        for trained in networks(engine):
            for batch in rehearsal.batches(text, end):
                trained.train(batch)
        if begin % REPORT_EVERY == 0:
            print(f"  {end} characters: {bits(log_p[:end]):.3f}", flush=True)
    return {
        "bits_per_character": round(bits(log_p), 4),
        "last_tenth": round(bits(log_p[-len(text) // 10 :]), 4),
        "cpu_s": round(time.process_time() - began, 1),
    }


def bits(log_p: np.ndarray) -> float:
    """The mean of nats, in bits."""
    return -float(log_p.mean()) / math.log(2)


def compressed(content: bytes) -> dict[str, float | None]:
    """Bits a byte of what other programs make of this; None for one that is not installed."""
    with tempfile.TemporaryDirectory() as folder:
        text, packed = Path(folder, "text"), Path(folder, "packed")
        text.write_bytes(content)
        commands = {
            "7z PPMd": ["7z", "a", "-m0=PPMd", "-mmem=256m", "-mo=6", f"{packed}.7z", str(text)],
            "zpaq -m5": ["zpaq", "add", f"{packed}.zpaq", str(text), "-m5"],
            "lstm-compress": ["lstm-compress", "-c", str(text), f"{packed}.lstm"],
        }
        found: dict[str, float | None] = {
            "bzip2": len(bz2.compress(content, 9)),
            "xz": len(lzma.compress(content, preset=9 | lzma.PRESET_EXTREME)),
        }
        for name, command in commands.items():
            found[name] = None
            if shutil.which(command[0]) is not None:
                subprocess.run(command, cwd=folder, capture_output=True, check=True)
                (made,) = Path(folder).glob("packed.*")
                found[name] = made.stat().st_size
                made.unlink()
    return {
        name: None if size is None else round(8 * size / len(content), 4)
        for name, size in found.items()
    }


def main() -> None:
    """Print and write down every learner's figures beside those of other programs."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("text")
    parser.add_argument("--data", type=Path, help="the folder of the text")
    parser.add_argument("--characters", type=int, help="only the first so many")
    parser.add_argument("--out", type=Path, help="where the result goes")
    asked = parser.parse_args()
    path = find(asked.text, asked.data)
    if path is None:
        print(f"{asked.text}: skipped, there is no {asked.text}.txt; see --data.")
        return
    whole = read(path)
    text, rehearsal = whole.tokens[: asked.characters], Rehearsal()
    programs = compressed(path.read_text(encoding="utf-8")[: asked.characters].encode())
    for name, size in programs.items():
        print(f"{name}: {'not installed' if size is None else size}")
    figures: dict[str, Any] = {
        "text": asked.text,
        "characters": len(text),
        "contexts": [CONTEXT, MIXED_CONTEXT],
        "network": NETWORK,
        "rehearsal": asdict(rehearsal),
        "programs_bits_per_byte": programs,
        "learners": {},
    }
    for name, make in LEARNERS.items():
        print(name)
        figures["learners"][name] = passed(make(whole.vocab_size), text, rehearsal)
        print(figures["learners"][name], flush=True)
        record.write("one_pass", figures, out=asked.out)


if __name__ == "__main__":
    main()
