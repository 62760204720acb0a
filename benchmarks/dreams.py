"""Whether rehearsing its own dreams keeps a model from forgetting, while it learns something new.

    python -m benchmarks.dreams [--dreams N]

The shipped starter learns the texts of docs/explanation as `l2c train --auto` would, to the same
number of steps, and rehearses nothing, its own dreams, the corpus it came from, or both. What it
forgot is measured on held-out conversations that nothing of this has seen, what it learned on the
texts themselves; both in bits per byte.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks import record
from l2c import corpus, starter
from l2c.conversation import Message
from l2c.engines import checkpoint
from l2c.engines.model import LanguageModel
from l2c.learning import auto_training
from l2c.learning.auto_training import Plan
from l2c.learning.dreaming import dream
from l2c.learning.evaluation import score_general
from l2c.learning.material import Text, texts
from l2c.text.tokenizer import Control

Talks = Sequence[tuple[Message, ...]]
TEXTS = record.ROOT / "docs" / "explanation"
DREAM_TOKENS, DREAM_TEMPERATURE = 200, 0.7


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dreams", type=int, default=150)
    count = parser.parse_args().dreams
    le = checkpoint.load(starter.PATH)
    material = [one for one in texts(TEXTS) if isinstance(one, Text)]
    dreams = [
        dream(
            le, talks=True, length=DREAM_TOKENS, temperature=DREAM_TEMPERATURE, seed=seed
        ).messages
        for seed in range(count)
    ]
    figures = {"before": measured(le, material)}
    for name, talks, rehearsed in (
        ("nothing", False, []),
        ("dreams", False, dreams),
        ("corpus", True, []),
        ("corpus and dreams", True, dreams),
    ):
        figures[name] = measured(trained(le, material, talks=talks, dreams=rehearsed), material)
        print(name, json.dumps(figures[name]), flush=True)
    characters = sum(len(one.text) for one in material)
    record.write("dreams", {"dreams": count, "characters": characters, "rehearsed": figures})


def trained(
    le: LanguageModel, material: Sequence[Text], *, talks: bool, dreams: Talks
) -> LanguageModel:
    with tempfile.TemporaryDirectory() as folder:
        plan = Plan(
            "notes", le, "", material, [], dreams, talks=talks, core_prompt="", untrained=False
        )
        return auto_training.run(
            plan,
            folder=Path(folder),
            resume_folder=Path(folder),
            seconds=1e6,
            autosave_s=1e6,
            stop=threading.Event(),
            on_progress=lambda what, step, steps, detail: None,
        ).model


def measured(model: LanguageModel, material: Sequence[Text]) -> dict[str, Any]:
    new = sum(model.bits([Control.START, *model.tokenizer.encode(one.text)]) for one in material)
    size = sum(len(one.text.encode()) for one in material)
    return {
        "held_out_bits_per_byte": round(score_general(model, corpus.held_out()).bits_per_byte, 4),
        "new_text_bits_per_byte": round(new / size, 4),
    }


if __name__ == "__main__":
    main()
