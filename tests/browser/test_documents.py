"""Documents: added, read page by page, asked, quoted at their place, and erased."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_accessibility import findings
from tests.browser.visitor import Visitor
from tests.providers import upstream
from tests.server.serving import Serving

NOTES = (
    "Garden notes\n\nPeas can wait until March. Sow broad beans from late February, as soon as the "
    "soil can be worked.\n\nThe rain barrel holds 300 litres. 🌱 The shed key hangs behind the "
    "blue door.\n"
)
HOSTILE = (
    "<script>window.hit = 1</script> <img src=x onerror='window.hit = 1'> "
    "The barrel holds 300 litres.\n"
)


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    path = tmp_path / "garden-notes.txt"
    path.write_text(NOTES, encoding="utf-8")
    return path


def upload(page: Page, button: str, file: Path) -> None:
    """Choose a file where the button asks for one."""
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name=button).click()
    chooser.value.set_files(file)


def drop(page: Page, target: str, name: str, text: str) -> None:
    """Drop a file onto a part of the page."""
    transfer = page.evaluate_handle(
        "([name, text]) => { const carried = new DataTransfer();"
        " carried.items.add(new File([text], name)); return carried; }",
        [name, text],
    )
    for event in ("dragenter", "dragover", "drop"):
        page.dispatch_event(target, event, {"dataTransfer": transfer})


def test_a_document_is_read_asked_and_erased(visitor: Visitor, notes: Path) -> None:
    visitor.open("#/documents")
    page = visitor.page
    expect(page.get_by_text("No document yet.")).to_be_visible()
    upload(page, "Choose files", notes)
    expect(page.get_by_role("heading", name="garden-notes.txt")).to_be_visible()
    read = page.get_by_role("region", name="Page 1 of 1")
    expect(read).to_contain_text("The shed key hangs behind the blue door.")

    page.get_by_role("textbox", name="Ask this document").fill("What does the rain barrel hold?")
    page.keyboard.press("Enter")
    citation = page.locator(".citation")
    expect(citation.locator("mark")).to_contain_text("300 litres")
    citation.get_by_role("link", name="garden-notes.txt").click()
    expect(read.locator("mark")).to_contain_text("The rain barrel holds 300 litres.")

    page.get_by_role("button", name="Delete", exact=True).click()
    expect(page.get_by_text("are erased at once.")).to_be_visible()
    page.get_by_role("button", name="Delete", exact=True).last.click()
    expect(page.get_by_text("No document yet.")).to_be_visible()


def test_a_document_dropped_into_a_conversation_is_quoted_in_its_answers(
    server: Serving, visitor: Visitor
) -> None:
    visitor.open()
    visitor.say("Hello")
    visitor.wait_until_answered(2)
    drop(visitor.page, "#main", "garden-notes.txt", NOTES)
    attached = visitor.page.get_by_role("list", name="Documents of this conversation")
    expect(attached).to_contain_text("garden-notes.txt")
    visitor.say("Where does the shed key hang?")
    visitor.wait_until_answered(4)
    expect(visitor.turns.nth(3).get_by_role("heading")).to_contain_text("quoted")
    citation = visitor.turns.nth(3).locator(".citation")
    expect(citation.locator("mark")).to_contain_text("behind the blue door")
    citation.get_by_role("link").click()
    read = visitor.page.get_by_role("region", name="Page 1 of 1")
    expect(read.locator("mark")).to_contain_text("The shed key hangs behind the blue door.")
    expect(read.locator("mark")).to_be_in_viewport()

    visitor.page.go_back()
    visitor.page.get_by_role("button", name="Remove garden-notes.txt").click()
    expect(attached).to_have_count(0)
    (document,) = server.get("/app/v1/documents")["documents"]
    assert server.client.delete(f"/app/v1/documents/{document['id']}").status_code == 204
    visitor.page.reload()
    expect(citation).to_contain_text("This file was removed.")


def test_a_file_that_cannot_be_read_says_why_and_is_dismissed(visitor: Visitor) -> None:
    visitor.open("#/documents")
    drop(visitor.page, ".sheet", "broken.pdf", "%PDF-1.7 and nothing else")
    uploads = visitor.page.get_by_role("list", name="Being added")
    expect(uploads.get_by_role("alert")).not_to_be_empty()
    uploads.get_by_role("button", name="Dismiss broken.pdf").click()
    expect(uploads).to_have_count(0)
    expect(visitor.page.get_by_text("No document yet.")).to_be_visible()


def test_a_hostile_document_and_its_name_stay_text(visitor: Visitor) -> None:
    name = "<img src=x onerror='window.hit = 1'>.txt"
    visitor.open()
    visitor.say("Hello")
    visitor.wait_until_answered(2)
    drop(visitor.page, "#main", name, HOSTILE)
    attached = visitor.page.get_by_role("list", name="Documents of this conversation")
    expect(attached).to_contain_text(name)
    visitor.say("What does the barrel hold?")
    visitor.wait_until_answered(4)
    attached.get_by_role("link").click()
    expect(visitor.page.get_by_role("region", name="Page 1 of 1")).to_contain_text("<script>")
    assert visitor.page.evaluate("'hit' in window") is False
    assert visitor.page.locator("#page").locator("script, img, iframe").count() == 0


def test_a_larger_model_summarises_a_document_and_its_check_is_shown(
    server: Serving, visitor: Visitor, notes: Path
) -> None:
    kept, invented = "The rain barrel holds 300 litres.", "The barn has 77 windows."
    piece = {"choices": [{"delta": {"content": f"{kept} {invented}"}}]}
    with upstream.running() as other:
        other.answer("/models", upstream.of_json({"data": [{"id": "big"}]}))
        end = {"choices": [{"delta": {}, "finish_reason": "stop"}]}
        other.answer("/chat/completions", upstream.of_events(piece, end))
        server.post("/app/v1/providers", {"name": "box", "kind": "openai", "url": other.url})
        visitor.open("#/documents")
        page = visitor.page
        upload(page, "Choose files", notes)
        page.get_by_role("button", name="Look for a model that can summarise it").click()
        page.get_by_role("button", name="Summarise with box/big").click()
        expect(page.get_by_role("blockquote")).to_have_text(kept)
        expect(page.get_by_text("Written by box/big, which was shown all of it.")).to_be_visible()
        expect(page.get_by_text("1 other was left out.")).to_be_visible()
        assert findings(page) == []
        page.reload()
        expect(page.get_by_role("blockquote")).to_have_text(kept)
        expect(page.get_by_role("button", name="Summarise again with box/big")).to_be_visible()


def test_without_another_server_a_summary_says_what_it_would_take(
    server: Serving, visitor: Visitor, notes: Path
) -> None:
    for provider in server.get("/app/v1/providers")["providers"]:
        assert provider["fixed"]
    visitor.page.route("**/app/v1/providers", lambda route: route.fulfill(json={"providers": []}))
    visitor.open("#/documents")
    upload(visitor.page, "Choose files", notes)
    asked = visitor.page.get_by_text("A larger model could summarise it")
    asked.get_by_role("link", name="Settings").click()
    expect(visitor.page.get_by_role("button", name="Name a server")).to_be_visible()
