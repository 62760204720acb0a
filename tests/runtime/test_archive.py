"""A backup gives back everything that was there when it was made."""

import shutil
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from l2c.engines.model import LanguageModel
from l2c.errors import Busy, Conflict
from l2c.machine import RoleLock
from l2c.providers.servers import ServerEntry
from l2c.runtime import Runtime, archive
from l2c.settings import Settings
from l2c.store.accounts import Accounts
from l2c.store.credentials import Credentials, Scope, of_token
from l2c.store.database import Database
from l2c.text.characters import CharacterTokenizer
from tests.runtime.looking import said, state
from tests.server.serving import settings


def learn_something(runtime: Runtime) -> str:
    """A checkpoint beside the starter; its digest."""
    model = LanguageModel.create("lstm", {"hidden_size": 8}, CharacterTokenizer("abc"), seed=2)
    digest, size = runtime.folder.save(model)
    runtime.models.begin_from("second", engine="lstm", checkpoint=digest, size_bytes=size)
    return digest


# The restore drill


def test_a_lost_data_directory_comes_back_from_its_backup(home: Settings, tmp_path: Path) -> None:
    with Runtime.open(home, role="server") as runtime:
        runtime.chat("My cat is called Pim.")
        learned = learn_something(runtime)
    before = state(home.data_dir)
    made = archive.back_up(home, tmp_path / "l2c.tar")
    assert (made.conversations, made.checkpoints) == (1, 2)
    assert made.path.stat().st_mode & 0o777 == 0o600
    shutil.rmtree(home.data_dir)
    archive.restore(home, made.path)
    after = state(home.data_dir)
    assert {**after, "learner": None} == {**before, "learner": None, **starter_of(after, before)}
    with Runtime.open(home, role="server") as runtime:
        assert said(runtime) == ["My cat is called Pim."]
        assert runtime.conversations.search("pim")
        assert runtime.folder.has(learned)
        runtime.chat("And now?")


def test_logs_dreams_datasets_and_the_core_prompt_come_back_too(
    home: Settings, tmp_path: Path
) -> None:
    kept = {
        "prompt/core_prompt.txt": "You are kind.",
        f"dreams/{'n' * 120}.txt": "I dreamt of sheep.",
        "datasets/one.bin": "\0\1",
        "log/train_log.json": "{}",
    }
    with Runtime.open(home, role="server") as runtime:
        runtime.chat("My cat is called Pim.")
    for name, content in kept.items():
        (home.data_dir / name).parent.mkdir(exist_ok=True)
        (home.data_dir / name).write_text(content)
    (home.data_dir / "dreams" / "link").symlink_to("/etc/hostname")
    logs = sorted((home.data_dir / "logs").rglob("*.json"))
    assert logs, "the talk is logged"
    made = archive.back_up(home, tmp_path / "l2c.tar")
    assert set(kept) <= set(_names(made.path))
    shutil.rmtree(home.data_dir)
    (home.data_dir / "dreams").mkdir(parents=True)
    (home.data_dir / "dreams" / "of another life").touch()
    archive.restore(home, made.path)
    for name, content in kept.items():
        assert (home.data_dir / name).read_text() == content
    assert sorted((home.data_dir / "logs").rglob("*.json")) == logs
    assert [path.name for path in (home.data_dir / "dreams").iterdir()] == [f"{'n' * 120}.txt"]


def _names(backup: Path) -> list[str]:
    with tarfile.open(backup) as opened:
        return opened.getnames()


def test_a_backup_of_a_store_in_postgresql_is_put_back_there_and_in_a_file(
    home: Settings, store_url: str, tmp_path: Path
) -> None:
    shared = home.model_copy(update={"database_url": SecretStr(store_url)})
    with Runtime.open(shared, role="server") as runtime:
        runtime.chat("My cat is called Pim.")
        learned = learn_something(runtime)
        made = archive.back_up(shared, tmp_path / "l2c.tar")
        runtime.chat("Said after the backup.")
        archive.restore(shared, made.path)
        assert said(runtime) == ["My cat is called Pim."]
        assert runtime.conversations.search("pim")
        runtime.chat("And now?")
    alone = home.model_copy(update={"data_dir": tmp_path / "alone"})
    archive.restore(alone, made.path)
    with Runtime.open(alone, role="server") as runtime:
        assert said(runtime) == ["My cat is called Pim."]
        assert runtime.folder.has(learned)


def starter_of(after: dict[str, Any], before: dict[str, Any]) -> dict[str, Any]:
    """The starter, which lies outside of a data directory until it comes with a backup."""
    return {name: after[name] for name in after.keys() - before.keys()}


def test_a_running_server_is_backed_up_and_put_back(
    home: Settings, runtime: Runtime, tmp_path: Path
) -> None:
    runtime.chat("first")
    archive.back_up(home, tmp_path / "l2c.tar")
    runtime.chat("second")
    archive.restore(home, tmp_path / "l2c.tar")
    assert said(runtime) == ["first"]
    runtime.chat("third")
    assert said(runtime) == ["first", "third"]
    (replaced,) = (home.data_dir / "backups").glob("replaced-*.db")
    archive.restore(home, replaced)
    assert said(runtime) == ["first", "second"], "what was replaced can be put back too"


def test_a_daily_copy_can_be_put_back(home: Settings, runtime: Runtime) -> None:
    daily = home.data_dir / "backups" / "daily"
    while not list(daily.glob("*.db")):  # a thread of the server takes it
        pass
    runtime.chat("today")
    (copy,) = daily.glob("*.db")
    archive.restore(home, copy)
    assert said(runtime) == []


def test_a_damaged_store_is_put_aside(home: Settings, tmp_path: Path) -> None:
    with Runtime.open(home, role="server") as runtime:
        runtime.chat("first")
    archive.back_up(home, tmp_path / "l2c.tar")
    (home.data_dir / "l2c.db").write_bytes(b"garbage" * 1000)
    with RoleLock(home.data_dir / "server.lock"), pytest.raises(Busy):
        archive.restore(home, tmp_path / "l2c.tar")
    archive.restore(home, tmp_path / "l2c.tar")
    with Runtime.open(home, role="server") as runtime:
        assert said(runtime) == ["first"]
    (aside,) = home.data_dir.glob("damaged-*")
    assert (aside / "l2c.db").read_bytes() == b"garbage" * 1000


def test_an_answer_that_was_on_its_way_comes_back_as_interrupted(
    home: Settings, runtime: Runtime, tmp_path: Path
) -> None:
    conversation = runtime.conversations.create(model="le").id
    begun = runtime.conversations.begin_exchange(conversation, "Hello", model="le")
    runtime.conversations.journal(begun.answer.id, 0, "Good mor").result()
    archive.back_up(home, tmp_path / "l2c.tar")
    archive.restore(home, tmp_path / "l2c.tar")
    answer = runtime.conversations.turn(begun.answer.id)
    assert (answer.status, answer.text) == ("interrupted", "Good mor")


def test_whoever_was_learning_may_write_no_more(
    home: Settings, runtime: Runtime, tmp_path: Path
) -> None:
    archive.back_up(home, tmp_path / "l2c.tar")
    lease = runtime.learning.acquire("le", holder="a learner")
    archive.restore(home, tmp_path / "l2c.tar")
    with pytest.raises(Conflict):
        lease.report(None)
    archive.back_up(home, tmp_path / "later.tar")
    later = runtime.learning.acquire("le", holder="a learner")
    archive.restore(home, tmp_path / "later.tar")
    assert runtime.learning.acquire("le", holder="the next").epoch > later.epoch


KILLED = """
import os, signal, sys
from pathlib import Path
from l2c.runtime import archive
from l2c.store import sqlite
from l2c.store.database import BALLAST_BYTES
from tests.server.serving import settings

class Clock:
    asked = 0

    def monotonic(self):
        self.asked += 1
        if self.asked > int(sys.argv[4]):
            os.kill(os.getpid(), signal.SIGKILL)
        return 0.0

sqlite._PAGES_AT_ONCE = 1
sqlite.time = Clock()  # asked once, and after every page
archive.restore(settings(Path(sys.argv[1]), Path(sys.argv[2])), Path(sys.argv[3]))
"""


@pytest.mark.parametrize("pages", [1, 20, 60])
def test_a_kill_while_restoring_leaves_the_old_store(
    home: Settings, starter: Path, tmp_path: Path, pages: int
) -> None:
    with Runtime.open(home, role="server") as runtime:
        runtime.chat("first")
    archive.back_up(home, tmp_path / "l2c.tar")
    with Runtime.open(home, role="server") as runtime:
        runtime.chat("second")
    arguments = [home.data_dir, starter, tmp_path / "l2c.tar", pages]
    ended = subprocess.run([sys.executable, "-c", KILLED, *map(str, arguments)])
    assert ended.returncode == -9
    with Runtime.open(home, role="server") as runtime:
        assert said(runtime) == ["first", "second"]


# What ended stays ended


def test_a_revoked_key_and_a_session_do_not_come_back(home: Settings, tmp_path: Path) -> None:
    Runtime.open(home, role="server").close()
    with Database.open(home.data_dir) as database:
        credentials = Credentials(database, Accounts(database).local())
        good, _ = credentials.create_key("good", scopes=[Scope.READ])
        revoked, row = credentials.create_key("revoked", scopes=[Scope.READ])
        token = credentials.open_session()
        archive.back_up(home, tmp_path / "l2c.tar")
        credentials.revoke_key(row.id)
        archive.restore(home, tmp_path / "l2c.tar")
        assert of_token(database, good)
        assert of_token(database, revoked) is None
        assert of_token(database, token) is None


def test_on_another_machine_the_keys_of_a_backup_are_good(
    home: Settings, starter: Path, tmp_path: Path
) -> None:
    Runtime.open(home, role="server").close()
    with Database.open(home.data_dir) as database:
        credentials = Credentials(database, Accounts(database).local())
        key, _ = credentials.create_key("program", scopes=[Scope.READ])
    archive.back_up(home, tmp_path / "l2c.tar")
    elsewhere = settings(tmp_path / "elsewhere", starter)
    archive.restore(elsewhere, tmp_path / "l2c.tar")
    with Database.open(elsewhere.data_dir) as database:
        assert of_token(database, key)


def test_the_servers_one_has_named_come_back(
    home: Settings, runtime: Runtime, tmp_path: Path
) -> None:
    runtime.servers.add(ServerEntry("attic", "ollama", "http://127.0.0.1:11434"))
    archive.back_up(home, tmp_path / "l2c.tar")
    runtime.servers.remove("attic")
    archive.restore(home, tmp_path / "l2c.tar")
    assert "attic" in runtime.servers
