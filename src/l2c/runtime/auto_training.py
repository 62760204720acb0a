"""`l2c train --auto`, put together: what is there, what is known, and who learns it.

The store's ledger of texts is the truth. `log/train_log.json` says the same for people and other
programs; it is written anew, whole, whenever the two differ, so that they always agree.
"""

from __future__ import annotations

import json
import math
import threading
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from l2c import machine, starter
from l2c.engines.model import LanguageModel
from l2c.errors import CheckpointError, InvalidInput, L2CError
from l2c.learning import auto_training, first_model
from l2c.learning.auto_training import Plan, Trained
from l2c.learning.material import LeftOut, Talk, Text, talks, texts
from l2c.learning.teacher import OnProgress
from l2c.learning.text_school import NAME
from l2c.runtime import Runtime
from l2c.runtime.house import LOGS
from l2c.store.material import Material
from l2c.store.models import HEARS_CORE_PROMPT, TALKS, ModelRow
from l2c.text.characters import CharacterTokenizer

DATASETS = Path("datasets")
LOG = Path("log", "train_log.json")
NOTES = "notes"
"""The model that learns what is new, when no other is named: it begins as the starter."""


@dataclass(frozen=True, slots=True)
class Check:
    """What there is to learn for a model, and what was left out and why.

    `known` counts texts and exchanges it has read; `for_the_learner` counts exchanges of
    conversations in the store, which the learner of lessons asks for.
    """

    model: str
    new: list[dict[str, str | int]]
    known: int
    for_the_learner: int
    left_out: list[LeftOut]


@dataclass(frozen=True, slots=True)
class AutoOutcome:
    """What a run came to. `checkpoint` is empty when nothing was trained, or not to its end."""

    check: Check
    finished: bool
    step: int
    steps: int
    loss: float | None
    dataset: str
    checkpoint: str
    general_before: float | None
    general_after: float | None


class AutoTraining:
    """Trains one model of a user on what is new in the data directory."""

    def __init__(self, runtime: Runtime, *, model: str | None = None) -> None:
        """Raises `InvalidInput` for a name that is none."""
        self._runtime = runtime
        self._name = model or NOTES
        if not NAME.fullmatch(self._name):
            raise InvalidInput(f"{self._name!r} is no name for a model.")
        self._material = Material(runtime.house.database, runtime.user_id)
        self._datasets = runtime.house.own_folder(DATASETS, runtime.user_id)
        self._logs = runtime.house.own_folder(LOGS, runtime.user_id)
        self._core_prompt = runtime.house.core_prompt

    def check(self) -> Check:
        """What is new, without learning it."""
        self._datasets.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._agree()
        return self._look(anew=False)[0]

    def train(
        self,
        *,
        engine: str | None,
        minutes: float,
        seed: int,
        anew: bool,
        stop: threading.Event,
        on_progress: OnProgress,
    ) -> AutoOutcome:
        """Learn what is new; nothing when nothing is.

        With `anew` the model begins again and reads everything that is there now, which forgets
        what is not there any more. Raises `Busy` while another process trains so.
        """
        self._datasets.mkdir(mode=0o700, parents=True, exist_ok=True)
        with machine.RoleLock(self._datasets.parent / "train.lock"):
            self._agree()
            check, material = self._look(anew=anew)
            if not material:
                return AutoOutcome(check, True, 0, 0, None, "", "", None, None)
            plan = self._plan(material, engine=engine, seed=seed, anew=anew)
            done = auto_training.run(
                plan,
                folder=self._datasets,
                resume_folder=self._runtime.data_dir / "learner",
                seconds=60 * minutes,
                autosave_s=self._runtime.settings.autosave_s,
                stop=stop,
                on_progress=on_progress,
            )
            checkpoint = self._publish(plan, done, anew=anew) if done.finished else ""
            self._agree()
            loss = None if math.isnan(done.loss) else done.loss
            bits = done.general_before, done.general_after
            return AutoOutcome(
                check, done.finished, done.step, done.steps, loss, done.dataset, checkpoint, *bits
            )

    def _look(self, *, anew: bool) -> tuple[Check, list[Text | Talk]]:
        """What there is: the report, and the material that is new."""
        read = set() if anew else {row.sha256 for row in self._material.read_by(self._name)}
        taught, stored = self._material.lessons_know(), self._material.conversations()
        new: dict[str, Text | Talk] = {}
        known, waiting, left_out = 0, 0, []
        for one in self._everything():
            if isinstance(one, LeftOut):
                left_out.append(one)
            elif isinstance(one, tuple):
                if one[0] in stored:
                    waiting += len(one[1])
                    continue
                for talk in one[1]:
                    if talk.sha256 in read or talk.sha256 in taught:
                        known += 1
                    else:
                        new.setdefault(talk.sha256, talk)
            elif one.sha256 in read:
                known += 1
            else:
                new.setdefault(one.sha256, one)
        described: list[dict[str, str | int]] = [
            {"name": one.name, "sha256": one.sha256, "characters": _length(one)}
            for one in new.values()
        ]
        return Check(self._name, described, known, waiting, left_out), list(new.values())

    def _everything(self) -> Iterable[Text | LeftOut | tuple[str, list[Talk]]]:
        yield from texts(self._datasets)
        yield from talks(self._logs)

    def _plan(
        self, material: list[Text | Talk], *, engine: str | None, seed: int, anew: bool
    ) -> Plan:
        row = self._row()
        if row is not None and not anew:
            if engine is not None:
                raise InvalidInput(f"There is a model {self._name!r} already; leave --engine out.")
            base, came_from, trained = self._runtime.folder.load(row.live), row.live, True
            talking = row.talks
        elif engine is not None and engine not in first_model.OTHERS:
            base = LanguageModel.create(engine, {}, CharacterTokenizer(), seed=seed)
            came_from, trained, talking = "", False, False
        else:
            usual = self._runtime.house.starter_file
            first = starter.digest(usual if engine is None else first_model.OTHERS[engine])
            if first is None:
                raise CheckpointError("The starter checkpoint is missing; give another --engine.")
            base, came_from, trained = self._runtime.folder.load(first), first, True
            talking = True
        auto_training.see_that_it_practises(base)
        earlier = [] if anew else self._earlier()
        dreams = self._runtime.dreaming.kept(self._name) if self._wants_dreams(row) else []
        return Plan(
            self._name,
            base,
            came_from,
            material,
            earlier,
            [row.messages for row in dreams],
            talks=talking,
            core_prompt=self._core_prompt.read() if talking else "",
            untrained=not trained,
        )

    def _wants_dreams(self, row: ModelRow | None) -> bool:
        return row is not None and self._runtime.settings.dream_replay

    def _row(self) -> ModelRow | None:
        rows = self._runtime.models.list()
        return next((row for row in rows if row.name == self._name), None)

    def _earlier(self) -> list[Path]:
        names = dict.fromkeys(row.dataset for row in self._material.read_by(self._name))
        return [path for name in names if (path := self._datasets / name).is_file()]

    def _publish(self, plan: Plan, done: Trained, *, anew: bool) -> str:
        """Make the result live and write down what it read, at once. Raises `L2CError`."""
        if math.isnan(done.loss):
            raise L2CError("The training came to no numbers; nothing was changed.")
        old = [self._datasets / row.dataset for row in self._material.read_by(self._name)]
        with self._runtime.folder.adding():
            digest, size = self._runtime.folder.save(done.model)
            rows = [
                {
                    "sha256": one.sha256,
                    "name": one.name,
                    "characters": _length(one),
                    "tokens": tokens,
                    "dataset": done.dataset,
                    "checkpoint": digest,
                }
                for one, tokens in zip(plan.material, done.tokens, strict=True)
            ]
            self._runtime.models.begin_from(
                self._name,
                engine=done.model.engine.family,
                checkpoint=digest,
                size_bytes=size,
                came_from=plan.came_from or None,
                summary={TALKS: plan.talks, HEARS_CORE_PROMPT: plan.talks},
                also=self._material.adding(rows, model=self._name, anew=anew),
            )
        for path in set(old) - {self._datasets / done.dataset} if anew else ():
            path.unlink(missing_ok=True)
        return digest

    def _agree(self) -> None:
        """Have the log say what the store's ledger says."""
        path = self._runtime.house.own_folder(LOG.parent, self._runtime.user_id) / LOG.name
        rows = [asdict(row) for row in self._material.read_by()]
        whole = {"format": "l2c-train-log", "version": 1, "read": rows}
        content = (json.dumps(whole, ensure_ascii=False, indent=1) + "\n").encode()
        if not path.is_file() or path.read_bytes() != content:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            machine.write_durably(path, content)


def _length(one: Text | Talk) -> int:
    return len(one.text) if isinstance(one, Text) else len(one.source.user)
