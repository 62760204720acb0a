"""`l2c providers`: servers of other models are named, checked and forgotten."""

import json

from tests.cli.conftest import Run
from tests.providers import upstream


def test_a_server_is_named_checked_and_forgotten(run: Run) -> None:
    with upstream.running() as remote:
        remote.answer("/models", upstream.of_json({"data": [{"id": "big"}]}))
        assert run("providers", "add", "box", remote.url).code == 0
        checked = run("providers", "check", "box")
        assert (checked.code, "box/big" in checked.out) == (0, True)
    gone = run("providers", "check", "box")
    assert (gone.code, "is the server of box running?" in gone.err) == (1, True)
    names = [entry["name"] for entry in json.loads(run("providers", "list", "--json").out)]
    assert names == ["ollama", "box"]
    assert run("providers", "remove", "box").code == 0
    assert run("providers", "remove", "box").code == 1


def test_a_conversation_is_held_with_a_remote_model(run: Run) -> None:
    with upstream.running() as remote:
        remote.answer("/models", upstream.of_json({"data": [{"id": "big"}]}))
        remote.answer(
            "/chat/completions",
            upstream.of_events(
                {"choices": [{"delta": {"content": "From afar."}, "finish_reason": "stop"}]}
            ),
        )
        run("providers", "add", "box", remote.url)
        said = run("chat", "--prompt", "Hello", "--model", "box/big")
    assert (said.code, said.out.strip()) == (0, "From afar.")
    assert json.loads(run("stats", "--json").out)["queue_size"] == 1
