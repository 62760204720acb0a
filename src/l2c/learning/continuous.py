"""`ContinuousTrainer`: the application's learner in a thread of your own program.

    trainer = ContinuousTrainer("my-model")
    trainer.add_conversation("What is my cat called?", "Your cat is called Pim.")
    trainer.stats()
    trainer.close()

It is the learner itself (`l2c.learning.learner`) over a data directory: the same store, lessons,
gate and checkpoints. Only the process is yours, so it runs at your program's priority.
"""

from __future__ import annotations

import shutil
import tempfile
import threading
import time
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from l2c import machine
from l2c.conversation import TurnStatus
from l2c.errors import InvalidInput
from l2c.learning import first_model, report
from l2c.learning.examples import Source
from l2c.learning.learner import Learner, Limits
from l2c.learning.resume import ResumePoint
from l2c.learning.unlearning import Attic
from l2c.store.accounts import Accounts
from l2c.store.conversations import Conversations
from l2c.store.copies import Copies
from l2c.store.database import Database
from l2c.store.forgetting import Forgetting
from l2c.store.learning import Learning
from l2c.store.models import Models
from l2c.store.speakers import Speakers


class ContinuousTrainer:
    """Learns from conversations in the background while your program goes on.

    `directory` keeps everything and can be opened again; without one a temporary directory is
    used. `practice_tokens` a day are spent on old text when nothing waits. Raises `Busy` when
    another process learns in the same directory.
    """

    def __init__(
        self,
        directory: str | Path | None = None,
        *,
        practice_tokens: int = 0,
        autosave_s: float = 300.0,
    ) -> None:
        self.directory = Path(tempfile.mkdtemp() if directory is None else directory)
        """Where everything is kept."""
        self._temporary = directory is None
        self._stop = threading.Event()
        self._database = Database.open(self.directory)
        try:
            self._begin(Limits(practice_tokens, autosave_s))
        except BaseException:
            self._database.close()
            raise

    def _begin(self, limits: Limits) -> None:
        home = self.directory
        user = Accounts(self._database).local()
        self._conversations = Conversations(self._database, user)
        self._models = Models(self._database, user)
        self._learning = Learning(self._database, user)
        self._folder = first_model.open_folder(home / "checkpoints")
        first_model.ensure(self._models, self._folder)
        self._learner = Learner(
            first_model.NAME,
            models=self._models,
            learning=self._learning,
            speakers=Speakers(self._database, user),
            folder=self._folder,
            resume=ResumePoint(home / "learner" / "resume"),
            stop=self._stop,
            limits=limits,
            lock=machine.RoleLock(home / "learner.lock"),
            attic=Attic(Forgetting(self._database, user), Copies(self._database), home),
        )
        self._conversation = self._conversations.create(model=first_model.NAME).id
        self._thread = threading.Thread(target=self._learner.run, name="learner", daemon=True)
        self._thread.start()

    def add_conversation(self, user: str, ai: str) -> None:
        """Give an exchange to learn from, both sides of it; returns at once.

        It is durable when this returns. Raises `InvalidInput` when a side is empty.
        """
        if not user.strip() or not ai.strip():
            raise InvalidInput("Both sides of a conversation must have text.")
        begun = self._conversations.begin_exchange(self._conversation, user, model=first_model.NAME)
        self._conversations.finish(begun.answer.id, status=TurnStatus.COMPLETE, text=ai)

    def generate(
        self, seed_text: str = "Hello", length: int = 100, temperature: float = 0.8, seed: int = 0
    ) -> str:
        """`seed_text` and what the live model writes after it."""
        live = self._folder.load(self._models.live(first_model.NAME))
        return live.complete(seed_text, length=length, temperature=temperature, seed=seed)

    def stats(self) -> dict[str, Any]:
        """What is being learned and what was, as plain types; the figures of `GET /stats`."""
        row = self._models.get(first_model.NAME)
        live = self._folder.load(row.live)
        view = report.view(self._learning, row, live, learner_is_alive=self._thread.is_alive())
        return asdict(view)

    def sources(self, lesson: int) -> list[str]:
        """The exact text a lesson taught. Raises `NotFound` for a number that is none."""
        rows = self._learning.sources(first_model.NAME, lesson)
        return [
            Source(row.user_text, row.answer_text, row.answer_teaches).text
            for row in rows
            if row.user_text is not None and row.answer_text is not None
        ]

    def wait_until_idle(self, timeout_s: float = 60.0) -> bool:
        """Wait until nothing waits to be learned; false when that took longer."""
        deadline = time.monotonic() + timeout_s
        while time.monotonic() < deadline:
            if not self._learning.queue_size(first_model.NAME):
                return True
            self._stop.wait(0.05)
        return False

    def close(self) -> None:
        """Stop learning, keep a resume point of a lesson in progress, close the store."""
        self._stop.set()
        self._thread.join()
        self._learner.close()
        self._database.close()
        if self._temporary:
            shutil.rmtree(self.directory)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
