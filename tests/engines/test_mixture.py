"""A mixture is what its members say, weighted by what they have been right about."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from l2c.engines.engine import Batch, Engine
from l2c.engines.mixture.engine import CALIBRATE_EVERY, Mixture
from l2c.engines.mixture.members import NO_TOKENS
from l2c.engines.mixture.mixing import EDGES, PARTS, Mixer
from l2c.engines.registry import families
from l2c.engines.sampling import log_softmax
from l2c.errors import CheckpointError, InvalidConfig, InvalidInput

V = 6
SMALL = {"family": "lstm", "config": {"hidden_size": 8}}
COUNTS = {"family": "ngram", "config": {"context": 3}}


def lesson(tokens: list[int]) -> Batch:
    row = np.array([tokens], np.int32)
    return Batch(row, np.ones((1, len(tokens) - 1), np.float32), np.ones(1, bool))


def member(value: Mapping[str, Any]) -> Engine:
    return families()[value["family"]].create(value["config"], V, seed=3)


def small(*members: Mapping[str, Any]) -> Mixture:
    return Mixture.create({"members": members or (SMALL, COUNTS)}, V, seed=3)


def test_equal_weights_are_the_mean_of_the_members_logits() -> None:
    members = [member(SMALL), member(COUNTS)]
    for each in members:
        each.train(lesson([0, 1, 2, 3, 0, 1, 2, 4]))
    mixture, tokens = Mixture.of(members), np.array([0, 1, 5, 2], np.int32)
    mean = np.mean([each.logits(tokens) for each in members], axis=0)
    np.testing.assert_allclose(mixture.logits(tokens), mean, atol=1e-6)


def test_members_learn_as_they_would_alone() -> None:
    mixture, alone = small(), [member(SMALL), member(COUNTS)]
    for step in range(3):
        batch = replace(lesson([0, 1, 2, 3, 4, 5, step]), fresh=np.full(1, step == 0))
        mixture.train(batch)
        for each in alone:
            each.train(batch)
    for ours, theirs in zip(mixture.members, alone, strict=True):
        for name, tensor in theirs.tensors().items():
            np.testing.assert_array_equal(ours.tensors()[name], tensor, err_msg=name)


def test_a_training_that_is_over_is_over_for_every_member() -> None:
    config = {"dim": 8, "layers": 1, "heads": 2, "kv_heads": 1, "hidden": 12}
    mixture = small({"family": "llama", "config": config}, COUNTS)
    mixture.train(lesson([0, 1, 2, 3]))
    (name,) = [name for name in mixture.tensors() if name.endswith("carried/keys")]
    assert mixture.tensors()[name].size > 0
    mixture.begin_anew()
    assert mixture.tensors()[name].size == 0


def test_the_member_that_is_right_gains_weight() -> None:
    """Two members, one of whom has read the text before."""
    text = [0, 1, 2, 3, 4, 5] * 8
    knows, guesses = member(COUNTS), member(COUNTS)
    knows.train(lesson(text))
    guesses.train(lesson(text[::-1]))
    mixture = Mixture.of([knows, guesses])
    before = mixture.tensors()["weights.sure"]
    for _ in range(20):
        mixture.train(lesson(text), rate=0.5)
    moved = mixture.tensors()["weights.sure"] - before
    touched = np.abs(moved).sum(axis=1) > 0
    assert touched.any()
    assert (moved[touched, 0] >= moved[touched, 1]).all()
    assert (moved[touched, 0] > moved[touched, 1]).any()


@pytest.mark.parametrize("part", PARTS)
def test_weights_follow_their_gradient(part: str) -> None:
    """The first step of AdaGrad goes where finite differences of the loss point."""
    rng = np.random.default_rng(1)
    logits = rng.normal(size=(2, 50, V)).astype(np.float32) * 2
    targets, before = rng.integers(0, V, (2, 50)).astype(np.int32)
    mixer = Mixer.fresh(2, V, learning_rate=1e-3)
    share = np.full(50, 1 / 50)
    mixed, rows = mixer.mix(logits, before, known=V)

    def loss(weights: np.ndarray) -> float:
        others = mixer.weights | {part: weights.astype(np.float32)}
        other = Mixer(others, learning_rate=1e-3)
        log_p = log_softmax(other.mix(logits, before, known=V)[0])
        return -float(log_p[np.arange(50), targets].mean())

    kept = {name: weights.copy() for name, weights in mixer.weights.items()}
    row, step = int(rows[part][0]), 1e-3
    mixer.learn(logits, mixed, rows, targets, importance=share)
    learned = mixer.weights[part]
    mixer.weights = kept
    for k in range(2):
        up, down = kept[part].copy(), kept[part].copy()
        up[row, k] += step
        down[row, k] -= step
        gradient = -(loss(up) - loss(down)) / (2 * step)
        assert np.sqrt(mixer.squares[part][row, k]) == pytest.approx(abs(gradient), rel=1e-2)
        assert np.sign(learned[row, k] - kept[part][row, k]) == np.sign(gradient)


def test_weights_depend_on_how_sure_each_member_is_and_on_the_token_before() -> None:
    sure, unsure = np.zeros(V, np.float32), np.zeros(V, np.float32)
    sure[2] = 20
    logits = np.stack([[sure, sure, unsure], [sure, unsure, unsure]])
    top = np.searchsorted(EDGES, np.log(V), side="right")
    bins = len(EDGES) + 1
    mixer = Mixer.fresh(2, V, learning_rate=0.1)
    mixed, rows = mixer.mix(logits, np.array([-1, 0, 5], np.int32), known=V)
    assert rows["sure"].tolist() == [0, top, top * bins + top]
    assert rows["token"].tolist() == [0, 1, 6]
    mixer.weights["token"][6] = [1, 0]
    again, _ = mixer.mix(logits, np.array([-1, 0, 0], np.int32), known=V)
    np.testing.assert_array_equal(again, mixed)


def test_reading_in_pieces_remembers_the_token_before() -> None:
    mixture = small()
    mixture.train(lesson([0, 1, 2, 3, 0, 1, 2, 4]))
    tokens = np.array([0, 1, 2, 3, 0], np.int32)
    _, state = mixture.advance(tokens)
    np.testing.assert_array_equal(mixture.advance(NO_TOKENS, state)[0], mixture.advance(tokens)[0])


def test_practice_counts_nothing_and_weighs_what_counting_would_be_without_the_text() -> None:
    """Counts know by heart what they have counted; weights learned from that would trust them
    blindly. Of noise they know nothing without having counted it, and lose weight.
    """
    text, other = np.random.default_rng(2).integers(0, V, (2, 41)).tolist()
    mixture = small()
    for each in (text, other):
        mixture.remember(lesson(each))
    counted = mixture.members[1].tensors()
    before = mixture.tensors()["weights.token"]
    for _ in range(2 * CALIBRATE_EVERY):
        assert np.isfinite(mixture.practise(lesson(text)))
    for name, tensor in counted.items():
        if not name.startswith("optimizer/"):
            np.testing.assert_array_equal(mixture.members[1].tensors()[name], tensor)
    moved = mixture.tensors()["weights.token"] - before
    assert np.abs(moved).sum() > 0
    assert moved[:, 1].sum() < 0
    unknown = small()
    unknown.practise(lesson(text))
    np.testing.assert_array_equal(unknown.tensors()["weights.token"], before)


def test_following_learns_counts_and_weights_and_leaves_the_network_alone() -> None:
    mixture = small()
    mixture.train(lesson([0, 1, 2, 3, 4, 5]))
    network, weights = mixture.members[0].tensors(), mixture.tensors()["weights.sure"]
    text = np.array([3, 1, 4, 1, 5, 3, 1, 4, 1, 5] * 3, np.int32)
    first, state = mixture.follow(text)
    again, state = mixture.follow(text, state)
    assert state.position == 60
    assert again.mean() > first.mean() + 0.5
    assert (mixture.tensors()["weights.sure"] != weights).any()
    for name, tensor in mixture.members[0].tensors().items():
        np.testing.assert_array_equal(tensor, network[name])


def test_following_in_pieces_is_following_at_once() -> None:
    one, other = small(), small()
    text = np.random.default_rng(4).integers(0, V, 30).astype(np.int32)
    whole, _ = one.follow(text)
    first, state = other.follow(text[:11])
    rest, _ = other.follow(text[11:], state)
    np.testing.assert_array_equal(whole, np.concatenate([first, rest]))


def test_a_single_member_is_only_sharpened() -> None:
    alone = small(COUNTS)
    alone.train(lesson([0, 1, 2, 0, 1, 2, 0, 1, 3]))
    tokens = np.array([0, 1, 2, 0], np.int32)
    assert (alone.logits(tokens).argmax(1) == alone.members[0].logits(tokens).argmax(1)).all()


@pytest.mark.parametrize(
    "config",
    [
        {"members": []},
        {"members": "lstm"},
        {"members": [{"family": "no such"}]},
        {"members": [{"family": "mixture"}]},
        {"members": [{"family": ["lstm"]}]},
        {"members": [{"family": "ngram", "config": {"context": 99}}]},
        {"members": [{"family": "ngram", "surplus": 1}]},
        {"members": [{"family": "ngram"}] * 5},
        {"learning_rate": 0},
        {"learning_rate": "fast"},
        {"learning_rate": float("nan")},
    ],
    ids=repr,
)
def test_a_configuration_that_makes_no_sense_is_refused(config: dict[str, object]) -> None:
    with pytest.raises(InvalidConfig):
        Mixture.create(config, V, seed=0)


def test_members_of_different_vocabularies_are_refused() -> None:
    small_one, large = member(COUNTS), member(COUNTS)
    large.grow(V + 1)
    with pytest.raises(InvalidInput, match="one vocabulary"):
        Mixture.of([small_one, large])
    mixture = small()
    tensors = mixture.tensors()
    other = Mixture.of([large]).tensors()
    for name in list(tensors):
        if "members.1/" in name:
            tensors[name] = other[name.replace("members.1/", "members.0/")]
    with pytest.raises(CheckpointError, match="one vocabulary"):
        Mixture.from_tensors(mixture.config, tensors)
