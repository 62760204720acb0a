"""The learner's CPU budget: it rests between steps, and never changes what a step computes.

A share of 0.25 means that of four seconds one is spent computing. The rest follows each piece of
work in proportion, in slices short enough to notice that the learner should stop.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

SLICE_S = 0.2
"""The longest rest without looking whether to stop."""


class Pace:
    """Rests so that at most `share` of one core is used, measured in CPU seconds of this thread."""

    def __init__(
        self,
        stop: threading.Event,
        *,
        share: float = 1.0,
        cpu_clock: Callable[[], float] = time.thread_time,
    ) -> None:
        self.share = share
        """At most this much of one core, in (0, 1]; may be changed at any time."""
        self._stop = stop
        self._cpu_clock = cpu_clock
        self._worked_until = cpu_clock()
        self._owed_s = 0.0

    @property
    def stopping(self) -> bool:
        """Whether whoever keeps to it should come to an end."""
        return self._stop.is_set()

    def rest(self) -> None:
        """Rest as long as the work since the last call asks for; returns early when stopping."""
        now = self._cpu_clock()
        self._owed_s += (now - self._worked_until) * (1 / self.share - 1)
        while self._owed_s > 0 and not self._stop.is_set():
            slice_s = min(self._owed_s, SLICE_S)
            self._stop.wait(slice_s)
            self._owed_s -= slice_s
        self._worked_until = self._cpu_clock()
