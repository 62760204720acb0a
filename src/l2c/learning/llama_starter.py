"""The third starter, a transformer: `python -m l2c.learning.llama_starter`.

It reads what `le` reads, in the same order (facts told and asked for first, the handwritten talks
above all at the end), less of it, with a vocabulary of SentencePiece and no option that other
programs do not know: `l2c models export llama FILE.gguf` runs in llama.cpp as it is. Making it can
be broken off at any time and goes on where it was. What it comes to beside `le` is decision 5.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from time import process_time

from l2c import corpus
from l2c.engines import checkpoint
from l2c.engines.llama.engine import Llama
from l2c.errors import KernelError
from l2c.learning.calibration import calibrate
from l2c.learning.resume import ResumePoint
from l2c.learning.starter import PIECE_CONVERSATIONS, Making, Recipe, bits_per_byte, finish
from l2c.starter import LLAMA_DOUBT, LLAMA_PATH
from l2c.text.sentencepiece import SentencePieceTokenizer
from l2c.text.sentencepiece_training import train_sentencepiece

TOKENS = 1_000
"""The size of its vocabulary."""

MOST_BYTES = 8 << 20

RECIPE = Recipe(
    engine="llama",
    steps=5_000,
    practice_steps=900,
    last_steps=1_800,
    polish_steps=0,
    pieces=0,
    config={
        "dim": 128,
        "layers": 4,
        "heads": 4,
        "kv_heads": 2,
        "hidden": 352,
        "context": 256,
        "muon": 0.02,
        "learning_rate": 3e-3,
        "weight_decay": 0.05,
    },
)


def tokenizer(seed: int, *, size: int, conversations: int) -> SentencePieceTokenizer:
    """A vocabulary of this size, learned from so many conversations of the corpus."""
    read = corpus.training(seed, conversations)
    return train_sentencepiece((message.text for talk in read for message in talk), size)


def main(
    recipe: Recipe = RECIPE,
    path: Path = LLAMA_PATH,
    *,
    size: int = TOKENS,
    conversations: int = PIECE_CONVERSATIONS,
    folder: Path = Path("build"),
) -> int:
    """Make the starter; the exit code says whether it came out as its record says, if there is one.

    Raises `KernelError` without the compiled kernels, and `InvalidInput` without SentencePiece.
    """
    if "kernel" not in Llama.backends():
        raise KernelError("Making the starter needs the compiled kernels; found the NumPy twin.")
    words, began = tokenizer(recipe.seed, size=size, conversations=conversations), process_time()
    making = Making(recipe, words)
    finish(making, 1, ResumePoint(folder / "llama_starter"))
    content = checkpoint.to_half_bytes(checkpoint.from_bytes(making.content()))
    digest, record = checkpoint.digest_of(content), path.with_suffix(".json")
    if record.exists() and json.loads(record.read_text())["digest"] == digest:
        print(f"The digest is the recorded one: {digest}")
        return 0
    if len(content) > MOST_BYTES:
        print(f"The starter has {len(content):,} bytes; at most {MOST_BYTES:,} are shipped.")
        return 1
    new = not record.exists()
    told = {
        "digest": digest,
        "recipe": asdict(recipe) | {"tokens": size},
        "bytes": len(content),
        "cpu_seconds": round(process_time() - began),
        "held_out_bits_per_byte": round(bits_per_byte(checkpoint.from_bytes(content)), 4),
    }
    path.write_bytes(content)
    fitted = calibrate(checkpoint.from_bytes(content), digest)
    path.with_name(LLAMA_DOUBT.name).write_text(fitted.to_json(), encoding="utf-8")
    record.write_text(json.dumps(told, indent=2) + "\n")
    print(json.dumps(told, indent=2))
    return 0 if new else 1


if __name__ == "__main__":
    sys.exit(main())
