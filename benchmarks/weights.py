"""What the weights alone keep of facts that were told: lessons, then questions, no server.

    python -m benchmarks.weights odd --facts 50 --seeds 1
    python -m benchmarks.weights benchmarks/facts.jsonl    (facts to develop with)

`l2c recall` measures the same through the real API and takes many times as long. Here the shipped
starter learns the statements of a file in lessons (`l2c.learning.lesson`), and the candidate is
asked in an empty window, by itself: it recites (`l2c.chat.reciting`), no memory answers. Of the
file's paraphrases only those count that the lesson did not happen to practise word for word. A
seed is an order of the telling, and so everything that follows from it. In several rounds each
lesson goes on from the candidate of the one before, whatever the verdict. Each run takes the place
of its former one in `results/weights.json`.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks import record
from l2c import corpus
from l2c.chat.reciting import recite
from l2c.conversation import Message, Role
from l2c.corpus.chance import Chance
from l2c.engines import checkpoint
from l2c.engines.engine import Sampler
from l2c.engines.model import LanguageModel
from l2c.learning.evaluation import score_general
from l2c.learning.examples import Source
from l2c.learning.lesson import RECIPE_VERSION, Lesson, Training
from l2c.learning.recall import Share, Told, counts, is_honest, never_told, read_facts
from l2c.starter import PATH
from l2c.store.states import LessonKind

ANSWER_TOKENS = 48
HEARD = "Good to know."


def world(told: Sequence[Told], *, seed: int, rounds: int, documents: int) -> dict[str, Any]:
    """The figures of one order of the telling, in so many lessons one after the other."""
    ordered = Chance(seed).shuffled(list(told))
    size = -(-len(ordered) // rounds)
    parts = [ordered[at : at + size] for at in range(0, len(ordered), size)]
    starter = checkpoint.from_bytes(PATH.read_bytes())
    model, parent = starter, checkpoint.digest_of(PATH.read_bytes())
    earlier: tuple[Source, ...] = ()
    lessons, practised = [], ""
    for part in parts:
        sources = tuple(Source(one.statement, HEARD) for one in part)
        began = time.process_time()
        training = Training(Lesson(LessonKind.EXCHANGES, parent, sources, earlier), model)
        for _ in training.run():
            pass
        trained = time.process_time() - began
        verdict = training.judge(starter, model)
        lessons.append(
            {
                "steps": training.steps,
                "training_cpu_s": round(trained, 1),
                "judging_cpu_s": round(time.process_time() - began - trained, 1),
                "verdict": verdict.reason,
            }
        )
        practised += " ".join(training.curriculum.texts())
        model, earlier = training.candidate, (*earlier, *sources)
        parent = checkpoint.digest_of(checkpoint.to_bytes(model))
    read = corpus.held_out()[:documents]
    before, after = (score_general(one, read).bits_per_byte for one in (starter, model))
    older = asked(model, parts[0], practised)["taught"] if rounds > 1 else None
    return {
        "seed": seed,
        "recipe": RECIPE_VERSION,
        **asked(model, ordered, practised),
        "first_round_after_all": older,
        "held_out_percent": round(100 * (after / before - 1), 2),
        "lessons": lessons,
    }


def asked(model: LanguageModel, told: Sequence[Told], practised: str) -> dict[str, Any]:
    """How a model answers about these facts by itself; `practised` is what it was taught with."""
    answers = [one.answer for one in told]
    seen = _folded(practised)

    def right(one: Told, question: str) -> bool:
        return counts(_answer(model, question), one.answer, answers)

    taught = [right(one, one.question) for one in told]
    unseen = [
        right(one, text)
        for one in told
        for text in one.paraphrases
        if f"you: {_folded(text)} le:" not in seen
    ]
    never = [one.near_miss for one in told if one.near_miss] + never_told()
    honest = [is_honest(_answer(model, question), None) for question in never]
    return {
        "taught": _share(taught),
        "paraphrases_never_seen": _share(unseen),
        "never_told_honest": _share(honest),
    }


def _folded(text: str) -> str:
    return " ".join("".join(c if c.isalnum() or c in "':" else " " for c in text.lower()).split())


def _answer(model: LanguageModel, question: str) -> str:
    """What the model answers by itself, as `anyway` asks it (`l2c.chat.router`)."""
    greedy = Sampler(temperature=0.0)
    asked = [Message(Role.USER, question)]
    recited = recite(model, asked)
    if recited is not None:
        return recited
    return "".join(p.text for p in model.answer(asked, greedy, length=ANSWER_TOKENS, seed=0))


def _share(right: Sequence[bool]) -> dict[str, Any]:
    share = Share(sum(right), len(right))
    low, high = share.interval
    figures = {"value": share.value, "low": low, "high": high}
    return {name: round(value, 4) for name, value in figures.items()} | {
        "right": share.right,
        "of": share.of,
    }


def main() -> None:
    """Measure each file and write the figures."""
    arguments = argparse.ArgumentParser()
    arguments.add_argument("files", nargs="*", default=["odd"])
    arguments.add_argument("--facts", type=int, default=50)
    arguments.add_argument("--seeds", type=int, default=1)
    arguments.add_argument("--rounds", type=int, default=1)
    arguments.add_argument("--documents", type=int, default=200)
    given = arguments.parse_args()
    measured = {}
    for name in given.files:
        told = read_facts(Path(name))[: given.facts]
        measured[f"{name}, {len(told)} facts, {given.rounds} rounds"] = [
            world(told, seed=seed, rounds=given.rounds, documents=given.documents)
            for seed in range(given.seeds)
        ]
    path = record.RESULTS / "weights.json"
    former = json.loads(path.read_text())["runs"] if path.exists() else {}
    record.write("weights", {"runs": former | measured})


if __name__ == "__main__":
    main()
