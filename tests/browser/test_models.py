"""The models: which one answers, and picking another."""

import pytest
from playwright.sync_api import Route, expect

from tests.browser.visitor import Visitor
from tests.server.serving import Serving


def add_model(server: Serving, name: str) -> None:
    """A second model, beginning with the same checkpoint as `le`."""
    models = server.runtime.models
    le = models.get("le")
    size = models.checkpoint("le", le.live).size_bytes
    models.ensure(name, engine=le.engine, starter=le.starter, size_bytes=size, summary={})


def test_a_server_is_named_tested_in_words_and_removed(visitor: Visitor) -> None:
    visitor.open("#/settings")
    page = visitor.page
    page.get_by_role("button", name="Name a server").click()
    page.get_by_role("textbox", name="Its models are called").fill("away")
    page.get_by_role("textbox", name="Address").fill("http://127.0.0.1:9")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.locator(".answer.is-halted")).to_contain_text("127.0.0.1:9")
    page.get_by_role("button", name="Remove away").click()
    expect(page.get_by_role("button", name="Test away")).to_have_count(0)


def test_two_models_answer_one_prompt_side_by_side_and_one_is_kept(
    server: Serving, visitor: Visitor
) -> None:
    add_model(server, "poet")
    visitor.open("#/compare")
    page = visitor.page
    page.get_by_role("combobox", name="Model 2").select_option("poet")
    page.get_by_role("textbox", name="What all of them are asked").fill("Hello")
    page.keyboard.press("Enter")
    keep = page.get_by_role("button", name="Keep this one")
    expect(keep).to_have_count(2)
    assert server.get("/app/v1/conversations")["conversations"] == []
    keep.last.click()
    expect(visitor.turns).to_have_count(2)
    expect(visitor.turns.nth(1).get_by_role("heading")).to_contain_text("poet")
    assert len(server.get("/app/v1/conversations")["conversations"]) == 1
    assert server.get("/app/v1/conversations", params={"temporary": True})["conversations"] == []


@pytest.mark.slow
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


def test_the_model_picked_last_answers_however_slow_the_server_is(
    server: Serving, visitor: Visitor
) -> None:
    add_model(server, "poet")
    conversation = server.new(model="poet")
    visitor.open(f"#/c/{conversation}")
    picker = visitor.page.get_by_role("combobox", name="Model")
    expect(picker).to_have_value("poet")
    held: list[Route] = []
    visitor.page.route(
        f"**/app/v1/conversations/{conversation}",
        lambda route: held.append(route) if route.request.method == "PATCH" else route.continue_(),
    )
    with visitor.page.expect_request(lambda request: request.method == "PATCH"):
        picker.select_option("le")
    visitor.say("Hello")
    for route in held:
        route.continue_()
    visitor.page.unroute_all()
    visitor.wait_until_answered(2)
    expect(visitor.turns.nth(1).get_by_role("heading")).to_contain_text("le, generated")


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
