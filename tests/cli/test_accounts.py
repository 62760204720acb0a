"""`l2c accounts`: letting people in from the machine itself."""

import json

import pytest

from tests.cli.conftest import Run

PASSWORD = "correct horse battery"


def test_the_first_one_administers_and_takes_over_what_is_here(run: Run) -> None:
    run("chat", "--prompt", "Hello")
    assert "local" in run("accounts", "list").out
    added = json.loads(run("accounts", "add", "Ada", "--password", PASSWORD, "--json").out)
    assert (added["name"], added["role"], added["signs_in"]) == ("ada", "administrator", True)
    run("accounts", "add", "eve", "--password", PASSWORD)
    listed = json.loads(run("accounts", "list", "--json").out)
    assert [(row["name"], row["role"]) for row in listed] == [
        ("ada", "administrator"), ("eve", "user"),
    ]  # fmt: skip


def test_a_key_is_printed_once(run: Run) -> None:
    run("accounts", "add", "ada", "--password", PASSWORD)
    assert run("accounts", "key", "ada").out.startswith("l2c_")
    assert "no account called" in run("accounts", "key", "nobody").err


@pytest.mark.parametrize("password", ["short", "x" * 201])
def test_a_password_that_is_none_is_refused_in_a_line(run: Run, password: str) -> None:
    refused = run("accounts", "add", "ada", "--password", password)
    assert (refused.code, refused.err.count("\n")) == (1, 1)
    assert "10 to 200 characters" in refused.err
