"""Forgetting from the page, and the rules of what may teach and when."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.process import ServerProcess
from tests.browser.visitor import Visitor, visiting

StartServer = Callable[..., ServerProcess]


@pytest.fixture
def visitor(browser: Browser, start_server: StartServer) -> Iterator[Visitor]:
    """Somebody at the page of a server where nothing is learned meanwhile."""
    server = start_server(learner="false")
    with visiting(browser, server.url) as visitor:
        visitor.open()
        yield visitor


def test_a_turn_is_forgotten_from_the_page(visitor: Visitor) -> None:
    page = visitor.page
    visitor.say("My cat is called Quintus.")
    visitor.wait_until_answered(2)
    page.on("dialog", lambda dialog: dialog.accept())
    visitor.turns.first.hover()
    visitor.turns.first.get_by_role("button", name="More for this turn").click()
    page.get_by_role("button", name="Forget this").click()
    expect(visitor.turns.first).to_contain_text("Forgotten.")
    expect(visitor.turns.first).not_to_contain_text("Quintus")
    expect(visitor.learning.get_by_text("No checkpoint knows of it.")).to_be_visible()


def test_the_rules_of_learning_are_set_on_the_page(visitor: Visitor) -> None:
    panel, page = visitor.learning, visitor.page
    for name in ("Phone numbers", "In quiet hours"):
        box = panel.get_by_role("checkbox", name=name)
        with page.expect_response(lambda response: response.request.method == "PATCH"):
            box.click()
    page.reload()
    expect(panel.get_by_role("checkbox", name="Phone numbers")).not_to_be_checked()
    expect(panel.get_by_role("checkbox", name="Keys and tokens")).to_be_checked()
    expect(panel.get_by_label("from", exact=True)).to_have_value("22:00")


def test_what_the_gate_asks_is_set_on_the_page_and_given_back(visitor: Visitor) -> None:
    panel, page = visitor.learning, visitor.page
    panel.get_by_text("What a lesson must keep to").click()
    slider = panel.get_by_role("slider", name="General text worse, at most")
    expect(slider).to_have_value("3")
    with page.expect_response(lambda response: response.request.method == "PATCH"):
        slider.press("ArrowRight")
    back = panel.get_by_role("button", name="Back to the default")
    expect(back).to_have_accessible_name(re.compile("General text"))
    page.reload()
    panel.get_by_text("What a lesson must keep to").click()
    expect(slider).to_have_value("3.5")
    back.click()
    expect(slider).to_have_value("3")
    expect(back).to_have_count(0)
