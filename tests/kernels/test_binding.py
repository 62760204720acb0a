"""The border between Python and C: what is not as a kernel reads it does not get through."""

import gc
import logging
import os
import subprocess
import sys
import weakref
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from l2c.engines import checkpoint
from l2c.engines.model import LanguageModel
from l2c.errors import InvalidInput, KernelError, L2CError
from l2c.kernels import binding
from l2c.text.characters import CharacterTokenizer

CI = os.environ.get("CI") == "true"

needs_kernels = pytest.mark.skipif(
    not (binding.available() or CI), reason="the kernels are not compiled"
)


@pytest.fixture
def loaded_afresh() -> Iterator[None]:
    """What `binding` remembers of loading is forgotten before and after the test."""
    binding._load.cache_clear()
    yield
    binding._load.cache_clear()


@needs_kernels
def test_the_kernels_are_compiled() -> None:
    assert binding.available()
    assert binding.instruction_set() in {"baseline", "avx2", "avx512"}


@needs_kernels
def test_an_array_is_handed_over_as_it_is() -> None:
    array = np.arange(6, dtype=np.float32).reshape(2, 3)
    pointer = binding.pointer(array, (2, 3), np.float32)
    assert [pointer[i] for i in range(6)] == [0, 1, 2, 3, 4, 5]
    pointer[4] = 9
    assert array[1, 1] == 9


@needs_kernels
@pytest.mark.parametrize(
    ("array", "message"),
    [
        (np.zeros((2, 3)), "float32"),
        (np.zeros((2, 3), np.int32), "float32"),
        (np.zeros((3, 2), np.float32), "shape"),
        (np.zeros(6, np.float32), "shape"),
        (np.zeros((2, 6), np.float32)[:, ::2], "one piece"),
        (np.zeros((3, 2), np.float32).T, "one piece"),
        (np.zeros((2, 3), ">f4"), "float32"),
    ],
)
def test_an_array_of_another_kind_does_not_get_through(array: np.ndarray, message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        binding.pointer(array, (2, 3), np.float32)


@needs_kernels
def test_a_status_becomes_an_error_that_says_what_it_means() -> None:
    lib = binding.library()
    binding.check(lib.L2C_OK)
    with pytest.raises(InvalidInput, match="vocabulary"):
        binding.check(lib.L2C_BAD_TOKEN)
    with pytest.raises(L2CError, match="earlier checkpoint"):
        binding.check(lib.L2C_NOT_FINITE)
    with pytest.raises(InvalidInput, match="unknown status"):
        binding.check(-99)


@needs_kernels
def test_an_instruction_set_the_machine_lacks_is_refused() -> None:
    before = binding.instruction_set()
    with pytest.raises(KernelError, match="quantum"):
        binding.use_instruction_set("quantum")
    assert binding.instruction_set() == before


@pytest.mark.usefixtures("loaded_afresh")
def test_missing_kernels_are_said_once_and_the_message_helps(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setitem(sys.modules, "l2c.kernels._kernels", None)
    with caplog.at_level(logging.WARNING):
        assert not binding.available()
        assert not binding.available()
        assert not binding.reproducible()
    assert [record.message.count("C compiler") for record in caplog.records] == [1]
    with pytest.raises(KernelError, match="C compiler"):
        binding.library()


@pytest.mark.usefixtures("loaded_afresh")
def test_kernels_of_another_version_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    class Stale:
        class lib:  # noqa: N801 (cffi's name)
            @staticmethod
            def l2c_abi_version() -> int:
                return binding.ABI_VERSION + 1

    stale: Any = Stale
    content = checkpoint.to_bytes(
        LanguageModel.create("lstm", {"hidden_size": 8}, CharacterTokenizer("abc"), seed=0)
    )
    binding._load.cache_clear()
    monkeypatch.setitem(sys.modules, "l2c.kernels._kernels", stale)
    with pytest.raises(KernelError, match="Reinstall"):
        binding.available()
    with pytest.raises(KernelError, match=r"^The compiled kernels are of version"):
        checkpoint.from_bytes(content, name="le.safetensors")


def test_without_kernels_the_engines_run_on_their_twins() -> None:
    """In a process of its own, as a user without a compiler has it."""
    program = """
import sys
import weakref
sys.modules["l2c.kernels._kernels"] = None
import numpy as np
from l2c.engines.engine import Batch, Sampler
from l2c.engines.lstm.engine import LSTM
engine = LSTM.create({"hidden_size": 8}, 5, seed=1)
assert engine.backend == "reference" and LSTM.backends() == ("reference",)
batch = Batch(np.zeros((1, 4), np.int32), np.ones((1, 3), np.float32), np.ones(1, bool))
assert engine.train(batch) > 0
print(len(engine.generate(engine.initial_state(), 7, Sampler(), seed=1).tokens))
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout == "7\n"
    assert done.stderr.count("NumPy twins are used instead") == 1


@needs_kernels
def test_a_pointer_keeps_its_array_alive() -> None:
    array = np.arange(1000, dtype=np.int32)
    gone = weakref.ref(array)
    pointer = binding.pointer(array, (1000,), np.int32)
    del array
    gc.collect()
    assert gone() is not None
    assert pointer[999] == 999
    del pointer
    gc.collect()
    assert gone() is None
