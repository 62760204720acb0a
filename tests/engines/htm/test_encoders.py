"""Representations: what they share and what they do not, encoders, and bad input."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from l2c.engines.htm.encoders import (
    ScalarEncoder,
    SymbolEncoder,
    characters,
    hashed_columns,
    words,
)
from l2c.engines.htm.sdr import SDR
from l2c.errors import InvalidConfig, InvalidInput

representations = st.integers(1, 300).flatmap(
    lambda size: st.builds(SDR.of, st.just(size), st.sets(st.integers(0, size - 1)))
)


@given(representations)
def test_a_representation_survives_its_bytes(sdr: SDR) -> None:
    assert SDR.from_bytes(sdr.to_bytes()) == sdr
    assert sdr.overlap(sdr) == len(sdr.active) == int(sdr.dense().sum())
    assert sdr.union(sdr) == sdr


def test_overlap_and_union_are_of_sets() -> None:
    left, right = SDR.of(20, [1, 5, 9]), SDR.of(20, [5, 9, 11])
    assert left.overlap(right) == 2
    assert left.union(right).active.tolist() == [1, 5, 9, 11]
    assert left.sparsity == 0.15


def test_noise_moves_bits_and_keeps_their_number() -> None:
    sdr = SDR.of(1000, range(40))
    noisy = sdr.with_noise(0.25, seed=1)
    assert len(noisy.active) == 40
    assert sdr.overlap(noisy) == 30
    assert sdr.with_noise(0.25, seed=1) == noisy


@pytest.mark.parametrize("content", [b"", b"abc", b"\x05\x00\x00\x00\x09\x00", b"\0" * 5])
def test_bytes_that_are_no_representation_are_refused(content: bytes) -> None:
    with pytest.raises(InvalidInput):
        SDR.from_bytes(content)


def test_representations_of_different_sizes_do_not_meet() -> None:
    with pytest.raises(InvalidInput):
        SDR.of(10, [1]).overlap(SDR.of(11, [1]))


def test_a_symbol_is_the_same_everywhere_and_shares_little_with_others() -> None:
    encoder = SymbolEncoder(2048, 40, seed=3)
    assert encoder.encode("cat") == SymbolEncoder(2048, 40, seed=3).encode("cat")
    assert len(encoder.encode("cat").active) == 40
    assert encoder.encode("cat").overlap(encoder.encode("dog")) < 8


def test_near_numbers_share_bits_and_far_ones_do_not() -> None:
    encoder = ScalarEncoder(resolution=0.5, size=400, active=21, seed=2)
    at = encoder.encode(10.0)
    shared = [at.overlap(encoder.encode(10 + 0.5 * n)) for n in range(40)]
    assert shared[0] == 21
    assert 17 <= shared[1] <= 20
    assert all(before + 3 >= after for before, after in itertools.pairwise(shared))
    assert max(shared[25:]) <= 6
    assert encoder.encode(10.1) == at


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 1e300])
def test_a_number_that_is_none_is_refused(value: float) -> None:
    with pytest.raises(InvalidInput):
        ScalarEncoder(resolution=0.1).encode(value)


@pytest.mark.parametrize("resolution", [0, -1, float("nan")])
def test_a_resolution_that_is_none_is_refused(resolution: float) -> None:
    with pytest.raises(InvalidConfig):
        ScalarEncoder(resolution=resolution)


def test_texts_become_words_or_characters() -> None:
    assert words("Don't stop, Ann!") == ["don't", "stop", ",", "ann", "!"]
    assert characters("ab") == ["a", "b"]
    for split in (words, characters):
        with pytest.raises(InvalidInput):
            split("")


def test_columns_of_a_token_are_ascending_and_distinct() -> None:
    for token in range(50):
        columns = hashed_columns(token, columns=1024, active=20, seed=9)
        assert (np.diff(columns.astype(int)) > 0).all()
