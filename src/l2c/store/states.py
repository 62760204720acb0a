"""The states that exchanges and lessons go through, as the tables spell them."""

from __future__ import annotations

from enum import StrEnum


class ExchangeState(StrEnum):
    """Where an exchange stands on its way into a model."""

    PENDING = "pending"
    LEARNED = "learned"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class LessonKind(StrEnum):
    """What a lesson was made of: the user's exchanges, or replay only."""

    EXCHANGES = "exchanges"
    PRACTICE = "practice"


class LessonState(StrEnum):
    """Where a lesson stands; only `TRAINING` can change."""

    TRAINING = "training"
    KEPT = "kept"
    REFUSED = "refused"
    FAILED = "failed"
