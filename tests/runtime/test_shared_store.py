"""Two houses on one store in PostgreSQL: what one makes the other has, and what goes is gone."""

import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from l2c.chat import tree_json
from l2c.conversation import TurnStatus
from l2c.engines.model import LanguageModel
from l2c.runtime import Runtime, dreaming, moving
from l2c.runtime.forgetting import Forgettable
from l2c.runtime.learners import Learners
from l2c.runtime.neighbours import Neighbours
from l2c.runtime.residents import Residents
from l2c.settings import Settings
from l2c.text.characters import CharacterTokenizer
from tests.runtime.looking import said
from tests.server.serving import Scripted, let_speak, settings


@pytest.fixture
def two(tmp_path: Path, starter: Path, store_url: str) -> Iterator[tuple[Runtime, Runtime]]:
    """Two servers on one store, each with a data directory of its own."""
    of_one, of_other = (
        settings(tmp_path / name, starter, database_url=SecretStr(store_url))
        for name in ("one", "other")
    )
    with (
        Runtime.open(of_one, role="server") as one,
        Runtime.open(of_other, role="server") as other,
    ):
        yield one, other


def a_model(seed: int = 2) -> LanguageModel:
    return LanguageModel.create("lstm", {"hidden_size": 8}, CharacterTokenizer("abc"), seed=seed)


def test_a_checkpoint_saved_on_one_machine_is_read_on_the_other_and_kept_there(
    two: tuple[Runtime, Runtime],
) -> None:
    one, other = two
    digest, _ = one.folder.save(a_model())
    assert other.folder.has(digest)
    assert not any(other.data_dir.glob(f"checkpoints/{digest}*"))
    assert other.folder.load(digest).tokenizer.describe() == a_model().tokenizer.describe()
    (cached,) = other.data_dir.glob(f"checkpoints/{digest}*")
    assert cached.read_bytes() == one.folder.path(digest).read_bytes()


def test_a_damaged_copy_is_fetched_again(two: tuple[Runtime, Runtime]) -> None:
    one, other = two
    digest, _ = one.folder.save(a_model())
    path = other.folder.path(digest)
    content = path.read_bytes()
    path.write_bytes(content[:-9])
    other.folder.load(digest)
    assert path.read_bytes() == content


def test_a_checkpoint_that_was_removed_leaves_the_other_machine_too(
    two: tuple[Runtime, Runtime],
) -> None:
    one, other = two
    digest, _ = one.folder.save(a_model())
    path = other.folder.path(digest)
    one.folder.remove([digest])
    assert not other.folder.has(digest) or path.exists()
    os.utime(path, (0, 0))
    assert other.folder.forget_removed() == 1
    assert not other.folder.has(digest)


def test_one_page_token_and_one_local_user_serve_all(two: tuple[Runtime, Runtime]) -> None:
    one, other = two
    assert one.house.door.page_token() == other.house.door.page_token()
    assert one.user_id == other.user_id


def test_one_learner_teaches_and_the_other_stands_by_until_it_is_gone(
    two: tuple[Runtime, Runtime],
) -> None:
    first, second = (Learners(Residents(side), threading.Event()) for side in two)
    assert first._has_role()
    assert not second._has_role()
    assert two[1].house.learner_is_alive()
    first.close()
    assert second._has_role()
    second.close()


def test_a_whole_installation_moves_to_postgresql_and_talks_on(
    home: Settings, store_url: str, tmp_path: Path
) -> None:
    with Runtime.open(home, role="server") as runtime:
        runtime.chat("My cat is called Pim.")
        learned, size = runtime.folder.save(a_model())
        runtime.models.begin_from("second", engine="lstm", checkpoint=learned, size_bytes=size)
    moved = moving.move(home, store_url)
    assert moved.checkpoints == 2
    assert "l2c@" in moved.target
    there = home.model_copy(
        update={"data_dir": tmp_path / "there", "database_url": SecretStr(store_url)}
    )
    with Runtime.open(there, role="server") as runtime:
        assert said(runtime) == ["My cat is called Pim."]
        assert runtime.folder.load(learned)
        runtime.chat("And now?")
    back = moving.move(there, str(tmp_path / "back"))
    assert back.checkpoints == 2
    with Runtime.open(
        home.model_copy(update={"data_dir": tmp_path / "back"}), role="server"
    ) as runtime:
        assert said(runtime) == ["My cat is called Pim.", "And now?"]
        assert runtime.folder.load(learned)


def test_an_answer_one_server_writes_is_stopped_on_the_other(
    two: tuple[Runtime, Runtime],
) -> None:
    one, other = two
    speaker = Scripted(*["word "] * 10_000)
    let_speak(one, speaker)
    begun = one.begin_chat("Talk.").answer
    speaker.go_on()
    other.replies.stop(begun.id)
    tail = one.tails.get(begun.id)
    while tail is not None and not tail.wait_closed(0.02):
        speaker.go_on()
    answer = other.talks.of_turn(begun.id).turn(begun.id)
    assert answer.status is TurnStatus.STOPPED
    assert answer.text.startswith("word ")
    other.replies.stop(begun.id)
    assert other.talks.of_turn(begun.id).turn(begun.id) == answer


def test_what_is_forgotten_on_one_machine_goes_from_the_files_of_the_other(
    two: tuple[Runtime, Runtime],
) -> None:
    one, other = two
    gone, stays = (one.begin_chat(text) for text in ("I live in Bergen.", "Hello."))
    for begun in (gone, stays):
        one.replies.wait(begun.answer.id)
        # As a server wrote them before its store was moved to PostgreSQL.
        tree = one.trees.get(begun.answer.conversation_id)
        other.house.session_files.write(tree_json.to_json(tree))
    dream = other.dreaming.dream(count=1, length=4)[0].row.id
    look = Neighbours(
        other.house.database,
        other.folder,
        logs=other.house.session_files,
        dreams=other.data_dir / dreaming.FOLDER,
    ).look
    look()
    assert len(list(other.data_dir.rglob("logs/**/*.json"))) == 2
    one.dreaming.discard(dream)
    one.forgetter.forget(Forgettable.CONVERSATION, gone.answer.conversation_id)
    look()
    (left,) = other.data_dir.rglob("logs/**/*.json")
    assert stays.answer.conversation_id in left.read_text()
    assert not list(other.data_dir.rglob(f"dreams/*{dream}*"))
