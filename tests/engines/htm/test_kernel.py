"""The Temporal Memory in C and in Python agree: in winners, anomaly, and every permanence.

Tolerance: none. Both use integers and the same random numbers in the same order.
"""

import random
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from l2c.engines.htm.kernel import KernelTemporalMemory
from l2c.engines.htm.parameters import TemporalMemoryParameters
from l2c.engines.htm.reference import TemporalMemory
from l2c.engines.htm.synapses import NO_CELL, Synapses, nothing
from l2c.kernels import binding
from tests.engines.htm.memories import every_backend, learned

needs_kernels = pytest.mark.skipif(not binding.available(), reason="the kernels are not installed")


def random_parameters(chance: random.Random) -> TemporalMemoryParameters:
    threshold = chance.randint(1, 5)
    return TemporalMemoryParameters(
        columns=chance.randint(4, 60),
        cells_per_column=chance.randint(1, 8),
        activation_threshold=threshold,
        min_threshold=chance.randint(1, threshold),
        max_new_synapse_count=chance.randint(1, 10),
        initial_permanence=chance.choice([0.21, 0.5, 0.6]),
        permanence_increment=chance.choice([0.1, 0.3]),
        permanence_decrement=chance.choice([0.0, 0.05, 0.1]),
        predicted_segment_decrement=chance.choice([0.0, 0.02, 0.1]),
        max_segments_per_cell=chance.choice([1, 2, 5, 255]),
        max_synapses_per_segment=chance.choice([3, 5, 12, 40]),
        max_segments=chance.choice([5, 40, 1000, 100_000]),
    )


@needs_kernels
@pytest.mark.parametrize("tens", range(21))
def test_the_kernel_equals_the_reference_in_ten_random_scenarios(tens: int) -> None:
    for seed in range(10 * tens, 10 * tens + 10):
        chance = random.Random(seed)
        p = random_parameters(chance)
        slow, fast = TemporalMemory(p, seed=seed), KernelTemporalMemory(p, seed=seed)
        number = chance.randint(2, 8)
        alphabet = [
            sorted(chance.sample(range(p.columns), chance.randint(0, min(p.columns, 10))))
            for _ in range(number)
        ]
        for _ in range(80):
            if chance.random() < 0.05:
                slow.reset()
                fast.reset()
            columns, learn = chance.choice(alphabet), chance.random() < 0.85
            anomaly = slow.step(columns, learn=learn)
            assert fast.step(columns, learn=learn) == pytest.approx(anomaly, abs=1e-6)
            assert fast.active_cells == slow.active_cells
            assert fast.winner_cells == slow.winner_cells
            assert fast.predictive_cells == slow.predictive_cells
        assert learned(fast) == learned(slow)


@needs_kernels
def test_what_was_learned_can_be_taken_out_and_put_back_in_the_middle_of_a_sequence() -> None:
    chance = random.Random(7)
    p = TemporalMemoryParameters(
        columns=40, cells_per_column=4, activation_threshold=4, min_threshold=3,
        max_segments=60, max_new_synapse_count=6, predicted_segment_decrement=0.03,
    )  # fmt: skip
    alphabet = [sorted(chance.sample(range(40), 8)) for _ in range(6)]
    stream = [chance.choice(alphabet) for _ in range(400)]
    whole, begun = KernelTemporalMemory(p, seed=3), KernelTemporalMemory(p, seed=3)
    resumed = KernelTemporalMemory(p, seed=3)
    for columns in stream[:200]:
        whole.step(columns, learn=True)
        begun.step(columns, learn=True)
    resumed.memory.restore(begun.memory.synapses())
    resumed.restart(begun.active_cells, begun.winner_cells)
    for columns in stream[200:]:
        assert whole.step(columns, learn=True) == resumed.step(columns, learn=True)
    assert learned(resumed) == learned(whole)


def test_what_was_learned_is_equal_up_to_the_ages_of_free_slots() -> None:
    def learned_with(born: list[int], last_used: list[int]) -> Synapses:
        return replace(
            nothing(),
            cell=np.array([3, NO_CELL], np.uint32),
            synapses=np.zeros(2, np.uint32),
            born=np.array(born, np.uint32),
            last_used=np.array(last_used, np.uint32),
            free=np.array([1], np.uint32),
        )

    one = learned_with([5, 6], [7, 8])
    assert one == learned_with([5, 0], [7, 0])
    assert one != learned_with([4, 6], [7, 8])
    assert one != learned_with([5, 6], [6, 8])


# ------------------------------------------------------- four streams whose outcome is known

SYMBOLS = {symbol: list(range(8 * i, 8 * i + 8)) for i, symbol in enumerate("ABCDEXYZ")}
HIGH_ORDER = (
    "9999 9999 9999 9999 9909 9909 9909 9909 9000 9090 9000 9090 "
    "9000 9090 9000 9090 9000 9009 9000 9009 9000 9009 9000 9009"
)
PUNISHED = (
    "9999 9999 9999 9999 9000 9000 9009 9009 9009 9009 9000 9000 9000 9000 9000 9000 9000 9000"
)
STREAMS: dict[str, tuple[str, dict[str, Any], str, tuple[int, int]]] = {
    "first order": ("|ABCDE" * 6, {}, "99999 99999 99999 99999 90000 90000", (32, 256)),
    "one shot": (
        "|ABCDE|ABCDE|ABXDE", {"initial_permanence": 0.6}, "99999 90000 90990", (48, 384)
    ),
    "high order": ("|ABCD|XBCY" * 12, {"cells_per_column": 16}, HIGH_ORDER, (56, 448)),
    "punish": (
        "|ABCD" * 6 + "|ABCY" * 10 + "|ABCD" * 2,
        {
            "cells_per_column": 16,
            "predicted_segment_decrement": 0.02,
            "permanence_decrement": 0.02,
        },
        PUNISHED,
        (32, 256),
    ),
}  # fmt: skip


def anomalies(memory: Any, stream: str) -> str:
    """9 for every symbol nobody expected, 0 for every one that was; `|` resets."""
    found = ""
    for symbol in stream:
        if symbol == "|":
            memory.reset()
            found += " "
            continue
        anomaly = memory.step(SYMBOLS[symbol], learn=True)
        assert anomaly in (0, 1)
        found += "9" if anomaly else "0"
    return found.strip()


@every_backend
@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("name", STREAMS)
def test_a_known_stream_has_the_published_anomalies(backend: Any, name: str, seed: int) -> None:
    stream, changes, expected, (segments, synapses) = STREAMS[name]
    given = {"columns": 64, "cells_per_column": 8, "activation_threshold": 6, "min_threshold": 4}
    given |= {"max_new_synapse_count": 8, "max_segments_per_cell": 16}
    memory = backend(
        TemporalMemoryParameters(**given | {"max_synapses_per_segment": 32} | changes), seed=seed
    )
    assert anomalies(memory, stream) == expected
    assert int((learned(memory).synapses > 0).sum()) == segments
    assert int(learned(memory).synapses.sum()) == synapses
    if name in ("first order", "punish"):
        memory.reset()
        memory.step(SYMBOLS["C"], learn=False)
        expected_next = "D" if name == "first order" else "DY"
        assert memory.predicted_columns == [c for s in expected_next for c in SYMBOLS[s]]
