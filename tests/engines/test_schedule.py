"""The learning rate over a run."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from l2c.engines.schedule import warmup_stable_decay
from l2c.errors import InvalidInput

shares = st.floats(0, 0.5)


@given(total=st.integers(1, 300), warmup=shares, decay=shares)
def test_it_rises_stays_and_falls_and_is_never_zero(
    total: int, warmup: float, decay: float
) -> None:
    rates = [warmup_stable_decay(step, total, warmup=warmup, decay=decay) for step in range(total)]
    assert all(0 < rate <= 1 for rate in rates)
    peak = rates.index(max(rates))
    assert rates[:peak] == sorted(rates[:peak])
    assert rates[peak:] == sorted(rates[peak:], reverse=True)


def test_without_warm_up_and_decay_the_rate_stays() -> None:
    assert {warmup_stable_decay(step, 9, warmup=0, decay=0) for step in range(9)} == {1.0}


@pytest.mark.parametrize(
    ("step", "warmup", "decay"), [(-1, 0.1, 0.1), (10, 0.1, 0.1), (0, -0.1, 0), (0, 0.6, 0.6)]
)
def test_a_step_outside_the_run_or_impossible_parts_are_refused(
    step: int, warmup: float, decay: float
) -> None:
    with pytest.raises(InvalidInput):
        warmup_stable_decay(step, 10, warmup=warmup, decay=decay)
