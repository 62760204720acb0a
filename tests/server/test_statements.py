"""How often the store is asked for one answer: every statement is paid by whoever waits for it."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, event

from tests.providers import upstream
from tests.server.serving import Serving, listening, read

SAID = {"choices": [{"delta": {"content": "Hello yourself."}}]}
ENDED = {"choices": [{"delta": {}, "finish_reason": "stop"}]}

MOST = 65
"""Of one exchange."""
TRIES = 5
"""What the server does by itself, such as the log of the exchange before, may fall into one."""


@contextmanager
def asked() -> Iterator[Counter[str]]:
    """Every statement that is executed while the block runs, and how often."""
    counted: Counter[str] = Counter()

    def count(_: Connection, cursor: object, statement: str, *rest: object) -> None:
        counted[statement] += 1

    event.listen(Engine, "before_cursor_execute", count)
    try:
        yield counted
    finally:
        event.remove(Engine, "before_cursor_execute", count)


def exchange(server: Serving) -> None:
    """Begin a conversation with a model elsewhere, say something, and read the answer."""
    begun = server.say(server.new(model="box/big"), "How are you?")
    with listening(server.client, begun["answer"]["id"]) as arriving:
        assert read(arriving)[0] == "Hello yourself."


def statements_of(server: Serving) -> Counter[str]:
    """What the store is asked while one exchange goes on."""
    with asked() as counted:
        exchange(server)
    return counted


def test_an_answer_costs_few_statements(server: Serving) -> None:
    with upstream.running() as remote:
        remote.answer("/models", upstream.of_json({"data": [{"id": "big"}]}))
        remote.answer("/chat/completions", upstream.of_events(SAID, ENDED))
        server.post("/app/v1/providers", {"name": "box", "kind": "openai", "url": remote.url})
        exchange(server)
        tries = [statements_of(server) for _ in range(TRIES)]
    fewest = min(tries, key=Counter.total)
    assert fewest.total() <= MOST, "\n".join(f"{n}  {one}" for one, n in fewest.most_common())
