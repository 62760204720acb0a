"""Versions, branches, folders and temporary conversations over HTTP, as the reference has them."""

from tests.server import documented
from tests.server.serving import Scripted, Serving, let_speak

CONVERSATIONS = "/app/v1/conversations"


def test_a_turn_is_said_again_and_both_versions_stay(server: Serving) -> None:
    conversation = server.new()
    first = server.say(conversation, "Where is Pim?")
    answer = server.finished(first)
    turn = f"/app/v1/turns/{first['user']['id']}"
    edited = server.post(f"{turn}/edit", {"text": "Where is Ada?", "last_turn_id": answer["id"]})
    server.finished(edited)
    assert (edited["user"]["version"], edited["user"]["versions"]) == (2, 2)
    opened = server.get(f"{CONVERSATIONS}/{conversation}")
    assert opened["turns"][0]["text"] == "Where is Ada?"
    assert opened["conversation"]["title"] == "Where is Ada?"
    old = server.get(f"{CONVERSATIONS}/{conversation}", params={"at": answer["id"]})
    assert [turn["id"] for turn in old["turns"]] == [first["user"]["id"], answer["id"]]
    assert [turn["text"] for turn in server.get(f"{turn}/versions")["turns"]] == [
        "Where is Pim?", "Where is Ada?",
    ]  # fmt: skip


def test_an_answer_is_made_again_continued_and_corrected(server: Serving) -> None:
    speaker = Scripted("More. ")
    let_speak(server.runtime, speaker)
    conversation = server.new()
    said = server.say(conversation)
    speaker.go_on(1)
    answer = server.finished(said)
    path = f"/app/v1/turns/{answer['id']}"
    again = server.post(f"{path}/regenerate", {"temperature": 0.25, "seed": 7})
    speaker.go_on(1)
    assert server.finished(again)["sampling"] | {"length": 0} == {
        "temperature": 0.25, "top_k": 0, "top_p": 1.0, "min_p": 0.0,
        "repetition_penalty": 1.0, "length": 0,
        "seed": 7,
    }  # fmt: skip
    longer = server.post(f"/app/v1/turns/{again['answer']['id']}/continue", {})
    assert longer["answer"]["text"] == "More. "
    speaker.go_on(1)
    assert server.finished(longer)["text"] == "More. More. "
    mine = server.post(f"{path}/edit", {"text": "No more."})["answer"]
    assert (mine["status"], mine["origin"], mine["versions"]) == ("complete", None, 4)
    assert mine["made_from"] == answer["id"]
    server.patch(path, {"rating": 1, "pinned": True})
    rated = server.get(path)
    assert (rated["rating"], rated["pinned"]) == (1, True)
    refused = server.client.patch(f"/app/v1/turns/{said['user']['id']}", json={"rating": 1})
    assert refused.status_code == 400


def test_a_page_that_is_behind_leaves_no_branch(server: Serving) -> None:
    conversation = server.new()
    first = server.finished(server.say(conversation))
    server.finished(server.say(conversation, "On"))
    behind = {"last_turn_id": first["id"]}
    for path, body in (
        (f"/app/v1/turns/{first['id']}/regenerate", {}),
        (f"/app/v1/turns/{first['id']}/continue", {}),
        (f"/app/v1/turns/{first['id']}/edit", {"text": "x"}),
        (f"{CONVERSATIONS}/{conversation}/branch", {"turn_id": first["id"]}),
    ):
        refused = server.client.post(path, json=body | behind)
        assert (refused.status_code, refused.json()["error"]["type"]) == (409, "conflict")
    assert len(server.get(f"{CONVERSATIONS}/{conversation}")["turns"]) == 4


def test_going_to_another_branch_shows_it(server: Serving) -> None:
    conversation = server.new()
    first = server.say(conversation, "One")
    server.finished(first)
    server.finished(server.post(f"/app/v1/turns/{first['user']['id']}/edit", {"text": "Two"}))
    shown = server.post(f"{CONVERSATIONS}/{conversation}/branch", {"turn_id": first["user"]["id"]})
    assert shown["turns"][0]["text"] == "One"
    assert shown["conversation"]["active_turn_id"] == first["answer"]["id"]
    other = server.client.post(
        f"{CONVERSATIONS}/{server.new()}/branch", json={"turn_id": first["user"]["id"]}
    )
    assert other.status_code == 404


def test_a_conversation_has_a_place_tags_a_prompt_and_sampling(server: Serving) -> None:
    folder = server.post("/app/v1/folders", {"name": "Garden"})
    assert set(folder) == documented.keys("folder")
    conversation = server.new(folder_id=folder["id"], system_prompt="Be brief.")
    changed = server.patch(
        f"{CONVERSATIONS}/{conversation}",
        {"tags": ["b", "a"], "pinned": True, "sampling": {"temperature": 0, "top_k": 3}},
    )
    assert (changed["tags"], changed["pinned"]) == (["a", "b"], True)
    assert changed["sampling"] == {"temperature": 0, "top_k": 3}
    answer = server.finished(server.say(conversation))
    assert (answer["sampling"]["temperature"], answer["sampling"]["top_k"]) == (0, 3)
    assert answer["window"]["system_tokens"] == len("Be brief.") + 2
    listed = server.get(CONVERSATIONS, params={"folder_id": folder["id"]})["conversations"]
    assert [row["id"] for row in listed] == [conversation]
    assert server.get("/app/v1/tags")["tags"][0] == {"name": "a", "conversations": 1}
    again = server.client.post("/app/v1/folders", json={"name": "Garden"})
    assert again.status_code == 409
    assert server.client.delete(f"/app/v1/folders/{folder['id']}").status_code == 204
    cleared = server.patch(f"{CONVERSATIONS}/{conversation}", {"sampling": None})
    assert (cleared["sampling"], cleared["folder_id"]) == (None, None)
    unknown = server.client.patch(
        f"{CONVERSATIONS}/{conversation}", json={"sampling": {"warmth": 1}}
    )
    assert unknown.status_code == 400


def test_the_window_of_a_draft_is_told_before_it_is_sent(server: Serving) -> None:
    conversation = server.new()
    path = f"{CONVERSATIONS}/{conversation}"
    assert server.client.get(f"{path}/window").status_code == 400
    server.patch(path, {"draft": "Hello"})
    window = server.get(f"{path}/window")
    assert set(window) == documented.keys("window")
    assert (window["tokens"], window["begins_at"]) == (len("Hello") + 4, None)


def test_a_temporary_conversation_is_kept_only_when_asked(server: Serving) -> None:
    conversation = server.new(temporary=True)
    path = f"{CONVERSATIONS}/{conversation}"
    exchange = server.say(conversation, "Between us")
    answer = server.finished(exchange)
    assert server.get(path)["conversation"]["temporary"] is True
    assert server.get(CONVERSATIONS)["conversations"] == []
    listed = server.get(CONVERSATIONS, params={"temporary": "true"})["conversations"]
    assert [row["id"] for row in listed] == [conversation]
    kept = server.post(f"{path}/keep", {"learn": False})
    assert (kept["temporary"], kept["learn"]) == (False, False)
    assert server.get(f"/app/v1/turns/{answer['id']}")["text"] == answer["text"]
    assert [row["id"] for row in server.get(CONVERSATIONS)["conversations"]] == [conversation]


def test_the_plain_api_says_what_the_model_did_not_read(server: Serving) -> None:
    short = server.client.post("/chat", json={"message": "Hello"})
    assert short.headers["x-context-dropped-tokens"] == "0"
    long = server.client.post("/chat", json={"message": "word " * 1000})
    assert int(long.headers["x-context-dropped-tokens"]) > 0


def test_what_is_said_off_the_record_is_never_learned(server: Serving) -> None:
    def marks(conversation: str) -> list[str]:
        turns = server.get(f"{CONVERSATIONS}/{conversation}")["turns"]
        return [turn["learning"] for turn in turns if turn["role"] == "user"]

    conversation = server.new()
    said = server.say(conversation, "Don't remember this, but my cat is called Pim.")
    answer = server.finished(said)
    assert marks(conversation) == ["off"]
    server.finished(server.post(f"/app/v1/turns/{answer['id']}/regenerate", {}))
    assert marks(conversation) == ["off"]
    turn = f"/app/v1/turns/{said['user']['id']}"
    server.finished(server.post(f"{turn}/edit", {"text": "My cat is called Pim."}))
    assert marks(conversation) == ["queued"]
    other = server.post(f"{turn}/edit", {"text": "Off the record: my cat is called Pim."})
    server.finished(other)
    assert marks(conversation) == ["off"]
