"""How the next token is chosen from logits: the readable twin of `kernels/sampling.h`.

In this order: the repetition penalty (Keskar et al. 2019, "CTRL"), banned tokens, temperature,
the `top_k` most probable, the smallest set of them that holds `top_p` of the probability (Holtzman
et al. 2020), of these the ones at least `min_p` times as probable as the best (Nguyen et al. 2024,
arXiv 2407.01082), one draw. Equally probable tokens are ordered by their id. Temperature 0 takes
the most probable token.

The draw needs no generator that would have to be carried along: its random number is a function
of `(seed, position)`, by the counter-based generator Philox 4x64-10 (Salmon et al. 2011, "Parallel
random numbers: as easy as 1, 2, 3"). So a text written in pieces is the text written at once.

The repetition penalty looks back over the last `RECENT` tokens. They are kept in a ring that is
part of every engine's state: the token at position p lies at index p mod `RECENT`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from l2c.engines.engine import Generation, Sampler, State
from l2c.errors import InvalidInput, L2CError

if TYPE_CHECKING:
    from jaxtyping import Float, Float32, Float64, Int32, Int64, UInt64

RECENT = 64
"""How many tokens the repetition penalty looks back."""

SEED_LIMIT = 2**64

SAMPLING_STREAM, WEIGHTS_STREAM, GROWTH_STREAM = range(3)
"""Uses of random numbers, kept apart so that the same seed can serve them all."""


def random_words(seed: int, n: int, *, stream: int, position: int = 0) -> UInt64[np.ndarray, " N"]:
    """`n` random 64-bit words, the same on every machine and in every version of NumPy.

    `stream` keeps uses of the same seed apart; `position` is the block of four words to begin with.
    Raises `InvalidInput` for a seed outside [0, 2**64).
    """
    check_seed(seed)
    # NumPy counts up before it draws, so its counter is one behind.
    before = (position - 1) % 2**256
    generator = np.random.Philox(key=seed | stream << 64, counter=before)
    return np.asarray(generator.random_raw(n), dtype=np.uint64)


def uniform(seed: int, position: int) -> float:
    """The random number in [0, 1), a multiple of 2**-53, that decides the token at `position`."""
    word = random_words(seed, 1, stream=SAMPLING_STREAM, position=position)[0]
    return float(word >> np.uint64(11)) * 2.0**-53


def empty_recent() -> Int32[np.ndarray, " 64"]:
    """The ring of a stream that has read nothing: -1 stands for no token."""
    return np.full(RECENT, -1, dtype=np.int32)


def remember(
    recent: Int32[np.ndarray, " 64"], position: int, tokens: Int32[np.ndarray, " T"]
) -> None:
    """Put `tokens`, the first of which stands at `position`, into the ring, in place."""
    last = tokens[-RECENT:]
    first = position + len(tokens) - len(last)
    recent[(first + np.arange(len(last))) % RECENT] = last


def check_seed(seed: int) -> None:
    """Raise `InvalidInput` unless `seed` is an integer in [0, 2**64)."""
    if not isinstance(seed, int | np.integer) or not 0 <= seed < SEED_LIMIT:
        raise InvalidInput(f"`seed` must be an integer in [0, 2**64); found {seed!r}.")


def check(sampler: Sampler, vocab_size: int) -> None:
    """Raise `InvalidInput` for an option out of range, or when every token is banned."""
    ranges = (
        ("temperature", sampler.temperature, "in [0, 100]", 0 <= sampler.temperature <= 100),
        ("top_p", sampler.top_p, "in (0, 1]", 0 < sampler.top_p <= 1),
        ("min_p", sampler.min_p, "in [0, 1]", 0 <= sampler.min_p <= 1),
        (
            "repetition_penalty",
            sampler.repetition_penalty,
            "in [0.01, 100]",
            0.01 <= sampler.repetition_penalty <= 100,
        ),
        (
            "top_k",
            sampler.top_k,
            "an integer ≥ 0",
            isinstance(sampler.top_k, int) and sampler.top_k >= 0,
        ),
    )
    for name, value, expected, fits in ranges:
        if not fits:
            raise InvalidInput(f"`{name}` must be {expected}; found {value!r}.")
    for name, tokens in (("banned", sampler.banned), ("stop", sampler.stop)):
        for token in tokens:
            if not 0 <= token < vocab_size:
                raise InvalidInput(
                    f"`{name}` must name tokens in [0, {vocab_size}); found {token}."
                )
    if len(set(sampler.banned)) >= vocab_size:
        raise InvalidInput(f"`banned` names all {vocab_size} tokens; leave at least one.")


def log_softmax(logits: Float[np.ndarray, "*T V"]) -> Float[np.ndarray, "*T V"]:
    """The natural logarithms of the probabilities these logits stand for."""
    shifted = logits - logits.max(axis=-1, keepdims=True)
    normalised: Float[np.ndarray, "*T V"] = shifted - np.log(
        np.exp(shifted).sum(axis=-1, keepdims=True)
    )
    return normalised


def choose(
    logits: Float32[np.ndarray, " V"],
    recent: Int32[np.ndarray, " 64"],
    *,
    sampler: Sampler,
    seed: int,
    position: int,
) -> int:
    """The token that stands at `position`; `sampler` must have passed `check`.

    Raises `L2CError` when a logit is not finite: the weights are ruined.
    """
    if not np.isfinite(logits).all():
        raise L2CError("The model's logits are not finite; go back to an earlier checkpoint.")
    scores = _penalised(logits, recent, sampler)
    best_first = np.argsort(-scores, kind="stable")
    temperature = np.float32(sampler.temperature)
    if temperature == 0:
        return int(best_first[0])
    # A banned token's score is -inf, so its probability is 0; a tiny temperature gives -inf too.
    with np.errstate(over="ignore"):
        scaled = (scores - scores[best_first[0]]) / temperature
    probabilities = np.exp(scaled).astype(np.float64)
    kept = _kept(probabilities, best_first, sampler)
    probabilities[probabilities < np.float32(sampler.min_p)] = 0  # the best one's is 1
    cumulative = np.cumsum(probabilities[kept])
    target = uniform(seed, position) * cumulative[-1]
    # The product can round up to the total; the last token with any probability is meant then.
    last = np.searchsorted(cumulative, cumulative[-1], side="left")
    return int(kept[min(np.searchsorted(cumulative, target, side="right"), last)])


def write(
    predict: Callable[[], Float32[np.ndarray, " V"]],
    read: Callable[[Int32[np.ndarray, " 1"]], object],
    state: State,
    recent: Int32[np.ndarray, " 64"],
    n: int,
    sampler: Sampler,
    *,
    seed: int,
) -> Generation:
    """Write up to `n` tokens: what `predict` says is drawn from, what was drawn is read.

    `read` moves `state`, and with it its ring `recent`, in place.
    """
    tokens: list[int] = []
    log_probabilities: list[float] = []
    stopped = False
    while len(tokens) < n and not stopped:
        logits = predict()
        token = choose(logits, recent, sampler=sampler, seed=seed, position=state.position)
        read(np.array([token], np.int32))
        stopped = token in sampler.stop
        if not stopped:
            tokens.append(token)
            log_probabilities.append(float(log_softmax(logits)[token]))
    return Generation(
        np.array(tokens, np.int32), np.array(log_probabilities, np.float32), state, stopped
    )


def _penalised(
    logits: Float32[np.ndarray, " V"], recent: Int32[np.ndarray, " 64"], sampler: Sampler
) -> Float32[np.ndarray, " V"]:
    scores = logits.copy()
    if sampler.repetition_penalty != 1:
        seen = np.unique(recent[recent >= 0])
        penalty = np.float32(sampler.repetition_penalty)
        scores[seen] = np.where(scores[seen] > 0, scores[seen] / penalty, scores[seen] * penalty)
    scores[list(sampler.banned)] = -np.inf
    return scores


def _kept(
    probabilities: Float64[np.ndarray, " V"], best_first: Int64[np.ndarray, " V"], sampler: Sampler
) -> Int64[np.ndarray, " K"]:
    """The tokens that may be drawn, in the order in which the draw goes through them."""
    vocab_size = len(probabilities)
    most = sampler.top_k if 0 < sampler.top_k < vocab_size else vocab_size
    if most == vocab_size and sampler.top_p == 1:
        return np.arange(vocab_size)
    kept = best_first[:most]
    if sampler.top_p < 1:
        cumulative = np.cumsum(probabilities[kept])
        enough = np.searchsorted(cumulative, sampler.top_p * cumulative[-1], side="left")
        kept = kept[: enough + 1]
    return kept
