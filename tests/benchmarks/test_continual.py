"""The streams that change, and what is said of who learned them."""

from __future__ import annotations

import importlib

import numpy as np
import pytest

from benchmarks.continual import __main__ as main
from benchmarks.continual import learners, plot, run, streams
from benchmarks.continual.run import Outcome
from benchmarks.continual.strategies import STRATEGIES
from benchmarks.continual.streams import Stream, Task
from l2c.engines.engine import Engine
from l2c.engines.lstm.engine import LSTM


@pytest.fixture
def small() -> Stream:
    """Two tasks that contradict each other: what follows a 0 is a 1, then a 2."""
    one = np.tile(np.array([0, 1], np.int32), 2500)
    two = np.tile(np.array([0, 2], np.int32), 2500)
    return Stream("small", 3, (Task(one[:4500], one[4500:]), Task(two[:4500], two[4500:])))


def engine(vocab_size: int, seed: int) -> Engine:
    return LSTM.create({"hidden_size": 8, "learning_rate": 0.05}, vocab_size, seed=seed)


def test_every_learner_is_a_file_with_strategies_there_are() -> None:
    assert {"lstm", "llama", "htm", "ngram", "mixture"} <= set(main.found())
    for name in main.found():
        learner = importlib.import_module(f"{learners.__name__}.{name}")
        assert set(learner.STRATEGIES) <= set(STRATEGIES)


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_every_strategy_learns_and_the_same_seed_says_the_same(
    small: Stream, strategy: str
) -> None:
    first, again = (run.run(engine, small, strategy, 3) for _ in range(2))
    np.testing.assert_array_equal(first.read, again.read)
    assert first.read[-1, 1] < first.read[0, 1]


def test_the_plain_way_forgets_what_joint_training_keeps(small: Stream) -> None:
    plain, joint = (run.run(engine, small, name, 3) for name in ("plain", "joint"))
    assert plain.forgetting > joint.forgetting + 0.1
    assert plain.backward < 0


def test_the_figures_are_those_of_their_definitions() -> None:
    """Three tasks: read before anything, after one, after two, after three."""
    read = np.array([[4.0, 4, 4], [1, 3, 4], [2, 1, 2], [1.5, 1.25, 1]])
    outcome = Outcome(2.0, read, 1.0)
    assert outcome.forgetting == pytest.approx(((1.5 - 1) + (1.25 - 1)) / 2)
    assert outcome.backward == pytest.approx(((1 - 1.5) + (1 - 1.25)) / 2)
    assert outcome.forward == pytest.approx(((4 - 3) + (4 - 2)) / 2)


def test_the_streams_have_four_tasks_of_the_stated_size_and_are_the_same_every_time() -> None:
    for make in (streams.dialogues, streams.endings):
        one, other = make(), make()
        assert len(one.tasks) == streams.TASKS
        for task, same in zip(one.tasks, other.tasks, strict=True):
            assert len(task.learned) == streams.LEARNED
            assert len(task.held_out) == streams.HELD_OUT
            np.testing.assert_array_equal(task.learned, same.learned)
            assert 0 <= task.learned.min() <= task.learned.max() < one.vocab_size


def test_a_picture_has_a_row_for_each_way_of_learning() -> None:
    figures = {name: [1.5, 0.1] for name in main.FIGURES}
    rows = [
        {"stream": "s", "learner": "l", "strategy": name, "seeds": 2} | figures for name in "ab"
    ]
    assert plot.drawn(rows).count("<circle") == 2
