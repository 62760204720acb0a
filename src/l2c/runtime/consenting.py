"""What a user lets the learner have, when it may work and what it has to keep to, as the page and
commands show it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace

from l2c.errors import InvalidInput
from l2c.learning.curriculum import Curriculum
from l2c.learning.gate import SAFE, Thresholds
from l2c.learning.hours import clock
from l2c.learning.learner import next_exchanges, rests, source_of
from l2c.learning.ledger import earlier_sources
from l2c.store.consent import Hours, HoursChange, Redacted, Threshold
from l2c.store.learning import Learning
from l2c.store.models import Models
from l2c.store.schema.accounts import Speaker
from l2c.store.speakers import Speakers
from l2c.text.redaction import redact

__all__ = [
    "Asked",
    "Consenting",
    "Hours",
    "HoursChange",
    "Redacted",
    "Rules",
    "Threshold",
    "clock",
]


@dataclass(frozen=True, slots=True)
class Rules:
    """What is taken out of text before it teaches, and when the learner rests.

    `resting` says why it rests now, and is None when it may work.
    """

    redaction: dict[str, bool]
    quiet_from: int | None
    quiet_until: int | None
    only_when_idle: bool
    on_battery: bool
    resting: str | None


@dataclass(frozen=True, slots=True)
class Asked:
    """A threshold of the gate in percent: as it is, as the settings have it, and its safe range."""

    percent: float
    usual: float
    least: float
    most: float


class Consenting:
    """The rules of one user's learner."""

    def __init__(
        self, learning: Learning, models: Models, speakers: Speakers, *, usual: Thresholds
    ) -> None:
        """`usual` are the thresholds of a user who has set none."""
        self._usual = usual
        self._learning = learning
        self._models = models
        self._speakers = speakers

    def rules(self) -> Rules:
        """The rules as they are."""
        consent = self._learning.consent
        applied, hours = consent.redacted(), consent.hours()
        return Rules(
            redaction={kind.value: kind in applied for kind in Redacted},
            quiet_from=hours.quiet_from,
            quiet_until=hours.quiet_until,
            only_when_idle=hours.only_when_idle,
            on_battery=hours.on_battery,
            resting=rests(self._learning),
        )

    def change(self, *, redaction: dict[Redacted, bool], hours: HoursChange) -> Rules:
        """Change what is given, leave the rest. Raises `InvalidInput`."""
        consent = self._learning.consent
        if hours:
            consent.change_hours(**hours)
        for kind, applied in redaction.items():
            consent.redact(kind, applied)
        return self.rules()

    def thresholds(self) -> Thresholds:
        """What the next verdict will ask for."""
        return replace(self._usual, **self._learning.consent.thresholds())

    def asked(self) -> dict[str, Asked]:
        """Every threshold by its name, in the order in which a verdict looks at them."""
        now, usual = asdict(self.thresholds()), asdict(self._usual)
        return {
            name: Asked(_percent(now[name]), _percent(usual[name]), _percent(low), _percent(high))
            for name, (low, high) in SAFE.items()
        }

    def ask(self, changes: Mapping[Threshold, float | None]) -> dict[str, Asked]:
        """Set thresholds, in percent; None is back to the usual one. Those left out stay.

        Raises `InvalidInput` outside of the safe range.
        """
        for name, percent in changes.items():
            low, high = SAFE[name]
            if percent is not None and not low <= percent / 100 <= high:
                raise InvalidInput(
                    f"`{name}` is from {_percent(low):g} to {_percent(high):g} %; found "
                    f"{percent:g}."
                )
        self._learning.consent.set_thresholds(
            {name: None if one is None else one / 100 for name, one in changes.items()}
        )
        return self.asked()

    def redact(self, text: str) -> str:
        """What a lesson would read of this text."""
        return redact(text, self._learning.consent.redacted())

    def waiting(self, model: str) -> list[str]:
        """Exactly what the next lesson would teach, a text for each exchange that waits."""
        redacted, rules = self._learning.consent.redacted(), self._speakers.rules()
        own_words = rules[Speaker.ASSISTANT].training
        sources = tuple(
            source_of(exchange, redacted, own_words=own_words)
            for exchange in next_exchanges(self._learning, model)
        )
        chain = self._learning.ledger(model, self._models.live(model)) if sources else []
        return Curriculum(sources, earlier_sources(chain)).texts()


def _percent(fraction: float) -> float:
    return round(100 * fraction, 6)
