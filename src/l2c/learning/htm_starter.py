"""The second starter, a sequence memory: `python -m l2c.learning.htm_starter`, or `make starter`.

It reads conversations of the corpus once, answers learned and questions only read, so the recipe
is short and the same everywhere: the digest in `htm.json` can be checked by making it again.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from l2c import corpus
from l2c.engines import checkpoint
from l2c.engines.model import LanguageModel
from l2c.learning.evaluation import score_general
from l2c.learning.examples import evenly
from l2c.learning.starter import ALPHABET
from l2c.starter import HTM_PATH
from l2c.text.characters import CharacterTokenizer

SEED, CONVERSATIONS = 1, 120
CONFIG = {"max_segments": 45_000, "max_counts": 200_000}
MOST_BYTES, MEASURED = 8 << 20, 20


def make(conversations: int = CONVERSATIONS) -> LanguageModel:
    """The starter, made of so many conversations of the corpus."""
    model = LanguageModel.create("htm", CONFIG, CharacterTokenizer(ALPHABET), seed=SEED)
    for number, conversation in enumerate(corpus.training(SEED, conversations), start=1):
        model.engine.remember(evenly(conversation, model.tokenizer).batch)
        if number % 20 == 0 or number == conversations:
            print(
                f"conversation {number} of {conversations}, {model.engine.progress()}", flush=True
            )
    return model


def main(path: Path = HTM_PATH) -> int:
    """Make the shipped starter again; the exit code says whether it came out the same."""
    record = path.with_suffix(".json")
    began = time.monotonic()
    model = make()
    content = checkpoint.to_bytes(model, optimizer=False)
    digest = checkpoint.digest_of(content)
    if record.exists() and json.loads(record.read_text())["digest"] == digest:
        print(f"The digest is the shipped one: {digest}")
        return 0
    if len(content) > MOST_BYTES:
        print(f"The starter has {len(content):,} bytes; at most {MOST_BYTES:,} are shipped.")
        return 1
    held_out = corpus.held_out()[:MEASURED]
    told = {
        "digest": digest,
        "recipe": {"seed": SEED, "conversations": CONVERSATIONS, "config": CONFIG},
        "bytes": len(content),
        "seconds": round(time.monotonic() - began),
        "held_out_conversations": MEASURED,
        "held_out_bits_per_byte": round(score_general(model, held_out).bits_per_byte, 4),
    }
    path.write_bytes(content)
    record.write_text(json.dumps(told, indent=2) + "\n")
    print(json.dumps(told, indent=2))
    return 1


if __name__ == "__main__":
    sys.exit(main())
