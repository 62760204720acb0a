"""Two wishes of a core prompt are understood, in ordinary words, and nothing else is."""

import pytest

from l2c.runtime.voice import DEFAULT
from l2c.text.kinds import kinds
from l2c.text.manner import Manner

SORRY = next(one.tone for one in kinds() if one.tone is not None and "sorry" in one.tone.says)


@pytest.mark.parametrize(
    "prompt", ["", DEFAULT, "Be warm.", "You are a pirate.", "Do not be cold."]
)
def test_what_asks_for_neither_changes_nothing(prompt: str) -> None:
    assert Manner.wanted(prompt) == Manner()


@pytest.mark.parametrize(
    "prompt", ["Be dry.", "Speak drily, in few words", "Matter-of-fact.", "Answer without pity"]
)
def test_a_dry_voice_is_understood(prompt: str) -> None:
    assert Manner.wanted(prompt) == Manner(sympathy=False)


@pytest.mark.parametrize("prompt", ["A kind voice with dry wit.", "Be cool and friendly."])
def test_who_wants_warmth_as_well_gets_it(prompt: str) -> None:
    assert Manner.wanted(prompt) == Manner()


@pytest.mark.parametrize(
    "prompt",
    ["Ask nothing.", "Don\u2019t ask back", "Never ask me anything.", "No questions, please."],
)
def test_a_voice_that_asks_nothing_is_understood(prompt: str) -> None:
    assert Manner.wanted(prompt) == Manner(questions=False)


def test_answers_in_the_manner_are_kept_and_all_where_there_is_none() -> None:
    warm, plain = "I am sorry. That is hard.", "It happens. What now?"
    assert Manner().fitting([warm, plain], SORRY) == (warm, plain)
    assert Manner(sympathy=False).fitting([warm, plain], SORRY) == (plain,)
    assert Manner(sympathy=False).fitting([warm], None) == (warm,)
    assert Manner(questions=False).fitting([plain, "What now?"], None) == ("It happens.",)
    assert Manner(questions=False).fitting(["What now?"], None) == ("What now?",)


def test_feelings_at_the_beginning_and_questions_at_the_end_go_but_something_stays() -> None:
    answer = "I am sorry. It is late. Why not? It is dark. Are you tired? Shall we stop?"
    (said,) = Manner(sympathy=False).fitting([answer], SORRY)
    assert said == answer.removeprefix("I am sorry. ")
    (said,) = Manner(questions=False).fitting([answer], SORRY)
    assert said == "I am sorry. It is late. Why not? It is dark."
    (said,) = Manner(sympathy=False, questions=False).fitting(["I am sorry. What now?"], SORRY)
    assert said == "I am sorry."
