"""What is told is known at once, in every later conversation, and nowhere it should not be."""

import pytest
from sqlalchemy import Connection, Engine, event, func, select

from l2c.chat.reply import Step
from l2c.conversation import Origin, TurnStatus
from l2c.errors import InvalidInput, NotFound
from l2c.store.schema import memory as memory_table
from l2c.store.schema.accounts import Speaker
from l2c.text.asking import NOT_TOLD
from tests.chat.teller import Teller


def test_what_was_told_answers_in_another_conversation_and_names_its_turn(me: Teller) -> None:
    told = me.say("My sister's name is Mirela.")
    answer = me.say("What is my sister called?")
    assert (answer.text, answer.origin) == ("Your sister's name is Mirela.", Origin.REMEMBERED)
    assert answer.remembered is not None
    assert [source["turn_id"] for source in answer.remembered] == [told.parent_id]


@pytest.mark.parametrize(
    ("told", "asked", "answer"),
    [
        ("My daughter Ellie is turning seven on Friday", "How old will Ellie be?", "turning seven"),
        ("My daughter Ellie is turning seven on Friday", "When is Ellie's birthday?", "on Friday"),
        ("My best friend Tom moved to Rome.", "Where does Tom live?", "moved to Rome"),
        ("I'm Robert but my friends call me Bob", "What do they call me?", "call you Bob"),
        ("I'm Robert but my friends call me Bob", "What is my name?", "You are Robert."),
        ("I am allergic to peanuts.", "Is there something I can't eat?", "peanuts"),
        ("Our dog Biscuit is scared of thunder", "What is Biscuit afraid of?", "thunder"),
        ("Mum's birthday is 4 July", "When is my mother's birthday?", "4 July"),
        ("I've got two older sisters, Nina and Jo", "How many sisters do I have?", "two"),
        ("I taught Latin. My aunt Ida is a vet.", "What does Ida do for a living?", "Ida is a vet"),
        ("I work as a bus driver in Leeds", "Where do I drive my bus?", "in Leeds"),
    ],
)
def test_what_was_told_of_somebody_by_name_answers_in_other_words(
    me: Teller, told: str, asked: str, answer: str
) -> None:
    me.say(told)
    found = me.say(asked)
    assert found.origin is Origin.REMEMBERED
    assert answer in found.text


def test_whom_a_name_belongs_to_is_known_long_after_it_was_told(me: Teller) -> None:
    conversation = me.conversations.create(model="le").id
    kept = ("cats", "dogs", "hens", "goats", "pigs", "ducks", "fish", "sheep", "cows", "mice")
    me.say("My baby is called Luna.", conversation)
    for number, animals in enumerate(kept, 2):
        me.say(f"I have {number} {animals}", conversation)
    me.say("Luna was born in March.", conversation)
    assert me.say("When was my baby born?").text == "Your baby Luna was born in March."


@pytest.mark.parametrize(
    "asked", ["What do you know about me?", "tell me about me", "what have I told you"]
)
def test_all_that_was_told_is_told_when_asked_for(me: Teller, asked: str) -> None:
    me.say("My cat is called Pim.")
    me.say("I live in Bergen.")
    answer = me.say(asked)
    assert answer.text == "You live in Bergen. Your cat is called Pim."
    said = [source["said"] for source in answer.remembered or ()]
    assert said == ["I live in Bergen.", "My cat is called Pim."]


def test_what_is_over_is_not_quoted_from_the_turn_that_told_it(me: Teller) -> None:
    me.say("I drive a Ford Focus.")
    assert "Ford" in me.say("What car do I drive?").text
    me.say("I sold my car.")
    assert me.say("What car do I drive?").text == NOT_TOLD
    me.say("I quit smoking in March.")
    assert me.say("When did I quit smoking?").text == "You quit smoking in March."


def test_who_says_a_name_is_greeted_by_it(me: Teller) -> None:
    assert me.say("I'm Sofia.").text == "Nice to meet you, Sofia. I will remember that."


def test_what_le_thinks_of_it_is_not_what_was_told(me: Teller) -> None:
    me.say("My dog is called Biscuit.")
    answer = me.say("What do you think about dogs?")
    assert answer.origin is not Origin.REMEMBERED


def test_a_name_alone_does_not_say_how_old_its_bearer_is(me: Teller) -> None:
    me.say("My daughter is called Ellie.")
    for asked in ("How old is Ellie?", "When is Ellie's birthday?", "Where does Ellie live?"):
        assert me.say(asked).text == NOT_TOLD
    assert "daughter" in me.say("Who is Ellie?").text


def test_what_nobody_told_is_said_to_be_so(me: Teller) -> None:
    me.say("My sister lives in Rome.")
    answer = me.say("Where does my brother live?")
    assert (answer.text, answer.origin) == (NOT_TOLD, Origin.DECLINED)
    assert answer.remembered is None


def test_a_correction_answers_from_then_on_and_the_old_value_is_history(me: Teller) -> None:
    first = me.say("My cat is called Pim.")
    said = me.say("Forgive me, that is wrong. It is Tom.", first.conversation_id)
    assert said.text == "All right. Your cat is called Tom."
    assert me.say("What is my cat called?").text == "Your cat is called Tom."
    assert [one.history for one in me.memory.all()] == [("Pim",)]


def test_a_deleted_conversation_is_not_remembered_and_a_restored_one_is(me: Teller) -> None:
    told = me.say("My cat is called Pim.")
    me.conversations.delete(told.conversation_id)
    assert me.say("What is my cat called?").text == NOT_TOLD
    me.conversations.restore(told.conversation_id)
    assert me.say("What is my cat called?").text == "Your cat is called Pim."


def test_an_erased_conversation_takes_its_facts_and_the_marks_of_answers_with_it(
    me: Teller,
) -> None:
    told = me.say("My cat is called Pim.")
    answer = me.say("What is my cat called?")
    me.conversations.delete(told.conversation_id)
    me.conversations.purge_deleted()
    with me.database.read() as connection:
        assert connection.execute(select(func.count()).select_from(memory_table)).scalar() == 0
    assert me.conversations.turn(answer.id).remembered is None


def test_deleting_a_correction_brings_the_old_value_back(me: Teller) -> None:
    me.say("My cat is called Pim.")
    newer = me.say("My cat is now called Tom.")
    me.conversations.delete(newer.conversation_id)
    assert me.say("What is my cat called?").text == "Your cat is called Pim."


def test_what_was_edited_away_is_not_remembered(me: Teller) -> None:
    told = me.say("My cat is called Pim.")
    assert told.parent_id is not None
    me.say("My cat is called Kit.", told.conversation_id, step=Step.EDIT, turn_id=told.parent_id)
    assert me.facts() == [("cat", "name", "Kit")]


def test_a_temporary_conversation_knows_itself_and_leaves_nothing(me: Teller) -> None:
    me.say("I live in Lund.")
    temporary = me.talks.begin_temporary(model="le").id
    me.say("My cat is called Pim.", temporary)
    assert me.say("What is my cat called?", temporary).text == "Your cat is called Pim."
    assert me.say("Where do I live?", temporary).text == NOT_TOLD
    assert me.say("What is my cat called?").text == NOT_TOLD


def test_nobody_remembers_for_somebody_else(tellers: tuple[Teller, Teller]) -> None:
    me, other = tellers
    me.say("The code for the shed is 7731.")
    asked = "What is the code for the shed?"
    assert me.say(asked).text == "The code for the shed is 7731."
    assert "7731" not in other.say(asked).text
    assert other.memory.all() == []
    (mine,) = me.memory.all()
    assert mine.row is not None
    for act in (other.memory.delete, other.memory.get, lambda id: other.memory.change(id, "1")):
        with pytest.raises(NotFound):
            act(mine.row.id)


@pytest.mark.parametrize("what", ["turn", "conversation"])
def test_what_was_kept_out_of_learning_is_not_remembered(me: Teller, what: str) -> None:
    conversation = me.conversations.create(model="le", learn=what != "conversation").id
    me.say("My cat is called Pim.", conversation, learn=what != "turn")
    assert me.facts() == []
    assert me.say("What is my cat called?").text == NOT_TOLD


def test_the_switch_of_roles_stops_remembering_for_good_while_it_is_off(me: Teller) -> None:
    me.say("My cat is called Pim.")
    me.speakers.change(Speaker.USER, memory=False)
    me.say("I live in Lund.")
    assert me.say("What is my cat called?").origin is Origin.GENERATED
    me.speakers.change(Speaker.USER, memory=True)
    assert me.facts() == [("cat", "name", "Pim")]


def test_a_fact_can_be_given_another_value(me: Teller) -> None:
    me.say("My cat is called Pim.")
    (one,) = me.memory.all()
    assert one.row is not None
    me.memory.change(one.row.id, "  Pimpernel ")
    assert me.say("What is my cat called?").text == "Your cat is called Pimpernel."
    with pytest.raises(InvalidInput):
        me.memory.change(one.row.id, " ")


def test_a_forgotten_fact_does_not_come_back_by_another_way(me: Teller) -> None:
    me.say("My cat is called Pim.")
    me.say("My cat is now called Tom.")
    (one,) = me.memory.all()
    assert one.row is not None
    me.memory.delete(one.row.id)
    assert me.facts() == []
    assert me.say("What is my cat called?").text == NOT_TOLD


def test_turns_that_nobody_looked_through_are_read_when_something_is_asked(me: Teller) -> None:
    conversation = me.conversations.create(model="le").id
    me.conversations.begin_exchange(conversation, "My cat is called Pim.", model="le")
    assert me.say("What is my cat called?").text == "Your cat is called Pim."


def test_turns_that_tell_nothing_are_noted_together(me: Teller) -> None:
    conversation = me.conversations.create(model="le").id
    for number in range(5):
        begun = me.conversations.begin_exchange(conversation, f"Count to {number}.", model="le")
        me.conversations.finish(begun.answer.id, status=TurnStatus.STOPPED, text="No.")
    commits: list[Connection] = []
    count = commits.append
    event.listen(Engine, "commit", count)
    try:
        assert me.facts() == []
        me.conversations.create(model="le")  # brings along what may wait
        noted = len(commits)
        assert noted <= 2
        assert me.facts() == []
        me.conversations.create(model="le")
        assert len(commits) == noted + 1
    finally:
        event.remove(Engine, "commit", count)


def test_a_past_sentence_that_is_no_fact_is_still_found(me: Teller) -> None:
    me.say("We scrubbed our old barge until midnight.")
    answer = me.say("Until when did we scrub our barge?")
    assert answer.text == "You scrubbed your old barge until midnight."
    assert answer.origin is Origin.REMEMBERED


def test_a_past_sentence_is_found_by_the_plain_form_of_its_verb(me: Teller) -> None:
    me.say("We brought three jars of honey up the hill.")
    assert "jars of honey" in me.say("Did we bring any honey up the hill?").text


def test_what_is_over_is_noted_and_no_longer_so(me: Teller) -> None:
    me.say("I have a bike.")
    told = me.say("i sold my bike btw")
    assert told.text == "You sold your bike. I will remember that."
    assert me.say("Do I still have a bike?").text == "No. You sold your bike."
    assert me.say("What did I sell?").text == "You sold your bike."


def test_a_yes_is_only_said_to_what_was_told_in_full(me: Teller) -> None:
    me.say("I live on a boat.")
    assert me.say("Do I live on a boat?").text == "Yes. You live on a boat."
    assert me.say("Do I live in a house?").text == "You live on a boat."


def test_where_somebody_was_before_is_what_was_replaced(me: Teller) -> None:
    me.say("I live in Ulm.")
    assert me.say("Where did I live before?").text == NOT_TOLD
    me.say("I moved to Bonn.")
    answer = me.say("Where did I live before?")
    assert answer.text == "Ulm, before. Now: You moved to Bonn."
    assert me.say("Where do I live?").text == "You moved to Bonn."


def test_whoever_wants_the_model_gets_the_model(me: Teller) -> None:
    me.say("My cat is called Pim.")
    assert me.say("What is my cat called?", anyway=True).origin is Origin.GENERATED


def test_a_model_elsewhere_reads_what_was_told_about_its_question(me: Teller) -> None:
    me.say("My cat is called Pim.")
    me.say("I live in Lund.")
    part = me.memory.for_window("Write a poem about my cat", me.speakers.rules())
    assert "My cat is called Pim" in part
    assert "Lund" not in part
    assert me.memory.for_window("What is gravity?", me.speakers.rules()) == ""


def test_what_is_hated_is_answered_as_a_preference(me: Teller) -> None:
    me.say("I hate Mondays.")
    assert me.facts() == [("", "dislike", "Mondays")]
    for question in ("What do I hate?", "Which day do I hate?", "What don't I like?"):
        assert me.say(question).text == "You hate Mondays."
    assert me.say("Do I hate Mondays?").text == "Yes. You hate Mondays."
    assert me.say("Do I like Mondays?").text == "No. You hate Mondays."
    assert me.say("What do I like?").text == NOT_TOLD
    assert me.say("When do I work?").text == NOT_TOLD


def test_the_newest_word_on_what_is_liked_counts(me: Teller) -> None:
    for said in ("I hate cheese.", "I hate Mondays.", "I love cheese.", "I hate snow."):
        me.say(said)
    assert me.say("What do I hate?").text == "You hate snow. You hate Mondays."
    assert me.say("Do I hate cheese?").text == "No. You love cheese."


def test_who_asks_to_forget_is_told_what_is_forgotten_and_what_stays(me: Teller) -> None:
    told = me.say("My friend Zoe plays the drums.")
    wish = me.say("Forget that Zoe plays the drums.").text
    assert "plays the drums. The words stay in our conversation, and a lesson" in wish
    assert me.say("What does Zoe play?", told.conversation_id).text == NOT_TOLD


def test_what_is_not_to_be_remembered_is_not(me: Teller) -> None:
    said = me.say("Don't remember this, but I have two cats.").text
    assert said.startswith("All right, I keep that out of my memory, and no lesson learns it.")
    assert me.say("How many cats do I have?").text == NOT_TOLD


def test_a_question_with_a_pronoun_is_about_what_was_spoken_of(me: Teller) -> None:
    told = me.say("My cat is called Mochi.")
    answer = me.say("whats it called", told.conversation_id)
    assert answer.text == "Your cat is called Mochi."
    assert me.say("whats it called").origin is not Origin.REMEMBERED


def test_whether_something_was_told_is_said(me: Teller) -> None:
    me.say("My brother is called Sean.")
    assert me.say("Did I tell you about my brother?").text == "Yes. Your brother is called Sean."
    assert me.say("Did I tell you about my sister?").text == "No. Tell me about your sister."


def test_what_somebody_else_is_asked_about_is_not_answered_of_the_speaker(me: Teller) -> None:
    told = me.say("My twins turn nine on the 3rd of February. I am 43.").conversation_id
    assert "nine" in me.say("How old will they be?", told).text
    assert "43" not in me.say("And how old will she be?").text


def test_why_is_answered_by_the_sentence_that_says_so(me: Teller) -> None:
    told = me.say("I sold the car because the engine broke.").conversation_id
    assert (
        me.say("Why did I sell the car?", told).text == "You sold the car because the engine broke."
    )
    assert me.say("Why did I buy the car?", told).origin is not Origin.REMEMBERED


def test_a_day_is_no_reason(me: Teller) -> None:
    told = me.say("I sold the bike on Sunday in Rome.").conversation_id
    assert me.say("Why did I sell the bike?", told).origin is not Origin.REMEMBERED


def test_what_is_to_be_done_is_known(me: Teller) -> None:
    told = me.say("I need to buy milk and a card.").conversation_id
    assert "milk and a card" in me.say("What do I need to buy?", told).text
    assert me.say("What do I need to sell?", told).origin is not Origin.REMEMBERED


def test_a_wish_of_le_is_no_question_about_what_was_told(me: Teller) -> None:
    told = me.say("I study English.").conversation_id
    assert me.say("Can you correct my English please?", told).origin is not Origin.REMEMBERED


def test_a_sentence_is_found_by_another_word_for_the_same(me: Teller) -> None:
    me.say("My oven broke last week and the repair cost 340 pounds.")
    said = "Your oven broke last week and the repair cost 340 pounds."
    assert me.say("What did the oven repair cost?").text == said
    assert me.say("What was the price of the oven repair?").text == said
    assert me.say("Who works for me?").text == NOT_TOLD


def test_what_somebody_does_is_no_answer_to_their_name(me: Teller) -> None:
    me.say("My sister lives in Ghent. My teacher is strict.")
    assert me.say("What is my sister's name?").text == NOT_TOLD
    assert me.say("What is my teacher's name?").text == NOT_TOLD


def test_who_made_le_is_not_asked_of_what_was_told(me: Teller) -> None:
    me.say("I am making bread.")
    assert me.say("Who made you?").origin is not Origin.REMEMBERED


@pytest.mark.parametrize(
    "asked", ["Why is he moving?", "why is Max moving", "Why's my brother moving?"]
)
def test_a_reason_is_found_by_pronoun_and_by_name(me: Teller, asked: str) -> None:
    where = me.conversations.create(model="le").id
    me.say("My brother Max is moving to Lyon because of his job.", where)
    assert me.say(asked, where).text == "Your brother Max is moving to Lyon because of his job."
    assert me.say("Why is he singing?", where).origin is not Origin.REMEMBERED
