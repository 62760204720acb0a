"""The gate keeps what is better, refuses what is broken, and says why."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import numpy as np
import pytest

from l2c import corpus
from l2c.engines.engine import Batch
from l2c.engines.model import LanguageModel
from l2c.learning import gate
from l2c.learning.evaluation import Score, score_general, score_sources, worse_by
from l2c.learning.examples import Source, evenly, from_source
from l2c.learning.gate import Exam, Figures, Verdict, judge
from l2c.learning.replay import batches
from l2c.learning.trainer import train
from l2c.store.consent import Threshold
from l2c.text.characters import CharacterTokenizer
from tests.learning.school import ALPHABET, practised
from tests.proofs import gate as proof

GENERAL = corpus.held_out()[:60]
TAUGHT = (Source("My boat is made of larch and oak.", "Good to know."),)


def exam(**changes: Any) -> Exam:
    return Exam(**{"fresh": TAUGHT, "old": (), "general": GENERAL, "seed": 1, **changes})


def taught(model: LanguageModel, *, steps: int = 30, old_rows: int = 7) -> LanguageModel:
    """A candidate that read the taught text beside the corpus."""
    candidate = model.copy()
    fresh = [from_source(source, candidate.tokenizer) for source in TAUGHT]
    old = [evenly(c, candidate.tokenizer) for c in corpus.training(5, 200)]
    rows = batches([fresh] + [old] * old_rows, steps=steps, sequence=48, seed=3)
    for _ in train(candidate.engine, rows, steps, rate=0.25):
        pass
    return candidate


def tensors(model: LanguageModel) -> dict[str, np.ndarray]:
    return model.engine.tensors(optimizer=False)


def remade(model: LanguageModel, changed: dict[str, np.ndarray]) -> LanguageModel:
    engine = type(model.engine).from_tensors(model.engine.config, changed)
    return LanguageModel(engine, model.tokenizer)


def test_a_lesson_that_helps_and_harms_nothing_is_kept() -> None:
    verdict = judge(practised(), practised(), taught(practised()), exam())
    assert verdict.kept, verdict.reason
    assert verdict.figures is not None
    assert verdict.figures.fresh_after < verdict.figures.fresh_before
    assert verdict.reason.startswith("Kept. Your text got ")


def test_a_candidate_that_learned_nothing_is_refused() -> None:
    verdict = judge(practised(), practised(), practised().copy(), exam())
    assert not verdict.kept
    assert "no better" in verdict.reason


def bad_random_tokens() -> LanguageModel:
    candidate, rng = practised().copy(), np.random.default_rng(0)
    for _ in range(60):
        tokens = rng.integers(8, candidate.engine.vocab_size, (8, 33)).astype(np.int32)
        batch = Batch(tokens, np.ones((8, 32), np.float32), np.ones(8, bool))
        candidate.engine.train(batch, rate=1.0)
    return candidate


def bad_one_sentence() -> LanguageModel:
    return taught(practised(), steps=150, old_rows=0)


def bad_negated_matrix() -> LanguageModel:
    return remade(
        practised(), {n: -t if n == "output.W" else t for n, t in tensors(practised()).items()}
    )


def bad_shuffled_vocabulary() -> LanguageModel:
    order = np.random.default_rng(1).permutation(practised().engine.vocab_size)
    changed = {
        n: t[order] if n.startswith("output") else t for n, t in tensors(practised()).items()
    }
    return remade(practised(), changed)


@pytest.mark.parametrize(
    "candidate",
    [bad_random_tokens, bad_one_sentence, bad_negated_matrix, bad_shuffled_vocabulary],
)
def test_a_known_bad_candidate_is_refused(candidate: Any) -> None:
    for seed in range(5):
        verdict = judge(practised(), practised(), candidate(), exam(seed=seed))
        assert not verdict.kept
        assert verdict.reason.startswith("Refused. ")


def test_a_candidate_with_a_nan_is_refused_unread(monkeypatch: pytest.MonkeyPatch) -> None:
    candidate = practised().copy()
    broken = {name: tensor.copy() for name, tensor in tensors(candidate).items()}
    broken["output.W"][0, 0] = np.nan
    monkeypatch.setattr(candidate.engine, "tensors", lambda optimizer=True: broken)
    verdict = judge(practised(), practised(), candidate, exam())
    assert verdict == Verdict(False, verdict.reason, None)
    assert "not finite" in verdict.reason


def figures(**changes: float) -> Figures:
    good = {
        "fresh_before": 3.0, "fresh_after": 2.0,
        "old_starter": 3.0, "old_before": 1.0, "old_after": 1.0,
        "yours_starter": 3.0, "yours_now": 1.5,
        "general_starter": 2.0, "general_before": 2.0, "general_after": 2.0,
        "general_upper": 0.01,
    }  # fmt: skip
    return Figures(**{**good, **changes})


NAN = float("nan")


@pytest.mark.parametrize(
    ("changes", "kept", "words"),
    [
        ({}, True, "Your text got 33 % better, general text stayed the same"),
        ({"general_after": 2.02}, True, "general text is 1.0 % worse than at the start"),
        ({"general_after": 1.9}, True, "general text is 5.0 % better than at the start"),
        ({"general_upper": 0.031}, False, "3.1 % worse than with the starter; the limit is 3 %"),
        ({"old_after": 2.5}, False, "Only 25 % of what you taught earlier was left"),
        ({"old_after": 3.5}, False, "Only 0 % of what you taught earlier was left"),
        ({"old_starter": NAN, "old_before": NAN, "old_after": NAN}, True, "better"),
        ({"old_starter": 1.0, "old_before": 1.0, "old_after": 1.2}, True, "better"),
        ({"fresh_after": 3.0}, False, "no better"),
        ({"fresh_before": NAN, "fresh_after": NAN}, False, "Practice brought nothing"),
        ({"fresh_before": NAN, "fresh_after": NAN, "general_after": 1.98}, True, "1.0 % better"),
    ],
)
def test_the_verdict_follows_the_figures(changes: dict[str, float], kept: bool, words: str) -> None:
    verdict = gate.decide(figures(**changes))
    assert verdict[0] is kept
    assert words in verdict[1]


def test_an_eighth_of_the_general_documents_is_never_seen_by_any_gate() -> None:
    documents = corpus.held_out()
    seen = {id(document) for seed in range(200) for document in gate.draw(documents, seed)}
    assert len(documents) / 8 <= len(documents) - len(seen) <= len(documents) / 3
    assert gate.draw(documents, 1) != gate.draw(documents, 2)


def test_an_unknown_character_is_not_cheap() -> None:
    source = (Source("ЖЖЖЖ", "Yes."),)
    grown = practised().copy()
    grown.grow("Ж")
    assert score_sources(practised(), source).bits_per_byte > 8
    assert score_general(grown, GENERAL[:3]).bits_per_byte < 4


def test_the_upper_limit_lies_above_the_mean_and_shrinks_with_more_documents() -> None:
    rng = np.random.default_rng(0)

    def limit(count: int) -> float:
        before = Score(rng.uniform(50, 150, count), np.full(count, 100.0))
        after = Score(before.bits * rng.normal(1.01, 0.05, count), before.sizes)
        return worse_by(before, after, seed=1)

    assert 0.01 < limit(400) < limit(20) < 0.1


@pytest.fixture(autouse=True)
def the_shared_model_stays_as_it_is() -> Iterator[None]:
    before = {name: tensor.copy() for name, tensor in tensors(practised()).items()}
    yield
    after = tensors(practised())
    assert all(np.array_equal(after[name], before[name]) for name in before)


def test_the_alphabet_of_the_test_model_covers_the_corpus() -> None:
    assert set("".join(m.text for c in GENERAL for m in c)) <= set(ALPHABET)
    assert CharacterTokenizer(ALPHABET).vocab_size == practised().engine.vocab_size


def test_the_proof_of_the_gate_finds_no_bad_candidate_kept_and_can_fail() -> None:
    for kind in proof.BAD:
        assert proof.kept([practised()], kind, 2) == 0
    good = proof.good(practised(), 3, sizes=(1, 5))
    assert good.lessons >= 3
    assert good.kept_at_first >= 1, good.refusals
    assert proof.kept([practised()], proof.one_sentence, 2, proof.LIFTED) > 0


def test_every_threshold_can_be_set_around_its_usual_value() -> None:
    usual = asdict(gate.USUAL)
    assert list(usual) == list(gate.SAFE) == list(Threshold)
    for name, (least, most) in gate.SAFE.items():
        assert 0 <= least <= usual[name] <= most <= 1
