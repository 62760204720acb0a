"""The RECALL protocol, carried out: tell, ask, learn and ask again, through the real API.

A world is a data directory of its own with `l2c serve` on it, a process like any other user's; what
is told goes the way the page's turns go. Four askings, never mixed:

- *before*: the starter's weights, asked before anything was told;
- *weights*: only the checkpoint file that was learned, as the starter of an empty data directory,
  asked with `anyway`, so that neither memory nor router answers;
- *memory*: right after the telling, before anything was learned;
- *both*: after the learning, what a user gets.

As a control a second world can be told the same with the answers exchanged (`swap`): what each
learned must not show in the other.

Every question is asked in a new conversation, greedily, and kept out of learning.
"""

from __future__ import annotations

import json
import math
import resource
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from l2c.corpus.chance import Chance
from l2c.learning.recall import (
    Share,
    Told,
    counts,
    finder,
    is_honest,
    never_told,
    other_talk,
    read_facts,
)
from l2c.runtime.worlds import Speaker, l2c, serving
from l2c.text.values import kind_of

__all__ = [
    "Column",
    "Swap",
    "World",
    "bits_per_byte",
    "cpu_of_children",
    "read_facts",
    "run",
    "swapped",
    "tell",
]

IN_ONE_CONVERSATION = 10
CONTROLLED = 20
"""Facts that are told with learning off, to see that nothing of them is known then."""

OnStep = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Column:
    """How one way of answering did: as taught, in other words, and about what nobody told."""

    taught: Share
    paraphrased: Share
    honest: Share
    refused: Share
    """Told facts that were wrongly said not to be told."""


@dataclass(frozen=True, slots=True)
class Swap:
    """Two worlds with exchanged answers: how much each recalls, and how much of the other's."""

    own: Share
    others: Share


NO_SWAP = Swap(Share(0, 0), Share(0, 0))
NOTHING = Column(Share(0, 0), Share(0, 0), Share(0, 0), Share(0, 0))
"""What was not asked."""


@dataclass(slots=True)
class World:
    """The figures of one seed."""

    seed: int
    before: Column
    weights: Column
    memory: Column
    both: Column
    older: Share
    control: Share
    bits_before: float
    bits_after: float
    learning_s: float
    learning_cpu_s: float
    lessons: list[str] = field(default_factory=list)
    slowest_answer_s: float = 0.0
    swap: Swap = field(default_factory=lambda: NO_SWAP)


def run(
    told: Sequence[Told],
    *,
    rounds: int,
    seeds: Sequence[int],
    on_step: OnStep,
    swap: bool = False,
) -> dict[str, Any]:
    """Everything the protocol measures, as plain values. Takes minutes for each seed.

    With no `rounds` nothing is learned: only before, memory and the control are asked for. `swap`
    adds a second world for the first seed, with exchanged answers.
    """
    found = finder(told, other_talk())
    second = [swapped(told), *[[] for _ in seeds]] if swap else [[] for _ in seeds]
    worlds = [
        _world(told, rounds=rounds, seed=seed, on_step=on_step, exchanged=exchanged)
        for seed, exchanged in zip(seeds, second, strict=False)
    ]
    columns = ("before", "weights", "memory", "both")
    kinds = ("taught", "paraphrased", "honest", "refused")
    figures: dict[str, Any] = {
        "facts": len(told),
        "rounds": rounds,
        "seeds": list(seeds),
        "finder": {"recall": _share(found.recall), "precision": _share(found.precision)},
    }
    for column in columns:
        figures[column] = {
            kind: _share(_sum(getattr(getattr(one, column), kind) for one in worlds))
            | {"each": [_value(getattr(getattr(one, column), kind)) for one in worlds]}
            for kind in kinds
        }
    figures["older"] = _share(_sum(one.older for one in worlds))
    figures["swap"] = {
        "own": _share(_sum(one.swap.own for one in worlds)),
        "others": _share(_sum(one.swap.others for one in worlds)),
    }
    figures["control"] = _share(_sum(one.control for one in worlds))
    figures["bits_per_byte"] = [
        {"seed": one.seed, "before": one.bits_before, "after": one.bits_after}
        for one in worlds
        if rounds
    ]
    figures["seconds"] = [
        {
            "seed": one.seed,
            "learning": round(one.learning_s, 1),
            "learning_cpu": round(one.learning_cpu_s, 1),
            "slowest_remembered_answer": round(one.slowest_answer_s, 3),
            "lessons": len(one.lessons),
            "refused_lessons": sum(reason.startswith("Refused") for reason in one.lessons),
        }
        for one in worlds
    ]
    return figures


def _world(
    told: Sequence[Told],
    *,
    rounds: int,
    seed: int,
    on_step: OnStep,
    exchanged: Sequence[Told] = (),
) -> World:
    """One seed: the order of the telling, and so everything that is learned, follows from it."""
    chance = Chance(seed)
    ordered = chance.shuffled(list(told))
    size = -(-len(ordered) // max(rounds, 1))
    parts = [ordered[at : at + size] for at in range(0, len(ordered), size)]
    with tempfile.TemporaryDirectory(prefix="l2c-recall-") as folder:
        home, empty = Path(folder) / "home", Path(folder) / "empty"
        with serving(home) as speaker:
            on_step(f"seed {seed}: asking before anything is told")
            before = _ask_once(speaker, told)
            control = _control(speaker, told[:CONTROLLED])
        bits_before = bits_after = bits_per_byte(home) if rounds else math.nan
        lessons: list[str] = []
        learning_s = learning_cpu_s = slowest = 0.0
        for number, part in enumerate(parts, start=1):
            on_step(f"seed {seed}: round {number}, telling {len(part)} facts")
            with serving(home) as speaker:
                tell(speaker, part, chance)
                if number == len(parts):
                    on_step(f"seed {seed}: asking the memory")
                    memory = _ask(speaker, told, anyway=False)
                    slowest = speaker.slowest_s
            if not rounds:
                break
            on_step(f"seed {seed}: round {number}, learning")
            began, cpu = time.monotonic(), cpu_of_children()
            lessons += json.loads(l2c("learn", home))["lessons"]
            learning_s += time.monotonic() - began
            learning_cpu_s += cpu_of_children() - cpu
        both = weights = NOTHING
        older, swap = Share(0, 0), NO_SWAP
        if rounds:
            with serving(home) as speaker:
                on_step(f"seed {seed}: asking after the learning")
                both = _ask(speaker, told, anyway=False)
                live = speaker.live_checkpoint(home)
            with serving(empty, L2C_STARTER=str(live)) as speaker:
                on_step(f"seed {seed}: asking the checkpoint alone")
                weights = _ask(speaker, told, anyway=True)
                older = _ask_once(speaker, parts[0]).taught if rounds > 1 else older
                others = _ask_once(speaker, exchanged).taught
            if exchanged:
                on_step(f"seed {seed}: a second world, with exchanged answers")
                swap = _second_world(told, exchanged, chance)
                swap = Swap(weights.taught + swap.own, others + swap.others)
            bits_after = bits_per_byte(home)
    return World(
        seed, before, weights, memory, both, older, control, bits_before, bits_after,
        learning_s, learning_cpu_s, lessons, slowest, swap,
    )  # fmt: skip


def swapped(told: Sequence[Told]) -> list[Told]:
    """The same facts, each with the answer of another of its kind in place of its own.

    Left out are corrected ones, those whose answer does not stand in what is told, and one that
    is alone of its kind.
    """
    found: list[Told] = []
    plain = [one for one in told if one.answer in one.statement and not one.correction]
    for kind in sorted({kind_of(one.answer) for one in plain}):
        alike = [one for one in plain if kind_of(one.answer) == kind]
        for one, other in zip(alike, [*alike[1:], alike[0]], strict=True):
            statement = one.statement.replace(one.answer, other.answer)
            if other.answer != one.answer:
                found.append(replace(one, statement=statement, answer=other.answer))
    return found


def _second_world(told: Sequence[Told], exchanged: Sequence[Told], chance: Chance) -> Swap:
    """What a world recalls that was told the exchanged facts, and of those of the first one."""
    with tempfile.TemporaryDirectory(prefix="l2c-recall-") as folder:
        home, empty = Path(folder) / "home", Path(folder) / "empty"
        with serving(home) as speaker:
            tell(speaker, exchanged, chance)
        l2c("learn", home)
        with serving(home) as speaker:
            live = speaker.live_checkpoint(home)
        with serving(empty, L2C_STARTER=str(live)) as speaker:
            own = _ask_once(speaker, exchanged).taught
            return Swap(own, _ask_once(speaker, told).taught)


def tell(speaker: Speaker, told: Sequence[Told], chance: Chance) -> None:
    """Facts in conversations of ten, among talk that tells nothing; corrections follow at once."""
    talk = chance.shuffled(other_talk())
    for start in range(0, len(told), IN_ONE_CONVERSATION):
        conversation = speaker.begin()
        for number, one in enumerate(told[start : start + IN_ONE_CONVERSATION]):
            speaker.say(conversation, one.statement)
            if one.correction:
                speaker.say(conversation, one.correction)
            if number % 3 == 2:
                speaker.say(conversation, talk[(start + number) % len(talk)])


def _ask_once(speaker: Speaker, told: Sequence[Told]) -> Column:
    """Every question as it will be taught, of a model that was told nothing."""
    asked = [(one, speaker.ask(one.question, anyway=True)) for one in told]
    return replace(NOTHING, taught=_right(asked, [one.answer for one in told]))


def _ask(speaker: Speaker, told: Sequence[Told], *, anyway: bool) -> Column:
    """Every question, every paraphrase and what nobody told, each in a new conversation."""
    answers = [one.answer for one in told]
    taught = [(one, speaker.ask(one.question, anyway=anyway)) for one in told]
    others = [(one, speaker.ask(text, anyway=anyway)) for one in told for text in one.paraphrases]
    never = [one.near_miss for one in told if one.near_miss] + never_told()
    honest = [is_honest(*speaker.ask(question, anyway=anyway)) for question in never]
    asked = [*taught, *others]
    return Column(
        taught=_right(taught, answers),
        paraphrased=_right(others, answers),
        honest=Share(sum(honest), len(honest)),
        refused=Share(sum(is_honest(*answer) for _, answer in asked), len(asked)),
    )


def _control(speaker: Speaker, told: Sequence[Told]) -> Share:
    """Told with learning off: how many are known all the same. It should be none."""
    conversation = speaker.begin()
    for one in told:
        speaker.say(conversation, one.statement, learn=False)
    answers = [one.answer for one in told]
    return _right([(one, speaker.ask(one.question)) for one in told], answers)


def _right(asked: Sequence[tuple[Told, tuple[str, str | None]]], answers: Sequence[str]) -> Share:
    return Share(sum(counts(text, one.answer, answers) for one, (text, _) in asked), len(asked))


def _sum(shares: Any) -> Share:
    return sum(shares, Share(0, 0))


def _share(share: Share) -> dict[str, Any]:
    low, high = share.interval
    if not share.of:
        return {"value": None, "low": None, "high": None, "right": 0, "of": 0}
    return {
        "value": round(share.value, 4),
        "low": round(low, 4),
        "high": round(high, 4),
        "right": share.right,
        "of": share.of,
    }


def _value(share: Share) -> float | None:
    return round(share.value, 4) if share.of else None


def bits_per_byte(home: Path) -> float:
    """Bits per byte of held-out conversations that no lesson trains on."""
    return float(json.loads(l2c("eval", home))["bits_per_byte"])


def cpu_of_children() -> float:
    """Processor seconds of all processes that were started here and have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
