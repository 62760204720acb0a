"""Which of what was told answers, and in what words, where a fact alone does not say it."""

from l2c.conversation import Origin
from l2c.text.asking import NOT_TOLD
from tests.chat.teller import Teller


def test_what_is_reckoned_from_something_told_names_its_turn(me: Teller) -> None:
    me.say("I was born on 3 February 1968.")
    answer = me.say("On which day of the week was I born?")
    assert (answer.origin, answer.text[:14]) == (Origin.REMEMBERED, "On a Saturday.")


def test_what_is_left_out_in_what_was_told_is_no(me: Teller) -> None:
    me.say("Our deploy day is Thursday, never Friday.")
    assert me.say("Do we deploy on Fridays?").text.startswith("No.")


def test_of_a_quoted_sentence_neither_yes_nor_no_is_said(me: Teller) -> None:
    me.say("Bel's from Cardiff and she's vegan, I'm not.")
    assert not me.say("Am I a vegan?").text.startswith(("Yes", "No"))


def test_where_somebody_is_is_not_what_they_are_called(me: Teller) -> None:
    me.say("My mother is called Gertrud.")
    assert me.say("Where is my mother?").text == NOT_TOLD


def test_a_sentence_of_others_is_found_where_it_says_all_that_is_asked(me: Teller) -> None:
    me.say("Heron listens on port 8443.")
    assert "8443" in me.say("which port does heron listen on?").text
    assert "8443" not in me.say("which port does osprey listen on?").text


def test_which_of_several_is_known_by_their_names(me: Teller) -> None:
    me.say("I have three daughters: Esi, Abena and Efua. Esi is a dentist in Leeds.")
    assert me.say("Which of my daughters is a dentist?").text == "Esi is a dentist in Leeds."


def test_the_family_is_told_when_asked_for_and_nothing_else(me: Teller) -> None:
    me.say("My brother Max lives in York. I drive a van.")
    told = me.say("Who is in my family?").text
    assert "Max" in told
    assert "van" not in told


def test_a_wish_to_forget_what_was_never_noted_says_so(me: Teller) -> None:
    assert "nothing of it" in me.say("Please forget that Joan's husband died.").text


def test_whether_one_has_something_that_nobody_told_of_is_not_told(me: Teller) -> None:
    assert me.say("Do I have a cat?").text == NOT_TOLD
