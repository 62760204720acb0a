"""How fast answers come, and how much slower while the learner trains.

    python -m benchmarks.answering [--rounds N]

A real server with a real learner and the shipped starter. Blocks of answers alternate: in one
the learner is paused, in the other it trains on the exchanges of the blocks before. Of each
answer the time to the first letters and to the end is taken; medians per block are compared pair
by pair, since a shared machine's speed drifts.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterable
from typing import Any

from benchmarks import record

BLOCK = 40
QUESTIONS = ("Hello", "How are you?", "What can you do?", "My boat is made of larch and oak.")
PORT_LINE = "L2C is at "


class Server:
    """A server process and the few calls this benchmark makes."""

    def __init__(self, directory: str) -> None:
        command = [sys.executable, "-m", "l2c", "serve", "--port", "0", "--data-dir", directory]
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        assert self.process.stdout is not None
        line = next(line for line in self.process.stdout if PORT_LINE in line)
        self.base = line.split(PORT_LINE)[1].split()[0]
        # The page's cookie comes with the page, and opens the application's API.
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
        self.opener.open(self.base, timeout=60).close()

    def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        payload = None if body is None else json.dumps(body).encode()
        headers = {"content-type": "application/json"} if payload is not None else {}
        request = urllib.request.Request(self.base + path, payload, headers, method=method)
        with self.opener.open(request, timeout=60) as response:
            return json.loads(response.read())

    def answer(self, conversation: str, text: str, parent: str | None) -> tuple[str, float, float]:
        """Say something; the answer's id, seconds to its first letters, seconds to its end."""
        began = time.perf_counter()
        turns = f"/app/v1/conversations/{conversation}/turns"
        begun = self.call("POST", turns, {"text": text, "parent_id": parent, "seed": 1})
        turn = begun["answer"]["id"]
        first = None
        with self.opener.open(f"{self.base}/app/v1/turns/{turn}/stream") as events:
            for line in events:
                if first is None and line.startswith(b"event: "):
                    first = time.perf_counter() - began
        assert first is not None
        return turn, first, time.perf_counter() - began


def block(server: Server, *, paused: bool) -> tuple[float, float, float]:
    """Of one block: median seconds to first letters and to the end; share with the learner busy."""
    server.call("PATCH", "/app/v1/learning", {"paused": paused})
    while (server.call("GET", "/app/v1/learning")["now"] is None) is not paused:
        time.sleep(0.02)
    conversation, parent = server.call("POST", "/app/v1/conversations", {})["id"], None
    times, trained = [], 0
    for i in range(BLOCK):
        parent, *seconds = server.answer(conversation, QUESTIONS[i % len(QUESTIONS)], parent)
        times.append(seconds)
        trained += server.call("GET", "/app/v1/learning")["now"] is not None
    firsts, ends = zip(*times, strict=True)
    return statistics.median(firsts), statistics.median(ends), trained / BLOCK


def main() -> None:
    """Measure and write the results down."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=9)
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as directory:
        server = Server(directory)
        try:
            block(server, paused=True)
            pairs = [
                (block(server, paused=True), block(server, paused=False)) for _ in range(rounds)
            ]
        finally:
            server.process.terminate()
            server.process.wait()
    quiet, busy = zip(*pairs, strict=True)
    figures = {
        "first_letters_ms": {
            "learner_paused": _ms(q[0] for q in quiet),
            "learner_training": _ms(b[0] for b in busy),
        },
        "whole_answer_ms": {
            "learner_paused": _ms(q[1] for q in quiet),
            "learner_training": _ms(b[1] for b in busy),
        },
        "slower_by": {
            "first_letters": round(statistics.median(b[0] / q[0] for q, b in pairs) - 1, 3),
            "whole_answer": round(statistics.median(b[1] / q[1] for q, b in pairs) - 1, 3),
        },
        "learner_was_busy": {
            "learner_paused": round(statistics.mean(q[2] for q in quiet), 2),
            "learner_training": round(statistics.mean(b[2] for b in busy), 2),
        },
    }
    print(json.dumps(figures, indent=1))
    record.write("answering", figures)


def _ms(seconds: Iterable[float]) -> float:
    return round(1000 * statistics.median(seconds), 2)


if __name__ == "__main__":
    main()
