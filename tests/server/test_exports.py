"""Files leave and come back over HTTP, streamed, counted, and never from another web page."""

import json
from typing import Any

import pytest

from l2c.chat.tree_json import WINDOW
from l2c.server import uploads
from l2c.server.values import Window
from tests.server.serving import Serving

OCTETS = {"content-type": "application/octet-stream"}


def said(server: Serving, text: str = "Where is Pim?") -> str:
    conversation = server.new()
    server.finished(server.say(conversation, text))
    return conversation


def imported(server: Serving, content: bytes, **query: str) -> list[dict[str, Any]]:
    response = server.client.post("/app/v1/import", content=content, headers=OCTETS, params=query)
    assert response.status_code == 200, response.text
    return [json.loads(line) for line in response.text.splitlines()]


@pytest.mark.parametrize("form", ["json", "markdown", "text", "openai", "sharegpt"])
def test_what_is_exported_comes_back(server: Serving, form: str) -> None:
    conversation = said(server)
    file = server.client.get("/app/v1/export", params={"format": form})
    assert "attachment" in file.headers["content-disposition"]
    *lines, last = imported(server, file.content)
    assert [set(line) for line in lines] == [
        {"title", "conversation_id", "outcome", "turns", "reason"}
    ]
    same = form == "json"
    assert (lines[0]["outcome"], lines[0]["turns"]) == (("unchanged", 0) if same else ("added", 2))
    assert (lines[0]["conversation_id"] == conversation) == same
    assert last == {
        "done": True, "reason": None, "added": int(not same), "extended": 0, "unchanged": int(same),
        "refused": 0, "turns": 0 if same else 2,
    }  # fmt: skip
    assert imported(server, file.content)[0]["outcome"] == "unchanged"


def test_one_conversation_leaves_alone_and_a_foreign_one_not_at_all(server: Serving) -> None:
    said(server, "Other")
    conversation = said(server)
    alone = server.client.get(
        "/app/v1/export", params={"format": "text", "conversation_id": conversation}
    )
    assert "Where is Pim?" in alone.text
    assert "Other" not in alone.text
    missing = server.client.get("/app/v1/export", params={"conversation_id": "x"})
    assert missing.status_code == 404


def test_the_whole_profile_is_one_file_and_nothing_of_it_is_left_behind(server: Serving) -> None:
    said(server)
    file = server.client.get("/app/v1/export/profile")
    assert b"manifest.json" in file.content[:512]
    assert list((server.runtime.data_dir / "exports").iterdir()) == []


def test_imported_text_teaches_only_when_asked(server: Serving) -> None:
    line = (
        b'{"messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Yo"}]}'
    )
    imported(server, line)
    assert server.get("/app/v1/learning")["queue_size"] == 0
    assert imported(server, line, learn="true")[0]["outcome"] == "unchanged"
    assert server.get("/app/v1/learning")["queue_size"] == 1


def test_a_file_of_no_known_kind_is_a_400_and_leaves_nothing(server: Serving) -> None:
    for content in (b"", b"hello", b"[]"):
        refused = server.client.post("/app/v1/import", content=content, headers=OCTETS)
        assert (refused.status_code, refused.json()["error"]["type"]) == (400, "invalid_input")
    assert list((server.runtime.data_dir / "uploads").iterdir()) == []


@pytest.mark.parametrize("media", ["application/json", "text/plain", ""])
def test_a_form_of_another_page_cannot_import(server: Serving, media: str) -> None:
    refused = server.client.post("/app/v1/import", content=b"# x", headers={"content-type": media})
    assert refused.status_code == 415


def test_a_file_that_is_too_large_is_refused_by_what_it_says_and_by_what_it_is(
    server: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(uploads.LARGEST, ("POST", "/app/v1/import"), 1000)
    for content in (b"x" * 1001, (b"x" * 600 for _ in range(2))):
        refused = server.client.post("/app/v1/import", content=content, headers=OCTETS)
        assert (refused.status_code, refused.json()["error"]["type"]) == (413, "too_large")
    assert not list((server.runtime.data_dir).glob("uploads/*"))


def test_what_is_said_of_a_window_can_all_come_back() -> None:
    assert set(Window.model_fields) == set(WINDOW)
