"""The starter: made by a recipe, the same bytes every time, and fit to open a conversation."""

import json
import re
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from l2c import corpus
from l2c.conversation import Message, Role
from l2c.corpus import words
from l2c.engines import checkpoint
from l2c.engines.doubt import read_doubts
from l2c.engines.engine import Sampler
from l2c.engines.lstm.engine import LSTM
from l2c.engines.model import LanguageModel
from l2c.learning.calibration import calibrate
from l2c.learning.resume import Resumed, ResumePoint
from l2c.learning.starter import (
    RECIPE,
    RECORD,
    REGULARIZATION,
    Making,
    Recipe,
    bits_per_byte,
    make,
)
from l2c.starter import DOUBT, PATH

TINY = Recipe(
    steps=3,
    rows=2,
    sequence=16,
    part_steps=2,
    part_conversations=20,
    practice_steps=1,
    last_steps=1,
    polish_steps=2,
    pieces=20,
    config={"hidden_size": 8, "layers": 1},
)
LARGEST_BYTES = 8_000_000

with_kernels = pytest.mark.skipif(
    LSTM.backends()[0] != "kernel", reason="the compiled kernels are not installed"
)

OPENINGS = {
    "greeting": (
        ("Hello", "hello", "Hello!", "Hi", "hi there", "Hey", "HELLO", "Hello le"),
        r"(Hello|Hi|Hey)\b.*",
    ),
    "how it is": (
        ("How are you?", "how are you", "How are you doing?", "hi, how are you"),
        r".*\b(well|fine|thank)\b.*",
    ),
    "what it is": (
        ("What are you?", "what are you", "What are you, le?", "who are you"),
        r".*\b(le|model|program)\b.*",
    ),
    "thanks": (
        ("Thank you", "thank you", "Thank you!", "thanks", "Thanks a lot.", "thank you, le"),
        r".*\bwelcome\b.*",
    ),
    "leaving": (
        ("Bye", "bye", "Goodbye!", "see you later"),
        r".*\b([Bb]ye|[Gg]oodbye|[Ss]ee|[Ll]ater|[Uu]ntil|[Tt]ake care)\b.*",
    ),
}


@pytest.fixture(scope="module")
def shipped() -> LanguageModel:
    return checkpoint.load(PATH)


@pytest.fixture(scope="module")
def vocabulary() -> set[str]:
    """Every word the corpus has in its answers."""
    read = [*corpus.handwritten(), *corpus.generated(1, 3000)]
    answers = [m.text for c in read for m in c if m.role is Role.ASSISTANT]
    return {word for answer in answers for word in words(answer)}


def answer(model: LanguageModel, text: str, *, temperature: float, seed: int = 0) -> str:
    sampler = Sampler(temperature=temperature)
    pieces = model.answer([Message(Role.USER, text)], sampler, length=200, seed=seed)
    return "".join(piece.text for piece in pieces)


def test_the_same_recipe_makes_the_same_bytes() -> None:
    def made() -> bytes:
        making = Making(TINY)
        assert [progress.step for progress in making.run()] == [1, 2, 3, 4, 5]
        return making.content()

    assert made() == made()


def test_another_seed_makes_another_starter() -> None:
    contents = []
    for seed in (1, 2):
        making = Making(replace(TINY, seed=seed))
        assert list(making.run())
        contents.append(making.content())
    assert contents[0] != contents[1]


def test_it_is_shipped_without_the_optimizer() -> None:
    making = Making(TINY)
    assert list(making.run())
    model = checkpoint.from_bytes(making.content())
    assert model.engine.steps == 0


@pytest.mark.slow
@with_kernels
@pytest.mark.parametrize("threads", [1, 2])
def test_making_it_says_whether_it_is_the_shipped_one(
    threads: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, record = tmp_path / "le.safetensors", tmp_path / "starter.json"
    resume = ResumePoint(tmp_path / "resume")
    assert not make(TINY, path, record, threads=1, resume=resume)
    assert "NOT the shipped one" in capsys.readouterr().out
    written = path.read_bytes()
    told = json.loads(record.read_text())
    assert told["digest"] == checkpoint.digest_of(written)
    assert told["recipe"] == asdict(TINY)
    path.unlink()
    assert make(TINY, path, record, threads=threads, resume=resume)
    assert "The digest is the shipped one" in capsys.readouterr().out
    assert not path.exists()


@pytest.mark.slow
@with_kernels
def test_a_making_that_was_broken_off_goes_on_and_gives_the_same_bytes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    whole, resume = Making(TINY), ResumePoint(tmp_path / "resume")
    assert list(whole.run())
    half = Making(TINY)
    for progress in half.run():
        resume.save(half.key(), Resumed(progress.step, progress.steps, half.model))
        if progress.step == 2:
            break
    path = tmp_path / "le.safetensors"
    make(TINY, path, tmp_path / "starter.json", threads=1, resume=resume)
    assert "Going on after step 2." in capsys.readouterr().out
    assert path.read_bytes() == whole.content()
    assert resume.load(half.key()) is None


def test_a_making_is_named_by_its_recipe() -> None:
    assert Making(TINY).key() == Making(TINY).key() != Making(replace(TINY, steps=4)).key()


def test_the_shipped_file_is_what_its_record_says() -> None:
    record = json.loads(RECORD.read_text())
    assert record["digest"] == checkpoint.digest_of(PATH.read_bytes())
    assert record["recipe"] == asdict(RECIPE)
    assert PATH.stat().st_size <= LARGEST_BYTES


@pytest.mark.slow
def test_the_record_of_doubt_belongs_to_the_shipped_file(shipped: LanguageModel) -> None:
    digest = checkpoint.digest_of(PATH.read_bytes())
    assert read_doubts([DOUBT]) == {digest: calibrate(shipped, digest)}


def test_lessons_begin_without_what_only_the_making_needs(shipped: LanguageModel) -> None:
    assert not any(shipped.engine.config.get(name, 0.0) for name in REGULARIZATION)


@pytest.mark.parametrize("subject", OPENINGS)
def test_ordinary_openings_get_a_sensible_answer(shipped: LanguageModel, subject: str) -> None:
    openings, sensible = OPENINGS[subject]
    for opening in openings:
        said = [answer(shipped, opening, temperature=0)]
        said += [answer(shipped, opening, temperature=0.3, seed=seed) for seed in range(5)]
        for text in said:
            assert re.fullmatch(sensible, text), f"{opening!r} was answered with {text!r}"
            assert text[-1] in ".?!"


def test_ordinary_openings_are_answered_in_whole_words(
    shipped: LanguageModel, vocabulary: set[str]
) -> None:
    for openings, _ in OPENINGS.values():
        for opening in openings:
            for seed in range(5):
                said = words(answer(shipped, opening, temperature=0.3, seed=seed))
                assert set(said) <= vocabulary, f"{opening!r} was answered with {said}"


def test_its_record_says_how_surprised_it_is_by_general_text(shipped: LanguageModel) -> None:
    """The record's figure is measured again; another CPU may round the last digit otherwise."""
    recorded = json.loads(RECORD.read_text())["held_out_bits_per_byte"]
    assert bits_per_byte(shipped) == pytest.approx(recorded, abs=1e-3)
