"""Without the wheel: the interpreter's own SQLite, too old for WAL mode, does the same work."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

LIFE = """
import sys

sys.modules["pysqlite3"] = None

from pathlib import Path
from l2c.store import sqlite

sqlite.SOUND_IN_WAL = (99,)  # whatever this interpreter brings
from l2c.store.accounts import Accounts
from l2c.store.conversations import Conversations
from l2c.store.database import Database
from l2c.store.learning import Learning
from l2c.store.models import Models
from l2c.store.states import LessonKind
from tests.store.talk import STARTER, Talk, digest, keep

directory, name = Path(sys.argv[1]), sys.argv[2]
with Database.open(directory, ballast_bytes=4096, linger_s=0.0) as database:
    assert sqlite.driver.__name__.startswith("sqlite3")
    user = Accounts(database).local()
    conversations, models = Conversations(database, user), Models(database, user)
    talk, learning = Talk(conversations), Learning(database, user)
    models.ensure(name, engine="lstm", starter=STARTER, size_bytes=1, summary={})
    said = [talk.say(f"{name} says {number}", "Yes.") for number in range(40)]
    assert len(conversations.search(f"{name} says", 1000)) == 40
    lease = learning.acquire(name, holder=name)
    practice = lease.start_lesson(kind=LessonKind.PRACTICE, parent=STARTER, recipe_version=1)
    keep(lease, practice, "first")
    assert models.live(name) == digest("first")
    for one in said[:20]:
        conversations.delete(one.conversation)
    conversations.purge_deleted()
    with database.read() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar_one() == "delete"
        assert connection.exec_driver_sql("PRAGMA integrity_check").scalar_one() == "ok"
    assert len(conversations.search(f"{name} says", 1000)) == 20
print("done")
"""


@pytest.mark.slow
def test_two_processes_with_an_old_library_share_a_store(tmp_path: Path) -> None:
    environment = dict(os.environ, PYTHONPATH=os.pathsep.join(sys.path))
    lives = [
        subprocess.Popen(
            [sys.executable, "-c", LIFE, str(tmp_path), name],
            cwd=Path(__file__).parents[2],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for name in ("le", "other")
    ]
    said = [life.communicate() for life in lives]
    for output, log in said:
        assert output == "done\n", log
        assert "unsafe in WAL mode" in log
