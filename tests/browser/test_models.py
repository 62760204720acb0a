"""The models: which one answers, and picking another."""

from playwright.sync_api import expect

from tests.browser.visitor import Visitor
from tests.server.serving import Serving


def add_model(server: Serving, name: str) -> None:
    """A second model, beginning with the same checkpoint as `le`."""
    models = server.runtime.models
    le = models.get("le")
    size = models.checkpoint("le", le.live).size_bytes
    models.ensure(name, engine=le.engine, starter=le.starter, size_bytes=size, summary={})


def test_with_one_model_there_is_nothing_to_pick(visitor: Visitor) -> None:
    visitor.open()
    expect(visitor.draft).to_be_visible()
    expect(visitor.page.get_by_role("combobox", name="Model")).to_have_count(0)


def test_another_model_can_answer_a_conversation(server: Serving, visitor: Visitor) -> None:
    add_model(server, "poet")
    visitor.open()
    picker = visitor.page.get_by_role("combobox", name="Model")
    picker.select_option("poet")
    expect(visitor.page.get_by_role("textbox", name="Write to poet")).to_be_visible()
    visitor.say("Hello")
    visitor.wait_until_answered(2)
    expect(visitor.turns.nth(1).get_by_role("heading")).to_contain_text("poet, generated")
    visitor.page.reload()
    expect(picker).to_have_value("poet")
    picker.select_option("le")
    visitor.say("And you?")
    visitor.wait_until_answered(4)
    expect(visitor.turns.nth(3).get_by_role("heading")).to_contain_text("le, generated")
    expect(visitor.turns.nth(1).get_by_role("heading")).to_contain_text("poet, generated")


def test_rebuilding_is_asked_twice(server: Serving, visitor: Visitor) -> None:
    visitor.open("#/models")
    page = visitor.page
    page.get_by_role("button", name="Rebuild").click()
    expect(page.get_by_text("from the starter over everything kept?")).to_be_visible()
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("from the starter over everything kept?")).to_be_hidden()
    page.get_by_role("button", name="Rebuild").click()
    with page.expect_response("**/rebuild") as answered:
        page.get_by_role("button", name="Rebuild").click()
    assert answered.value.status == 202
    expect(page.get_by_text("le is being rebuilt.").first).to_be_visible()
