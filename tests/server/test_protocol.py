"""A request arrives whole within its time, or its connection ends; answers may take longer."""

import asyncio
import socket
from collections.abc import Iterator

import pytest

from l2c.runtime import Runtime
from l2c.server.protocol import PromptProtocol
from tests.server.serving import WAIT_S, Scripted, Serving, let_speak, listening, read, serving


@pytest.fixture
def server(runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> Iterator[Serving]:
    monkeypatch.setattr(PromptProtocol, "receipt_s", 0.2)
    with serving(runtime) as server:
        yield server


def connect(server: Serving) -> socket.socket:
    host, port = server.url.removeprefix("http://").split(":")
    return socket.create_connection((host, int(port)), timeout=WAIT_S)


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"GET / HTTP/1.1\r\nHost: local",
        b"POST /chat HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        b'Content-Length: 100\r\n\r\n{"mess',
    ],
    ids=["nothing", "half a header", "half a body"],
)
def test_a_request_that_never_ends_is_dropped(server: Serving, sent: bytes) -> None:
    with connect(server) as connection:
        connection.sendall(sent)
        while connection.recv(1 << 16):
            pass


def test_no_answer_waits_until_a_packet_is_full(
    server: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[asyncio.BaseTransport] = []
    begin = PromptProtocol.connection_made

    def remembered(self: PromptProtocol, transport: asyncio.BaseTransport) -> None:
        begin(self, transport)
        made.append(transport)

    monkeypatch.setattr(PromptProtocol, "connection_made", remembered)
    assert server.get("/health")["status"]
    (transport,) = made
    connection = transport.get_extra_info("socket")
    assert connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_the_next_request_of_a_connection_has_its_own_time(server: Serving) -> None:
    with connect(server) as connection:
        connection.sendall(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert connection.recv(1 << 16).startswith(b"HTTP/1.1 200")
        connection.sendall(b"GET /hea")
        while connection.recv(1 << 16):
            pass


def test_an_answer_that_takes_longer_is_streamed_to_its_end(server: Serving) -> None:
    speaker = Scripted("Slowly, ", "but surely.")
    let_speak(server.runtime, speaker)
    answer = server.say(server.new())["answer"]["id"]
    with listening(server.client, answer) as arriving:
        speaker.go_on()
        assert next(arriving).data["text"] == "Slowly, "
        with connect(server) as other:  # its end says that the time is over
            while other.recv(1):
                pass
        speaker.go_on()
        assert read(arriving, "Slowly, ")[0] == "Slowly, but surely."
