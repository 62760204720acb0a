"""Short ways to say things in tests: open a store, talk, take a lesson."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from l2c.conversation import Origin, TurnStatus
from l2c.store.accounts import Accounts
from l2c.store.conversations import Conversations
from l2c.store.database import Database
from l2c.store.learning import Learning, PendingExchange
from l2c.store.lease import Lease
from l2c.store.ledger import Figures, NewCheckpoint, NewSource
from l2c.store.lessons import LessonRow
from l2c.store.postgresql import PostgreSQL
from l2c.store.states import LessonKind
from l2c.store.turns import LearningMark, TurnRow

STARTER = "0" * 64
BALLAST_BYTES = 1 << 16


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **span: float) -> None:
        self.now += timedelta(**span)


def open_store(directory: Path, clock: Clock, *, url: str | None = None) -> Database:
    if url is not None:
        return Database.connect(url, directory, clock=clock, linger_s=0.0)
    return Database.open(directory, clock=clock, ballast_bytes=BALLAST_BYTES, linger_s=0.0)


def conversations_of(database: Database) -> Conversations:
    return Conversations(database, Accounts(database).local())


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True)
class Said:
    """A finished exchange."""

    conversation: str
    user: TurnRow
    answer: TurnRow


@dataclass(frozen=True)
class Talk:
    """Conversations in which everything is answered at once."""

    conversations: Conversations

    def say(
        self,
        text: str,
        answer: str = "I see.",
        *,
        conversation: str | None = None,
        learn: bool = True,
        status: TurnStatus = TurnStatus.COMPLETE,
    ) -> Said:
        if conversation is None:
            conversation = self.conversations.create(model="le").id
        begun = self.conversations.begin_exchange(conversation, text, model="le", learn=learn)
        self.conversations.finish(
            begun.answer.id, status=status, text=answer, origin=Origin.GENERATED, checkpoint=STARTER
        )
        return Said(
            conversation,
            self.conversations.turn(begun.user.id),
            self.conversations.turn(begun.answer.id),
        )


def source_of(exchange: PendingExchange) -> NewSource:
    return NewSource(
        exchange_id=exchange.id,
        user_text=exchange.user_text,
        answer_text=exchange.answer_text,
        answer_teaches=False,
        sha256=digest(exchange.user_text + exchange.answer_text),
    )


def begin_lesson(learning: Learning, lease: Lease, *, parent: str = STARTER) -> int:
    """A lesson over everything that waits."""
    return lease.start_lesson(
        kind=LessonKind.EXCHANGES,
        parent=parent,
        recipe_version=1,
        sources=[source_of(exchange) for exchange in learning.pending("le", limit=100)],
    )


def keep(
    lease: Lease, number: int, made: str, *, metrics: Mapping[str, Any] | None = None
) -> LessonRow:
    return lease.keep_lesson(
        number,
        NewCheckpoint(digest(made), size_bytes=20),
        verdict="Kept.",
        figures=Figures(steps=10, bits_before=2.0, bits_after=1.5),
        metrics=metrics,
    )


def waiting(learning: Learning) -> list[str]:
    return [exchange.user_text for exchange in learning.pending("le", limit=100)]


def mark(conversations: Conversations, said: Said) -> tuple[LearningMark, int | None]:
    turn = conversations.turn(said.user.id)
    return turn.learning, turn.lesson


def as_kept(text: str, database: Database) -> str:
    """The text as it comes back: NUL is U+FFFD where PostgreSQL keeps it."""
    return text.replace("\0", "\ufffd") if isinstance(database.dialect, PostgreSQL) else text
