"""`l2c train --auto` and `--check`: learn whatever is new in the data directory, or say what is."""

from __future__ import annotations

import threading

from l2c.cli.options import print_json, say
from l2c.cli.progress import LessonBar
from l2c.runtime import Runtime
from l2c.runtime.auto_training import AutoOutcome, AutoTraining, Check

SHOWN = 20


def check(runtime: Runtime, *, model: str | None, as_json: bool) -> None:
    """Say what is new, what is not, and what is left out."""
    found = AutoTraining(runtime, model=model).check()
    if as_json:
        print_json(found)
        return
    _say_what_is_there(found)
    if found.new:
        say(f"`l2c train --auto --model {found.model}` learns what is new.")


def train(
    runtime: Runtime,
    bar: LessonBar,
    stop: threading.Event,
    *,
    model: str | None,
    engine: str | None,
    minutes: float,
    seed: int,
    anew: bool,
) -> AutoOutcome:
    """Learn what is new."""
    return AutoTraining(runtime, model=model).train(
        engine=engine,
        minutes=minutes,
        seed=seed,
        anew=anew,
        stop=stop,
        on_progress=bar.show,
    )


def show(outcome: AutoOutcome) -> None:
    """Say what a training came to."""
    _say_what_is_there(outcome.check)
    name = outcome.check.model
    if not outcome.check.new:
        say("Nothing was trained.")
    elif not outcome.finished:
        say(f"Stopped after step {outcome.step} of {outcome.steps}. The same command goes on.")
    else:
        say(
            f"{name} learned it in {outcome.steps} steps; loss {outcome.loss:.3f} nats per token. "
            f"It answers with {outcome.checkpoint[:12]}: `l2c chat --model {name}`."
        )
        if outcome.general_before is not None:
            say(
                f"Held-out talk: {outcome.general_before:.2f} bits per byte before, "
                f"{outcome.general_after:.2f} now."
            )


def _say_what_is_there(found: Check) -> None:
    for one in found.new[:SHOWN]:
        say(f"new: {one['name']}, {one['characters']} characters")
    if len(found.new) > SHOWN:
        say(f"and {len(found.new) - SHOWN} more")
    for left in found.left_out:
        say(f"left out: {left.name} ({left.reason})")
    if found.for_the_learner:
        say(
            f"{found.for_the_learner} exchanges of the logs stand in the store; "
            "the learner sees to them (`l2c learn`)."
        )
    if not found.new:
        say(f"Nothing is new for {found.model}; it has read {found.known} of what is there.")
