"""A turn comes in, an answer is written, nothing is lost."""

import threading
import time
from collections.abc import Sequence

import pytest

from l2c.conversation import Message, Origin, TurnStatus
from l2c.errors import Busy, Conflict, InvalidInput, NotFound
from l2c.providers.provider import Outcome, Provider, Said, Sampling, Writing
from l2c.text.bytes import ByteTokenizer
from tests.chat.room import Room, add_model

pytestmark = pytest.mark.both_stores


class Scripted(Provider):
    """A provider that says its lines one at a time, each when it is allowed to."""

    name, checkpoint, window = "le", "0" * 64, 512
    tokenizer = ByteTokenizer()

    def __init__(self, *lines: str, fail: Exception | None = None) -> None:
        self.lines, self.fail = lines, fail
        self.gate = threading.Semaphore(0)
        self.asked: list[Message] = []

    def answer(self, messages: Sequence[Message], sampling: Sampling) -> Writing:
        self.asked = list(messages)
        for line in self.lines:
            assert self.gate.acquire(timeout=30)
            yield Said(line)
        if self.fail is not None:
            raise self.fail
        return Outcome("stop", len(self.lines))

    def complete(self, text: str, sampling: Sampling) -> Writing:
        return self.answer((), sampling)

    def go_on(self) -> None:
        self.gate.release()


@pytest.fixture
def scripted(room: Room, monkeypatch: pytest.MonkeyPatch) -> Scripted:
    provider = Scripted("One. ", "Two. ", "Three.")
    monkeypatch.setattr(room.live, "to_answer", lambda name: (provider, ""))
    return provider


def wait_for_text(room: Room, turn_id: str, text: str) -> None:
    seen = threading.Event()
    tail = room.tails.get(turn_id)
    assert tail is not None
    tail.watch(lambda: seen.set() if tail.text == text else None)
    assert tail.text == text or seen.wait(30)


def test_the_users_turn_is_durable_before_the_model_speaks(room: Room, scripted: Scripted) -> None:
    begun = room.replies.begin(room.request(room.new(), "Remember this"))
    assert room.conversations.turn(begun.user.id).text == "Remember this"
    assert room.conversations.turn(begun.answer.id).status is TurnStatus.STREAMING
    for _ in scripted.lines:
        scripted.go_on()
    assert room.replies.wait(begun.answer.id).text == "One. Two. Three."


def test_what_was_shown_is_durable_before_the_model_says_more(
    room: Room, scripted: Scripted
) -> None:
    """A model may fall silent for minutes in the middle of an answer."""
    begun = room.replies.begin(room.request(room.new()))
    for said in ("One. ", "One. Two. "):
        scripted.go_on()
        deadline = time.monotonic() + 30
        while room.conversations.turn(begun.answer.id).text != said:
            assert time.monotonic() < deadline
    scripted.go_on()
    assert room.replies.wait(begun.answer.id).text == "One. Two. Three."


def test_an_answer_says_how_it_was_made(room: Room) -> None:
    begun = room.replies.begin(room.request(room.new()))
    answer = room.replies.wait(begun.answer.id)
    assert answer.status is TurnStatus.COMPLETE
    assert answer.origin is Origin.GENERATED
    assert answer.checkpoint == room.models.live("le")
    assert answer.window == {
        "size": 1024, "budget": 984, "tokens": 9, "system_tokens": 0, "document_tokens": 0,
        "memory_tokens": 0, "pinned_tokens": 0, "dropped_turns": 0, "dropped_tokens": 0,
        "begins_at": begun.user.id, "begins_offset": 0, "pinned_out": [],
    }  # fmt: skip
    assert answer.sampling == {
        "temperature": 1.0, "top_k": 0, "top_p": 1.0, "min_p": 0.0,
        "repetition_penalty": 1.0, "length": 40,
        "seed": 1,
    }  # fmt: skip


def test_the_same_seed_gives_the_same_answer(room: Room) -> None:
    answers = [
        room.replies.wait(room.replies.begin(room.request(room.new(), seed=seed)).answer.id).text
        for seed in (7, 7, 8)
    ]
    assert answers[0] == answers[1] != answers[2]


def test_a_stopped_answer_is_kept(room: Room, scripted: Scripted) -> None:
    begun = room.replies.begin(room.request(room.new()))
    scripted.go_on()
    wait_for_text(room, begun.answer.id, "One. ")
    room.replies.stop(begun.answer.id)
    scripted.go_on()
    room.replies.wait(begun.answer.id)
    answer = room.conversations.turn(begun.answer.id)
    assert (answer.text, answer.status) == ("One. ", TurnStatus.STOPPED)


def test_stopping_a_finished_answer_changes_nothing(room: Room) -> None:
    begun = room.replies.begin(room.request(room.new()))
    answer = room.replies.wait(begun.answer.id)
    room.replies.stop(begun.answer.id)
    assert room.conversations.turn(begun.answer.id) == answer


def test_a_model_that_breaks_off_keeps_its_words_and_says_why(
    room: Room, scripted: Scripted
) -> None:
    scripted.lines, scripted.fail = ("One. ",), ZeroDivisionError()
    begun = room.replies.begin(room.request(room.new()))
    scripted.go_on()
    answer = room.replies.wait(begun.answer.id)
    assert (answer.text, answer.status) == ("One. ", TurnStatus.ERROR)
    assert answer.error == "The model broke off."


def test_a_missing_checkpoint_ends_the_answer_with_a_reason(room: Room) -> None:
    room.folder.path(room.models.live("le")).unlink()
    begun = room.replies.begin(room.request(room.new()))
    answer = room.replies.wait(begun.answer.id)
    assert answer.status is TurnStatus.ERROR
    assert "rebuild" in (answer.error or "")


def test_a_promotion_changes_the_next_answer_and_not_this_one(
    room: Room, scripted: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    conversation = room.new()
    begun = room.replies.begin(room.request(conversation))
    monkeypatch.undo()
    newer = add_model(room.models, room.folder, seed=1)
    for _ in scripted.lines:
        scripted.go_on()
    assert room.replies.wait(begun.answer.id).checkpoint == scripted.checkpoint
    later = room.replies.begin(room.request(conversation))
    assert room.replies.wait(later.answer.id).checkpoint == newer


def test_the_model_reads_the_conversation_so_far(room: Room, scripted: Scripted) -> None:
    conversation = room.new()
    for text in ("First", "Second"):
        begun = room.replies.begin(room.request(conversation, text))
        for _ in scripted.lines:
            scripted.go_on()
        room.replies.wait(begun.answer.id)
    assert [m.text for m in scripted.asked] == ["First", "One. Two. Three.", "Second"]


def test_a_repeated_request_is_answered_once(room: Room) -> None:
    request = room.request(room.new(), key="k1", seed=None)
    first = room.replies.begin(request)
    room.replies.wait(first.answer.id)
    again = room.replies.begin(request)
    assert (again.user.id, again.answer.id, again.repeated) == (
        first.user.id,
        first.answer.id,
        True,
    )
    with pytest.raises(Conflict):
        room.replies.begin(room.request(request.conversation_id, "Another", key="k1"))


def test_one_conversation_has_one_answer_at_a_time(room: Room, scripted: Scripted) -> None:
    conversation = room.new()
    begun = room.replies.begin(room.request(conversation))
    with pytest.raises(Busy):
        room.replies.begin(room.request(conversation))
    for _ in scripted.lines:
        scripted.go_on()
    room.replies.wait(begun.answer.id)


def test_a_stale_page_can_overwrite_nothing(room: Room) -> None:
    conversation = room.new()
    begun = room.replies.begin(room.request(conversation))
    room.replies.wait(begun.answer.id)
    with pytest.raises(Conflict):
        room.replies.begin(room.request(conversation, parent_id=None))
    later = room.replies.begin(room.request(conversation, parent_id=begun.answer.id))
    assert room.replies.wait(later.answer.id).parent_id == later.user.id


@pytest.mark.parametrize("text", ["", "   \n", "x" * 32_769])
def test_an_empty_or_overlong_turn_is_refused(room: Room, text: str) -> None:
    with pytest.raises(InvalidInput, match="1 to 32768 characters"):
        room.replies.begin(room.request(room.new(), text))


@pytest.mark.parametrize("text", ["a\0b", "\ud800", "\x1b[31m", "🜁" * 100, "\u202eabc"])
def test_odd_characters_are_survived(room: Room, text: str) -> None:
    begun = room.replies.begin(room.request(room.new(), text))
    assert room.replies.wait(begun.answer.id).status is TurnStatus.COMPLETE
    assert "\0" not in room.conversations.turn(begun.user.id).text


def test_an_unknown_conversation_is_not_found(room: Room) -> None:
    with pytest.raises(NotFound):
        room.replies.begin(room.request("nothing"))


def test_closing_keeps_what_was_written(room: Room, scripted: Scripted) -> None:
    begun = room.replies.begin(room.request(room.new()))
    scripted.go_on()
    wait_for_text(room, begun.answer.id, "One. ")
    scripted.go_on()
    scripted.go_on()
    room.replies.close()
    answer = room.conversations.turn(begun.answer.id)
    assert answer.status in (TurnStatus.STOPPED, TurnStatus.COMPLETE)
    assert answer.text.startswith("One. ")
