"""Who answers: the model, the code, or nobody; and what a person can do about it."""

from contextlib import closing
from dataclasses import replace
from datetime import datetime

import pytest

from l2c.chat.reply import Replies, Step
from l2c.chat.router import CANNOT_DO, CANNOT_WRITE, DOES_NOT_KNOW, Router, declining
from l2c.conversation import Message, Origin, Role, TurnStatus
from l2c.engines.doubt import Doubt, words_of
from l2c.providers.provider import Outcome, Provider, Sampling, Writing
from l2c.text.bytes import ByteTokenizer
from l2c.text.likeness import Likeness
from tests.chat.room import Room

NOW = datetime(2026, 11, 21, 14, 30)
STRANGE_WORDS = (0.0, 0.0, 4.0, *(0.0,) * 8)
"""Weights under which only words that nobody has said count."""

DOUBT = Doubt(
    starter="s",
    words=frozenset(words_of("Hello, what is my cat called? Why the... Tell me about a")),
    declines=("I do not know",),
    weights=STRANGE_WORDS,
    bias=-2.0,
    threshold=0.5,
)


def you(text: str) -> Message:
    return Message(Role.USER, text)


@pytest.fixture
def provider(room: Room) -> Provider:
    return room.live.current("le")


@pytest.fixture
def router() -> Router:
    return Router(doubt=lambda name: DOUBT, clock=lambda: NOW)


def origin(router: Router, provider: Provider, *said: Message, anyway: bool = False) -> Origin:
    return router.route(provider, said, anyway=anyway).origin


def test_a_sum_and_a_date_are_computed(router: Router, provider: Provider) -> None:
    assert router.route(provider, [you("what is 3 plus 4?")], anyway=False).text == "3 plus 4 is 7."
    today = router.route(provider, [you("What day is it?")], anyway=False)
    assert (today.origin, today.text) == (Origin.COMPUTED, "Today is Saturday, 21 November 2026.")


def test_words_nobody_has_said_are_declined(router: Router, provider: Provider) -> None:
    assert origin(router, provider, you("what is entropy")) is Origin.DECLINED
    assert origin(router, provider, you("what is my cat called")) is Origin.GENERATED


def test_a_word_said_in_this_conversation_is_known(router: Router, provider: Provider) -> None:
    before = (you("Tell me about entropy"), Message(Role.ASSISTANT, "No."))
    assert origin(router, provider, *before, you("what is entropy")) is Origin.GENERATED


def test_a_word_that_was_taught_is_known(provider: Provider) -> None:
    asked: list[tuple[str, str]] = []

    def known(name: str, digest: str) -> set[str]:
        asked.append((name, digest))
        return {"entropy"}

    router = Router(doubt=lambda name: DOUBT, known=known)
    assert origin(router, provider, you("what is entropy")) is Origin.GENERATED
    assert asked == [("le", provider.checkpoint)]


def test_a_name_inside_a_sentence_is_nothing_strange(router: Router, provider: Provider) -> None:
    assert origin(router, provider, you("tell me about Mirela")) is Origin.GENERATED
    assert origin(router, provider, you("TELL ME ABOUT ENTROPY")) is Origin.DECLINED


def test_how_likely_the_model_is_to_decline_counts(provider: Provider) -> None:
    """An untrained model is never about to decline; so only weights against that decline here."""
    for weight, expected in ((9.0, Origin.GENERATED), (-9.0, Origin.DECLINED)):
        doubt = replace(DOUBT, weights=(*(0.0,) * 6, weight, *(0.0,) * 4))
        router = Router(doubt=lambda name, doubt=doubt: doubt)  # type: ignore[misc]
        assert origin(router, provider, you("hello")) is expected


def test_the_model_answers_anyway_when_it_is_asked_to(router: Router, provider: Provider) -> None:
    assert origin(router, provider, you("what is entropy"), anyway=True) is Origin.GENERATED
    assert origin(router, provider, you("2 + 3"), anyway=True) is Origin.GENERATED


def test_a_model_nobody_calibrated_never_declines(provider: Provider) -> None:
    assert origin(Router(), provider, you("what is entropy")) is Origin.GENERATED


class Remote(Provider):
    name, checkpoint, window, tokenizer = "far", None, 512, ByteTokenizer()

    def answer(self, messages: object, sampling: Sampling) -> Writing:
        yield from ()
        return Outcome("stop", 0)

    def complete(self, text: str, sampling: Sampling) -> Writing:
        return self.answer((), sampling)


def test_a_remote_model_is_never_routed(router: Router) -> None:
    assert origin(router, Remote(), you("2 + 3")) is Origin.GENERATED


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("write me an e-mail to my landlord", CANNOT_WRITE),
        ("Why is the sky blue?", DOES_NOT_KNOW),
        ("Please play some music", CANNOT_DO),
    ],
)
def test_declining_says_what_would_help(asked: str, said: str) -> None:
    assert declining(asked) == said


def test_an_answer_says_in_the_store_how_it_was_made(room: Room) -> None:
    conversation = room.new()
    begun = room.replies.begin(room.request(conversation, "what is 3 plus 4?"))
    answer = room.replies.wait(begun.answer.id)
    assert (answer.text, answer.origin) == ("3 plus 4 is 7.", Origin.COMPUTED)
    assert answer.status is TurnStatus.COMPLETE
    again = room.request(conversation, "", step=Step.ANSWER, turn_id=answer.id, anyway=True)
    begun = room.replies.begin(again)
    assert begun.answer.parent_id == answer.parent_id
    assert room.replies.wait(begun.answer.id).origin is Origin.GENERATED


def test_doubt_is_read_back_as_it_was_written() -> None:
    assert Doubt.from_json(DOUBT.to_json()) == DOUBT


# What a small model takes a wording for

LINES = ["Thank you very much", "I have to go", "My cat is called Tom", "We have 3 cats"]
PRACTISED = Likeness(LINES)
WORDS = frozenset(words_of(" ".join(LINES) + " What do you eat? Pim Tom 4"))
WARY = replace(DOUBT, words=WORDS, weights=(0.0, 0.0, 1.0, *(0.0,) * 8), bias=-5.0)
"""Every word that was never practised leaves a little doubt, and never enough to decline."""


def wary(doubt: Doubt = WARY) -> Router:
    return Router(doubt=lambda name: doubt, practised=lambda: PRACTISED)


def taken_for(provider: Provider, text: str, doubt: Doubt = WARY) -> str | None:
    return wary(doubt).route(provider, [you(text)], anyway=False).taken_for


def test_another_wording_is_put_to_the_model_as_it_practised_it(provider: Provider) -> None:
    assert taken_for(provider, "gotta go") == "I have to go"
    assert taken_for(provider, "I have to go") is None
    assert taken_for(provider, "What do you eat?") is None


def test_no_name_and_no_number_is_lost_or_brought(provider: Provider) -> None:
    assert taken_for(provider, "pls my cat is called Tom") == "My cat is called Tom"
    assert taken_for(provider, "pls my cat is called Pim") is None
    assert taken_for(provider, "pls we have 4 cats") is None


def test_a_wording_that_leaves_no_less_doubt_is_not_taken(provider: Provider) -> None:
    assert taken_for(provider, "gotta go", replace(WARY, weights=(0.0,) * 11)) is None


def test_the_model_reads_what_the_words_were_taken_for_and_the_record_says_so(
    room: Room, provider: Provider
) -> None:
    replies = Replies(room.talks, room.live, room.tails, wary(), room.speakers)
    with closing(replies):
        begun = replies.begin(room.request(room.new(), "thx very much", temperature=0.0))
        answer = replies.wait(begun.answer.id)
    assert answer.window is not None
    assert answer.window["taken_for"] == "Thank you very much"
    greedy = Sampling(temperature=0.0, length=40, seed=1)
    assert answer.text == "".join(provider.stream([you("Thank you very much")], greedy))
    assert answer.text != "".join(provider.stream([you("thx very much")], greedy))
