"""What is said is also a file in `logs/conversations/`; what is forgotten is not in it."""

import hashlib
import json
import threading
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from l2c.runtime import Format, Runtime
from l2c.runtime.forgetting import Forgettable
from l2c.settings import Settings
from tests.runtime.looking import said

SECRET = "My cat is called Zyzzyva."


def logs(directory: Path) -> list[Path]:
    return sorted((directory / "logs").rglob("*.json"))


def only(path: Path) -> dict[str, Any]:
    (conversation,) = json.loads(path.read_text())["conversations"]
    assert isinstance(conversation, dict)
    return conversation


def says(directory: Path, text: str) -> list[Path]:
    return [
        path
        for path in (directory / "logs").rglob("*")
        if path.is_file() and text.encode() in path.read_bytes()
    ]


def test_every_turn_is_in_the_file_of_its_conversation_with_its_digest(home: Settings) -> None:
    with Runtime.open(home) as runtime:
        first = runtime.chat(SECRET)
        runtime.chat("Are you there?", conversation_id=first.conversation_id)
        runtime.chat("Another talk")
    path, other = logs(home.data_dir)
    assert path.stat().st_mode & 0o777 == 0o600
    assert [turn["text"] for turn in only(other)["turns"] if turn["role"] == "user"] == [
        "Another talk"
    ]
    turns = only(path)["turns"]
    assert [turn["role"] for turn in turns] == ["user", "assistant"] * 2
    for turn in turns:
        assert turn["sha256"] == hashlib.sha256(turn["text"].encode()).hexdigest()


def test_a_mended_fact_is_in_the_file_of_its_conversation(home: Settings) -> None:
    with Runtime.open(home) as runtime:
        runtime.chat(SECRET)
        (one,) = runtime.memory.all()
        assert one.row is not None
        runtime.memory.change(one.row.id, "Tom")
    (path,) = logs(home.data_dir)
    assert only(path)["turns"][-2]["text"] == "My cat is called Tom."


def test_a_log_can_be_imported_whole_and_adds_nothing_where_it_came_from(
    home: Settings, tmp_path: Path, starter: Path
) -> None:
    with Runtime.open(home) as runtime:
        runtime.chat(SECRET)
        before = "".join(runtime.export(Format.JSON))
    (path,) = logs(home.data_dir)
    with Runtime.open(home) as runtime:
        (line,) = runtime.importing(learn=False).lines(path)
        assert line.outcome == "unchanged"
    elsewhere = home.model_copy(update={"data_dir": tmp_path / "elsewhere"})
    with Runtime.open(elsewhere) as runtime:
        list(runtime.importing(learn=False).lines(path))
        after = json.loads("".join(runtime.export(Format.JSON)))["conversations"]
        assert [turn["text"] for turn in after[0]["turns"]] == [
            turn["text"] for turn in json.loads(before)["conversations"][0]["turns"]
        ]


def test_temporary_conversations_are_never_written_until_they_are_kept(home: Settings) -> None:
    with Runtime.open(home) as runtime:
        talk = runtime.talking.begin(temporary=True)
        runtime.chat(SECRET, conversation_id=talk.id)
        runtime.replies.close()
        assert logs(home.data_dir) == []
        runtime.talking.keep(talk.id, learn=False)
        assert says(home.data_dir, SECRET) == logs(home.data_dir)


def test_nothing_is_logged_where_that_is_not_wanted(home: Settings) -> None:
    with Runtime.open(home.model_copy(update={"session_logs": False})) as runtime:
        runtime.chat(SECRET)
    assert logs(home.data_dir) == []


def test_what_is_erased_is_erased_from_the_logs_too(home: Settings) -> None:
    with Runtime.open(home) as runtime:
        first = runtime.chat(SECRET)
        runtime.chat("Something else")
    (path, other) = logs(home.data_dir)
    left = path.with_name(f".{path.name}.1234.tmp")
    left.write_bytes(path.read_bytes())  # what a power failure leaves behind
    with Runtime.open(home, role="server") as runtime:
        runtime.talking.delete(first.conversation_id)
        runtime.house.copies.forget_deleted(older_than=timedelta(0))
        runtime.conversations.purge_deleted(older_than=timedelta(0))
        assert says(home.data_dir, SECRET) == []
        assert logs(home.data_dir) == [other]


def test_an_answer_that_ends_after_its_conversation_was_deleted_is_not_logged(
    home: Settings,
) -> None:
    with Runtime.open(home) as runtime:
        first = runtime.chat(SECRET)
        runtime.talking.delete(first.conversation_id)
        runtime.house.session_files.forget([first.conversation_id])
        runtime.replies.log(first.conversation_id)
    assert logs(home.data_dir) == []


def test_a_log_that_cannot_be_written_stops_no_conversation(
    home: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    home.data_dir.mkdir()
    (home.data_dir / "logs").write_text("in the way")
    with Runtime.open(home) as runtime:
        runtime.chat(SECRET)
        assert said(runtime) == [SECRET]
    assert "could not be logged" in caplog.text


def test_another_user_s_conversations_lie_in_a_folder_of_their_own(home: Settings) -> None:
    with Runtime.open(home) as runtime:
        ada = runtime.house.door.accounts.create("ada", password=None)
        with Runtime(runtime.house, ada.id) as side:
            side.chat(SECRET)
            side.leave()
    (path,) = logs(home.data_dir)
    assert path.parent == home.data_dir / "logs" / "conversations" / ada.id


def test_a_forgotten_turn_is_in_no_log_and_no_dream(home: Settings) -> None:
    with Runtime.open(home, role="server") as runtime:
        first = runtime.chat(SECRET)
        with closing(runtime.learner(threading.Event())) as learner:
            assert learner.run_until_idle()
        runtime.dreaming.dream(length=8)
        turn = runtime.conversations.turns(first.conversation_id)[0]
        runtime.forgetter.forget(Forgettable.TURN, turn.id)
        assert says(home.data_dir, SECRET) == []
        assert runtime.dreaming.page(limit=9, before=None) == ([], None)
        runtime.chat("Something else", conversation_id=first.conversation_id)
    (path,) = logs(home.data_dir)
    assert SECRET not in path.read_text()
