"""Whatever is wrong is said in one error, and nothing has changed by it."""

import contextlib
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from l2c.engines.engine import Batch, Sampler
from l2c.engines.htm.engine import HTM
from l2c.engines.htm.parameters import SpatialPoolerParameters
from l2c.engines.htm.streams import HTMState
from l2c.engines.model import LanguageModel
from l2c.errors import InvalidConfig, InvalidInput, L2CError
from l2c.text.characters import CharacterTokenizer
from tests.engines.htm.test_htm_engine import TINY, stream

Act = Callable[[HTM, HTMState], object]


def tokens(*given: int) -> np.ndarray:
    return np.array(given, np.int32)


def batch(*given: int, weight: float = 1.0) -> Batch:
    rows = tokens(*given)[None]
    return Batch(rows, np.full((1, rows.shape[1] - 1), weight, np.float32), np.ones(1, bool))


REFUSED: dict[str, Act] = {
    "an unknown token": lambda e, s: e.follow(tokens(3, 9), s),
    "a negative token": lambda e, s: e.advance(tokens(-1), s),
    "a number that is no token": lambda e, s: e.logits(np.array([0.5]), s),
    "nothing to look into": lambda e, _: e.inspect(tokens()),
    "an unknown token to learn": lambda e, _: e.train(batch(1, 2, 9)),
    "an unknown token to remember": lambda e, _: e.remember(batch(1, -2, 3)),
    "a rate that is no number": lambda e, _: e.train(batch(1, 2), rate=float("nan")),
    "a temperature below 0": lambda e, s: e.generate(s, 3, Sampler(temperature=-1), seed=1),
    "fewer than no tokens": lambda e, s: e.generate(s, -1, Sampler(), seed=1),
    "a vocabulary that shrinks": lambda e, _: e.grow(8),
    "a vocabulary without end": lambda e, _: e.grow(70_000),
}


@pytest.mark.parametrize("backend", HTM.backends())
@pytest.mark.parametrize("act", REFUSED.values(), ids=REFUSED.keys())
def test_what_is_refused_changes_neither_memory_nor_stream(act: Act, backend: str) -> None:
    engine = HTM.create(TINY, 9, seed=1, backend=backend)
    _, state = engine.follow(stream(120))
    before, stood = engine.tensors(), state.copy()
    with pytest.raises(L2CError) as refused:
        act(engine, state)
    assert isinstance(refused.value, InvalidInput | InvalidConfig)
    assert "\n" not in str(refused.value)
    assert all(np.array_equal(tensor, before[name]) for name, tensor in engine.tensors().items())
    for name in ("active", "winners", "recent", "position", "surprise"):
        np.testing.assert_array_equal(getattr(state, name), getattr(stood, name), name)


def test_weights_that_are_no_numbers_teach_nothing() -> None:
    engine = HTM.create(TINY, 9, seed=1)
    engine.follow(stream(120))
    before = engine.tensors()
    for weight in (float("nan"), float("inf"), -1.0):
        with contextlib.suppress(InvalidInput):
            assert np.isnan(engine.train(batch(1, 2, 3, weight=weight)))
    assert all(np.array_equal(tensor, before[name]) for name, tensor in engine.tensors().items())


def test_nothing_read_is_nothing_learned() -> None:
    engine = HTM.create(TINY, 9, seed=1)
    _, state = engine.follow(stream(120))
    before = engine.tensors()
    read, after = engine.follow(tokens(), state)
    assert read.scores.shape == (0,)
    np.testing.assert_array_equal(after.active, state.active)
    assert all(np.array_equal(tensor, before[name]) for name, tensor in engine.tensors().items())


def test_letters_it_has_never_seen_are_read_as_unknown_and_surprise() -> None:
    model = LanguageModel.create("htm", TINY, CharacterTokenizer("abc "), seed=3)
    model.engine.remember(batch(*model.tokenizer.encode("abc abc abc abc abc ")))
    before = model.engine.tensors()
    known, unknown = (model.tokenizer.encode(text) for text in ("abc ab", "ab\u00e4\U0001f600 b"))
    assert model.bits(unknown) > model.bits(known)
    assert model.complete("\u65e5\u672c", length=5, seed=1) is not None
    after = model.engine.tensors()
    assert all(np.array_equal(tensor, before[name]) for name, tensor in after.items())


WRONG: list[dict[str, Any]] = [
    {"min_threshold": 5, "activation_threshold": 4},
    {"active_columns": 65},
    {"columns": 0},
    {"columns": 65_536, "cells_per_column": 2},
    {"max_segments": 0},
    {"max_segments": 1 << 27},
    {"permanence_increment": float("inf")},
    {"connected_permanence": "0.5"},
    {"mixing_rate": True},
    {"mixing_rate": "fast"},
    {"columns": None},
    {"unheard_of": 1},
]


@pytest.mark.parametrize("wrong", WRONG, ids=repr)
def test_a_configuration_that_makes_no_sense_is_one_error(wrong: dict[str, Any]) -> None:
    with pytest.raises(InvalidConfig) as refused:
        HTM.create(TINY | wrong, 9, seed=1)
    assert next(iter(wrong)) in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    "wrong",
    [{"potential_pct": "half"}, {"boost_strength": "1"}, {"min_pct_overlap_duty_cycle": None},
     {"syn_perm_connected": "0.1"}, {"local_area_density": "0.1"}, {"local_area_density": 1e-9},
     {"local_area_density": float("nan")}],
    ids=repr,
)  # fmt: skip
def test_a_pooler_that_makes_no_sense_is_one_error(wrong: dict[str, Any]) -> None:
    given: dict[str, Any] = {"global_inhibition": True, "local_area_density": 0.02,
                             "num_active_columns_per_inh_area": 0}  # fmt: skip
    with pytest.raises(InvalidConfig) as refused:
        SpatialPoolerParameters(**given | wrong)
    assert next(iter(wrong)) in str(refused.value)
