"""The light server: a page, `/chat`, `/health`, and nobody from elsewhere."""

import json
import socket
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest

from l2c import light, starter
from l2c.chat.light_talk import MAX_TURNS, Talker
from l2c.engines import checkpoint
from l2c.errors import InvalidInput
from l2c.learning.practice import practice
from l2c.runtime import Runtime
from tests.journeys.household import eventually
from tests.server.serving import settings, write_starter

JSON = {"content-type": "application/json"}
FORM = {"content-type": "application/x-www-form-urlencoded"}
CURL = FORM | {"user-agent": "curl/8.5.0"}
"""What `curl -d` says of a body whose kind it was not told."""


@pytest.fixture
def first(tmp_path: Path) -> Path:
    return write_starter(tmp_path / "tiny.safetensors")


@pytest.fixture
def talker(tmp_path: Path, first: Path) -> Talker:
    return Talker(tmp_path / "data", model="le", starters=[first])


@pytest.fixture
def server(talker: Talker, tmp_path: Path) -> Iterator[light.LightServer]:
    (tmp_path / "data").mkdir()
    with light.LightServer("127.0.0.1", 0, talker) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def call(
    server: light.LightServer,
    method: str,
    path: str,
    body: bytes | None = None,
    headers: dict[str, str] | None = None,
) -> tuple[int, Any, Any]:
    connection = HTTPConnection("127.0.0.1", server.server_port, timeout=30)
    with closing(connection):
        connection.request(method, path, body, headers or {})
        answer = connection.getresponse()
        content = answer.read()
        parsed = content.decode() if path == "/" else json.loads(content)
        return answer.status, parsed, answer.headers


def say(server: light.LightServer, **wanted: Any) -> tuple[int, Any]:
    status, answer, _ = call(server, "POST", "/chat", json.dumps(wanted).encode(), JSON)
    return status, answer


def test_it_answers_remembers_the_conversation_and_logs_it(
    server: light.LightServer, tmp_path: Path
) -> None:
    status, answer = say(server, prompt="Hello")
    assert status == 200
    assert set(answer) == {"response", "conversation_id", "model", "checkpoint", "origin"}
    status, again = say(server, prompt="2 + 2?", conversation_id=answer["conversation_id"])
    assert again["origin"] == "computed"
    assert "4" in again["response"]
    (path,) = (tmp_path / "data" / "logs" / "conversations").glob("*.json")
    (talk,) = json.loads(path.read_text())["conversations"]
    assert [turn["role"] for turn in talk["turns"]] == ["user", "assistant"] * 2


def test_what_it_logged_can_be_imported(
    server: light.LightServer, tmp_path: Path, first: Path
) -> None:
    say(server, prompt="My cat is called Pim.")
    (path,) = (tmp_path / "data" / "logs" / "conversations").glob("*.json")
    with Runtime.open(settings(tmp_path / "data", first)) as runtime:
        (line,) = runtime.importing(learn=False).lines(path)
        assert (line.outcome, line.turns) == ("added", 2)
        assert "Pim" in next(turn.text for turn in runtime.conversations.history(9))


def test_it_speaks_with_the_checkpoint_that_is_live_now(
    talker: Talker, tmp_path: Path, first: Path
) -> None:
    home = settings(tmp_path / "data", first)
    with Runtime.open(home) as runtime:
        assert talker.provider().checkpoint == runtime.models.live("le")
        other = write_starter(tmp_path / "other.safetensors", hidden_size=20, seed=9)
        digest, size = runtime.folder.save(checkpoint.load(other))
        runtime.models.begin_from("le", engine="lstm", checkpoint=digest, size_bytes=size)
        assert talker.provider().checkpoint == digest
    assert talker.provider().checkpoint == digest


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"host": "evil.example"}, 403),
        ({"host": "127.0.0.1.evil.example"}, 403),
        ({"host": ""}, 403),
        ({"origin": "http://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"content-type": "text/plain"}, 415),
        (CURL, 200),
        (FORM, 415),
        (CURL | {"accept-language": "en"}, 415),
        (CURL | {"sec-fetch-mode": "cors"}, 415),
        ({"content-length": "99999999"}, 413),
        ({"content-length": "-1"}, 413),
        ({"content-length": "x"}, 413),
        ({}, 200),
    ],
)
def test_only_this_machine_s_own_page_and_programs_may_talk(
    server: light.LightServer, headers: dict[str, str], status: int
) -> None:
    body = b'{"prompt": "Hello"}'
    assert call(server, "POST", "/chat", body, JSON | headers)[0] == status


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[" * 60_000,
        b"[]",
        b'"Hello"',
        b'{"prompt": 5}',
        b'{"prompt": ""}',
        b'{"prompt": " "}',
        b'{"prompt": "Hello", "conversation_id": 5}',
        b"\xff\xfe",
        json.dumps({"prompt": "x" * 9000}).encode(),
    ],
)
def test_a_body_that_is_no_question_is_refused(server: light.LightServer, body: bytes) -> None:
    status, answer, _ = call(server, "POST", "/chat", body, JSON)
    assert status == 400
    assert answer["error"]["message"]


def test_an_unknown_conversation_and_one_too_long_are_refused(
    server: light.LightServer, talker: Talker
) -> None:
    assert say(server, prompt="Hello", conversation_id="nobody")[0] == 404
    _, answer = say(server, prompt="Hello")
    turns = talker._talks[answer["conversation_id"]]["turns"]
    turns += turns[:1] * MAX_TURNS
    assert say(server, prompt="Hello", conversation_id=answer["conversation_id"])[0] == 503


def test_health_and_page_are_there_and_nothing_else(server: light.LightServer) -> None:
    status, health, _ = call(server, "GET", "/health")
    assert (status, health["status"]) == (200, "ok")
    assert health["character_entropy"] > 2
    status, page, headers = call(server, "GET", "/")
    assert status == 200
    assert "<script>" in page
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert call(server, "GET", "/l2c.db")[0] == 404
    assert call(server, "GET", "/health", headers={"host": "evil.example"})[0] == 403


def test_a_store_that_is_damaged_is_a_sentence_and_no_crash(
    server: light.LightServer, tmp_path: Path
) -> None:
    (tmp_path / "data" / "l2c.db").write_bytes(b"no database, and longer than a header" * 99)
    status, answer = say(server, prompt="Hello")
    assert status == 503
    assert "cannot be read" in answer["error"]["message"]


def test_where_people_sign_in_it_does_not_serve(tmp_path: Path, first: Path) -> None:
    home = settings(tmp_path / "data", first)
    Runtime.open(home).close()
    with closing(sqlite3.connect(home.data_dir / "l2c.db")) as store:
        store.execute("UPDATE account SET password = 'x' WHERE local")
        store.commit()
    with pytest.raises(InvalidInput, match="sign in"):
        light.serve(home.data_dir, host="127.0.0.1", port=0, model="le", starter_file=first)


def test_it_serves_this_machine_alone(tmp_path: Path, first: Path) -> None:
    with pytest.raises(InvalidInput, match="this machine alone"):
        light.serve(tmp_path, host="0.0.0.0", port=0, model="le", starter_file=first)


def test_too_many_connections_are_closed_and_the_others_go_on(server: light.LightServer) -> None:
    waiting = [
        socket.create_connection(("127.0.0.1", server.server_port), timeout=30)
        for _ in range(light.MAX_CONNECTIONS)
    ]
    eventually(lambda: server._free._value == 0, "as many connections as there may be")
    with socket.create_connection(("127.0.0.1", server.server_port), timeout=30) as refused:
        assert refused.recv(1) == b""
    for one in waiting:
        one.close()


def test_the_command_takes_the_short_way_and_loads_nothing_heavy(tmp_path: Path) -> None:
    heavy = [
        "asyncio",
        "fastapi",
        "sqlalchemy",
        "pydantic",
        "typer",
        "rich",
        "httpx",
        "alembic",
        "uvicorn",
        "jaxtyping",
        "statistics",
        "importlib.resources",
        "l2c.corpus",
        "l2c.engines.llama.engine",
        "_ssl",
    ]
    script = f"""
import sys, threading
from l2c import __main__
sys.argv = ["l2c", "serve", "--light", "--port", "0", "--data-dir", {str(tmp_path)!r}]
threading.Event.wait = lambda self: sys.exit(0)
try:
    __main__.main()
finally:
    print([name for name in {heavy!r} if name in sys.modules])
"""
    ended = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=120
    )
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.startswith("L2C is at http://127.0.0.1:")
    assert ended.stdout.rstrip().endswith("[]")


def test_options_that_make_no_sense_are_one_line(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "l2c", "serve", "--light", "--host", "0.0.0.0"]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert ended.returncode == 1
    assert ended.stderr.startswith("l2c: The light server serves this machine alone")
    assert ended.stderr.count("\n") == 1


def test_the_starter_that_came_along_answers(tmp_path: Path) -> None:
    talker = Talker(
        tmp_path,
        model="le",
        starters=[starter.PATH],
        doubt_files=starter.DOUBTS,
        practised=practice,
    )
    assert len(talker.answer("Hello", None)["response"]) > 3
    assert talker.answer("What is the capital of Kyrgyzstan?", None)["origin"] == "declined"
    assert talker.answer("are you a human?", None)["origin"] == "computed"
