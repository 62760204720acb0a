"""A small model that has practised the corpus for a moment, and a store that holds it."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

import pytest

from l2c import corpus, machine
from l2c.conversation import Origin, TurnStatus
from l2c.engines.checkpoint_folder import CheckpointFolder
from l2c.engines.model import LanguageModel
from l2c.learning import gate, lesson
from l2c.learning.examples import evenly
from l2c.learning.gate import Thresholds
from l2c.learning.learner import Learner, Limits
from l2c.learning.replay import batches
from l2c.learning.resume import ResumePoint
from l2c.learning.trainer import train
from l2c.learning.unlearning import Attic
from l2c.store import dreams
from l2c.store.accounts import Accounts
from l2c.store.conversations import Conversations
from l2c.store.copies import Copies
from l2c.store.database import Database
from l2c.store.forgetting import Forgettable, Forgetting, ForgettingRow
from l2c.store.learning import Learning
from l2c.store.models import Models
from l2c.store.speakers import Speakers
from l2c.text.characters import CharacterTokenizer
from tests.postgresql import open_store

ALPHABET = "".join(map(chr, range(32, 127)))
CONFIG = {"hidden_size": 32, "learning_rate": 8e-3}
STEPS = 600


@cache
def practised() -> LanguageModel:
    """The model every test of learning begins with; nobody may train it, only copies of it."""
    model = LanguageModel.create("lstm", CONFIG, CharacterTokenizer(ALPHABET), seed=0)
    examples = [evenly(c, model.tokenizer) for c in corpus.training(0, 400)]
    rows = batches([examples] * 16, steps=STEPS, sequence=48, seed=0)
    for _ in train(model.engine, rows, STEPS):
        pass
    return model


@cache
def practised_mixture() -> LanguageModel:
    """A network and counts that have read the same; nobody may train it, only copies of it."""
    config = {"members": [{"family": "lstm", "config": CONFIG}, {"family": "ngram"}]}
    model = LanguageModel.create("mixture", config, CharacterTokenizer(ALPHABET), seed=0)
    examples = [evenly(c, model.tokenizer) for c in corpus.training(0, 400)]
    for example in examples:
        model.engine.remember(example.batch)
    rows = batches([examples] * 16, steps=STEPS, sequence=48, seed=0)
    for _ in train(model.engine, rows, STEPS):
        pass
    return model


@dataclass
class School:
    """A store with `le` in it, and shortcuts to tell it things and let it learn."""

    home: Path
    database: Database
    conversations: Conversations
    models: Models
    learning: Learning
    folder: CheckpointFolder
    stop: threading.Event

    @classmethod
    def open(
        cls, home: Path, model: LanguageModel | None = None, *, url: str | None = None
    ) -> "School":
        model = model or practised()
        database = open_store(home, url)
        user = Accounts(database).local()
        school = cls(
            home,
            database,
            Conversations(database, user),
            Models(database, user),
            Learning(database, user),
            CheckpointFolder(home / "checkpoints"),
            threading.Event(),
        )
        digest, size = school.folder.save(model)
        school.models.ensure(
            "le", engine=model.engine.family, starter=digest, size_bytes=size, summary={}
        )
        return school

    def tell(self, *texts: str, learn: bool = True) -> list[str]:
        """Exchanges of a new conversation, each answered by le; the user turns' ids."""
        conversation = self.conversations.create(model="le").id
        turns = []
        for text in texts:
            begun = self.conversations.begin_exchange(conversation, text, model="le", learn=learn)
            self.conversations.finish(
                begun.answer.id,
                status=TurnStatus.COMPLETE,
                text="Good to know.",
                origin=Origin.GENERATED,
                checkpoint=self.models.live("le"),
            )
            turns.append(begun.user.id)
        return turns

    def learner(
        self,
        *,
        practice_tokens: int = 0,
        autosave_s: float = 300.0,
        thresholds: Thresholds = gate.USUAL,
        checkpoint_bytes: int = 1 << 30,
        night_exchanges: int = 1_000,
    ) -> Learner:
        limits = Limits(
            practice_tokens,
            autosave_s,
            checkpoint_bytes,
            thresholds=thresholds,
            night_exchanges=night_exchanges,
        )
        return Learner(
            "le",
            models=self.models,
            learning=self.learning,
            speakers=self.speakers,
            folder=self.folder,
            resume=ResumePoint(self.home / "learner" / "resume"),
            stop=self.stop,
            limits=limits,
            lock=machine.RoleLock(self.home / "learner.lock"),
            attic=self.attic,
        )

    @property
    def attic(self) -> Attic:
        user = Accounts(self.database).local()
        copies = Copies(self.database, beside=[partial(_forget_dreams, self.database)])
        return Attic(Forgetting(self.database, user), copies, self.home)

    def forget(self, kind: Forgettable, target: str) -> ForgettingRow:
        """Ask for it, erase it, and let the learner do the rest."""
        attic = self.attic
        begun = attic.forgetting.begin(kind, target, has=self.folder.has)
        attic.forgetting.erase(begun.id, attic.copies)
        self.learn()
        return attic.forgetting.get(begun.id)

    @property
    def speakers(self) -> Speakers:
        return Speakers(self.database, Accounts(self.database).local())

    def learn(self) -> list[str]:
        """Let a learner learn everything that waits; the verdicts."""
        learner = self.learner()
        try:
            return learner.run_until_idle()
        finally:
            learner.close()

    def live(self) -> str:
        return self.models.live("le")

    def close(self) -> None:
        self.database.close()


def shorten_lessons(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lessons of a few steps, for tests of what becomes of them and not of what they teach."""
    for limit, steps in (("FEWEST_STEPS", 2), ("MOST_STEPS", 4), ("PRACTICE_STEPS", 3)):
        monkeypatch.setattr(lesson, limit, steps)
    monkeypatch.setattr(lesson, "FEWEST_FACT_STEPS", 2)
    monkeypatch.setattr(lesson, "MOST_FACT_STEPS", 4)
    monkeypatch.setattr(lesson, "REPLAYED_CONVERSATIONS", 20)
    monkeypatch.setattr(gate, "SEALED_DOCUMENTS", 2)


def _forget_dreams(database: Database, conversations: Sequence[str], turns: Sequence[str]) -> None:
    dreams.erase(database, dreams.of_taught(database, conversations, turns))
