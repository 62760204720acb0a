"""The generated conversations: the same for ever, and never trained on what is asked in tests."""

import hashlib
import re
from collections.abc import Iterable
from itertools import pairwise
from typing import cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from l2c.conversation import Message, Role
from l2c.corpus import generated, handwritten, held_out, practised, training, words
from l2c.corpus.chance import Chance
from l2c.corpus.dialogues import is_held_out
from l2c.corpus.names import MAKERS, in_words
from l2c.corpus.typist import typed
from l2c.corpus.wordings import Phrases, Split, Wordings, fill, read_wordings
from l2c.errors import InvalidInput

FIRST_THOUSAND = "72bc56dcbce845cd6212ed2f4a79c32d10ebd8339fd6e6be6ad959acc62824a7"


def digest(conversations: Iterable[list[Message]]) -> str:
    said = "\n\n".join("\n".join(f"{m.role} {m.text}" for m in c) for c in conversations)
    return hashlib.sha256(said.encode()).hexdigest()


def plain(text: str) -> str:
    """What is left when capitals, marks and spaces that a hurry loses are taken away."""
    return re.sub(r"[.?!'\s]", "", text.lower())


def asked(conversations: Iterable[list[Message]]) -> set[str]:
    return {plain(m.text) for c in conversations for m in c if m.role is Role.USER}


def script(conversation: list[Message]) -> tuple[str, ...]:
    return tuple(plain(message.text) for message in conversation)


def all_phrases(wordings: Wordings) -> list[Phrases]:
    return [
        wordings.correct,
        *(reply.ask for reply in (*wordings.everyday, *wordings.beyond, *wordings.open)),
        *(piece.you for piece in wordings.talk),
        *(question.ask for question in wordings.questions.values()),
        *(phrases for fact in wordings.facts for phrases in (fact.tell, fact.ask)),
    ]


def test_the_stream_of_chance_is_splitmix64() -> None:
    """The first outputs for state 0, from the reference implementation (Vigna 2015)."""
    chance = Chance()
    assert [chance.below(1 << 64) for _ in range(3)] == [
        0xE220A8397B1DCDAF,
        0x6E789E6AA1B965F4,
        0x06C45D188009454F,
    ]


def test_the_same_seed_gives_the_same_text_for_ever() -> None:
    assert digest(generated(1, 1000)) == FIRST_THOUSAND


def test_another_seed_gives_another_text() -> None:
    assert digest(generated(1, 20)) != digest(generated(2, 20))


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 2**63), st.integers(0, 12), st.integers(0, 12))
def test_the_beginning_does_not_depend_on_the_length(seed: int, few: int, more: int) -> None:
    long = list(training(seed, few + more))
    assert long[:few] == list(training(seed, few))
    assert len(long) == few + more


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**63))
def test_a_conversation_takes_turns_and_ends_with_an_answer(seed: int) -> None:
    for conversation in generated(seed, 5):
        roles = [message.role for message in conversation]
        assert roles == [Role.USER, Role.ASSISTANT] * (len(roles) // 2)
        assert roles


@pytest.mark.parametrize("split", ["train", "held_out"])
def test_every_line_is_printable_and_every_slot_is_filled(split: Split) -> None:
    for conversation in generated(3, 2000, split=split):
        for message in conversation:
            assert message.text.isascii()
            assert message.text.isprintable()
            assert message.text == message.text.strip() != ""
            assert not set("{}<>|") & set(message.text)


def test_a_negative_number_of_conversations_is_refused() -> None:
    with pytest.raises(InvalidInput, match="at least 0; found -1"):
        generated(1, -1)


def test_an_unknown_split_is_refused() -> None:
    with pytest.raises(InvalidInput, match="`train` or `held_out`; found 'test'"):
        generated(1, 1, split=cast(Split, "test"))


def test_no_wording_is_both_trained_and_held_out() -> None:
    wordings = read_wordings()
    trained = {plain(line) for phrases in all_phrases(wordings) for line in phrases.train}
    kept = {plain(line) for phrases in all_phrases(wordings) for line in phrases.held_out}
    assert trained & kept == set()


def test_every_family_has_wordings_on_both_sides() -> None:
    for phrases in all_phrases(read_wordings()):
        assert len(phrases.train) >= 3
        assert len(phrases.held_out) >= 2
        for wordings in (phrases.train, phrases.held_out):
            assert len({plain(line) for line in wordings}) > len(wordings) // 3


def test_what_is_held_out_is_never_trained() -> None:
    written = [conversation for conversation in handwritten() if is_held_out(conversation)]
    kept, trained = held_out(), list(training(4, 5_000))
    invented = kept[len(written) :]
    assert kept[: len(written)] == written
    assert asked(invented) & asked(trained) == set()
    assert not {script(conversation) for conversation in written} & set(map(script, trained))


def test_held_out_text_is_enough_and_always_the_same() -> None:
    assert len(held_out()) >= 400
    assert held_out() == held_out()


def test_about_one_in_twenty_handwritten_conversations_is_held_out() -> None:
    written = handwritten()
    share = sum(is_held_out(conversation) for conversation in written) / len(written)
    assert 0.03 <= share <= 0.08


def test_a_fact_is_only_asked_for_when_it_was_told() -> None:
    """What `le` says of the user stands in the window, unless it says that nobody told."""
    for conversation in generated(5, 3000):
        told = ""
        for message in conversation:
            if message.role is Role.USER:
                told += plain(message.text) + " "
            elif name := re.match(r"Your (?:name is|\w+ is called) (\w+)\.", message.text):
                assert name[1].lower() in told


def test_a_correction_holds_from_then_on() -> None:
    """What is said of one subject changes only in the answer to a correction."""
    corrected = tuple(line.partition("{")[0] for line in read_wordings().corrected)
    changes = 0
    for conversation in generated(6, 3000):
        known: dict[str, str] = {}
        for message in conversation:
            said = re.search(r"(Your (?:\w+ is called|name is)) (\w+)\.", message.text)
            if message.role is Role.ASSISTANT and said:
                changed = known.get(said[1], said[2]) != said[2]
                changes += changed
                assert not changed or message.text.startswith(corrected)
                known[said[1]] = said[2]
    assert changes > 0


def test_what_was_told_is_not_denied() -> None:
    """`You have not told me.` never follows a fact on the very thing that is asked."""
    named = next(fact for fact in read_wordings().facts if fact.name == "named")
    questions = [plain(ask).replace("{subject}", "([a-z]+)") for ask in named.ask.train]
    denied = 0
    for conversation in generated(7, 10_000):
        told: set[str] = set()
        for question, answer in pairwise(conversation):
            if answer.text.startswith("You have not told me."):
                asked_for = [re.fullmatch(q, plain(question.text)) for q in questions]
                subjects = {match[1] for match in asked_for if match}
                denied += len(subjects)
                assert not subjects & told
            told |= set(re.findall(r"Your (\w+) is called", answer.text))
    assert denied > 0


def test_families_that_tests_need_fresh_are_not_in_it() -> None:
    forbidden = ("password", "code", "pin", "plan", "tomorrow i", "next week i")
    for fact in read_wordings().facts:
        for line in (*fact.tell.train, *fact.tell.held_out, *fact.ask.train, *fact.ask.held_out):
            assert not any(word in line.lower().split() for word in forbidden)


def test_made_up_names_hardly_ever_come_back() -> None:
    chance = Chance(7)
    names = [MAKERS["name"](chance) for _ in range(10_000)]
    assert len(set(names)) >= 7_000


@given(st.integers(0, 2**63))
def test_hasty_typing_hurts_no_word_that_an_answer_needs(seed: int) -> None:
    conversation = [
        Message(Role.USER, "My sister is called Mirela and she lives in Osterby."),
        Message(Role.ASSISTANT, "Your sister is called Mirela. She lives in Osterby."),
    ]
    question, answer = typed(conversation, Chance(seed))
    assert answer == conversation[1]
    assert {"mirela", "called", "lives", "osterby"} <= set(words(question.text))


def test_hasty_typing_leaves_half_of_all_lines_alone() -> None:
    conversation = [Message(Role.USER, "What's the matter?"), Message(Role.ASSISTANT, "Nothing.")]
    kept = sum(typed(conversation, Chance(seed)) == conversation for seed in range(1000))
    assert 500 <= kept <= 700


def test_an_article_fits_its_word() -> None:
    said = [m.text for c in generated(9, 5000) for m in c]
    assert [line for line in said if re.search(r"\ba [aeio]|\ban [^aeiouh\W]", line)] == []


def test_no_letter_comes_after_the_last() -> None:
    said = {m.text for c in generated(8, 5000) for m in c if " comes " in m.text}
    assert "Z comes after Y." in said
    assert not said & {"A comes after Z.", "Z comes before A."}


@pytest.mark.parametrize(
    ("number", "said"),
    [(0, "zero"), (13, "thirteen"), (20, "twenty"), (42, "forty-two"), (100, "one hundred")],
)
def test_numbers_are_said_in_words(number: int, said: str) -> None:
    assert in_words(number) == said


def test_a_slot_with_a_capital_takes_one() -> None:
    slots = {"value": "the fox", "subject": "animal"}
    assert fill("{Value} is my {subject}.", slots) == "The fox is my animal."


def test_practice_is_facts_told_and_asked_for_at_once() -> None:
    """Every answer but an honest "not told" says something that stands in the user's words."""
    repeated = told = 0
    for conversation in practised(3, 500):
        roles = [message.role for message in conversation]
        assert roles == [Role.USER, Role.ASSISTANT] * (len(roles) // 2)
        said = " ".join(plain(m.text) for m in conversation if m.role is Role.USER)
        for message in conversation:
            if name := re.match(r"Your (?:name is|\w+ is called) (\w+)\.", message.text):
                told += 1
                assert name[1].lower() in said
        repeated += any(m.text.endswith("I will keep that.") for m in conversation)
    assert told > 50
    assert repeated > 200


def test_handwritten_talks_are_so_many_of_a_hundred() -> None:
    written = set(map(script, handwritten()))
    few, many = (
        sum(script(c) in written for c in training(5, 1000, handwritten_percent=share))
        for share in (10, 60)
    )
    assert few < 150
    assert many > 300


def test_one_seed_gives_twenty_megabytes_that_hardly_repeat() -> None:
    """Twenty megabytes are a hundred thousand conversations; a tenth of them is looked at."""
    talks = list(generated(11, 10_000))
    assert sum(len(m.text) for c in talks for m in c) * 10 >= 19_000_000
    assert len(set(map(script, talks))) > 9_000
