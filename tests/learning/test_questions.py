"""The examination examines: it is complete, judges its own examples rightly, and is not lax."""

import datetime
import re
from collections import Counter

import pytest

from l2c.conversation import Role
from l2c.learning.questions import Question, chat_questions, covered_calibration, uncovered

TODAY = datetime.date(2026, 11, 21)
QUESTIONS = chat_questions(TODAY)
REQUESTS = (*uncovered("calibration"), *uncovered("exam"))
OPENERS = covered_calibration()

DAYS = (
    TODAY,
    datetime.date(2024, 2, 29),
    datetime.date(2026, 12, 25),
    datetime.date(2026, 12, 31),
    datetime.date(2027, 5, 1),
)

BLAND = (
    "That is nice.",
    "Tell me more.",
    "Yes.",
    "I like that very much.",
    "It is a thing that people use every day.",
    "I think so too, and many people do.",
    "There are many of them in the world.",
    "Let us talk about something else.",
)
REFUSAL = "I have not learned that. A document or a larger model would help."


def asked(question: Question) -> str:
    """What tells a question apart: everything the user said."""
    return " ".join(question.said[::2])


def folded(text: str) -> str:
    return re.sub(r"\W+", " ", text).casefold().strip()


def trigrams(text: str) -> frozenset[str]:
    padded = f"  {folded(text)}  "
    return frozenset(padded[n : n + 3] for n in range(len(padded) - 2))


def test_there_are_as_many_as_promised() -> None:
    assert len(QUESTIONS) == 200
    assert len(uncovered("calibration")) == len(uncovered("exam")) == 100
    assert len(OPENERS) == 100
    assert min(Counter(question.kind for question in QUESTIONS).values()) >= 6


def test_no_two_are_equal_or_nearly_so() -> None:
    texts = [*map(asked, QUESTIONS), *REQUESTS, *OPENERS]
    assert len({question.id for question in QUESTIONS}) == len(QUESTIONS)
    assert len(set(map(folded, texts))) == len(texts)
    grams = [trigrams(text) for text in texts]
    near = [
        (texts[i], texts[j])
        for i, a in enumerate(grams)
        for j, b in enumerate(grams[:i])
        if len(a & b) > 0.6 * len(a | b)
    ]
    assert not near


def test_the_user_begins_and_ends() -> None:
    for question in QUESTIONS:
        assert question.messages[0].role == question.messages[-1].role == Role.USER, question.id
        assert all(text.strip() == text != "" for text in question.said), question.id
    assert all(text.strip() == text != "" for text in (*REQUESTS, *OPENERS))


@pytest.mark.parametrize("today", DAYS, ids=str)
def test_good_answers_are_right_and_bad_ones_wrong(today: datetime.date) -> None:
    wrong = []
    for question in chat_questions(today):
        assert len(question.good) >= 2, question.id
        assert question.bad, question.id
        wrong += [(question.id, a) for a in question.good if not question.right(a)]
        wrong += [(question.id, a) for a in question.bad if question.right(a)]
    assert not wrong


def test_an_answer_to_another_question_is_rarely_right() -> None:
    pairs = [
        (question.id, question.right(answer))
        for question in QUESTIONS
        for other in QUESTIONS
        if question.kind != other.kind
        for answer in other.good
    ]
    assert sum(right for _, right in pairs) <= 0.03 * len(pairs)
    tried = Counter(name for name, _ in pairs)
    passed = Counter(name for name, right in pairs if right)
    lax = {name: n for name, n in passed.items() if n > 0.12 * tried[name]}
    assert not lax


def test_what_says_nothing_is_rarely_right() -> None:
    passed = [(q.id, answer) for q in QUESTIONS for answer in BLAND if q.right(answer)]
    assert len(passed) <= 0.03 * len(QUESTIONS) * len(BLAND), passed


def test_declining_everything_passes_nothing_that_is_covered() -> None:
    assert not [q.id for q in QUESTIONS if q.kind != "never_told" and q.right(REFUSAL)]


def test_nothing_and_everything_are_no_answers() -> None:
    everything = " ".join(answer for question in QUESTIONS for answer in question.good)
    for question in QUESTIONS:
        assert not question.right("")
        assert not question.right(everything)


def test_a_number_is_right_in_figures_and_in_words_but_not_among_others() -> None:
    sums = {question.id: question for question in QUESTIONS}
    assert sums["arithmetic-plus-large"].right("It is 7,513.")
    assert not sums["arithmetic-plus-large"].right("It is 7513 or 7514.")
    assert sums["arithmetic-divide"].right("Twenty four.")
    assert not sums["arithmetic-minus-below-zero"].right("3 - 8")
    assert sums["arithmetic-divide-half"].right("Seven and a half.")
    assert not sums["arithmetic-divide-half"].right("75")
    assert sums["arithmetic-plus-words"].right("8 plus 9 is 17.")
    assert not sums["arithmetic-plus-words"].right("8 plus 10 is 17.")


@pytest.mark.parametrize(
    ("day", "answers"),
    [
        ("2026-11-22", "Sunday, Monday, Saturday, 2026, November, December, 33 days"),
        ("2026-12-31", "Thursday, Friday, Wednesday, 2026, December, January, 359 days"),
        ("2024-02-29", "Thursday, Friday, Wednesday, 2024, February, March, 300 days"),
    ],
)
def test_questions_about_today_follow_the_calendar(day: str, answers: str) -> None:
    names = ("weekday", "tomorrow", "yesterday", "year", "month", "next-month", "christmas")
    questions = {q.id: q for q in chat_questions(datetime.date.fromisoformat(day))}
    for name, answer in zip(names, answers.split(", "), strict=True):
        assert questions[f"dates-{name}"].right(answer), name
        assert not questions[f"dates-{name}"].right("Tuesday, 1 April 1997, or 12 days"), name


def test_both_halves_hold_about_ten_requests_that_are_not_plain_english() -> None:
    """Told by letters or words that English does not have."""
    foreign = re.compile(
        r"[^\x00-\x7f€–—’]|\b(der|die|das|und|ist|wie|mir|le|les|des|est|pour|una|para|que|como"
        r"|jak|een|het|hur|per|che|mera|hai)\b",
        re.IGNORECASE,
    )
    for half in (uncovered("calibration"), uncovered("exam")):
        assert 8 <= sum(bool(foreign.search(request)) for request in half) <= 16
