"""One pass: nothing is learned before it was predicted, and what is learned counts."""

import bz2

import numpy as np
import pytest

from benchmarks import one_pass
from benchmarks.one_pass import CHUNK, Rehearsal

REHEARSAL = Rehearsal(rows=4, newest=1, sequence=16, steps=2)


@pytest.mark.parametrize("end", [33, CHUNK, 5 * CHUNK + 7])
def test_nothing_is_rehearsed_that_was_not_read(end: int) -> None:
    text = np.arange(6 * CHUNK, dtype=np.int32)
    batches = list(REHEARSAL.batches(text, end))
    assert len(batches) == REHEARSAL.steps
    tokens = np.stack([batch.tokens for batch in batches])
    assert tokens.max() < end
    assert tokens[:, : REHEARSAL.newest].min() >= end - CHUNK
    assert (tokens[1, :, 0] == tokens[0, :, -1]).all()  # a row reads on
    assert [bool(batch.fresh.all()) for batch in batches] == [True, False]


def test_too_little_is_not_rehearsed() -> None:
    assert not list(REHEARSAL.batches(np.zeros(100, np.int32), 32))


def test_a_text_that_repeats_itself_costs_less_and_less() -> None:
    text = np.tile(np.arange(8, dtype=np.int32), 400)
    for make in one_pass.LEARNERS.values():
        figures = one_pass.passed(make(8), text, REHEARSAL)
        assert figures["last_tenth"] < figures["bits_per_character"] < 3


def test_programs_are_asked_for_the_same_bytes() -> None:
    content = b"Rain till four. " * 100
    found = one_pass.compressed(content)
    assert found["bzip2"] == round(8 * len(bz2.compress(content, 9)) / len(content), 4)
    assert set(found) == {"bzip2", "xz", "7z PPMd", "zpaq -m5", "lstm-compress"}
