"""The learning rate over a run: warm up, stay, decay to zero.

A plain function of the step, so that a run can be resumed, replayed and rebuilt: nothing about
the schedule has to be stored. The long flat middle lets a run be extended without a restart
(Hu et al. 2024, "MiniCPM", arXiv 2404.06395).
"""

from __future__ import annotations

from l2c.errors import InvalidInput


def warmup_stable_decay(
    step: int, total_steps: int, *, warmup: float = 0.02, decay: float = 0.3
) -> float:
    """The factor in (0, 1] for step `step` (the first is 0) of `total_steps`.

    It rises linearly over the first `warmup` of the run, stays 1, and falls linearly over the last
    `decay` of it, so that the step after the last would be 0. Raises `InvalidInput` for a step
    outside the run or parts that are negative or exceed the whole together.

    >>> [warmup_stable_decay(step, 10, warmup=0.2, decay=0.5) for step in (0, 1, 4, 5, 9)]
    [0.5, 1.0, 1.0, 1.0, 0.2]
    """
    if not 0 <= step < total_steps:
        raise InvalidInput(f"`step` must be in [0, {total_steps}); found {step}.")
    if not (warmup >= 0 and decay >= 0 and warmup + decay <= 1):
        raise InvalidInput(
            f"`warmup` and `decay` must be shares of the run; found {warmup} and {decay}."
        )
    rising = (step + 1) / (warmup * total_steps) if warmup > 0 else 1.0
    falling = (total_steps - step) / (decay * total_steps) if decay > 0 else 1.0
    return min(rising, 1.0, falling)
