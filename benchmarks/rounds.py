"""Five hundred facts over ten rounds: what is recalled, what is forgotten, and what it costs.

    python -m benchmarks.rounds
    python -m benchmarks.rounds --rounds 2 --facts 20 --sample 5 --out /tmp/dry    (a look at it)

The invented facts (`benchmarks.invented`) are told fifty at a time as RECALL tells them: through
the API, in conversations of ten, among other talk. After each round the learner runs until nothing
waits, and the checkpoint alone, as the starter of an empty data directory, is asked greedily with
neither memory nor router (the *weights* column of `l2c recall`):

- *newest*: the facts of this round, as taught;
- *first*: those of the first round, as taught: what further lessons leave of them;
- *all*: a sample of everything told so far, as taught, and *in other words* by one paraphrase;
- *never told*: a sample of near misses and of questions nobody told the answer of, not even one of
  these five hundred facts.

After the last round the sample is asked of both memories, too, as a user asks. Held-out bits per
byte are those of `l2c eval`. Figures go to `results/rounds.json` after each round, the curve to
`results/rounds.svg`. One order of telling, which `--seed` decides.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks import record
from benchmarks.invented import facts
from benchmarks.rounds_picture import drawn
from l2c.corpus.chance import Chance
from l2c.learning.lesson import RECIPE_VERSION
from l2c.learning.recall import Share, Told, counts, finder, is_honest, never_told, other_talk
from l2c.runtime import recalling
from l2c.runtime.worlds import Speaker, l2c, serving
from l2c.text.lexicon import concepts

CURVES = ("newest", "first", "all", "in_other_words", "never_told")


class Asking:
    """Which questions are asked after each round; the answers of all facts may be mixed up."""

    def __init__(self, told: Sequence[Told], sample: int, chance: Chance) -> None:
        self._answers = [one.answer for one in told]
        self._sample, self._chance = sample, chance
        asked = [one.near_miss for one in told if one.near_miss], never_told()
        never = [[text for text in some if not tells(told, text)] for some in asked]
        self._never = [text for some in never for text in chance.shuffled(some)[: sample // 2]]

    def ask(
        self,
        speaker: Speaker,
        newest: Sequence[Told],
        first: Sequence[Told],
        so_far: Sequence[Told],
    ) -> dict[str, Any]:
        """The shares of one round, from the checkpoint that this speaker asks, alone."""
        drawn_now = self._chance.shuffled(so_far)[: self._sample]
        asked_newest = self._right(speaker, newest)
        return {
            "newest": asked_newest,
            "first": asked_newest if newest == first else self._right(speaker, first),
            **self.of_sample(speaker, drawn_now, anyway=True),
        }

    def of_sample(self, speaker: Speaker, some: Sequence[Told], *, anyway: bool) -> dict[str, Any]:
        """The same of these facts, as taught and in other words, and of what nobody told."""
        honest = [is_honest(*speaker.ask(text, anyway=anyway)) for text in self._never]
        return {
            "all": self._right(speaker, some, anyway=anyway),
            "in_other_words": self._right(speaker, some, anyway=anyway, paraphrased=True),
            "never_told": share(honest),
        }

    def _right(
        self,
        speaker: Speaker,
        some: Sequence[Told],
        *,
        anyway: bool = True,
        paraphrased: bool = False,
    ) -> dict[str, Any]:
        right = []
        for one in some:
            question = self._chance.choice(one.paraphrases) if paraphrased else one.question
            answer, _ = speaker.ask(question, anyway=anyway)
            right.append(counts(answer, one.answer, self._answers))
        return share(right)


def life(told: Sequence[Told], *, rounds: int, sample: int, seed: int, out: Path) -> None:
    """Tell, learn and ask round by round; the figures are written after each."""
    chance = Chance(seed)
    ordered = chance.shuffled(told)
    size = -(-len(ordered) // rounds)
    parts = [ordered[at : at + size] for at in range(0, len(ordered), size)]
    asking = Asking(ordered, sample, Chance(seed, 1))
    found = finder(ordered, other_talk())
    figures: dict[str, Any] = {
        "recipe": RECIPE_VERSION,
        "facts": len(ordered),
        "seed": seed,
        "asked_after_each_round": f"newest, first: all; else {sample} drawn",
        "finder_recall": share_of(found.recall),
        "rounds": [],
    }
    with tempfile.TemporaryDirectory(prefix="l2c-rounds-") as folder:
        home = Path(folder) / "home"
        home.mkdir()
        figures["bits_per_byte_before"] = recalling.bits_per_byte(home)
        for number, part in enumerate(parts, start=1):
            with serving(home) as speaker:
                recalling.tell(speaker, part, chance)
            began, cpu = time.monotonic(), recalling.cpu_of_children()
            lessons = json.loads(l2c("learn", home))["lessons"]
            spent = {
                "wall_s": round(time.monotonic() - began, 1),
                "cpu_s": round(recalling.cpu_of_children() - cpu, 1),
            }
            with serving(home) as speaker:
                live = speaker.live_checkpoint(home)
            so_far = ordered[: number * size]
            with serving(Path(folder) / f"empty-{number}", L2C_STARTER=str(live)) as speaker:
                weights = asking.ask(speaker, part, parts[0], so_far)
            bits = recalling.bits_per_byte(home)
            row = {"told": len(so_far), **weights, "bits_per_byte": bits, "lessons": lessons}
            figures["rounds"].append(row | spent)
            print(json.dumps(row | spent), flush=True)
            _write(figures, out)
        with serving(home) as speaker:
            some = Chance(seed, 2).shuffled(ordered)[:sample]
            figures["both_after_all"] = asking.of_sample(speaker, some, anyway=False)
    _write(figures, out)


def tells(told: Sequence[Told], question: str) -> bool:
    """Whether one statement holds every idea of a question, which then nobody may deny.

    >>> told = [Told("My dog is called Rex.", "What is my dog called?", "Rex", ())]
    >>> tells(told, "My dog's name?"), tells(told, "My cat's name?")
    (True, False)
    """
    asked = set(concepts(question))
    return any(asked <= set(concepts(one.statement)) for one in told)


def share(right: Sequence[bool]) -> dict[str, Any]:
    """So many of so many, with the 95 % interval of Wilson."""
    return share_of(Share(sum(right), len(right)))


def share_of(one: Share) -> dict[str, Any]:
    """A share as plain values."""
    low, high = one.interval
    exact = {"value": one.value, "low": low, "high": high}
    return {name: round(value, 4) for name, value in exact.items()} | {
        "right": one.right,
        "of": one.of,
    }


def _write(figures: dict[str, Any], out: Path) -> None:
    record.write("rounds", figures, out=out / "rounds.json")
    (out / "rounds.svg").write_text(drawn(figures))


def main() -> None:
    """Live through it and write the figures."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--rounds", type=int, default=10)
    arguments.add_argument("--facts", type=int, default=500)
    arguments.add_argument("--sample", type=int, default=50)
    arguments.add_argument("--seed", type=int, default=0)
    arguments.add_argument("--out", type=Path, default=record.RESULTS)
    given = arguments.parse_args()
    told = Chance(given.seed, 3).shuffled(facts())[: given.facts]
    life(told, rounds=given.rounds, sample=given.sample, seed=given.seed, out=given.out)


if __name__ == "__main__":
    main()
