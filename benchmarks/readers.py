"""Many readers at once: 200 of them read answers while they are written, nothing is lost.

    python -m benchmarks.readers [--readers N] [--tokens N]

A real server process, and beside it a stub of a model server that writes 20 tokens a second for
each answer. Who reads what is distributed by Zipf's law: reader i reads the answer of rank r with
probability proportional to 1/r, so that a few answers have many readers and most have one. Of each
answer the time from asking to its first reader's first letters is taken, and of each reader whether
it got every token once, in order. Answers are asked for at random moments of the first half.
Memory is the server's own (`VmHWM`). Server, stub and readers share the machine's cores: the
figures mean something where the load before was near zero.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import math
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psutil

from benchmarks import record

TOKENS_PER_S = 20
PORT_LINE = "L2C is at "


class Stub:
    """A server of the OpenAI dialect whose model counts: `0 1 2 …`, 20 numbers a second."""

    def __init__(self, tokens: int) -> None:
        self.tokens = tokens

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(
            (int(line.split(b":")[1]) for line in head.lower().split(b"\r\n")
             if line.startswith(b"content-length")),
            0,
        )  # fmt: skip
        await reader.readexactly(length)
        writer.write(b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-type: text/plain\r\n\r\n")
        if head.startswith(b"GET"):
            writer.write(b'{"data": [{"id": "stub", "max_model_len": 8192}]}')
        else:
            await self._count(writer)
        writer.close()

    async def _count(self, writer: asyncio.StreamWriter) -> None:
        loop = asyncio.get_running_loop()
        began = loop.time()
        for number in range(self.tokens):
            await asyncio.sleep(max(0.0, began + number / TOKENS_PER_S - loop.time()))
            _event(writer, {"choices": [{"delta": {"content": f"{number} "}}]})
            await writer.drain()
        _event(writer, {"choices": [{"delta": {}, "finish_reason": "stop"}]})
        writer.write(b"data: [DONE]\n\n")
        await writer.drain()


@dataclass
class Reading:
    """What one reader got."""

    text: str = ""
    first_s: float | None = None
    ended: bool = False
    gaps: list[float] = field(default_factory=list)


def _event(writer: asyncio.StreamWriter, value: Any) -> None:
    writer.write(b"data: " + json.dumps(value).encode() + b"\n\n")


async def _ask(client: httpx.AsyncClient, number: int, after_s: float) -> tuple[str, float]:
    """Begin an answer after so many seconds; its id and when it was asked for."""
    await asyncio.sleep(after_s)
    made = await client.post("/app/v1/conversations", json={"model": "openai/stub"})
    conversation = made.json()["id"]
    asked = time.perf_counter()
    turns = f"/app/v1/conversations/{conversation}/turns"
    begun = await client.post(turns, json={"text": f"Count, number {number}."})
    begun.raise_for_status()
    return str(begun.json()["answer"]["id"]), asked


async def _read(
    client: httpx.AsyncClient, asking: asyncio.Task[tuple[str, float]], into: Reading
) -> None:
    answer, asked = await asking
    last = asked
    async with client.stream("GET", f"/app/v1/turns/{answer}/stream") as response:
        kind = ""
        async for line in response.aiter_lines():
            if line.startswith("event: "):
                kind = line[7:]
            elif line.startswith("data: ") and kind == "piece":
                now = time.perf_counter()
                into.first_s = now - asked if into.first_s is None else into.first_s
                into.gaps.append(now - last)
                last = now
                into.text += json.loads(line[6:])["text"]
            elif line.startswith("data: ") and kind == "end":
                into.ended = True


async def measure(base: str, stub: Stub, readers: int) -> dict[str, Any]:
    """Let so many readers read answers while they are written."""
    # The server closes a connection that was idle for five seconds; the client must be first.
    limits = httpx.Limits(max_connections=None, keepalive_expiry=1)
    chance = random.Random(1)
    weights = [1 / rank for rank in range(1, readers + 1)]
    arriving_s = stub.tokens / TOKENS_PER_S / 2
    async with httpx.AsyncClient(base_url=base, limits=limits, timeout=120) as client:
        await client.get("/")  # brings the cookie that opens the application's API
        read = chance.choices(range(readers), weights, k=readers)
        asks = {
            n: asyncio.create_task(_ask(client, n, chance.uniform(0, arriving_s)))
            for n in sorted(set(read))
        }
        readings = [(n, Reading()) for n in read]
        await asyncio.gather(*(_read(client, asks[n], reading) for n, reading in readings))
    expected = "".join(f"{number} " for number in range(stub.tokens))
    lost = sum(reading.text != expected or not reading.ended for _, reading in readings)
    # The stub says its first token at once, so all of this time is the server's.
    overheads = sorted(
        min(reading.first_s or math.inf for n, reading in readings if n == asked) for asked in asks
    )
    gaps = sorted(gap for _, reading in readings for gap in reading.gaps[1:])
    return {
        "readers": len(readings),
        "answers": len(asks),
        "tokens_each": stub.tokens,
        "lost_or_reordered": lost,
        "first_letters_s": {
            "p50": statistics.median(overheads),
            "p99": overheads[int(0.99 * (len(overheads) - 1))],
        },
        "gap_between_pieces_s": {
            "p50": statistics.median(gaps),
            "p99": gaps[int(0.99 * (len(gaps) - 1))],
        },
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


async def run(readers: int, tokens: int) -> dict[str, Any]:
    """One measurement with a fresh server."""
    stub = Stub(tokens)
    served = await asyncio.start_server(stub.serve, "127.0.0.1", 0, backlog=1024)
    port = served.sockets[0].getsockname()[1]
    with tempfile.TemporaryDirectory() as directory:
        command = [sys.executable, "-m", "l2c", "serve", "--port", "0", "--data-dir", directory]
        environment = {
            "L2C_OPENAI_URL": f"http://127.0.0.1:{port}", "L2C_OLLAMA_URL": "",
            "L2C_LEARNER": "false", "PATH": "/usr/bin:/bin", "HOME": directory,
        }  # fmt: skip
        process = subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=environment,
        )
        try:
            assert process.stdout is not None
            line = await asyncio.to_thread(_first_line, process)
            before, load = cpu_seconds(process.pid), os.getloadavg()[0]
            figures = await measure(line.split(PORT_LINE)[1].split()[0], stub, readers)
            figures["server_cpu_s"] = cpu_seconds(process.pid) - before
            figures["load_before"] = round(load, 1)
            figures["at_most"] = {"first_letters_p99_s": 0.15, "lost": 0, "server_memory_mb": 350}
            figures["server_memory_mb"] = peak_memory_mb(process.pid)
        finally:
            process.terminate()
            await asyncio.to_thread(process.wait, 120)
    served.close()
    return figures


def _first_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return next(line for line in process.stdout if PORT_LINE in line)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--readers", type=int, default=200)
    parser.add_argument("--tokens", type=int, default=200)
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    figures = asyncio.run(run(given.readers, given.tokens))
    print(json.dumps(figures, indent=1))
    record.write("readers", figures, out=given.out)


if __name__ == "__main__":
    main()
