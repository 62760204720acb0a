"""What is particular to the Llama as an engine: its settings, its door, and hostile checkpoints."""

import tracemalloc
from typing import Any

import numpy as np
import pytest

from l2c.engines.engine import Batch
from l2c.engines.llama.config import LlamaConfig
from l2c.engines.llama.engine import Llama
from l2c.engines.registry import families
from l2c.errors import CheckpointError, InvalidConfig, InvalidInput

SMALL: dict[str, Any] = {"dim": 16, "layers": 2, "heads": 2, "kv_heads": 1, "hidden": 24}
CARRIED = "optimizer/carried/"


def lesson(fresh: bool = True, weight: float = 1) -> Batch:
    tokens = np.arange(12, dtype=np.int32).reshape(2, 6) % 9
    return Batch(tokens, np.full((2, 5), weight, np.float32), np.full(2, fresh))


def test_it_is_found_by_its_folder() -> None:
    assert families()["llama"] is Llama


def test_a_training_that_is_over_leaves_no_keys_and_values_behind() -> None:
    engine = Llama.create(SMALL, 9, seed=1)
    engine.train(lesson())
    assert engine.tensors()[CARRIED + "keys"].size > 0
    engine.begin_anew()
    tensors = engine.tensors()
    assert tensors[CARRIED + "keys"].size == tensors[CARRIED + "values"].size == 0
    again = Llama.from_tensors(engine.config, tensors)
    assert again.steps == 1
    assert again.train(lesson(fresh=False)) == engine.train(lesson(fresh=True))


def test_a_row_goes_on_with_the_token_it_read_last_also_from_its_checkpoint() -> None:
    """The table of n-grams looks one token back, also over the beginning of a batch."""
    config = SMALL | {"ngram_rows": 40, "learning_rate": 1e-9, "weight_decay": 0.0}
    one = Llama.create(config, 9, seed=1)
    one.train(lesson())
    again = Llama.from_tensors(one.config, one.tensors())
    ended = one.carried(0)
    assert ended.before == lesson().tokens[0, -2]
    assert one.train(lesson(fresh=False)) == again.train(lesson(fresh=False))
    alone, _ = one.advance(lesson().tokens[0, -1:], ended)
    read, _ = one.advance(lesson().tokens[0])
    np.testing.assert_allclose(alone, read, atol=1e-5)


@pytest.mark.parametrize("vocab_size", [0, -3, 262_145, 2.0])
def test_a_vocabulary_out_of_range_is_refused(vocab_size: Any) -> None:
    with pytest.raises(InvalidInput, match="vocab_size"):
        Llama.create(SMALL, vocab_size, seed=1)


def test_an_unknown_backend_is_refused() -> None:
    with pytest.raises(InvalidConfig, match="backend"):
        Llama.create(SMALL, 9, seed=1, backend="abacus")


@pytest.mark.parametrize("threads", [0, 257, 1.5])
def test_a_number_of_threads_out_of_range_is_refused(threads: Any) -> None:
    engine = Llama.create(SMALL, 9, seed=1)
    engine.threads = threads
    with pytest.raises(InvalidInput, match="threads"):
        engine.train(lesson())


def test_its_window_is_its_context() -> None:
    assert Llama.create(SMALL | {"context": 77}, 9, seed=1).window == 77


@pytest.mark.parametrize("backend", Llama.backends())
def test_a_batch_without_weight_is_only_read(backend: str) -> None:
    engine = Llama.create(SMALL, 9, seed=1, backend=backend)
    before = engine.tensors(optimizer=False)
    assert engine.train(lesson(weight=0)) == 0
    assert engine.steps == 0
    for name, tensor in engine.tensors(optimizer=False).items():
        np.testing.assert_array_equal(tensor, before[name])
    assert engine.carried(0).position == 5


@pytest.mark.parametrize("backend", Llama.backends())
def test_the_rate_warms_up(backend: str) -> None:
    """The first step of ten moves weights a tenth as far as a first step without warm-up."""
    moved = []
    for warmup in (0, 10):
        config = SMALL | {"warmup": warmup, "weight_decay": 0.0}
        engine = Llama.create(config, 9, seed=1, backend=backend)
        before = engine.tensors()["embedding"]
        engine.train(lesson())
        moved.append(np.abs(engine.tensors()["embedding"] - before).max())
    assert moved[1] == pytest.approx(moved[0] / 10, rel=1e-2)


def test_a_configuration_that_lies_about_its_size_costs_no_memory() -> None:
    tensors = Llama.create(SMALL, 9, seed=1).tensors()
    tracemalloc.start()
    for lie in ({"layers": 128}, {"hidden": 65_536}, {"dim": 16_384, "heads": 256}):
        with pytest.raises(CheckpointError):
            Llama.from_tensors(SMALL | lie, tensors)
    rows = np.zeros((2, 65_536, 0, 1, 8), np.float32)
    for wrong in ({"keys": rows}, {"keys": rows[:, :, :, :, :1], "values": rows[:, :, :, :, :1]}):
        with pytest.raises(CheckpointError):
            Llama.from_tensors(SMALL, tensors | {CARRIED + n: t for n, t in wrong.items()})
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1 << 20


@pytest.mark.parametrize(
    ("name", "value"), [("lengths", 6), ("lengths", -1), ("positions", 4), ("positions", 1 << 50)]
)
def test_what_was_read_must_be_possible(name: str, value: int) -> None:
    engine = Llama.create(SMALL, 9, seed=1)
    engine.train(lesson())
    tensors = engine.tensors()
    tensors[CARRIED + name][1] = value
    with pytest.raises(CheckpointError, match=name):
        Llama.from_tensors(engine.config, tensors)


def test_the_configuration_of_a_plain_llama_is_what_files_hold() -> None:
    assert LlamaConfig.from_mapping(Llama.create({}, 9, seed=1).config) == LlamaConfig()
