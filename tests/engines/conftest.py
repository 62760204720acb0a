"""A test that chooses an instruction set leaves the one it found."""

from collections.abc import Iterator

import pytest

from l2c.kernels import binding


@pytest.fixture(autouse=True)
def _set_in_use() -> Iterator[None]:
    if not binding.available():
        yield
        return
    before = binding.instruction_set()
    yield
    binding.use_instruction_set(before)
