"""Dreams and the voice in the page: asked for, kept, discarded; the core prompt written."""

from playwright.sync_api import Route, expect

from tests.browser.visitor import Visitor
from tests.server.serving import Serving


def test_a_dream_is_asked_for_kept_and_discarded(server: Serving, visitor: Visitor) -> None:
    visitor.open("#/dreams")
    page = visitor.page
    expect(page.get_by_text("No dream yet.")).to_be_visible()
    page.get_by_role("button", name="Dream now").click()
    dream = page.get_by_role("article", name="A dream of le")
    expect(dream).to_contain_text("you: ")
    expect(dream).to_contain_text(server.get("/stats")["checkpoint"][:12])
    dream.get_by_role("button", name="Keep").click()
    expect(dream.get_by_role("button", name="Kept", pressed=True)).to_be_visible()
    assert [one["kept"] for one in server.get("/app/v1/dreams")["dreams"]] == [True]
    page.reload()
    expect(dream).to_have_count(1)
    dream.get_by_role("button", name="Discard").click()
    expect(dream).to_have_count(0)
    assert server.get("/app/v1/dreams")["dreams"] == []


def test_dreams_that_cannot_be_loaded_are_asked_for_once_and_again_when_told(
    visitor: Visitor,
) -> None:
    page = visitor.page
    asked: list[str] = []
    refusal = '{"error": {"type": "internal", "message": "A bug."}}'

    def refuse(route: Route) -> None:
        asked.append(route.request.url)
        route.fulfill(status=500, body=refusal)

    page.route("**/app/v1/dreams?*", refuse)
    visitor.open("#/dreams")
    failed = page.get_by_text("The dreams could not be loaded.")
    expect(failed).to_be_visible()
    failed.get_by_role("button", name="Try again").click()
    expect(failed).to_be_visible()
    assert len(asked) == 2
    page.unroute_all()
    failed.get_by_role("button", name="Try again").click()
    expect(page.get_by_text("No dream yet.")).to_be_visible()


def test_the_core_prompt_is_written_in_the_page(server: Serving, visitor: Visitor) -> None:
    visitor.open("#/settings")
    page = visitor.page
    field = page.get_by_role("textbox", name="Core prompt")
    expect(field).to_have_value(server.get("/app/v1/voice")["default"])
    field.fill("Be kind.")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("button", name="Back to the default")).to_be_visible()
    assert server.get("/app/v1/voice")["core_prompt"] == "Be kind."
