"""`l2c forget` and `l2c models verify`."""

import json
from pathlib import Path

from l2c.store.sqlite import driver
from tests.cli.conftest import Run

SECRET = "My cat is called Quintus."


def test_what_is_forgotten_is_nowhere_and_the_rest_verifies(run: Run, home: Path) -> None:
    said = json.loads(run("chat", "--prompt", SECRET, "--seed", 1, "--json").out)
    run("learn")
    run("chat", "--prompt", "My cat likes the garden.", "--seed", 1)
    run("learn")
    run("dream", "--seed", 1)
    assert list((home / "dreams").iterdir())
    done = json.loads(run("forget", said["conversation_id"], "--json").out)
    assert done["state"] == "done"
    assert done["done"] == done["steps"] >= 1
    holding = [
        path for path in home.rglob("*") if path.is_file() and b"Quintus" in path.read_bytes()
    ]
    assert holding == []
    assert not list((home / "dreams").iterdir())
    verified = run("models", "verify")
    assert verified.code == 0
    assert verified.out.startswith("Verified. The starter and ")


def test_a_forgotten_page_of_the_notebook_is_nowhere(run: Run, home: Path) -> None:
    page = home.parent / "page.txt"
    page.write_text("Quintus sleeps on the pipe.\n\nIt rained till four.\n")
    note = json.loads(run("notes", "add", page, "--learn", "--json").out)
    run("learn")
    run("chat", "--prompt", "My cat likes the garden.", "--seed", 1)
    run("learn")
    done = json.loads(run("forget", "--note", note["id"][:8], "--json").out)
    assert (done["state"], done["kind"], done["report"]["notes"]) == ("done", "note", 1)
    assert done["done"] == done["steps"] >= 1
    holding = [
        path for path in home.rglob("*") if path.is_file() and b"Quintus" in path.read_bytes()
    ]
    assert holding == []
    assert run("models", "verify").code == 0


def test_nothing_to_forget_is_said(run: Run) -> None:
    assert "Nothing is to be forgotten." in run("forget").out
    for what in (("no-such-one",), ("--turn", "x"), ("--note", "x"), ("x", "--turn", "y")):
        refused = run("forget", *what)
        assert (refused.code, refused.err.count("\n")) == (1, 1)


def test_a_ledger_that_says_something_else_is_found_out(run: Run, home: Path) -> None:
    run("chat", "--prompt", "My cat is called Pim.", "--seed", 1)
    run("learn")
    change_the_ledger(home)
    found = run("models", "verify", "le", "--json")
    assert found.code == 1
    assert json.loads(found.out)["exact"] is False


def change_the_ledger(home: Path) -> None:
    connection = driver.connect(str(home / "l2c.db"))
    connection.execute("UPDATE lesson_source SET user_text = 'My cat is called Tom.'")
    connection.commit()
    connection.close()
