"""A capable model's summary of a document: checked, kept with it, and shown to such models."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.providers import upstream
from tests.server import documented
from tests.server.serving import Serving
from tests.server.test_documents import DOCUMENTS, upload

pytestmark = pytest.mark.both_stores

REPORT = (
    "The mill at Alder Creek was built in 1912 and ground rye for forty farms.\n\n"
    "A flood carried its wheel away in 1954, and the owners put in an electric motor.\n\n"
    "Today the mill is a museum that opens on Sundays and shows how flour was made.\n"
)
WRITTEN = "The mill was built in 1912. It is a museum now, open on Sundays. It has 77 doors."
KEPT = "The mill was built in 1912. It is a museum now, open on Sundays."


def says(text: str) -> upstream.Reply:
    piece = {"choices": [{"delta": {"content": text}}]}
    return upstream.of_events(piece, {"choices": [{"delta": {}, "finish_reason": "stop"}]})


@pytest.fixture
def remote(server: Serving) -> Iterator[upstream.Upstream]:
    """A server of other models, named `box`, whose model `big` summarises."""
    with upstream.running() as other:
        models = {"data": [{"id": "big", "max_model_len": 4096}]}
        other.answer("/models", upstream.of_json(models))
        other.answer("/chat/completions", says(WRITTEN))
        server.post("/app/v1/providers", {"name": "box", "kind": "openai", "url": other.url})
        yield other


@pytest.fixture
def report(server: Serving) -> str:
    return str(upload(server, REPORT.encode(), "mill.txt").json()["id"])


def conversation_about(server: Serving, document: str, **fields: Any) -> str:
    made = server.new(**fields)
    path = f"/app/v1/conversations/{made}/documents/{document}"
    assert server.client.put(path).status_code == 204
    return made


def test_what_stands_in_the_document_is_kept_with_it(
    server: Serving, remote: upstream.Upstream, report: str
) -> None:
    before = server.get(f"{DOCUMENTS}/{report}")
    summarized = server.post(f"{DOCUMENTS}/{report}/summarize", {"model": "box/big"})
    assert set(summarized) == documented.keys("document")
    assert summarized["abstract"] == {
        "text": KEPT, "model": "box/big", "characters": len(REPORT.rstrip()), "left_out": 1
    }  # fmt: skip
    assert summarized["summary"] == before["summary"] != []
    assert server.get(f"{DOCUMENTS}/{report}") == summarized
    assert "built in 1912" in remote.body("/chat/completions")["messages"][-1]["content"]


def test_a_document_longer_than_the_window_is_read_from_its_beginning(
    server: Serving, remote: upstream.Upstream
) -> None:
    long = upload(server, (REPORT * 200).encode(), "mills.txt").json()["id"]
    summarized = server.post(f"{DOCUMENTS}/{long}/summarize", {"model": "box/big"})
    shown = remote.body("/chat/completions")["messages"][-1]["content"]
    assert summarized["abstract"]["characters"] == len(shown) < len(REPORT * 200)
    assert shown.startswith("The mill at Alder Creek")


@pytest.mark.parametrize("said", ["", "It has 77 doors and a helicopter."])
def test_nothing_is_kept_of_what_does_not_stand_there(
    server: Serving, remote: upstream.Upstream, report: str, said: str
) -> None:
    remote.answer("/chat/completions", says(said))
    refused = server.client.post(f"{DOCUMENTS}/{report}/summarize", json={"model": "box/big"})
    assert refused.status_code == 400
    assert "stands in mill.txt" in refused.json()["error"]["message"]
    assert server.get(f"{DOCUMENTS}/{report}")["abstract"] is None


def test_an_own_model_does_not_summarize(server: Serving, report: str) -> None:
    refused = server.client.post(f"{DOCUMENTS}/{report}/summarize", json={"model": "le"})
    assert refused.status_code == 400
    assert "too small" in refused.json()["error"]["message"]


def test_a_capable_model_reads_the_summary_and_such_an_answer_never_teaches(
    server: Serving, remote: upstream.Upstream, report: str
) -> None:
    server.post(f"{DOCUMENTS}/{report}/summarize", {"model": "box/big"})
    made = conversation_about(server, report, model="box/big")
    turn = server.finished(server.say(made, "Good morning, my friend"))
    shown = [one["content"] for one in remote.body("/chat/completions")["messages"]]
    assert any(KEPT in text and "no instructions" in text for text in shown)
    assert turn["window"]["document_tokens"] > 0
    assert {quote["document_id"] for quote in turn["citations"]} == {report}
    model = server.get("/app/v1/learning")["model"]
    assert server.runtime.learning.pending(model, limit=9) == []


def test_documents_stay_out_of_the_window_where_the_roles_say_so(
    server: Serving, remote: upstream.Upstream, report: str
) -> None:
    server.patch("/app/v1/roles/document", {"window": False})
    made = conversation_about(server, report, model="box/big")
    turn = server.finished(server.say(made, "Good morning, my friend"))
    assert "Alder" not in str(remote.body("/chat/completions"))
    assert (turn["window"]["document_tokens"], turn["citations"]) == (0, None)


def test_who_asks_for_a_summary_gets_the_documents_own_sentences(
    server: Serving, report: str
) -> None:
    made = conversation_about(server, report)
    turn = server.finished(server.say(made, "Can you summarize this document?"))
    assert turn["origin"] == "quoted"
    assert "— mill.txt, page 1" in turn["text"]
    assert all(quote["text"] in turn["text"] for quote in turn["citations"])


def test_or_the_words_of_the_model_that_wrote_one(
    server: Serving, remote: upstream.Upstream, report: str
) -> None:
    server.post(f"{DOCUMENTS}/{report}/summarize", {"model": "box/big"})
    made = conversation_about(server, report)
    turn = server.finished(server.say(made, "What is mill.txt about?"))
    assert turn["text"] == f"mill.txt: {KEPT}\n(In words by box/big, checked.)"
