"""A lesson is a pure function of its incumbent, its sources and the attempt."""

import hashlib
import itertools
import json
from typing import Any

import pytest

from l2c import corpus
from l2c.engines import checkpoint
from l2c.engines.model import LanguageModel
from l2c.learning import lesson as lesson_module
from l2c.learning.examples import Source
from l2c.learning.lesson import (
    EARLIER_ROWS,
    FACTS_A_ROW,
    MOST_EARLIER_ROWS,
    OLD_ROWS,
    ROWS,
    Lesson,
    Training,
)
from l2c.store.states import LessonKind
from l2c.text.beings import ANIMALS, PEOPLE
from tests.learning.school import practised

PARENT = "f" * 64
SAID = (
    Source("My boat is made of larch and oak.", "Good to know."),
    Source("Ich heiße Jörg und wohne in Köln.", "Good to know."),
)


TOLD = (
    "My sister Mathilde lives in Ghent.",
    "Our parrot is called Admiral.",
    "I moved to Oslo in 2019.",
    "My dentist appointment is on 14 May.",
    "I have eleven cousins.",
    "I love liquorice.",
    "My bicycle is green.",
    "My neighbour Radek works at the harbour.",
    "No, she lives in Bruges.",
    "Haha, that was a joke.",
)
HEARD = ("Good to know.",) * len(TOLD)


def a_lesson(*sources: Source, **changes: Any) -> Lesson:
    kind = LessonKind.EXCHANGES if sources else LessonKind.PRACTICE
    fields: dict[str, Any] = {"parent": PARENT, "earlier": (), "attempt": 0, **changes}
    return Lesson(kind=kind, sources=sources, **fields)


def outcome(lesson: Lesson, *, threads: int = 1, steps: int | None = None) -> str:
    training = Training(lesson, practised())
    training.candidate.engine.threads = threads
    for _ in itertools.islice(training.run(), steps):
        pass
    return checkpoint.digest_of(checkpoint.to_bytes(training.candidate))


def test_what_a_lesson_reads_belongs_to_the_version_of_the_recipe() -> None:
    """Red? Then checkpoints made before are not made again: raise `RECIPE_VERSION`, then this."""
    training = Training(a_lesson(*map(Source, TOLD, HEARD), earlier=SAID), practised())
    read = hashlib.sha256()
    for batch in itertools.islice(training._batches(), 80):
        for array in (batch.tokens, batch.weights, batch.fresh):
            read.update(array.tobytes())
    assert (lesson_module.RECIPE_VERSION, read.hexdigest()[:16]) == (9, "f716b3bcca0f6e8c")


def test_the_same_lesson_gives_the_same_bits_with_any_number_of_threads() -> None:
    lesson = a_lesson(*SAID)
    assert outcome(lesson, threads=1) == outcome(lesson, threads=2) == outcome(lesson, threads=3)


@pytest.mark.parametrize(
    "changes", [{"parent": "0" * 64}, {"attempt": 1}, {"earlier": SAID[:1]}], ids=str
)
def test_whatever_decides_a_lesson_changes_its_bits(changes: dict[str, object]) -> None:
    assert outcome(a_lesson(SAID[1], **changes), steps=3) != outcome(a_lesson(SAID[1]), steps=3)


def test_another_order_of_sources_is_another_lesson() -> None:
    assert a_lesson(*SAID).seed != a_lesson(*SAID[::-1]).seed


def test_a_lesson_resumed_in_the_middle_ends_as_if_it_had_never_stopped() -> None:
    lesson = a_lesson(*SAID)
    first = Training(lesson, practised())
    for _ in itertools.islice(first.run(), 17):
        pass
    saved = checkpoint.to_bytes(first.candidate)
    second = Training(lesson, practised())
    second.candidate = checkpoint.from_bytes(saved)
    for _ in second.run(done=17):
        pass
    assert checkpoint.digest_of(checkpoint.to_bytes(second.candidate)) == outcome(lesson)


def test_a_lesson_learns_with_dropout_and_says_so_in_its_configuration() -> None:
    config = Training(a_lesson(*SAID), practised()).candidate.engine.config
    assert config["dropout"] == lesson_module.DROPOUT > 0
    assert config["weight_decay"] == lesson_module.WEIGHT_DECAY > 0
    assert "dropout" not in practised().engine.config


MANY = tuple(f"My {one} is called Ottilie." for one in sorted(PEOPLE | ANIMALS)[:24])


@pytest.mark.parametrize("told", [TOLD[:1], TOLD, MANY], ids=len)
def test_a_lesson_tried_again_takes_smaller_steps_and_reads_as_much_of_its_own(
    told: tuple[str, ...],
) -> None:
    sources = [Source(text, "Good to know.") for text in told]
    tried = [Training(a_lesson(*sources, attempt=at), practised()) for at in range(len(OLD_ROWS))]
    rates = [one.rate for one in tried]
    own = [one.steps * one.size.fresh_rows for one in tried]
    assert sorted(set(rates), reverse=True) == rates
    assert min(own) > 0.9 * own[0]


def test_the_incumbent_is_left_as_it_was() -> None:
    before = checkpoint.to_bytes(practised())
    outcome(a_lesson(*SAID), steps=3)
    assert checkpoint.to_bytes(practised()) == before


def test_new_characters_get_their_place() -> None:
    training = Training(a_lesson(*SAID), practised())
    text = SAID[1].user
    assert training.candidate.tokenizer.decode(training.candidate.tokenizer.encode(text)) == text
    assert isinstance(training.candidate, LanguageModel)


@pytest.mark.parametrize("attempt", range(len(OLD_ROWS)))
def test_at_least_half_of_every_batch_is_old_text(attempt: int) -> None:
    many = tuple(Source(f"Sentence number {i} of many sentences.", "Yes.") for i in range(40))
    training = Training(a_lesson(*many, attempt=attempt), practised())
    assert training.size.fresh_rows <= ROWS - OLD_ROWS[attempt] <= ROWS // 2


@pytest.mark.parametrize("attempt", range(len(OLD_ROWS)))
def test_also_where_facts_are_asked_for(attempt: int) -> None:
    names = ("Ada", "Bea", "Cis", "Dora", "Eva", "Fay", "Gus", "Hal")
    told = tuple(Source(f"{name} is my neighbour and I like {name}s.", "Yes.") for name in names)
    size = Training(a_lesson(*told, attempt=attempt), practised()).size
    assert size.untold_rows > 0
    assert size.fresh_rows + size.untold_rows <= ROWS - OLD_ROWS[attempt]


def test_steps_come_from_tokens() -> None:
    short, long = (
        Training(a_lesson(Source("Hello there!", "Hello.")), practised()),
        Training(a_lesson(*(Source("word " * 400, "Yes.") for _ in range(16))), practised()),
    )
    assert short.steps == lesson_module.FEWEST_STEPS
    assert short.steps < long.steps <= lesson_module.MOST_STEPS


def test_a_lesson_that_tells_facts_takes_longer_and_more_facts_longer_still() -> None:
    many = (Source(f"I have {i} goats and my aunt {name} lives in Brno.", "Good to know.")
            for i, name in enumerate(("Ada", "Bea", "Cis", "Dora", "Eva", "Fay")))  # fmt: skip
    plain, one, more = (
        Training(a_lesson(*sources), practised())
        for sources in ([Source("Hello there!", "Hello.")], [SAID[0]], list(many))
    )
    assert plain.steps < one.steps == lesson_module.FEWEST_FACT_STEPS < more.steps
    assert more.steps <= lesson_module.MOST_FACT_STEPS


def test_a_night_of_many_sources_may_take_more_steps_than_a_lesson_of_the_day() -> None:
    told = [Source(f"My {one} is called Ottilie.", "Yes.") for one in sorted(PEOPLE | ANIMALS)]
    assert len(told) > lesson_module.STEPS_FOR
    night = Training(a_lesson(*told), practised())
    day = Training(a_lesson(*told[: lesson_module.STEPS_FOR]), practised())
    assert day.steps <= lesson_module.MOST_FACT_STEPS < night.steps


def test_the_recipe_version_names_the_corpus_it_replays() -> None:
    """Lessons replay the corpus, so a new corpus is a new recipe: raise RECIPE_VERSION with it."""
    first = [[m.text for m in c] for c in corpus.training(0, 300)]
    digest = hashlib.sha256(json.dumps(first).encode()).hexdigest()[:16]
    assert (lesson_module.RECIPE_VERSION, digest) == PINNED


PINNED = (9, "f305fa31d9134700")
"""The recipe version and the beginning of the corpus's digest that belong together."""


def test_the_more_was_told_before_the_more_of_it_is_rehearsed() -> None:
    kin = sorted(PEOPLE)[:60]
    before = tuple(Source(f"My {who} lives in Brno.", "Good to know.") for who in kin)
    told = Source("My boat is made of larch.", "Good to know.")
    few, many = (Training(a_lesson(told, earlier=one), practised()) for one in ((), before))
    assert len(many.curriculum.older) >= FACTS_A_ROW
    assert few._earlier_rows == EARLIER_ROWS < many._earlier_rows <= MOST_EARLIER_ROWS
