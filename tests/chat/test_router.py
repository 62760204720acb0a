"""Who answers: the model, the code, or nobody; and what a person can do about it."""

from contextlib import closing
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from l2c.chat.reply import Replies, Step
from l2c.chat.router import (
    CANNOT_DO,
    CANNOT_WRITE,
    DOES_NOT_KNOW,
    DOES_NOT_UNDERSTAND,
    Route,
    Router,
    declining,
    likeliest,
)
from l2c.conversation import Message, Origin, Role, TurnStatus
from l2c.engines.doubt import Doubt, Evidence, words_of
from l2c.providers.local import LocalProvider
from l2c.providers.provider import Outcome, Provider, Sampling, Writing
from l2c.text.bytes import ByteTokenizer
from l2c.text.known import Exchange
from l2c.text.practice import REMARK
from l2c.text.repertoire import Sayings
from l2c.text.template import encode_prompt
from l2c.text.topics import follow_up
from tests.chat.practised import MORE, PRACTISED, practised_of
from tests.chat.room import Room

NOW = datetime(2026, 11, 21, 14, 30)
STRANGE_WORDS = (0.0, 0.0, 4.0, *(0.0,) * 8)
"""Weights under which only words that nobody has said count."""


class Calm(Doubt):
    """A doubt that finds a model fairly sure of its words, as an untrained one never is."""

    def evidence(self, *args: Any, **named: Any) -> Evidence:
        return replace(super().evidence(*args, **named), unsure=0.1)


DOUBT = Calm(
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
        router = Router(doubt={"le": doubt}.get)
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
    ("asked", "strange", "said"),
    [
        ("write me an e-mail to my landlord", 0.2, CANNOT_WRITE),
        ("Why is the sky blue?", 0.0, DOES_NOT_KNOW),
        ("Please play some music", 0.3, CANNOT_DO),
        ("¿Cómo te llamas?", 1.0, DOES_NOT_UNDERSTAND),
        ("\U0001f602 !", 0.0, DOES_NOT_UNDERSTAND),
        ("你好", 0.0, DOES_NOT_UNDERSTAND),
    ],
)
def test_declining_says_what_would_help(asked: str, strange: float, said: str) -> None:
    assert declining(asked, strange=strange) == said


def test_a_quantity_is_converted_by_code(provider: Provider) -> None:
    route = routed(provider, "how many cm in 2 m")
    assert (route.origin, route.text) == (Origin.COMPUTED, "2 metres is 200 centimetres.")


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


# What a small model takes a wording for

NO_DOUBT = Doubt("s", DOUBT.words, DOUBT.declines, (0.0,) * 11, bias=-2.0, threshold=0.5)
"""Nothing is declined for the message; an untrained model is unsure of whatever it writes."""


def routed(provider: Provider, *said: str, doubt: Doubt = NO_DOUBT) -> Route:
    router = Router(doubt=lambda name: doubt, practised=lambda: PRACTISED)
    roles = (Role.USER, Role.ASSISTANT)
    messages = [Message(roles[at % 2], text) for at, text in enumerate(said)]
    return router.route(provider, messages, anyway=False)


def test_another_wording_is_answered_as_it_was_practised(provider: Provider) -> None:
    route = routed(provider, "thx very much")
    assert (route.origin, route.taken_for) == (Origin.PRACTISED, "Thank you very much")
    assert route.text == "You are welcome."


def test_the_same_words_are_not_said_to_be_read_as_others(provider: Provider) -> None:
    for said in ("Thank you very much", "thank you, very much!"):
        route = routed(provider, said)
        assert (route.text, route.taken_for) == ("You are welcome.", None)


def test_an_answer_is_not_given_twice_in_one_talk(provider: Provider) -> None:
    first = routed(provider, "gotta go").text
    assert first is not None
    second = routed(provider, "gotta go", first, "gotta go").text
    assert {first, second} == {"Goodbye.", "See you."}


def test_no_name_and_no_number_is_lost_or_brought(provider: Provider) -> None:
    assert routed(provider, "pls my cat is called Tom").taken_for == "My cat is called Tom"
    assert routed(provider, "my cat is called Pim").taken_for == REMARK
    assert routed(provider, "we have 4 cats").taken_for == REMARK


def test_what_is_told_is_met_with_interest(provider: Provider) -> None:
    """What is told of oneself in few words is said back, where nothing can be asked about it."""
    route = routed(provider, "my roof is red at noon")
    assert route.text == "So your roof is red at noon. Tell me more about it."
    assert routed(provider, "the moss hums on the roof").text == "Tell me more about it."
    assert routed(provider, "I bought an old piano").text in follow_up("I bought an old piano")


def test_an_answer_to_something_told_asks_on(provider: Provider) -> None:
    """What was practised for it may end there; a person would ask about the matter."""
    text = routed(provider, "My cat is called Tom").text
    assert text is not None
    answer, _, question = text.partition(". ")
    assert answer == "Tom is a nice name"
    assert question in follow_up("my cat is called Tom")


def test_what_is_replied_to_a_question_is_heard(provider: Provider) -> None:
    """However few its words are; but a question or a wish is no reply."""
    assert routed(provider, "I bake bread.", "What kind?", "rye").text == "Now I can picture it."
    assert routed(provider, "I bake bread.", "Good.", "rye").origin is Origin.DECLINED
    for asked in ("what kind is best?", "write a recipe"):
        route = routed(provider, "I bake bread.", "What kind?", asked)
        assert route.origin is Origin.DECLINED


def test_what_belongs_after_a_story_or_a_greeting_is_answered_there(provider: Provider) -> None:
    story = "A snail left. It went far. It came home."
    assert routed(provider, "A story!", story, "what happened next").text == "Then it was evening."
    assert routed(provider, "hi", "How are you?", "tired").text == "Then rest."
    assert routed(provider, "what happened next").text != "Then it was evening."


def test_a_sorrow_is_met_with_sympathy_first(provider: Provider) -> None:
    practised = practised_of([Exchange("I feel so sad today.", "What happened?")])
    router = Router(doubt=lambda name: NO_DOUBT, practised=lambda: practised)
    route = router.route(provider, [you("I feel so sad today.")], anyway=False)
    assert route.text == "I am sorry to hear that. What happened?"


def test_a_core_prompt_may_want_no_sympathy_and_no_questions(provider: Provider) -> None:
    practised = practised_of(
        [
            Exchange("I feel so sad today.", "That is hard."),
            Exchange("I feel so sad today.", "Tomorrow is another day. What happened?"),
            Exchange("My cat is called Tom", "Tom is a nice name."),
        ],
        sayings=Sayings(more=MORE),
    )

    def said(text: str, core_prompt: str, *before: Message) -> str | None:
        router = Router(
            doubt=lambda name: NO_DOUBT,
            practised=lambda: practised,
            core_prompt=lambda: core_prompt,
        )
        return router.route(provider, [*before, you(text)], anyway=False).text

    sad, named = "I feel so sad today.", "My cat is called Tom"
    assert said(sad, "Be dry.") == "Tomorrow is another day. What happened?"
    assert said(sad, "Be dry. Ask nothing.") == "Tomorrow is another day."
    for warm in ("", "Be warm.", "Be warm, with dry wit."):
        assert "hard" in str(said(sad, warm)) or "sorry" in str(said(sad, warm))
    assert said(named, "Never ask questions.") == "Tom is a nice name."
    assert str(said(named, "Be warm.")).startswith("Tom is a nice name. ")
    own = Message(Role.SYSTEM, "Ask no questions.")
    assert said(named, "Be warm.", own) == "Tom is a nice name."


def test_a_core_prompt_may_want_no_question_about_what_is_remembered(provider: Provider) -> None:
    told = Route(Origin.REMEMBERED, "The moss hums at noon. I will remember that.")
    for core_prompt, asked in (("Be warm.", True), ("Do not ask me anything.", False)):
        router = Router(
            doubt=lambda name: NO_DOUBT,
            practised=lambda: PRACTISED,
            core_prompt=lambda: core_prompt,  # noqa: B023
        )
        route = router.route(
            provider, [you("the moss hums at noon")], anyway=False, told=lambda: told
        )
        assert (route.text != told.text) is asked


def test_small_talk_is_no_fact(provider: Provider) -> None:
    router = Router(doubt=lambda name: NO_DOUBT, practised=lambda: PRACTISED)
    told = Route(Origin.REMEMBERED, "You like your name. I will remember that.")
    route = router.route(provider, [you("I like your name")], anyway=False, told=lambda: told)
    assert route.text == "Thank you."


def test_what_is_asked_about_le_is_answered_by_the_program(provider: Provider) -> None:
    route = routed(provider, "who can read my messages")
    assert (route.origin, route.text, route.taken_for) == (Origin.COMPUTED, "Only you.", None)


def test_nothing_is_made_up_about_le(provider: Provider) -> None:
    calm = replace(DOUBT, weights=NO_DOUBT.weights)
    assert routed(provider, "who reads messages here", doubt=calm).text == "Only you."
    assert routed(provider, "who reads books here", doubt=calm).origin is Origin.GENERATED


def test_what_nobody_was_told_is_still_not_told(provider: Provider) -> None:
    router = Router(doubt=lambda name: NO_DOUBT, practised=lambda: PRACTISED)
    not_told = Route(Origin.DECLINED, "You have not told me.")
    for asked in ("what is my cat called", "who can read my messages"):
        route = router.route(provider, [you(asked)], anyway=False, told=lambda: not_told)
        assert (route is not_told) is ("cat" in asked)


def test_what_its_speaker_did_is_no_question_about_le(provider: Provider) -> None:
    practised = practised_of([], itself={"do you remember what I said yesterday": "Only facts."})
    router = Router(doubt=lambda name: NO_DOUBT, practised=lambda: practised)
    not_told = Route(Origin.DECLINED, "You have not told me.")
    said = [you("Do you remember what I bought yesterday?")]
    assert practised.meant(said[0].text) is not None
    assert router.route(provider, said, anyway=False, told=lambda: not_told) is not_told


def test_what_is_remembered_is_asked_about(provider: Provider) -> None:
    router = Router(doubt=lambda name: NO_DOUBT, practised=lambda: PRACTISED)
    told = Route(Origin.REMEMBERED, "You adopted a dog. I will remember that.", remembered=("t",))
    route = router.route(provider, [you("we adopted a dog")], anyway=False, told=lambda: told)
    assert route.text is not None
    question = route.text.removeprefix(f"{told.text} ")
    assert any(asked.endswith(question) for asked in follow_up("we adopted a dog"))
    assert route == replace(told, text=route.text)
    told = replace(told, text="The moss hums at noon.")
    route = router.route(provider, [you("the moss hums at noon")], anyway=False, told=lambda: told)
    assert route.text == "The moss hums at noon. What else should I know?"


def test_nothing_is_asked_about_a_date(provider: Provider) -> None:
    router = Router(doubt=lambda name: NO_DOUBT, practised=lambda: PRACTISED)
    told = Route(Origin.REMEMBERED, "You adopted a dog in 2019.", remembered=("t",))
    said = [you("we adopted a dog in 2019")]
    assert router.route(provider, said, anyway=False, told=lambda: told) == told


def test_a_sad_word_does_not_stand_in_the_way_of_what_is_done(provider: Provider) -> None:
    router = Router(doubt=lambda name: NO_DOUBT, practised=lambda: PRACTISED)
    done = Route(Origin.COMPUTED, "All right.")
    assert router.route(provider, [you("I feel sad")], anyway=False, told=lambda: done) == done


def test_a_model_unsure_of_its_words_declines_what_nobody_meant(provider: Provider) -> None:
    assert routed(provider, "why is the moon round?").origin is Origin.DECLINED


def test_the_likeliest_of_several_answers_is_the_models_own(provider: Provider) -> None:
    assert isinstance(provider, LocalProvider)
    model, asked = provider.model, [you("hello")]
    before = encode_prompt(asked, model.tokenizer)

    def bits(answer: str) -> float:
        tokens = model.tokenizer.encode(answer)
        return (model.bits([*before, *tokens]) - model.bits(before)) / len(tokens)

    answers = ["Good day.", "zzzz", "What?"]
    assert likeliest(model, asked, answers) == min(answers, key=bits)


def test_the_record_says_what_the_words_were_taken_for(room: Room) -> None:
    router = Router(doubt=lambda name: NO_DOUBT, practised=lambda: PRACTISED)
    replies = Replies(room.talks, room.live, room.tails, router, room.speakers)
    with closing(replies):
        begun = replies.begin(room.request(room.new(), "thx very much", temperature=0.0))
        answer = replies.wait(begun.answer.id)
    assert answer.window is not None
    assert answer.window["taken_for"] == "Thank you very much"
    assert (answer.text, answer.origin) == ("You are welcome.", Origin.PRACTISED)


def test_doubt_is_read_back_as_it_was_written() -> None:
    assert Doubt.from_json(NO_DOUBT.to_json()) == NO_DOUBT


def test_a_wish_to_ask_is_no_question_about_le(provider: Provider) -> None:
    practised = practised_of(
        [Exchange("can you help me?", "What do you need?")],
        itself={"what can I ask you": "I can chat."},
    )
    meant = practised.meant("can I ask you for a favour")
    assert meant is not None
    assert meant.answers == ("What do you need?",)
