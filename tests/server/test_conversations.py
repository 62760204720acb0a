"""Conversations and turns over HTTP, as the reference page has them."""

import pytest

from tests.server import documented
from tests.server.serving import Scripted, Serving, let_speak

CONVERSATIONS = "/app/v1/conversations"


def test_a_conversation_has_the_documented_fields(server: Serving) -> None:
    response = server.client.post(CONVERSATIONS, json={})
    assert response.status_code == 201
    assert set(response.json()) == documented.keys("conversation")
    assert response.json() | {"id": "", "created_at": "", "updated_at": ""} == {
        "id": "", "title": "", "titled": False, "created_at": "", "updated_at": "", "model": "le",
        "learn": True, "pinned": False, "archived": False, "temporary": False, "folder_id": None,
        "tags": [], "system_prompt": "", "sampling": None, "draft": "", "active_turn_id": None,
        "turn_count": 0, "deleted": False,
    }  # fmt: skip


def test_saying_something_returns_both_turns_with_the_documented_fields(server: Serving) -> None:
    conversation = server.new()
    response = server.client.post(f"{CONVERSATIONS}/{conversation}/turns", json={"text": "Hello"})
    assert response.status_code == 202
    user, answer = response.json()["user"], response.json()["answer"]
    assert set(user) == set(answer) == documented.keys("turn")
    assert (user["role"], user["text"], user["status"]) == ("user", "Hello", "complete")
    assert (answer["role"], answer["parent_id"], answer["status"]) == (
        "assistant", user["id"], "streaming",
    )  # fmt: skip


def test_a_finished_answer_says_how_it_was_made(server: Serving) -> None:
    answer = server.finished(server.say(server.new()))
    assert answer["status"] == "complete"
    assert answer["model"] == "le"
    assert answer["origin"] == "generated"
    assert answer["checkpoint"] == server.get("/app/v1/models/le")["model"]["live"]
    assert set(answer["window"]) == documented.keys("window")
    assert set(answer["sampling"]) == {
        "temperature", "top_k", "top_p", "min_p", "repetition_penalty", "length", "seed",
    }  # fmt: skip
    assert answer["finished_at"] >= answer["created_at"]


def test_an_open_conversation_shows_its_turns_oldest_first(server: Serving) -> None:
    conversation = server.new()
    for text in ("One", "Two"):
        server.finished(server.say(conversation, text))
    opened = server.get(f"{CONVERSATIONS}/{conversation}")
    assert [turn["text"] for turn in opened["turns"][::2]] == ["One", "Two"]
    assert opened["conversation"]["turn_count"] == 4
    assert opened["conversation"]["title"] == "One"


def test_the_list_is_read_page_by_page_newest_first(server: Serving) -> None:
    made = [server.new(title=f"{number}") for number in range(5)]
    seen: list[str] = []
    before: dict[str, str] = {}
    while True:
        page = server.get(CONVERSATIONS, params={"limit": "2", **before})
        seen += [conversation["id"] for conversation in page["conversations"]]
        if page["next"] is None:
            break
        before = {"before": str(page["next"])}
    assert seen == made[::-1]


def test_a_conversation_changes_only_where_it_is_told_to(server: Serving) -> None:
    conversation = server.new(title="Before")
    changed = server.patch(f"{CONVERSATIONS}/{conversation}", {"draft": "half a sen"})
    assert (changed["title"], changed["draft"], changed["learn"]) == ("Before", "half a sen", True)
    changed = server.patch(f"{CONVERSATIONS}/{conversation}", {"title": "After", "learn": False})
    assert (changed["title"], changed["draft"], changed["learn"]) == ("After", "half a sen", False)


def test_a_deleted_conversation_is_gone_and_comes_back(server: Serving) -> None:
    conversation = server.new()
    exchange = server.say(conversation)
    server.finished(exchange)
    path = f"{CONVERSATIONS}/{conversation}"
    assert server.client.delete(path).status_code == 204
    for gone in (path, f"/app/v1/turns/{exchange['user']['id']}"):
        assert server.client.get(gone).status_code == 404
    assert server.get(CONVERSATIONS)["conversations"] == []
    assert server.post(f"{path}/restore")["id"] == conversation
    assert len(server.get(path)["turns"]) == 2


def test_a_repeated_request_returns_the_same_two_turns(server: Serving) -> None:
    conversation = server.new()
    path, key = f"{CONVERSATIONS}/{conversation}/turns", {"idempotency-key": "k" * 128}
    first = server.post(path, {"text": "Hello"}, headers=key)
    server.finished(first)
    again = server.post(path, {"text": "Hello"}, headers=key)
    assert (again["user"]["id"], again["answer"]["id"]) == (
        first["user"]["id"], first["answer"]["id"],
    )  # fmt: skip
    other = server.client.post(path, json={"text": "Other"}, headers=key)
    assert other.status_code == 409
    assert other.json()["error"]["type"] == "conflict"
    assert server.get(f"{CONVERSATIONS}/{conversation}")["conversation"]["turn_count"] == 2


@pytest.mark.parametrize("key", ["", "k" * 129])
def test_an_empty_or_overlong_key_is_refused(server: Serving, key: str) -> None:
    response = server.client.post(
        f"{CONVERSATIONS}/{server.new()}/turns",
        json={"text": "Hello"},
        headers={"idempotency-key": key},
    )
    assert response.status_code == 400


def test_a_page_that_is_behind_cannot_go_on_elsewhere(server: Serving) -> None:
    conversation = server.new()
    answer = server.finished(server.say(conversation, parent_id=None))
    path = f"{CONVERSATIONS}/{conversation}/turns"
    behind = server.client.post(path, json={"text": "Again", "parent_id": None})
    assert behind.status_code == 409
    server.finished(server.say(conversation, "On", parent_id=answer["id"]))


def test_while_an_answer_is_written_another_turn_must_wait(server: Serving) -> None:
    speaker = Scripted("Well, ", "yes.")
    let_speak(server.runtime, speaker)
    conversation = server.new()
    exchange = server.say(conversation)
    busy = server.client.post(f"{CONVERSATIONS}/{conversation}/turns", json={"text": "And?"})
    assert busy.status_code == 503
    assert busy.json()["error"]["type"] == "busy"
    assert int(busy.headers["retry-after"]) > 0
    speaker.go_on(2)
    assert server.finished(exchange)["text"] == "Well, yes."


def test_two_conversations_are_answered_at_once(server: Serving) -> None:
    speaker = Scripted("So ", "it ", "is.")
    let_speak(server.runtime, speaker)
    exchanges = [server.say(server.new()), server.say(server.new())]
    speaker.go_on(6)
    assert {server.finished(exchange)["text"] for exchange in exchanges} == {"So it is."}


def test_a_stopped_answer_keeps_its_words(server: Serving) -> None:
    speaker = Scripted(*["word "] * 400)
    let_speak(server.runtime, speaker)
    exchange = server.say(server.new())
    answer = exchange["answer"]["id"]
    speaker.go_on(3)
    tail = server.runtime.tails.get(answer)
    assert tail is not None
    while len(tail.text) < 15:
        pass
    server.runtime.replies.stop(answer)
    speaker.go_on(1)
    stopped = server.post(f"/app/v1/turns/{answer}/stop")
    assert (stopped["status"], stopped["text"]) == ("stopped", "word " * 3)
    assert server.post(f"/app/v1/turns/{answer}/stop") == stopped


def test_a_turn_can_be_kept_from_teaching_and_given_back(server: Serving) -> None:
    exchange = server.say(server.new(), learn=False)
    server.finished(exchange)
    path = f"/app/v1/turns/{exchange['user']['id']}"
    assert server.get(path)["learning"] == "off"
    assert server.patch(path, {"learn": True})["learning"] == "queued"
    assert server.patch(path, {"learn": False})["learning"] == "off"


def test_a_conversation_kept_from_teaching_queues_nothing(server: Serving) -> None:
    exchange = server.say(server.new(learn=False))
    server.finished(exchange)
    assert server.get(f"/app/v1/turns/{exchange['user']['id']}")["learning"] == "off"
    assert server.get("/app/v1/learning")["queue_size"] == 0


def test_search_marks_what_it_found(server: Serving) -> None:
    conversation = server.new()
    exchange = server.say(conversation, "Pim grows broad beans in the garden")
    server.finished(exchange)
    [hit] = server.get("/app/v1/search", params={"q": "broad beans"})["hits"]
    assert set(hit) == {"turn_id", "conversation_id", "title", "role", "snippet", "created_at"}
    assert hit["turn_id"] == exchange["user"]["id"]
    marked = "".join(text for text, is_hit in hit["snippet"] if is_hit)
    assert "broad" in marked
    assert "garden" not in marked
