"""How a token is chosen: the twin against its definition, the compiled sampler against the twin."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from l2c.engines import sampling
from l2c.engines.engine import Sampler
from l2c.errors import InvalidInput, L2CError
from l2c.kernels import binding

PLAIN = Sampler(temperature=1.0)
LOGITS = np.log(np.array([0.1, 0.4, 0.2, 0.2, 0.06, 0.04], np.float32))
NOBODY = sampling.empty_recent()

needs_kernels = pytest.mark.skipif(not binding.available(), reason="the kernels are not compiled")


def frequencies(sampler: Sampler, recent: np.ndarray = NOBODY, draws: int = 3000) -> np.ndarray:
    chosen = [
        sampling.choose(LOGITS, recent, sampler=sampler, seed=5, position=position)
        for position in range(draws)
    ]
    return np.bincount(chosen, minlength=len(LOGITS)) / draws


@pytest.mark.parametrize(
    ("sampler", "expected"),
    [
        (PLAIN, [0.1, 0.4, 0.2, 0.2, 0.06, 0.04]),
        (replace(PLAIN, top_k=2), [0, 2 / 3, 1 / 3, 0, 0, 0]),
        (replace(PLAIN, top_p=0.7), [0, 0.5, 0.25, 0.25, 0, 0]),
        (replace(PLAIN, top_k=3, top_p=0.5), [0, 1, 0, 0, 0, 0]),
        (replace(PLAIN, min_p=0.3), [0, 0.5, 0.25, 0.25, 0, 0]),
        (replace(PLAIN, top_k=2, min_p=0.6), [0, 1, 0, 0, 0, 0]),
        (replace(PLAIN, banned=(1, 3)), [0.25, 0, 0.5, 0, 0.15, 0.1]),
        (replace(PLAIN, temperature=0.5), np.exp(2 * LOGITS) / np.exp(2 * LOGITS).sum()),
        (replace(PLAIN, temperature=0), [0, 1, 0, 0, 0, 0]),
        (replace(PLAIN, temperature=1e-30), [0, 1, 0, 0, 0, 0]),
    ],
)
def test_tokens_come_as_often_as_their_probability_says(
    sampler: Sampler, expected: list[float]
) -> None:
    """Tolerance: five standard deviations of a share in 3000 draws."""
    np.testing.assert_allclose(frequencies(sampler), expected, atol=5 * np.sqrt(0.25 / 3000))


def test_the_repetition_penalty_looks_at_recent_tokens_alone() -> None:
    recent = sampling.empty_recent()
    sampling.remember(recent, 0, np.array([1, 1, 4], np.int32))
    greedy = Sampler(temperature=0, repetition_penalty=3)
    assert sampling.choose(LOGITS, NOBODY, sampler=greedy, seed=1, position=0) == 1
    assert sampling.choose(LOGITS, recent, sampler=greedy, seed=1, position=0) == 2
    sampling.remember(recent, 3, np.full(sampling.RECENT, 5, np.int32))
    assert sampling.choose(LOGITS, recent, sampler=greedy, seed=1, position=0) == 1


@given(cuts=st.lists(st.integers(0, 200), max_size=5))
def test_remembering_in_pieces_is_remembering_at_once(cuts: list[int]) -> None:
    tokens = np.arange(200, dtype=np.int32)
    whole, pieces = sampling.empty_recent(), sampling.empty_recent()
    sampling.remember(whole, 0, tokens)
    position = 0
    for piece in np.split(tokens, sorted(cuts)):
        sampling.remember(pieces, position, piece)
        position += len(piece)
    np.testing.assert_array_equal(pieces, whole)
    assert set(whole) == set(range(200 - sampling.RECENT, 200))


def test_random_words_are_the_published_ones() -> None:
    """Salmon et al.'s known answer for Philox 4x64-10 with all words 0."""
    words = sampling.random_words(0, 4, stream=0)
    assert [f"{word:016x}" for word in words] == [
        "16554d9eca36314c", "db20fe9d672d0fdc", "d7e772cee186176b", "7e68b68aec7ba23b"
    ]  # fmt: skip


def test_uses_of_a_seed_draw_different_numbers() -> None:
    drawn = [
        tuple(sampling.random_words(3, 4, stream=stream, position=position))
        for stream in range(3)
        for position in range(3)
    ]
    assert len(set(drawn)) == 9


@pytest.mark.parametrize("seed", [-1, 2**64, 1.5, "1"])
def test_a_seed_out_of_range_is_refused(seed: Any) -> None:
    with pytest.raises(InvalidInput, match="seed"):
        sampling.check_seed(seed)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_logits_that_are_not_finite_are_an_error(bad: float) -> None:
    logits = LOGITS.copy()
    logits[2] = bad
    with pytest.raises(L2CError, match="finite"):
        sampling.choose(logits, NOBODY, sampler=PLAIN, seed=1, position=1)
    if binding.available():
        with pytest.raises(L2CError, match="finite"):
            compiled(logits, NOBODY, PLAIN, seed=1, position=1)


# ------------------------------------------------------------------------- kernel and twin


def compiled(
    logits: np.ndarray, recent: np.ndarray, sampler: Sampler, *, seed: int, position: int
) -> int:
    lib, size = binding.library(), len(logits)
    token = np.zeros(1, np.int32)
    workspace = np.empty(lib.l2c_sample_workspace(size), np.float32)
    banned, stop = (binding.new("int32_t[]", list(s)) for s in (sampler.banned, sampler.stop))
    options = binding.new(
        "l2c_sampler *",
        {
            "temperature": sampler.temperature,
            "top_p": sampler.top_p,
            "min_p": sampler.min_p,
            "repetition_penalty": sampler.repetition_penalty,
            "top_k": sampler.top_k,
            "banned": banned,
            "stop": stop,
            "banned_count": len(sampler.banned),
            "stop_count": len(sampler.stop),
        },
    )
    status = lib.l2c_sample(
        binding.pointer(token, (1,), np.int32),
        binding.pointer(logits, (size,), np.float32),
        binding.pointer(recent, (sampling.RECENT,), np.int32),
        options,
        seed,
        position,
        size,
        binding.pointer(workspace, workspace.shape, np.float32),
        workspace.size,
    )
    binding.check(status)
    return int(token[0])


samplers = st.builds(
    Sampler,
    temperature=st.sampled_from([0.0, 1e-3, 0.3, 1.0, 2.5, 100.0]),
    top_k=st.integers(0, 40),
    top_p=st.sampled_from([1.0, 0.95, 0.5, 0.01]),
    min_p=st.sampled_from([0.0, 0.0, 0.05, 0.5, 1.0]),
    repetition_penalty=st.sampled_from([1.0, 1.3, 0.7]),
    banned=st.lists(st.integers(0, 5), max_size=3).map(tuple),
)


@needs_kernels
@settings(max_examples=300, deadline=None)
@given(
    sampler=samplers,
    vocab_size=st.integers(6, 70),
    spread=st.sampled_from([0.1, 1.0, 8.0]),
    seed=st.integers(0, 2**64 - 1),
    position=st.integers(0, 2**63),
)
def test_the_compiled_sampler_chooses_what_its_twin_chooses(
    sampler: Sampler, vocab_size: int, spread: float, seed: int, position: int
) -> None:
    """Except where the draw or `top_p` falls within rounding of a boundary: then a neighbour of
    the same boundary is as right, and the example says nothing."""
    rng = np.random.default_rng(seed)
    logits = (rng.normal(size=vocab_size) * spread).astype(np.float32)
    recent = rng.integers(-1, vocab_size, sampling.RECENT).astype(np.int32)
    at = {"seed": seed, "position": position}
    chosen = sampling.choose(logits, recent, sampler=sampler, **at)
    nearby = {
        sampling.choose(
            logits, recent, sampler=replace(sampler, top_p=min(1.0, sampler.top_p + shift)), **at
        )
        for shift in ([0.0] if sampler.top_p == 1 else [-1e-6, 1e-6])
    }
    assume(nearby == {chosen})
    found = compiled(logits, recent, sampler, **at)
    if found != chosen:
        assert near_a_boundary(logits, recent, sampler, **at)


def near_a_boundary(
    logits: np.ndarray, recent: np.ndarray, sampler: Sampler, *, seed: int, position: int
) -> bool:
    """Whether a draw a hair higher or lower would have chosen another token."""
    u = sampling.uniform(seed, position)
    chosen = set()
    for moved in (u - 1e-5, u + 1e-5):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(sampling, "uniform", lambda *_, moved=moved: min(max(moved, 0), 1))
            chosen.add(
                sampling.choose(logits, recent, sampler=sampler, seed=seed, position=position)
            )
    return len(chosen) > 1


@needs_kernels
@given(seed=st.integers(0, 2**64 - 1), position=st.integers(0, 2**64 - 1))
@settings(deadline=None)
def test_both_draw_the_same_random_number(seed: int, position: int) -> None:
    """Of 4096 equally probable tokens, the one chosen shows the number's first twelve bits."""
    logits = np.zeros(4096, np.float32)
    at = {"seed": seed, "position": position}
    token = compiled(logits, NOBODY, PLAIN, **at)
    assert token == int(sampling.uniform(**at) * 4096)
