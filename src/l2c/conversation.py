"""What is said: roles, turns and conversations, as plain values.

Every room may import this module; it imports nothing. Rows of the store, messages of the
API and lines of a training file all become these values before anything reasons about them.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """Who speaks. The string is what the store and the API write."""

    SYSTEM = "system"
    USER = "user"
    ASSISTANT = "assistant"


class Origin(StrEnum):
    """How an answer was made."""

    GENERATED = "generated"
    PRACTISED = "practised"
    COMPUTED = "computed"
    REMEMBERED = "remembered"
    QUOTED = "quoted"
    DECLINED = "declined"


class TurnStatus(StrEnum):
    """Where a turn stands. Only `STREAMING` can still change its text."""

    STREAMING = "streaming"
    COMPLETE = "complete"
    STOPPED = "stopped"
    INTERRUPTED = "interrupted"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Message:
    """One thing said: who and what. The unit templates, windows and examples are made of."""

    role: Role
    text: str


@dataclass(frozen=True, slots=True)
class Exchange:
    """A user's turn and the answer to it, with the messages that stood before them.

    `history` runs oldest first and does not contain the exchange itself.
    """

    user: str
    answer: str
    history: tuple[Message, ...] = ()
