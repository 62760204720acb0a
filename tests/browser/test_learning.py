"""The learning panel and the views behind it, on the real learner."""

import json
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.process import ServerProcess
from tests.browser.visitor import visiting

StartServer = Callable[..., ServerProcess]


@pytest.mark.slow
def test_learning_is_paused_resumed_and_given_its_share(
    browser: Browser, start_server: StartServer
) -> None:
    server = start_server(practice_tokens="0")
    with visiting(browser, server.url) as visitor:
        visitor.open()
        panel, page = visitor.learning, visitor.page
        panel.get_by_role("button", name="Pause learning").click()
        expect(panel).to_contain_text("Paused.")
        visitor.say("My cat is called Pim.")
        visitor.wait_until_answered(2)
        expect(panel).to_contain_text("Paused. 1 exchange waits.")
        expect(page.get_by_role("button", name="queued")).to_be_visible()

        share = panel.get_by_role("slider", name="Share of one core")
        share.focus()
        with page.expect_response(lambda response: response.request.method == "PATCH"):
            share.press("Home")
        page.reload()
        expect(share).to_have_value("5")
        with page.expect_response(lambda response: response.request.method == "PATCH"):
            share.press("End")

        panel.get_by_role("button", name="Resume learning").click()
        expect(page.get_by_role("button", name="learned, lesson 1")).to_be_visible()

        page.get_by_role("link", name="All lessons").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Learning")
        expect(page.locator(".lead")).to_contain_text("le knows your text")
        chart = page.get_by_role("img", name="Bits per byte of what each of 1 lesson taught")
        expect(chart).to_be_visible()
        page.get_by_role("button", name="Show as a table: Your text").click()
        expect(page.get_by_role("row")).to_have_count(2)
        lesson = page.get_by_role("listitem").filter(has_text="1 kept.")
        expect(lesson).to_contain_text("answers now")
        lesson.get_by_role("link").click()
        expect(page.locator("figure pre")).to_contain_text("My cat is called Pim.")
        page.get_by_role("link", name="Go to the turn").click()
        expect(visitor.turns.first).to_be_focused()


def test_the_temperature_is_kept_and_sent(browser: Browser, start_server: StartServer) -> None:
    server = start_server(learner="false")
    with visiting(browser, server.url) as visitor:
        visitor.open()
        slider = visitor.learning.get_by_role("slider", name="Temperature")
        expect(slider).to_have_value("0.3")
        slider.focus()
        slider.press("Home")
        visitor.page.reload()
        expect(slider).to_have_value("0")
        with visitor.page.expect_request("**/turns") as sent:
            visitor.say("Hello")
        assert json.loads(sent.value.post_data or "")["temperature"] == 0
        visitor.wait_until_answered(2)
