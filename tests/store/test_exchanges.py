"""The life of an exchange: begun, journaled, finished, or interrupted."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from l2c.conversation import Origin, Role, TurnStatus
from l2c.errors import Busy, Conflict, InvalidInput, NotFound
from l2c.store.conversations import Conversations
from l2c.store.database import Database
from l2c.store.titles import title_from
from tests.store.talk import Clock, Talk, as_kept, conversations_of, open_store


@pytest.fixture
def conversation(conversations: Conversations) -> str:
    return conversations.create(model="le").id


def test_an_exchange_begins_with_both_turns(
    conversations: Conversations, conversation: str
) -> None:
    begun = conversations.begin_exchange(conversation, "Hello there", model="le")
    user, answer = begun.user, begun.answer
    assert (user.role, user.text, user.status) == (Role.USER, "Hello there", TurnStatus.COMPLETE)
    assert (answer.role, answer.text, answer.status) == (Role.ASSISTANT, "", TurnStatus.STREAMING)
    assert (user.parent_id, answer.parent_id) == (None, user.id)
    assert (user.model, answer.model, answer.finished_at) == (None, "le", None)
    assert conversations.turns(conversation) == [user, answer]
    assert conversations.get(conversation).turn_count == 2


def test_a_begun_exchange_survives_without_being_finished(tmp_path: Path, clock: Clock) -> None:
    with open_store(tmp_path, clock) as database:
        conversations = conversations_of(database)
        conversation = conversations.create(model="le").id
        begun = conversations.begin_exchange(conversation, "Hello", model="le")
        conversations.journal(begun.answer.id, 0, "Hel").result()
    with open_store(tmp_path, clock) as database:
        assert conversations_of(database).turn(begun.answer.id).text == "Hel"


def test_the_first_words_become_the_title_and_the_draft_is_used_up(
    conversations: Conversations, conversation: str
) -> None:
    conversations.update(conversation, draft="Where does")
    conversations.begin_exchange(conversation, "Where does\n  Pim live?", model="le")
    row = conversations.get(conversation)
    assert (row.title, row.draft) == ("Where does Pim live?", "")


def test_a_title_the_user_gave_stays(conversations: Conversations) -> None:
    conversation = conversations.create(model="le", title="Pim").id
    conversations.begin_exchange(conversation, "Where does she live?", model="le")
    assert conversations.get(conversation).title == "Pim"


@given(st.text(min_size=1))
def test_a_title_is_one_short_line(text: str) -> None:
    title = title_from(text)
    assert len(title) <= 49
    assert title == " ".join(title.split())


def test_while_an_answer_is_written_the_conversation_is_busy(
    conversations: Conversations, conversation: str
) -> None:
    begun = conversations.begin_exchange(conversation, "Hello", model="le")
    with pytest.raises(Busy):
        conversations.begin_exchange(conversation, "Still there?", model="le")
    conversations.finish(begun.answer.id, status=TurnStatus.STOPPED, text="")
    conversations.begin_exchange(conversation, "Still there?", model="le")


def test_a_turn_follows_the_last_one_or_is_refused(
    conversations: Conversations, talk: Talk
) -> None:
    first = talk.say("Hello")
    second = talk.say("And you?", conversation=first.conversation)
    for stale in (None, first.user.id, first.answer.id, second.user.id, "unknown"):
        with pytest.raises(Conflict, match="gone on elsewhere"):
            conversations.begin_exchange(first.conversation, "No", model="le", parent_id=stale)
    begun = conversations.begin_exchange(
        first.conversation, "Yes", model="le", parent_id=second.answer.id
    )
    assert begun.user.parent_id == second.answer.id
    assert conversations.get(first.conversation).turn_count == 6


def test_a_repeated_request_returns_the_same_two_turns(
    conversations: Conversations, conversation: str
) -> None:
    once = conversations.begin_exchange(
        conversation, "Hello", model="le", key="k", request_digest="d"
    )
    again = conversations.begin_exchange(
        conversation, "Hello", model="le", key="k", request_digest="d"
    )
    assert (once.repeated, again.repeated) == (False, True)
    assert (again.user, again.answer) == (once.user, once.answer)
    assert len(conversations.turns(conversation)) == 2


def test_a_key_used_for_another_request_is_refused(
    conversations: Conversations, conversation: str
) -> None:
    other = conversations.create(model="le").id
    conversations.begin_exchange(conversation, "Hello", model="le", key="k", request_digest="d")
    with pytest.raises(Conflict, match="another request"):
        conversations.begin_exchange(conversation, "Bye", model="le", key="k", request_digest="e")
    with pytest.raises(Conflict, match="another request"):
        conversations.begin_exchange(other, "Hello", model="le", key="k", request_digest="d")


@pytest.mark.parametrize("text", ["", "half a pair \ud800"])
def test_text_that_cannot_be_a_turn_is_refused(
    conversations: Conversations, conversation: str, text: str
) -> None:
    with pytest.raises(InvalidInput):
        conversations.begin_exchange(conversation, text, model="le")
    assert conversations.turns(conversation) == []


@pytest.mark.slow
@example(text="\0one", answer="\0")
@given(text=st.text(min_size=1), answer=st.text())
@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_any_text_comes_back_as_it_went_in(
    talk: Talk, database: Database, text: str, answer: str
) -> None:
    """But for NUL, which PostgreSQL cannot keep: U+FFFD stands in its place."""
    said = talk.say(text, answer)
    assert (said.user.text, said.answer.text) == (
        as_kept(text, database),
        as_kept(answer, database),
    )


def test_pieces_become_the_text(conversations: Conversations, conversation: str) -> None:
    answer = conversations.begin_exchange(conversation, "Hello", model="le").answer.id
    assert conversations.turn(answer).text == ""
    conversations.journal(answer, 0, "Good ").result()
    conversations.journal(answer, 5, "mor").result()
    conversations.journal(answer, 8, "").result()
    assert conversations.turn(answer).text == "Good mor"
    assert conversations.turn(answer).text == "Good mor"


@given(
    pieces=st.lists(st.text(min_size=1), max_size=6),
    resent=st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), max_size=6),
)
@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_sending_pieces_again_adds_nothing(
    conversations: Conversations,
    database: Database,
    pieces: list[str],
    resent: list[tuple[int, int]],
) -> None:
    conversation = conversations.create(model="le").id
    answer = conversations.begin_exchange(conversation, "Hello", model="le").answer.id
    whole = "".join(pieces)
    offset = 0
    for piece in pieces:
        conversations.journal(answer, offset, piece).result()
        offset += len(piece)
    for start, length in resent:
        start = min(start, len(whole))
        conversations.journal(answer, start, whole[start : start + length]).result()
    assert conversations.turn(answer).text == as_kept(whole, database)


def test_a_piece_that_overlaps_adds_what_is_new(
    conversations: Conversations, conversation: str
) -> None:
    answer = conversations.begin_exchange(conversation, "Hello", model="le").answer.id
    conversations.journal(answer, 0, "Good mor").result()
    conversations.journal(answer, 5, "morning").result()
    assert conversations.turn(answer).text == "Good morning"


def test_a_gap_in_the_journal_is_refused(conversations: Conversations, conversation: str) -> None:
    answer = conversations.begin_exchange(conversation, "Hello", model="le").answer.id
    for offset in (1, -1):
        with pytest.raises(InvalidInput, match="holds 0 characters"):
            conversations.journal(answer, offset, "ood").result()


def test_nothing_is_appended_to_a_finished_answer(conversations: Conversations, talk: Talk) -> None:
    said = talk.say("Hello", "Good morning")
    with pytest.raises(Conflict, match="finished"):
        conversations.journal(said.answer.id, 12, "!").result()
    with pytest.raises(NotFound):
        conversations.journal(said.user.id, 0, "!").result()
    assert conversations.turn(said.answer.id).text == "Good morning"


def test_finishing_keeps_everything_about_the_answer(
    conversations: Conversations, conversation: str, clock: Clock
) -> None:
    answer = conversations.begin_exchange(conversation, "Hello", model="le").answer
    conversations.journal(answer.id, 0, "Good").result()
    clock.forward(seconds=2)
    window = {"tokens": 418, "budget": 512, "dropped_turns": 6, "dropped_tokens": 120}
    closed = conversations.finish(
        answer.id,
        status=TurnStatus.COMPLETE,
        text="Good morning",
        origin=Origin.GENERATED,
        checkpoint="f" * 64,
        window=window,
    )
    assert (closed.status, closed.text) == (TurnStatus.COMPLETE, "Good morning")
    assert (closed.origin, closed.checkpoint, closed.window) == (
        Origin.GENERATED,
        "f" * 64,
        window,
    )
    assert closed.finished_at is not None
    assert closed.finished_at > closed.created_at
    assert conversations.turn(answer.id) == closed


def test_only_the_first_end_counts(conversations: Conversations, conversation: str) -> None:
    answer = conversations.begin_exchange(conversation, "Hello", model="le").answer.id
    first = conversations.finish(answer, status=TurnStatus.STOPPED, text="Goo")
    second = conversations.finish(answer, status=TurnStatus.COMPLETE, text="Good morning")
    assert first == second == conversations.turn(answer)
    assert [hit.turn_id for hit in conversations.search("morning")] == []


def test_an_answer_can_be_closed_while_its_conversation_is_deleted(
    conversations: Conversations, conversation: str
) -> None:
    answer = conversations.begin_exchange(conversation, "Hello", model="le").answer.id
    conversations.delete(conversation)
    assert conversations.purge_deleted() == 0
    assert conversations.finish(answer, status=TurnStatus.STOPPED, text="Goo").text == "Goo"
    assert conversations.purge_deleted() == 1


def test_an_answer_is_not_finished_as_streaming(
    conversations: Conversations, conversation: str
) -> None:
    answer = conversations.begin_exchange(conversation, "Hello", model="le").answer.id
    with pytest.raises(InvalidInput):
        conversations.finish(answer, status=TurnStatus.STREAMING, text="Goo")


def test_orphans_are_interrupted_with_their_text_kept(
    conversations: Conversations, talk: Talk
) -> None:
    finished = talk.say("Hello", "Good morning").answer
    open_answers = []
    for written in ("Good", ""):
        conversation = conversations.create(model="le").id
        answer = conversations.begin_exchange(conversation, "Hello", model="le").answer.id
        conversations.journal(answer, 0, written).result()
        open_answers.append(answer)
    assert conversations.interrupt_orphans() == open_answers
    assert conversations.interrupt_orphans() == []
    interrupted = [conversations.turn(answer) for answer in open_answers]
    assert [(turn.status, turn.text) for turn in interrupted] == [
        (TurnStatus.INTERRUPTED, "Good"),
        (TurnStatus.INTERRUPTED, ""),
    ]
    assert conversations.turn(finished.id) == finished
