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


def test_what_is_written_in_capitals_is_read_as_any_other(me: Teller) -> None:
    told = me.say("I WAS AN ENGINE DRIVER ON THE RAILWAY").text
    assert told.startswith("You were an engine driver on the railway.")


def test_what_a_thing_is_at_all_is_not_what_was_told_of_one(me: Teller) -> None:
    me.say("My parrot is called Kofi.")
    assert "Kofi" not in me.say("What is a parrot?").text
    assert "Kofi" in me.say("What is my parrot called?").text


def test_a_name_put_right_is_right_in_all_that_was_told(me: Teller) -> None:
    talk = me.say(
        "My neighbour Mr Patel feeds my parrot. The parrot is called Kofi."
    ).conversation_id
    me.say("Oh no, I meant Mr Shah, not Mr Patel.", talk)
    assert me.say("Who feeds my parrot?").text == "Your neighbour Mr Shah feeds your parrot."
    assert me.say("What is my neighbour called?").text == "Your neighbour is called Mr Shah."
    assert "Kofi" in me.say("What is my parrot called?").text


def test_whom_one_greets_is_not_what_one_asks_about(me: Teller) -> None:
    assert me.say("Hello my dear, how is your day going?").text != NOT_TOLD


def test_of_oneself_no_sentence_about_others_is_quoted(me: Teller) -> None:
    me.say("Her son is called Ben, he is at university.")
    assert me.say("Do I have a son?").text == NOT_TOLD


def test_how_long_it_has_been_so_is_counted_from_the_year_that_was_told(me: Teller) -> None:
    me.say("I have been married to Helen since 1994.")
    answer = me.say("How long have I been married?").text
    assert answer.startswith("You have been married to Helen since 1994. That is about ")


def test_what_it_stands_for_is_not_told_where_nothing_says_so(me: Teller) -> None:
    talk = me.say("I have a scooter.").conversation_id
    assert me.say("what colour is it", talk).text == NOT_TOLD
