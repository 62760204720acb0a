"""Versions of a turn: nothing is overwritten, and only the active branch teaches."""

from collections.abc import Callable

import pytest

from l2c.conversation import Origin, Role, TurnStatus
from l2c.errors import Busy, Conflict, InvalidInput, NotFound
from l2c.store.conversations import BegunExchange, Conversations
from l2c.store.learning import Learning
from l2c.store.lease import Lease
from l2c.store.turns import LearningMark
from tests.store.talk import STARTER, Talk, begin_lesson, keep, mark, waiting


def finished(conversations: Conversations, begun: BegunExchange, text: str = "Yes.") -> str:
    conversations.finish(
        begun.answer.id,
        status=TurnStatus.COMPLETE,
        text=text,
        origin=Origin.GENERATED,
        checkpoint=STARTER,
    )
    return begun.answer.id


def texts(conversations: Conversations, conversation: str) -> list[str]:
    return [turn.text for turn in conversations.turns(conversation)]


def test_an_edited_turn_begins_a_branch_and_the_old_one_stays(
    conversations: Conversations, talk: Talk
) -> None:
    first = talk.say("Where is Pim?", "Here.")
    talk.say("Really?", "No.", conversation=first.conversation)
    begun = conversations.begin_edit(first.user.id, "Where is Mirela?", model="le")
    finished(conversations, begun, "In Bergen.")
    assert texts(conversations, first.conversation) == ["Where is Mirela?", "In Bergen."]
    edited = conversations.turn(begun.user.id)
    assert (edited.made_from, edited.parent_id) == (first.user.id, None)
    assert (edited.version, edited.versions) == (2, 2)
    assert [turn.id for turn in conversations.versions(edited.id)] == [first.user.id, edited.id]
    old = conversations.turns(first.conversation, through=first.user.id)
    assert [turn.text for turn in old] == ["Where is Pim?", "Here.", "Really?", "No."]
    assert conversations.get(first.conversation).turn_count == 2


def test_an_answer_has_versions_and_each_can_be_gone_back_to(
    conversations: Conversations, talk: Talk
) -> None:
    said = talk.say("Hello", "One")
    second = finished(conversations, conversations.begin_answer(said.answer.id, model="le"), "Two")
    third = finished(conversations, conversations.begin_answer(said.user.id, model="le"), "Three")
    places = [(turn.id, turn.version, turn.versions) for turn in conversations.versions(second)]
    assert places == [(said.answer.id, 1, 3), (second, 2, 3), (third, 3, 3)]
    row = conversations.activate(second)
    assert row.active_turn_id == second
    assert texts(conversations, said.conversation) == ["Hello", "Two"]


def test_a_branch_is_entered_at_its_newest_end(conversations: Conversations, talk: Talk) -> None:
    first = talk.say("One", "1")
    second = talk.say("Two", "2", conversation=first.conversation)
    finished(conversations, conversations.begin_edit(first.user.id, "Other", model="le"))
    assert conversations.activate(first.user.id).active_turn_id == second.answer.id


def test_a_continued_answer_begins_with_all_of_the_old_one(
    conversations: Conversations, talk: Talk
) -> None:
    said = talk.say("Hello", "Once upon", status=TurnStatus.STOPPED)
    begun = conversations.begin_continuation(said.answer.id, model="le")
    assert (begun.answer.text, begun.answer.status) == ("Once upon", TurnStatus.STREAMING)
    assert begun.answer.made_from == said.answer.id
    conversations.journal(begun.answer.id, 9, " a time").result()
    assert conversations.interrupt_orphans() == [begun.answer.id]
    assert conversations.turn(begun.answer.id).text == "Once upon a time"
    assert conversations.turn(said.answer.id).text == "Once upon"


def test_a_corrected_answer_is_the_users_own_and_teaches(
    conversations: Conversations, learning: Learning, talk: Talk
) -> None:
    said = talk.say("Where is Pim?", "Nowhere.")
    corrected = conversations.correct_answer(said.answer.id, "With the cat.").answer
    assert (corrected.origin, corrected.status) == (None, TurnStatus.COMPLETE)
    (exchange,) = learning.pending("le", limit=9)
    assert (exchange.answer_text, exchange.answer_teaches) == ("With the cat.", True)


def test_only_an_answer_called_good_teaches(
    conversations: Conversations, learning: Learning, talk: Talk
) -> None:
    said = talk.say("Hello", "Hi!")

    def teaches() -> bool:
        (exchange,) = learning.pending("le", limit=9)
        return exchange.answer_teaches

    assert not teaches()
    assert conversations.change_turn(said.answer.id, rating=1).rating == 1
    assert teaches()
    conversations.change_turn(said.answer.id, rating=None)
    assert not teaches()
    corrected = conversations.correct_answer(said.answer.id, "Good morning!").answer
    assert teaches()
    conversations.change_turn(corrected.id, rating=-1)
    assert not teaches()
    with pytest.raises(InvalidInput, match="Only answers"):
        conversations.change_turn(said.user.id, rating=1)


def test_what_is_edited_away_leaves_the_queue_and_comes_back_with_its_branch(
    conversations: Conversations, learning: Learning, talk: Talk
) -> None:
    first = talk.say("One")
    talk.say("Two", conversation=first.conversation)
    finished(conversations, conversations.begin_edit(first.user.id, "Other", model="le"))
    assert waiting(learning) == ["Other"]
    assert mark(conversations, first) == (LearningMark.NONE, None)
    conversations.activate(first.user.id)
    assert waiting(learning) == ["One", "Two"]


def test_what_was_learned_and_edited_away_is_marked_to_be_forgotten(
    conversations: Conversations, learning: Learning, lease: Lease, talk: Talk
) -> None:
    said = talk.say("My name is Ada.")
    keep(lease, begin_lesson(learning, lease), "first")
    begun = conversations.begin_edit(said.user.id, "My name is Mirela.", model="le")
    assert mark(conversations, said) == (LearningMark.TO_FORGET, 1)
    finished(conversations, begun)
    assert waiting(learning) == ["My name is Mirela."]
    conversations.activate(said.user.id)
    assert mark(conversations, said) == (LearningMark.LEARNED, 1)
    assert waiting(learning) == []


def test_a_lesson_that_began_before_the_edit_is_not_kept(
    conversations: Conversations, learning: Learning, lease: Lease, talk: Talk
) -> None:
    said = talk.say("My name is Ada.")
    number = begin_lesson(learning, lease)
    conversations.begin_edit(said.user.id, "My name is Mirela.", model="le")
    with pytest.raises(Conflict, match="may not teach"):
        keep(lease, number, "first")


def test_teaching_anew_does_not_reach_other_branches(
    conversations: Conversations, learning: Learning, talk: Talk
) -> None:
    said = talk.say("One")
    finished(conversations, conversations.begin_edit(said.user.id, "Other", model="le"))
    conversations.update(said.conversation, learn=False)
    conversations.change_turn(said.user.id, learn=False)
    conversations.update(said.conversation, learn=True)
    conversations.change_turn(said.user.id, learn=True)
    assert waiting(learning) == ["Other"]


Try = Callable[[Conversations, str, str], object]
STALE: dict[str, Try] = {
    "edit": lambda c, turn, last: c.begin_edit(turn, "x", model="le", last_turn_id=last),
    "answer": lambda c, turn, last: c.begin_answer(turn, model="le", last_turn_id=last),
    "branch": lambda c, turn, last: c.activate(turn, last_turn_id=last),
}


@pytest.mark.parametrize("what", STALE)
def test_a_page_that_is_behind_changes_nothing(
    conversations: Conversations, talk: Talk, what: str
) -> None:
    first = talk.say("One")
    talk.say("Two", conversation=first.conversation)
    before = conversations.get(first.conversation)
    with pytest.raises(Conflict, match="gone on elsewhere"):
        STALE[what](conversations, first.user.id, first.answer.id)
    assert conversations.get(first.conversation) == before


@pytest.mark.parametrize("what", STALE)
def test_while_an_answer_is_written_nobody_leaves_its_branch(
    conversations: Conversations, talk: Talk, what: str
) -> None:
    first = talk.say("One")
    begun = conversations.begin_exchange(first.conversation, "Two", model="le")
    with pytest.raises(Busy):
        STALE[what](conversations, first.user.id, begun.answer.id)


def test_a_repeat_of_any_step_returns_the_same_turns(
    conversations: Conversations, talk: Talk
) -> None:
    said = talk.say("One")
    once = conversations.correct_answer(said.answer.id, "Two", key="k", request_digest="d")
    again = conversations.correct_answer(said.answer.id, "Two", key="k", request_digest="d")
    assert (again.repeated, again.answer.id) == (True, once.answer.id)
    assert conversations.turn(once.answer.id).versions == 2


def test_an_answer_is_not_edited_as_a_question_nor_the_other_way_round(
    conversations: Conversations, talk: Talk
) -> None:
    said = talk.say("One")
    with pytest.raises(InvalidInput, match="Only a turn of the user"):
        conversations.begin_edit(said.answer.id, "x", model="le")
    with pytest.raises(NotFound):
        conversations.correct_answer(said.user.id, "x")


def test_a_title_follows_what_is_said_until_it_is_given(
    conversations: Conversations, talk: Talk
) -> None:
    first = talk.say("Hello!")
    conversation = first.conversation
    assert conversations.get(conversation).title == "Hello!"
    talk.say("How do I store garlic over the winter?", conversation=conversation)
    assert conversations.get(conversation).title == "How do I store garlic over the winter?"
    finished(conversations, conversations.begin_edit(first.user.id, "Good evening", model="le"))
    assert conversations.get(conversation).title == "Good evening"
    row = conversations.update(conversation, title="Garlic")
    assert (row.title, row.titled) == ("Garlic", True)
    conversations.activate(first.user.id)
    assert conversations.get(conversation).title == "Garlic"
    assert conversations.update(conversation, title="").title.startswith("How do I store")


def test_a_turn_of_another_conversation_opens_no_branch(
    conversations: Conversations, talk: Talk
) -> None:
    one, other = talk.say("One"), talk.say("Other")
    with pytest.raises(NotFound):
        conversations.turns(one.conversation, through=other.user.id)


def test_roles_alternate_on_every_branch(conversations: Conversations, talk: Talk) -> None:
    said = talk.say("One")
    finished(conversations, conversations.begin_answer(said.user.id, model="le"))
    talk.say("Two", conversation=said.conversation)
    roles = [turn.role for turn in conversations.turns(said.conversation)]
    assert roles == [Role.USER, Role.ASSISTANT] * 2
