"""Export and import: what leaves comes back, from here or elsewhere, once and whole."""

import io
import json
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from l2c.chat.porting import Format, Importing, Result, export
from l2c.errors import InvalidInput
from l2c.store.accounts import Accounts
from l2c.store.conversations import Conversations
from l2c.store.database import Database
from l2c.store.trees import Trees
from tests.chat.profile import Profile


@pytest.fixture(scope="module")
def here() -> Iterator[Profile]:
    profile = Profile()
    yield profile
    profile.database.close()


@pytest.fixture(scope="module")
def there() -> Iterator[Profile]:
    profile = Profile()
    yield profile
    profile.database.close()


@pytest.fixture(autouse=True)
def empty(here: Profile, there: Profile) -> None:
    here.erase()
    there.erase()


TEXTS = st.text(min_size=1, max_size=30) | st.sampled_from(
    ["# Title", "### User", "\\### User", "User:", "======== x", "\n\nAssistant:\n", "a\r\nb", "\n"]
)


@given(data=st.data())
@settings(
    max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@pytest.mark.parametrize("form", Format)
def test_export_import_export_is_the_same_to_the_byte(
    here: Profile, there: Profile, tmp_path: Path, form: Format, data: st.DataObject
) -> None:
    here.erase()
    there.erase()
    talk_at_random(here, data.draw)
    written = here.export(form)
    path = tmp_path / f"export{form.suffix}"
    path.write_bytes(written)
    first = there.takes(path)
    assert {line.outcome for line in first} <= {Result.ADDED}
    assert there.export(form) == written
    again = there.takes(path)
    assert {line.outcome for line in again} <= {Result.UNCHANGED}
    assert there.export(form) == written
    assert there.learning.queue_size("le") == 0


def talk_at_random(profile: Profile, draw: Callable[[Any], Any]) -> None:
    """A few conversations with branches, ratings, folders, and two that are the same."""
    for _ in range(draw(st.integers(0, 2))):
        conversation = profile.conversations.create(
            model="le", system_prompt=draw(st.just("") | TEXTS), title=draw(st.just("") | TEXTS)
        ).id
        for _ in range(draw(st.integers(0, 3))):
            said, answer = profile.say(conversation, draw(TEXTS), draw(TEXTS | st.just("")))
            step = draw(st.sampled_from(["on", "edit", "again", "correct", "rate", "back"]))
            if step == "edit":
                begun = profile.conversations.begin_edit(said, draw(TEXTS), model="le")
                profile.finish(begun.answer.id, draw(TEXTS))
            elif step == "again":
                begun = profile.conversations.begin_answer(answer, model="le")
                profile.finish(begun.answer.id, draw(TEXTS))
            elif step == "correct":
                profile.conversations.correct_answer(answer, draw(TEXTS))
            elif step == "rate":
                profile.conversations.change_turn(answer, rating=-1, pinned=True)
            elif step == "back":
                profile.conversations.activate(said)
        if draw(st.booleans()):
            profile.conversations.update(
                conversation, tags=["b", "a"], archived=True, sampling={"temperature": 0.5}
            )
    for _ in range(2):
        profile.say(profile.conversations.create(model="le").id, "Hello", "Hi")


def test_a_conversation_goes_on_here_and_what_came_later_there_is_added(
    here: Profile, there: Profile, tmp_path: Path
) -> None:
    conversation = here.conversations.create(model="le").id
    here.say(conversation, "One", "1")
    (tmp_path / "a.json").write_bytes(here.export(Format.JSON))
    there.takes(tmp_path / "a.json")
    here.say(conversation, "Two", "2")
    (tmp_path / "b.json").write_bytes(here.export(Format.JSON))
    (line,) = there.takes(tmp_path / "b.json")
    assert (line.outcome, line.turns) == (Result.EXTENDED, 2)
    assert len(there.conversations.turns(conversation)) == 4
    there.say(conversation, "Mine", "3")
    (line,) = there.takes(tmp_path / "b.json")
    assert line.outcome is Result.UNCHANGED
    assert len(there.conversations.turns(conversation)) == 6


def test_one_conversation_is_exported_alone(here: Profile) -> None:
    for text in ("One", "Two"):
        conversation = here.conversations.create(model="le").id
        here.say(conversation, text, "1")
    alone = here.export(Format.OPENAI, conversation_id=conversation)
    assert json.loads(alone) == {
        "messages": [{"role": "user", "content": "Two"}, {"role": "assistant", "content": "1"}]
    }


def node(
    name: str,
    parent: str | None,
    children: list[str],
    role: str = "user",
    text: str = "",
    **more: Any,
) -> dict[str, Any]:
    message = {
        "id": name,
        "author": {"role": role},
        "create_time": 1.7e9,
        "content": {"content_type": "text", "parts": [text]},
        "metadata": {},
        "recipient": "all",
    } | more
    return {"id": name, "parent": parent, "children": children, "message": message}


def chatgpt(name: str = "c1", **more: Any) -> dict[str, Any]:
    """A conversation as ChatGPT exports it, with hidden nodes and a second answer."""
    nodes = [
        {"id": "root", "parent": None, "children": ["sys"], "message": None},
        node("sys", "root", ["profile"], "system"),
        node(
            "profile", "sys", ["u1"], text="x",
            content={"content_type": "user_editable_context", "user_profile": "secret"},
        ),
        node("u1", "profile", ["think", "a2"], text="How far is the moon?"),
        node("think", "u1", ["a1"], "assistant", content={"content_type": "thoughts"}),
        node(
            "a1", "think", ["u2"], "assistant", "384 400 km",
            metadata={"model_slug": "gpt-5"},
        ),
        node("a2", "u1", [], "assistant", "Far."),
        node("u2", "a1", ["tool"], text="Thanks"),
        node("tool", "u2", ["h"], "assistant", "search()", recipient="browser"),
        node(
            "h", "tool", [], text="hidden",
            metadata={"is_visually_hidden_from_conversation": True},
        ),
    ]  # fmt: skip
    return {
        "title": "The moon",
        "create_time": 1.7e9,
        "update_time": 1.7e9,
        "mapping": {one["id"]: one for one in nodes},
        "current_node": "h",
        "conversation_id": name,
        "default_model_slug": "gpt-4o",
    } | more


def write_zip(path: Path, files: dict[str, Any]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, value in files.items():
            archive.writestr(name, value if isinstance(value, str) else json.dumps(value))
    return path


def test_chatgpts_tree_comes_in_without_what_was_hidden(there: Profile, tmp_path: Path) -> None:
    path = tmp_path / "conversations.json"
    path.write_text(json.dumps([chatgpt()]))
    (line,) = there.takes(path)
    assert (line.outcome, line.title, line.turns) == (Result.ADDED, "The moon", 4)
    assert line.conversation_id is not None
    turns = there.conversations.turns(line.conversation_id)
    assert [turn.text for turn in turns] == ["How far is the moon?", "384 400 km", "Thanks"]
    assert turns[1].model == "chatgpt/gpt-5"
    assert turns[1].versions == 2
    assert turns[0].created_at == "2023-11-14T22:13:20.000000Z"
    assert there.conversations.get(line.conversation_id).learn is False
    assert [one.outcome for one in there.takes(path)] == [Result.UNCHANGED]


def test_a_zip_of_many_files_comes_in_and_one_bad_conversation_stops_nothing(
    there: Profile, tmp_path: Path
) -> None:
    path = write_zip(
        tmp_path / "export.zip",
        {
            "user.json": {"id": "user", "email": "x@example.org"},
            "conversations-000.json": [
                chatgpt("c1"),
                {"mapping": 5, "title": "Bad"},
                chatgpt("c2"),
            ],
            "conversations-001.json": json.dumps([chatgpt("c3")])[:-1] + ", {",
            "../../evil.json": [chatgpt("c4")],
            "chat.html": "<html>",
            "sub/conversations-002.json": [chatgpt("c5"), chatgpt("c1")],
        },
    )
    lines = there.takes(path)
    assert [line.outcome.value for line in lines] == [
        "added", "refused", "added", "added", "refused", "refused", "added", "unchanged",
    ]  # fmt: skip
    reasons = {line.title: line.reason for line in lines if line.reason}
    assert "leads out" in str(reasons["../../evil.json"])
    assert "no JSON from here on" in str(reasons["conversations-001.json"])
    assert len(there.trees.ids()) == 4


def test_what_is_imported_teaches_only_when_asked(there: Profile, tmp_path: Path) -> None:
    path = tmp_path / "conversations.json"
    path.write_text(json.dumps([chatgpt()]))
    there.takes(path)
    assert there.learning.queue_size("le") == 0
    (line,) = there.takes(path, learn=True)
    assert line.outcome is Result.UNCHANGED
    assert there.learning.queue_size("le") == 1


@pytest.mark.parametrize(
    "line",
    [
        {"messages": [{"role": "user", "content": [{"type": "text", "text": "Hi"}]}]},
        {"conversations": [{"from": "human", "value": "Hi"}]},
        {
            "title": "x",
            "messages": [{"role": "tool", "content": "5"}, {"role": "user", "content": "Hi"}],
        },
    ],
)
def test_lines_of_other_programs_come_in(there: Profile, tmp_path: Path, line: object) -> None:
    path = tmp_path / "lines.jsonl"
    path.write_text(f"{json.dumps(line)}\nnot JSON\n\n{json.dumps({'messages': 3})}\n")
    added, bad, worse = there.takes(path)
    assert (added.outcome, bad.outcome, worse.outcome) == ("added", "refused", "refused")
    assert added.conversation_id is not None
    assert [turn.text for turn in there.conversations.turns(added.conversation_id)] == ["Hi"]


def test_a_bomb_is_refused_before_it_is_unpacked(there: Profile, tmp_path: Path) -> None:
    path = tmp_path / "bomb.zip"
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("conversations.json", "w", force_zip64=True) as file,
    ):
        file.write(b"[")
        for _ in range(80):
            file.write(b" " * (1 << 20) + b"7,")
    (line,) = there.takes(path)
    assert line.reason == "It unpacks to far more than it should."


def test_an_endless_string_is_refused(there: Profile, tmp_path: Path) -> None:
    path = tmp_path / "long.json"
    path.write_text('[{"title": "' + "x" * (9 << 20) + '"}]')
    with pytest.raises(InvalidInput, match="too long"):
        there.takes(path)


def test_what_is_nested_too_deeply_is_refused_alone(there: Profile, tmp_path: Path) -> None:
    path = tmp_path / "deep.json"
    deep = '{"mapping": ' + "[" * 5000 + "]" * 5000 + "}"
    path.write_text(f"[{deep}, {json.dumps(chatgpt())}]")
    assert [line.outcome.value for line in there.takes(path)] == ["refused", "added"]


@pytest.mark.parametrize("content", [b"", b"\x00\x01", b"PK\x03\x04garbage", b"hello"])
def test_a_file_of_no_known_kind_is_refused(there: Profile, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x").write_bytes(content)
    with pytest.raises(InvalidInput):
        there.takes(tmp_path / "x")


HOSTILE: list[dict[str, Any]] = [
    {"turns": 5},
    {"id": "x", "model": "le", "turns": [], "created_at": "yesterday"},
    {"id": "", "model": "le", "turns": []},
    {"id": "x" * 65, "model": "le", "turns": []},
    {
        "id": "x", "model": "le", "created_at": "2026-11-21", "updated_at": "2026-11-21",
        "active_turn_id": "b",
        "turns": [
            {"id": "b", "parent_id": "a", "role": "user", "text": "", "created_at": "2026-11-21"},
            {"id": "a", "parent_id": "b", "role": "user", "text": "", "created_at": "2026-11-21"},
        ],
    },
]  # fmt: skip


@pytest.mark.parametrize("value", HOSTILE)
def test_a_tree_that_contradicts_itself_is_refused(
    there: Profile, tmp_path: Path, value: dict[str, Any]
) -> None:
    path = tmp_path / "trees.json"
    path.write_text(json.dumps({"format": "l2c-conversations", "conversations": [value]}))
    (line,) = there.takes(path)
    assert line.outcome is Result.REFUSED
    assert there.trees.ids() == []


FIELDS = [
    "mapping",
    "messages",
    "turns",
    "id",
    "parent",
    "children",
    "message",
    "author",
    "role",
    "content",
    "parts",
    "text",
    "from",
    "conversations",
]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(FIELDS), inner, max_size=5,
        )
    ),
    max_leaves=12,
)  # fmt: skip


@given(value=JSON)
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_no_json_breaks_the_import(there: Profile, tmp_path: Path, value: object) -> None:
    path = tmp_path / "any.json"
    path.write_text(json.dumps([value]))
    assert {line.outcome for line in there.takes(path)} <= set(Result)
    there.export(Format.JSON)


def test_a_foreign_id_is_not_taken_over(tmp_path: Path) -> None:
    with Database.temporary() as database:
        ada, eve = (Accounts(database).named(name) for name in ("ada", "eve"))
        talks = Conversations(database, ada)
        conversation = talks.create(model="le", title="Adas").id
        written = io.BytesIO("".join(export(Trees(database, ada), Format.JSON)).encode())
        (tmp_path / "ada.json").write_bytes(written.getvalue())
        importing = Importing(
            Trees(database, eve), model="le", learn=False, now=lambda: "2026-11-21T12:00:00Z"
        )
        for outcome in (Result.ADDED, Result.UNCHANGED):
            (line,) = importing.lines(tmp_path / "ada.json")
            assert line.outcome is outcome
            assert line.conversation_id != conversation
        assert talks.get(conversation).title == "Adas"
