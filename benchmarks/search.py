"""How long a search and a page of the list take in a store with a million turns.

    python -m benchmarks.search --turns 1000000 --conversations 50000

The turns are made of words drawn by Zipf's law, so that the ten commonest stand in most of them.
They are written to the tables directly, a part at a time; everything that is timed goes through
the store as the server uses it.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, text

from benchmarks import record
from l2c.store.accounts import Accounts
from l2c.store.conversations import Conversations
from l2c.store.database import Database, new_id
from l2c.store.listing import Wanted
from l2c.store.search import Order

VOCABULARY = 20_000
WORDS_A_TURN = 20
PART = 20_000
REPEATS = 5
NOW = "2026-11-21T12:00:00.000000Z"

CONVERSATION = text(
    "INSERT INTO conversation (seq, id, user_id, title, titled, model, learn, pinned, archived, "
    "system_prompt, draft, activity, created_at, updated_at) VALUES (:seq, :id, :user, :title, "
    "TRUE, 'le', TRUE, FALSE, :archived, '', '', :seq, :now, :now)"
)
TURN = text(
    "INSERT INTO turn (seq, id, user_id, conversation_id, parent_id, depth, role, text, status, "
    "learn, pinned, created_at, finished_at) VALUES (:seq, :id, :user, :conversation, :parent, "
    ":depth, 'user', :text, 'complete', TRUE, FALSE, :now, :now)"
)
INDEX = text("INSERT INTO turn_search (rowid, words, owner) VALUES (:seq, :text, :user)")
LAST = text("UPDATE conversation SET active_turn_id = :last WHERE id = :id")


def main() -> None:
    """Fill a store, time it, write the results."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--turns", type=int, default=1_000_000)
    parser.add_argument("--conversations", type=int, default=50_000)
    asked = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as directory,
        Database.open(Path(directory), ballast_bytes=1 << 16) as database,
    ):
        user = Accounts(database).local()
        words = vocabulary()
        started = time.perf_counter()
        fill(database, user, words, turns=asked.turns, conversations=asked.conversations)
        figures: dict[str, Any] = {
            "turns": asked.turns,
            "conversations": asked.conversations,
            "fill_s": round(time.perf_counter() - started, 1),
            "store_mb": round(database.size_bytes / 1e6),
        }
        figures |= measure(Conversations(database, user), words)
    record.write("search", figures)


def vocabulary() -> list[str]:
    """Made-up words, the commonest first; common ones are short, as in any language."""
    rng = random.Random(0)
    letters = "etaoinshrdlucmfwypvbgkqjxz"
    weights = [1 / (rank + 1) ** 0.5 for rank in range(len(letters))]
    found: dict[str, None] = {}
    while len(found) < VOCABULARY:
        length = 2 + min(len(found) // 50, 3) + rng.randrange(4)
        found["".join(rng.choices(letters, weights, k=length))] = None
    return list(found)


def fill(
    database: Database, user: str, words: list[str], *, turns: int, conversations: int
) -> None:
    """Write the conversations and their turns, one behind another in each."""
    ids = [new_id() for _ in range(conversations)]
    rows = [
        {
            "seq": number + 1,
            "id": ids[number],
            "user": user,
            "title": f"Conversation {number}",
            "archived": number % 10 == 0,
            "now": NOW,
        }
        for number in range(conversations)
    ]
    database.write(partial(_execute, statements=((CONVERSATION, rows),)))
    last: dict[str, str] = {}
    for part in _turns(user, words, ids, last, turns):
        database.write(partial(_execute, statements=((TURN, part), (INDEX, part))))
    ends = [{"id": name, "last": end} for name, end in last.items()]
    database.write(partial(_execute, statements=((LAST, ends),)))


def _execute(
    connection: Connection, statements: Sequence[tuple[Any, list[dict[str, Any]]]]
) -> None:
    for statement, rows in statements:
        connection.execute(statement, rows)


def _turns(
    user: str, words: list[str], ids: list[str], last: dict[str, str], turns: int
) -> Iterator[list[dict[str, Any]]]:
    rng = random.Random(1)
    often = list(accumulate(1 / (rank + 2.7) for rank in range(len(words))))
    depths: dict[str, int] = {}
    for start in range(0, turns, PART):
        part = []
        for number in range(start, min(start + PART, turns)):
            conversation = ids[number % len(ids)]
            said = rng.choices(words, cum_weights=often, k=rng.randrange(2, 2 * WORDS_A_TURN))
            depths[conversation] = depth = depths.get(conversation, 0) + 1
            turn = new_id()
            part.append(
                {
                    "seq": number + 1,
                    "id": turn,
                    "user": user,
                    "conversation": conversation,
                    "parent": last.get(conversation),
                    "depth": depth,
                    "text": " ".join(said),
                    "now": NOW,
                }
            )
            last[conversation] = turn
        yield part


def measure(conversations: Conversations, words: list[str]) -> dict[str, Any]:
    """Milliseconds of every kind of query."""
    common, middle, rare = words[:10], words[200:210], words[-10:]
    kinds: dict[str, list[str]] = {
        "ten_commonest_words": common,
        "pairs_of_common_words": [f"{a} {b}" for a, b in pairwise(common)],
        "common_and_rare": [f"{a} {b}" for a, b in zip(common, rare, strict=True)],
        "phrases_of_common_words": [f'"{a} {b}"' for a, b in pairwise(common)],
        "one_letter": [word[:1] for word in common],
        "beginnings": [word[:3] for word in middle],
        "rare_words": rare,
        "no_such_word": [f"{word}qqq" for word in rare],
    }
    figures: dict[str, Any] = {}
    for name, queries in kinds.items():
        figures[f"search_{name}_ms"] = _timed(
            [partial(conversations.search, query, 30) for query in queries]
        )
    newest = [partial(conversations.search, query, 30, order=Order.NEWEST) for query in common]
    figures["search_newest_ten_commonest_words_ms"] = _timed(newest)
    lists = {"all": Wanted(), "kept": Wanted(archived=False), "pinned_of_none": Wanted(pinned=True)}
    for name, wanted in lists.items():
        figures[f"list_100_{name}_ms"] = _timed(
            [partial(conversations.list, limit=100, wanted=wanted)]
        )
    return figures


def _timed(calls: Sequence[Callable[[], object]]) -> dict[str, float]:
    """Of all calls, after one to warm up, in milliseconds: by the clock, and of this thread's CPU.

    All of the work is in this thread, so the second is what the first would be on a free core.
    """
    for call in calls:
        call()
    clock, cpu = [], []
    for _ in range(REPEATS):
        for call in calls:
            started, began = time.perf_counter(), time.thread_time()
            call()
            clock.append(1e3 * (time.perf_counter() - started))
            cpu.append(1e3 * (time.thread_time() - began))
    return {
        "p50": _percentile(clock, 0.5),
        "p95": _percentile(clock, 0.95),
        "cpu_p50": _percentile(cpu, 0.5),
        "cpu_p95": _percentile(cpu, 0.95),
        "cpu_max": round(max(cpu), 2),
    }


def _percentile(taken: Sequence[float], part: float) -> float:
    return round(sorted(taken)[min(len(taken) - 1, int(len(taken) * part))], 2)


if __name__ == "__main__":
    main()
