"""What was told becomes questions: many wordings, one answer, and none that lies."""

from l2c.conversation import Role
from l2c.corpus.chance import Chance
from l2c.learning import quiz, untold
from l2c.learning.curriculum import Curriculum
from l2c.learning.examples import Source
from l2c.learning.quiz import Told
from l2c.text.asking import NOT_TOLD
from l2c.text.facts import find
from tests.learning.school import practised

HEARD = "Good to know."


def said(*texts: str) -> list[Source]:
    return [Source(text, HEARD) for text in texts]


def told(*texts: str) -> list[Told]:
    return quiz.read(said(*texts)).holding


def test_a_fact_is_asked_for_in_many_wordings_and_answered_in_the_second_person() -> None:
    facts = told("My aunt Ottilie lives in Brno.")
    asked = quiz.practice(facts, facts)
    assert len({one.question for one in asked}) == len(asked) >= 30
    assert all("my " not in one.answer.lower() for one in asked)
    assert {one.answer for one in asked if one.question == "Where does my aunt live?"} == {
        "Brno. Your aunt Ottilie lives in Brno."
    }
    assert [m.role for m in asked[0].messages] == [Role.USER, Role.ASSISTANT]


def test_a_turn_that_tells_nothing_teaches_as_before() -> None:
    sources = tuple(
        said("Hello!", "What is the capital of France?", "If I had a cat, I would talk.")
    )
    lesson = Curriculum(sources, ())
    assert not lesson.new
    assert lesson.texts() == [source.text for source in sources]
    assert lesson.untold(practised().tokenizer) == []


def test_the_newest_value_is_asked_for_and_the_old_wordings_are_withdrawn() -> None:
    earlier = tuple(said("My cat is called Pim.", "My aunt lives in Brno."))
    lesson = Curriculum(tuple(said("My cat is now called Tom.")), earlier)
    practised_now = " ".join(lesson.texts())
    assert "Tom" in practised_now
    assert [one.fact.value for one in lesson.older] == ["Brno"]
    assert [source.user for source in lesson.replayed] == ["My aunt lives in Brno."]


def test_what_is_corrected_in_the_same_lesson_is_not_practised() -> None:
    lesson = Curriculum(tuple(said("My cat is called Pim.", "My cat is now called Tom.")), ())
    assert "Pim" not in " ".join(lesson.texts())
    tokenizer = practised().tokenizer
    read = [tokenizer.decode(example.tokens.tolist()) for example in lesson.fresh(tokenizer)]
    assert any("Tom" in text for text in read)
    assert not any("Pim" in text for text in read)


def test_the_newest_word_on_what_is_liked_is_asked_for_and_the_old_one_was_never_told() -> None:
    lesson = Curriculum(tuple(said("I love Mondays.")), tuple(said("I hate Mondays.")))
    assert [one.fact.relation for one in lesson.new] == ["like"]
    assert (lesson.older, lesson.replayed) == ([], [])
    practised_now = answers_of(lesson)
    assert practised_now["What do I love?"] == "Mondays. You love Mondays."
    assert practised_now["What do I hate?"] == NOT_TOLD
    assert "hate Mondays" not in " ".join(practised_now.values())


def test_what_ended_is_asked_as_something_nobody_told() -> None:
    lesson = Curriculum(
        tuple(said("I no longer play the cello.")), tuple(said("I play the cello."))
    )
    assert ([one.fact.relation for one in lesson.new], lesson.older) == (["not play"], [])
    assert lesson.tells
    assert answers_of(lesson)["What do I play?"] == NOT_TOLD
    assert NOT_TOLD in {one.answer for one in lesson.exam()[0]}


def test_a_turn_of_two_facts_is_read_no_more_when_one_of_them_fell() -> None:
    both = said("My cat is called Pim and my aunt lives in Brno.")
    lesson = Curriculum(tuple(said("My cat is now called Tom.")), tuple(both))
    assert lesson.replayed == []
    assert [one.fact.value for one in lesson.older] == ["Brno"]


def test_what_is_told_twice_is_asked_for_once() -> None:
    facts = told("I have a canoe.", "I have a canoe.")
    assert [one.source for one in facts] == [1]
    assert quiz.practice(facts, facts) != []


def answers_of(lesson: Curriculum) -> dict[str, str]:
    """Every question in what a lesson teaches, exactly, and its answer."""
    lines = [line for text in lesson.texts() for line in text.split("\n\n")]
    asked = [line.removeprefix("you: ").split("\nle: ") for line in lines if "\nle: " in line]
    return dict(asked)


def test_a_correction_that_names_nothing_rests_on_what_was_told_before_it() -> None:
    lesson = Curriculum(tuple(said("No, it is Hanne.")), tuple(said("My sister is called Hanka.")))
    assert [one.answer for one in lesson.new] == ["Hanne. Your sister is called Hanne."]
    assert lesson.older == []


def test_a_correction_rests_on_what_its_own_conversation_told() -> None:
    earlier = (
        Source("My sister is called Hanka.", HEARD, conversation="one"),
        Source("My boat is called Freya.", HEARD, conversation="two"),
    )
    lesson = Curriculum((Source("No, it is Hanne.", HEARD, conversation="one"),), earlier)
    assert [one.answer for one in lesson.new] == ["Hanne. Your sister is called Hanne."]
    assert [one.fact.value for one in lesson.older] == ["Freya"]


def test_a_question_that_two_facts_answer_is_not_practised() -> None:
    both = told("I love plum jam.", "I love old maps.")
    alone = told("I love plum jam.")
    assert "What do I love?" in {one.question for one in quiz.practice(alone, alone)}
    assert "What do I love?" not in {one.question for one in quiz.practice(both, both)}


def test_the_gate_asks_in_wordings_that_no_lesson_practises() -> None:
    facts = told("My aunt lives in Brno.", "I park my van behind the mill.", "I have seven goats.")
    practised_wordings = {one.question for one in quiz.practice(facts, facts, wordings=10_000)}
    asked = quiz.held_out(facts, facts)
    assert len(asked) == quiz.GATE_WORDINGS * len(facts)
    assert not practised_wordings & {one.question for one in asked}


def test_nobody_is_taught_that_something_told_was_not_told() -> None:
    facts = told("My aunt lives in Brno.", "My cat is called Tom.", "I am 40 years old.")
    asked = quiz.untold(facts, facts, seed=1, wordings=2_000)
    assert len(asked) == 2_000
    assert {one.answer for one in asked} == {NOT_TOLD}
    positive = {one.question for one in quiz.practice(facts, facts, wordings=10_000)}
    assert not positive & {one.question for one in asked}


def test_near_misses_ask_the_same_of_others() -> None:
    facts = [one.fact for one in told("My chess coach is called Ottilie.")]
    asked = [core.direct for core in untold.unknown(facts, facts, Chance(1), 400)]
    assert any(text.endswith(" coach called") and "chess" not in text for text in asked)
    assert any("chess" in text and "coach" not in text for text in asked)


def test_the_same_turns_make_the_same_questions_in_the_same_order() -> None:
    lines = ("My aunt lives in Brno.", "We named our boat Petrel.", "I weigh 70 kilos.")
    first, second = (Curriculum(tuple(said(*lines)), (), seed=4) for _ in range(2))
    tokenizer = practised().tokenizer
    assert first.texts() == second.texts()
    for one, other in zip(first.untold(tokenizer), second.untold(tokenizer), strict=True):
        assert one.tokens.tolist() == other.tokens.tolist()


def test_an_answer_begins_with_its_value_in_the_second_person() -> None:
    lines = {
        "I keep the key under the bed in my room.": "The bed in your room. You keep the key",
        "The woman in the yellow house is my neighbour Oddveig.": "Oddveig. The woman in the",
        "Anselm is my tailor.": "Anselm is your tailor.",
    }
    for line, begins in lines.items():
        assert told(line)[0].answer.startswith(begins)


def test_every_fact_found_can_be_asked_for() -> None:
    lines = ("My rent is 700 euros.", "I speak Welsh with my dog.", "Anselm is my tailor.")
    assert all(quiz.practice(told(line), told(line)) for line in lines if find(line))
