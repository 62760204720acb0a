"""Documents over HTTP, as the reference page has them."""

from typing import Any

import httpx
import pytest

from benchmarks import bindery
from l2c.server.security import MAX_BODY_BYTES
from tests.server import documented
from tests.server.serving import Serving

pytestmark = pytest.mark.both_stores

DOCUMENTS = "/app/v1/documents"
FILE = {"content-type": "application/octet-stream"}
HANDBOOK: list[list[bindery.Block]] = [
    ["# Handbook", "This handbook applies to everybody who works here."],
    ["# Notice", "The notice period is six weeks.", [["Item", "Price"], ["Tent", "129"]]],
]


def upload(server: Serving, content: bytes, name: str) -> httpx.Response:
    return server.client.put(DOCUMENTS, params={"name": name}, content=content, headers=FILE)


@pytest.fixture
def handbook(server: Serving) -> dict[str, Any]:
    response = upload(server, bindery.pdf(HANDBOOK), "handbook.pdf")
    assert response.status_code == 201
    document: dict[str, Any] = response.json()
    return document


def test_an_uploaded_document_has_the_documented_fields(handbook: dict[str, Any]) -> None:
    assert set(handbook) == documented.keys("document")
    assert (handbook["kind"], handbook["page_count"], handbook["tables"]) == ("pdf", 2, 1)
    assert handbook["warnings"] == []
    assert all(set(quote) == documented.keys("quote") for quote in handbook["summary"])


def test_what_was_read_can_be_seen_page_by_page(server: Serving, handbook: dict[str, Any]) -> None:
    page = server.get(f"{DOCUMENTS}/{handbook['id']}/pages/2")
    assert page["text"] == "Notice\n\nThe notice period is six weeks.\n\nItem\tPrice\nTent\t129"
    assert page["page_count"] == 2
    pieces = [page["text"][start:end] for start, end in page["passages"]]
    assert "Item\tPrice\nTent\t129" in pieces
    assert server.client.get(f"{DOCUMENTS}/{handbook['id']}/pages/3").status_code == 404


def test_an_answer_is_quoted_from_where_it_stands(
    server: Serving, handbook: dict[str, Any]
) -> None:
    answer = server.post(f"{DOCUMENTS}/ask", {"question": "How long is the notice period?"})
    assert set(answer) == documented.keys("grounded answer")
    assert answer["origin"] == "quoted"
    (quote,) = answer["quotes"]
    assert (quote["document_id"], quote["page"]) == (handbook["id"], 2)
    text = server.get(f"{DOCUMENTS}/{handbook['id']}/pages/2")["text"]
    assert text[quote["start"] : quote["end"]] == "The notice period is six weeks."


def test_what_no_document_says_is_declined(server: Serving, handbook: dict[str, Any]) -> None:
    question = {"question": "Who painted the ceiling?", "documents": [handbook["id"]]}
    answer = server.post(f"{DOCUMENTS}/ask", question)
    assert (answer["origin"], answer["text"]) == ("declined", "That is not in your documents.")
    assert answer["quotes"] == []


def test_the_same_file_is_one_document(server: Serving, handbook: dict[str, Any]) -> None:
    again = upload(server, bindery.pdf(HANDBOOK), "handbook.pdf")
    assert again.status_code == 200
    assert again.json()["id"] == handbook["id"]
    assert len(server.get(DOCUMENTS)["documents"]) == 1


def test_an_erased_document_is_gone_everywhere(server: Serving, handbook: dict[str, Any]) -> None:
    conversation = server.new()
    attached = f"/app/v1/conversations/{conversation}/documents"
    assert server.client.put(f"{attached}/{handbook['id']}").status_code == 204
    assert server.client.delete(f"{DOCUMENTS}/{handbook['id']}").status_code == 204
    assert server.client.get(f"{DOCUMENTS}/{handbook['id']}").status_code == 404
    assert server.client.get(f"{DOCUMENTS}/{handbook['id']}/pages/1").status_code == 404
    assert server.get(attached)["documents"] == []
    answer = server.post(f"{DOCUMENTS}/ask", {"question": "How long is the notice period?"})
    assert answer["origin"] == "declined"


def test_documents_are_attached_and_detached(server: Serving, handbook: dict[str, Any]) -> None:
    attached = f"/app/v1/conversations/{server.new()}/documents"
    for _ in range(2):
        assert server.client.put(f"{attached}/{handbook['id']}").status_code == 204
    assert [one["id"] for one in server.get(attached)["documents"]] == [handbook["id"]]
    assert server.client.delete(f"{attached}/{handbook['id']}").status_code == 204
    assert server.client.delete(f"{attached}/{handbook['id']}").status_code == 404
    assert server.get(attached)["documents"] == []
    assert server.client.put(f"{attached}/nothing").status_code == 404
    assert server.client.get("/app/v1/conversations/nothing/documents").status_code == 404
    assert server.client.put(f"/app/v1/folders/none/documents/{handbook['id']}").status_code == 404


@pytest.mark.parametrize(
    ("content", "name", "word"),
    [
        (b"", "empty.txt", "empty"),
        (b"%PDF-1.4 nonsense", "broken.pdf", "damaged"),
        (b"PK\3\4 nonsense", "broken.docx", "damaged"),
    ],
)
def test_a_file_that_cannot_be_read_is_a_400_and_leaves_nothing(
    server: Serving, content: bytes, name: str, word: str
) -> None:
    response = upload(server, content, name)
    assert response.status_code == 400
    assert word in response.json()["error"]["message"]
    assert server.get(DOCUMENTS)["documents"] == []


def test_a_file_may_be_larger_than_a_json_body_but_not_than_its_own_limit(
    server: Serving,
) -> None:
    assert upload(server, b"word " * (MAX_BODY_BYTES // 4), "long.txt").status_code == 201
    response = upload(server, b"x" * ((25 << 20) + 1), "longer.txt")
    assert response.status_code == 413
    assert response.json()["error"]["type"] == "too_large"


def test_a_file_is_taken_only_as_a_file(server: Serving) -> None:
    for media in ("text/plain", "multipart/form-data; boundary=x", "application/json", ""):
        response = server.client.put(
            DOCUMENTS, params={"name": "x.txt"}, content=b"x", headers={"content-type": media}
        )
        assert response.status_code == 415


def test_another_web_page_cannot_upload(server: Serving) -> None:
    headers = FILE | {"origin": "https://elsewhere.example"}
    response = server.client.put(DOCUMENTS, params={"name": "x.txt"}, content=b"x", headers=headers)
    assert response.status_code == 403


def test_a_name_is_a_name_and_no_path(server: Serving) -> None:
    response = upload(server, b"Hello there.", "../../etc/pass\nwd.txt")
    assert response.json()["name"] == "../../etc/pass wd.txt"  # it is shown, and opens nothing
    assert not list(server.runtime.data_dir.glob("**/pass*"))


def test_a_document_teaches_only_when_its_owner_says_so(
    server: Serving, handbook: dict[str, Any]
) -> None:
    assert server.get("/app/v1/learning")["queue_size"] == 0
    learned = server.post(f"{DOCUMENTS}/{handbook['id']}/learn")
    opened = server.get(f"/app/v1/conversations/{learned['learned_in']}")
    assert opened["conversation"]["title"] == "Learned from handbook.pdf"
    said = [turn["text"] for turn in opened["turns"] if turn["role"] == "user"]
    assert "Notice The notice period is six weeks." in said
    assert not any("Tent" in text for text in said)
    assert server.get("/app/v1/learning")["queue_size"] == len(said)
    again = server.client.post(f"{DOCUMENTS}/{handbook['id']}/learn")
    assert again.status_code == 409
    server.client.delete(f"/app/v1/conversations/{learned['learned_in']}")
    assert server.get(f"{DOCUMENTS}/{handbook['id']}")["learned_in"] is None
    assert server.get("/app/v1/learning")["queue_size"] == 0
