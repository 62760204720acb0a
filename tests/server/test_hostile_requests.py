"""Whatever is sent, the answer is an error of the one shape that says what was expected."""

import json
import socket
from collections.abc import Iterator

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.server import documented
from tests.server.serving import WAIT_S, Json, Serving

TYPES = documented.error_types()
JSON = {"content-type": "application/json"}


def problem(response: httpx.Response, status: int, field: str | None = None) -> str:
    """The message of an error, once it has the documented shape, status and field."""
    assert response.status_code == status, response.text
    assert list(response.json()) == ["error"]
    error = response.json()["error"]
    assert set(error) == {"type", "message", "field"}
    assert error["type"] == TYPES[status]
    assert error["message"].strip()
    if field is not None:
        assert error["field"] == field
    return str(error["message"])


def raw(server: Serving, path: str, body: bytes) -> httpx.Response:
    return server.client.post(path, content=body, headers=JSON)


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/app/v1/conversations/{id}", None),
        ("PATCH", "/app/v1/conversations/{id}", {"title": "x"}),
        ("DELETE", "/app/v1/conversations/{id}", None),
        ("POST", "/app/v1/conversations/{id}/restore", None),
        ("POST", "/app/v1/conversations/{id}/turns", {"text": "x"}),
        ("GET", "/app/v1/turns/{id}", None),
        ("PATCH", "/app/v1/turns/{id}", {"learn": True}),
        ("POST", "/app/v1/turns/{id}/stop", None),
        ("GET", "/app/v1/turns/{id}/stream", None),
        ("GET", "/app/v1/models/{id}", None),
        ("POST", "/app/v1/models/{id}/promote", {"checkpoint": "0" * 64}),
        ("POST", "/app/v1/models/{id}/rebuild", None),
        ("GET", "/app/v1/learning/lessons/99", None),
        ("POST", "/chat", {"message": "x", "conversation_id": "0" * 32}),
        ("POST", "/chat", {"message": "x", "model": "nobody"}),
        ("POST", "/generate", {"model": "nobody"}),
        ("POST", "/app/v1/conversations", {"model": "nobody"}),
        ("GET", "/app/v1/nothing", None),
    ],
)
@pytest.mark.parametrize("unknown", ["0" * 32, "%2E%2E", "%00", "é", "' OR 1=1 --"])
def test_what_is_unknown_is_not_found(
    server: Serving, method: str, path: str, body: Json | None, unknown: str
) -> None:
    response = server.client.request(method, path.replace("{id}", unknown), json=body)
    assert response.status_code in (404, 405)
    problem(response, response.status_code)


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("/chat", {"message": "Hi", "temperature": -0.1}, "temperature"),
        ("/chat", {"message": "Hi", "temperature": 2.1}, "temperature"),
        ("/chat", {"message": "Hi", "temperature": "hot"}, "temperature"),
        ("/chat", {"message": "Hi", "seed": -1}, "seed"),
        ("/chat", {"message": "Hi", "seed": 2**63}, "seed"),
        ("/chat", {"message": "Hi", "seed": 1.5}, "seed"),
        ("/chat", {"message": ["Hi"]}, "message"),
        ("/chat", {"message": "x" * 32_769}, "message"),
        ("/chat", {"message": "Hi", "model": ""}, "model"),
        ("/generate", {"length": -1}, "length"),
        ("/generate", {"length": 10**30}, "length"),
        ("/generate", {"seed_text": None}, "seed_text"),
        ("/app/v1/conversations", {"title": "x" * 201}, "title"),
        ("/app/v1/conversations", {"learn": "perhaps"}, "learn"),
        ("/app/v1/models/le/promote", {}, "checkpoint"),
    ],
)
def test_a_wrong_value_is_named(server: Serving, path: str, body: Json, field: str) -> None:
    assert field in problem(server.client.post(path, json=body), 400, field)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999", "9" * 5000])
@pytest.mark.parametrize("path", ["/chat", "/generate"])
def test_what_is_no_number_is_no_temperature(server: Serving, path: str, number: str) -> None:
    body = f'{{"message": "Hi", "temperature": {number}}}'.encode()
    problem(raw(server, path, body), 400)


@pytest.mark.parametrize(
    "body",
    [
        b"", b"nonsense", b"[]", b"null", b'"text"', b"{", b'{"message": "Hi"', b"\xff\xfe{}",
        b'{"message": "\xff"}', b'{"message": "\\ud800"}', b'{"message": "Hi", "model": "\\udfff"}',
        b'{"message": "Hi", "conversation_id": "\\ud800"}', b"{'message': 'Hi'}", b"\x00",
        '{"message": "Hi"'.encode("utf-16"),
    ],
)  # fmt: skip
def test_what_is_no_json_or_no_text_is_refused(server: Serving, body: bytes) -> None:
    problem(raw(server, "/chat", body), 400)


@pytest.mark.parametrize("bracket", [b"[", b'{"a":'])
def test_deep_json_is_refused(server: Serving, bracket: bytes) -> None:
    for depth in (65, 100_000):
        body = b'{"message": ' + bracket * depth
        assert "64" in problem(raw(server, "/chat", body), 400)


def test_deep_json_in_another_encoding_is_survived(server: Serving) -> None:
    body = ('{"message": "∢", "x": ' + "[" * 100_000).encode("utf-16-le")
    problem(raw(server, "/chat", body), 400)


def test_brackets_inside_of_text_are_no_nesting(server: Serving) -> None:
    text = '[{"' * 200 + "\\"
    assert server.post("/chat", {"message": text})["response"] is not None


def test_a_body_of_one_megabyte_is_read_and_a_larger_one_is_not(server: Serving) -> None:
    largest = b'{"message": "Hi", "padding": "' + b"x" * ((1 << 20) - 32) + b'"}'
    assert len(largest) == 1 << 20
    assert raw(server, "/chat", largest).status_code == 200
    problem(raw(server, "/chat", largest + b" "), 413)


def test_also_a_body_of_unknown_length_is_counted(server: Serving) -> None:
    def chunks() -> Iterator[bytes]:
        for _ in range(1 << 6):
            yield b"x" * (1 << 15)

    with server.client.stream("POST", "/chat", content=chunks(), headers=JSON) as response:
        response.read()
    problem(response, 413)


@pytest.mark.parametrize("length", ["-1", "1e3", "9" * 30, "9" * 9, "\xb2"])
def test_a_length_that_is_none_or_too_large_is_refused_before_the_body(
    server: Serving, length: str
) -> None:
    host, port = server.url.removeprefix("http://").split(":")
    request = (
        f"POST /chat HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {length}\r\n\r\n"
    )
    with socket.create_connection((host, int(port)), timeout=WAIT_S) as connection:
        connection.sendall(request.encode("latin-1"))
        status = connection.recv(1 << 16).split(b" ", 2)[1]
    assert status in (b"400", b"413")


@pytest.mark.parametrize("media", ["text/plain", "application/xml", ""])
def test_only_json_is_read(server: Serving, media: str) -> None:
    response = server.client.post(
        "/chat", content=b'{"message": "Hi"}', headers={"content-type": media}
    )
    problem(response, 415)


def test_json_may_say_its_charset(server: Serving) -> None:
    media = {"content-type": "Application/JSON; charset=utf-8"}
    response = server.client.post("/chat", content=b'{"message": "Hi"}', headers=media)
    assert response.status_code == 200


def test_unknown_fields_are_ignored_and_of_two_equal_ones_the_last_counts(server: Serving) -> None:
    body = b'{"message": "One", "message": "Two", "later": {"version": 2}}'
    assert raw(server, "/chat", body).status_code == 200
    assert server.get("/history")["turns"][0]["text"] == "Two"


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/chat"), ("DELETE", "/health"), ("PUT", "/app/v1/learning"), ("POST", "/")],
)
def test_a_wrong_method_is_told_the_right_one(server: Serving, method: str, path: str) -> None:
    response = server.client.request(method, path)
    problem(response, 405)
    assert response.headers["allow"]


@pytest.mark.parametrize(
    "query",
    ["/history?limit=0", "/history?limit=1001", "/history?limit=x", "/history?limit=" + "9" * 5000,
     "/app/v1/search", "/app/v1/search?q=", "/app/v1/search?q=" + "x" * 201,
     "/app/v1/conversations?before=-1", "/app/v1/learning/lessons?before=0",
     "/app/v1/learning/lessons/0", "/app/v1/turns/x/stream?after=-1"],
)  # fmt: skip
def test_a_wrong_parameter_is_named(server: Serving, query: str) -> None:
    assert problem(server.client.get(query), 400).startswith("`")


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=40),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)
FIELDS = st.sampled_from(
    ["message", "prompt", "conversation_id", "model", "temperature", "learn", "seed", "seed_text",
     "length", "title", "draft", "text", "parent_id", "checkpoint", "paused", "cpu_share"]
)  # fmt: skip
ROUTES = st.sampled_from(
    [("POST", "/chat"), ("POST", "/generate"), ("POST", "/app/v1/conversations"),
     ("PATCH", "/app/v1/conversations/{id}"), ("POST", "/app/v1/conversations/{id}/turns"),
     ("PATCH", "/app/v1/turns/{turn}"), ("PATCH", "/app/v1/learning"),
     ("POST", "/app/v1/models/le/promote"), ("POST", "/app/v1/turns/{turn}/stop")]
)  # fmt: skip


@given(st.lists(st.tuples(ROUTES, st.dictionaries(FIELDS, JUNK, max_size=5)), max_size=12))
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_no_body_breaks_the_server(
    server: Serving, requests: list[tuple[tuple[str, str], Json]]
) -> None:
    conversation = server.new()
    turn = server.finished(server.say(conversation))["id"]
    for (method, path), fields in requests:
        at = path.replace("{id}", conversation).replace("{turn}", turn)
        body = json.dumps(fields).encode()
        response = server.client.request(method, at, content=body, headers=JSON)
        assert response.status_code < 500 or response.status_code in (503, 507), response.text
        if not response.is_success:
            problem(response, response.status_code)


@pytest.mark.slow
@given(st.text(st.characters(), min_size=1, max_size=60), st.integers())
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_no_search_and_no_parameter_breaks_the_server(
    server: Serving, text: str, number: int
) -> None:
    query = text.encode("utf-8", "surrogatepass").decode("latin-1")
    for path, parameters in (
        ("/app/v1/search", {"q": query}),
        ("/app/v1/search", {"q": "bean", "limit": str(number)}),
        ("/app/v1/conversations", {"before": str(number)}),
        ("/app/v1/learning/lessons", {"before": str(number)}),
    ):
        response = server.client.get(path, params=parameters)
        assert response.status_code in (200, 400), response.text
