"""What calls of the kernels have in common: where memory begins."""

import numpy as np
import pytest

from l2c.engines.calls import placed


@pytest.mark.parametrize("past", [0, 4, 32, 60])
@pytest.mark.parametrize("n", [1, 16, 17, 77824])
def test_memory_begins_where_it_is_wanted_in_a_cache_line(n: int, past: int) -> None:
    kept = [placed(n, past=past) for _ in range(5)]  # kept, so that each lies elsewhere

    for room in kept:
        assert room.ctypes.data % 64 == past
        assert room.shape == (n,)
        assert room.dtype == np.float32
