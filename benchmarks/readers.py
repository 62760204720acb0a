"""Many readers at once: 200 of them read answers while they are written, nothing is lost.

    python -m benchmarks.readers [--readers N] [--tokens N]

A real server process, and a stub of a model server, in a process of its own, that writes 20 tokens
a second for each answer. Who reads what is distributed by Zipf's law: reader i reads the answer of
rank r with probability proportional to 1/r, so that a few answers have many readers and most have
one. Of each answer the time from asking to its first reader's first letters is taken, and of each
reader whether it got every token once, in order. Answers are asked for at random moments of the
first half. Memory is the server's own (`VmHWM`).

The stub says its first token as soon as it has read the request, so that time is the server's, and
what stub and readers are late by themselves: both are asked every 10 ms to do nothing, and
`late_s` says how late they did it. So readers only keep what arrives, and look at it afterwards.
Server, stub and readers share the machine's cores: the figures mean something where the load
before was near zero.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import math
import multiprocessing
import os
import random
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, cast

import psutil

from benchmarks import record

TOKENS_PER_S = 20
PORT_LINE = "L2C is at "
LOOK_S = 0.01


class Stub(asyncio.Protocol):
    """A server of the OpenAI dialect whose model counts: `0 1 2 …`, 20 numbers a second."""

    def __init__(self, tokens: int) -> None:
        self._tokens = tokens
        self._read = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Somebody wants something."""
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        """Answer a request once it is here."""
        self._read += data
        head, whole, body = self._read.partition(b"\r\n\r\n")
        length = re.search(rb"content-length: *(\d+)", head, re.IGNORECASE)
        if not whole or (length is not None and len(body) < int(length[1])):
            return
        self._transport.write(
            b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-type: text/plain\r\n\r\n"
        )
        if head.startswith(b"GET"):
            self._transport.write(b'{"data": [{"id": "stub", "max_model_len": 8192}]}')
            self._transport.close()
        else:
            self._count(0, asyncio.get_running_loop().time())

    def _count(self, number: int, began: float) -> None:
        if self._transport.is_closing():
            return
        if number == self._tokens:
            self._transport.write(
                b'data: {"choices": [{"delta": {}, "finish_reason": "stop"}]}\n\ndata: [DONE]\n\n'
            )
            self._transport.close()
            return
        self._transport.write(b'data: {"choices": [{"delta": {"content": "%d "}}]}\n\n' % number)
        following = began + (number + 1) / TOKENS_PER_S
        asyncio.get_running_loop().call_at(following, self._count, number + 1, began)


def _serve_stub(tokens: int, told: Connection) -> None:
    """Be the stub, tell the port, and, when asked to end, how late it was."""

    async def serve() -> None:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: Stub(tokens), "127.0.0.1", 0, backlog=1024)
        told.send(server.sockets[0].getsockname()[1])
        ended = asyncio.Event()
        loop.add_reader(told.fileno(), ended.set)
        lateness = asyncio.create_task(_late())
        await ended.wait()
        lateness.cancel()
        told.send(await lateness)

    asyncio.run(serve())


async def _late() -> list[float]:
    """How late this process did what it was to do every 10 ms, until cancelled, in seconds."""
    loop, late = asyncio.get_running_loop(), list[float]()
    try:
        while True:
            due = loop.time() + LOOK_S
            await asyncio.sleep(LOOK_S)
            late.append(loop.time() - due)
    except asyncio.CancelledError:
        return late


@dataclass
class Reading(asyncio.Protocol):
    """What one reader got: bytes, and when."""

    arrived: list[tuple[float, bytes]] = field(default_factory=list)
    ended: asyncio.Event = field(default_factory=asyncio.Event)

    def data_received(self, data: bytes) -> None:
        """Keep it."""
        self.arrived.append((time.perf_counter(), data))

    def connection_lost(self, exc: Exception | None) -> None:
        """That was all."""
        self.ended.set()

    def pieces(self) -> list[float]:
        """When pieces of the answer came."""
        return [at for at, data in self.arrived if b"event: piece" in data]

    def text(self) -> str | None:
        """The answer, put together; None if the stream did not end as one does."""
        said = _dechunked(b"".join(data for _, data in self.arrived)).decode()
        events = [event.split("\n") for event in said.split("\n\n") if "event: " in event]
        if not events or events[-1][1] != "event: end":
            return None
        return "".join(
            json.loads(lines[2].removeprefix("data: "))["text"]
            for lines in events
            if lines[1] == "event: piece"
        )


def _dechunked(response: bytes) -> bytes:
    """The body of a response in chunks, as far as it came."""
    rest, body = response.partition(b"\r\n\r\n")[2], b""
    while rest:
        size, _, rest = rest.partition(b"\r\n")
        length = int(size, 16)
        body, rest = body + rest[:length], rest[length + 2 :]
        if not length:
            break
    return body


@dataclass(frozen=True, slots=True)
class Server:
    """Where the server is, and the cookie that opens the application's API."""

    port: int
    cookie: str = ""

    def request(self, method: str, path: str, value: Any = None) -> bytes:
        """A request, on a connection of its own."""
        body = b"" if value is None else json.dumps(value).encode()
        return (
            f"{method} {path} HTTP/1.1\r\nhost: 127.0.0.1:{self.port}\r\ncookie: {self.cookie}\r\n"
            f"content-type: application/json\r\ncontent-length: {len(body)}\r\n"
            "connection: close\r\n\r\n"
        ).encode() + body

    async def ask(self, method: str, path: str, value: Any = None) -> tuple[str, str]:
        """Head and body of what it answers, which must be a success."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(self.request(method, path, value))
        head, _, body = (await reader.read()).decode().partition("\r\n\r\n")
        writer.close()
        assert head.startswith("HTTP/1.1 2"), f"{method} {path}: {head} {body}"
        return head, body

    async def read(self, path: str, reading: Reading) -> None:
        """Read a stream to its end."""
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_connection(lambda: reading, "127.0.0.1", self.port)
        transport.write(self.request("GET", path))
        await reading.ended.wait()


async def _ask(server: Server, number: int, after_s: float) -> tuple[str, float]:
    """Begin an answer after so many seconds; its id and when it was asked for."""
    await asyncio.sleep(after_s)
    _, made = await server.ask("POST", "/app/v1/conversations", {"model": "openai/stub"})
    turns = f"/app/v1/conversations/{json.loads(made)['id']}/turns"
    asked = time.perf_counter()
    _, begun = await server.ask("POST", turns, {"text": f"Count, number {number}."})
    return json.loads(begun)["answer"]["id"], asked


async def measure(server: Server, tokens: int, readers: int) -> dict[str, Any]:
    """Let so many readers read answers while they are written."""
    head, _ = await server.ask("GET", "/")  # brings the cookie
    cookie = re.search(r"set-cookie: ([^;]+)", head)
    assert cookie is not None
    server = Server(server.port, cookie[1])
    chance = random.Random(1)
    weights = [1 / rank for rank in range(1, readers + 1)]
    read = chance.choices(range(readers), weights, k=readers)
    arriving_s = tokens / TOKENS_PER_S / 2
    lateness = asyncio.create_task(_late())
    asks = {
        n: asyncio.create_task(_ask(server, n, chance.uniform(0, arriving_s)))
        for n in sorted(set(read))
    }
    readings = [(n, Reading()) for n in read]

    async def follow(number: int, reading: Reading) -> None:
        answer, _ = await asks[number]
        await server.read(f"/app/v1/turns/{answer}/stream", reading)

    await asyncio.gather(*(follow(n, reading) for n, reading in readings))
    lateness.cancel()
    expected = "".join(f"{number} " for number in range(tokens))
    firsts = {
        n: min(min(reading.pieces(), default=math.inf) for m, reading in readings if m == n)
        for n in asks
    }
    gaps = [
        later - earlier
        for _, reading in readings
        for earlier, later in zip(reading.pieces(), reading.pieces()[1:], strict=False)
    ]
    return {
        "readers": len(readings),
        "answers": len(asks),
        "tokens_each": tokens,
        "lost_or_reordered": sum(reading.text() != expected for _, reading in readings),
        "first_letters_s": _spread([firsts[n] - asked.result()[1] for n, asked in asks.items()]),
        "gap_between_pieces_s": _spread(gaps),
        "late_s": {"readers": _spread(await lateness)},
    }


def _spread(values: Sequence[float]) -> dict[str, float]:
    ordered = sorted(values)
    last = len(ordered) - 1
    return {
        "p50": statistics.median(ordered),
        "p99": ordered[int(0.99 * last)],
        "most": ordered[last],
    }


def peak_memory_mb(pid: int) -> float:
    """The most memory the process has held, in MB (10^6 bytes)."""
    status = Path(f"/proc/{pid}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) * 1024 / 1e6


def cpu_seconds(pid: int) -> float:
    """Processor time the process has used so far."""
    times = psutil.Process(pid).cpu_times()
    return float(times.user + times.system)


def run(readers: int, tokens: int) -> dict[str, Any]:
    """One measurement with a fresh server and a fresh stub."""
    spawning = multiprocessing.get_context("spawn")
    ours, theirs = spawning.Pipe()
    stub = spawning.Process(target=_serve_stub, args=(tokens, theirs), daemon=True)
    stub.start()
    with tempfile.TemporaryDirectory() as directory:
        command = [sys.executable, "-m", "l2c", "serve", "--port", "0", "--data-dir", directory]
        environment = {
            "L2C_OPENAI_URL": f"http://127.0.0.1:{ours.recv()}", "L2C_OLLAMA_URL": "",
            "L2C_LEARNER": "false", "PATH": "/usr/bin:/bin", "HOME": directory,
        }  # fmt: skip
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment
        )
        try:
            assert process.stdout is not None
            line = next(line for line in process.stdout if PORT_LINE in line)
            port = re.search(r":(\d+)", line.split(PORT_LINE)[1])
            assert port is not None
            before, load = cpu_seconds(process.pid), os.getloadavg()[0]
            figures = asyncio.run(measure(Server(int(port[1])), tokens, readers))
            figures["server_cpu_s"] = cpu_seconds(process.pid) - before
            figures["load_before"] = round(load, 1)
            figures["at_most"] = {"first_letters_p99_s": 0.15, "lost": 0, "server_memory_mb": 350}
            figures["server_memory_mb"] = peak_memory_mb(process.pid)
            ours.send("end")
            figures["late_s"]["stub"] = _spread(ours.recv())
        finally:
            process.terminate()
            process.wait(120)
            stub.terminate()
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--readers", type=int, default=200)
    parser.add_argument("--tokens", type=int, default=200)
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    figures = run(given.readers, given.tokens)
    print(json.dumps(figures, indent=1))
    record.write("readers", figures, out=given.out)


if __name__ == "__main__":
    main()
