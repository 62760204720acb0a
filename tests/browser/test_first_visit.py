"""What a new user sees: the real program, its own starter, its own learner."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.process import ServerProcess
from tests.browser.test_accessibility import findings
from tests.browser.visitor import visiting

StartServer = Callable[..., ServerProcess]


def test_hello_is_answered_and_learned_from(browser: Browser, start_server: StartServer) -> None:
    server = start_server(practice_tokens="0")
    with visiting(browser, server.url) as visitor:
        visitor.open()
        page = visitor.page
        for claim in ("le is small.", "It is yours.", "It learns."):
            expect(page.get_by_text(claim)).to_be_visible()
        expect(visitor.learning).to_contain_text("No lesson yet.")

        visitor.say("Hello")
        visitor.wait_until_answered(2)
        expect(visitor.words(0)).to_have_text("Hello")
        assert visitor.words(1).inner_text().strip()
        expect(visitor.turns.nth(1).get_by_role("heading")).to_contain_text("le, practised")
        expect(visitor.conversations.get_by_role("link", name="Hello")).to_be_visible()

        expect(page.get_by_role("button", name="learned, lesson 1")).to_be_visible()
        expect(visitor.learning).to_contain_text("1 kept.")
        expect(visitor.learning).to_contain_text("bits per byte")

        page.get_by_role("button", name="learned, lesson 1").click()
        page.get_by_role("link", name="Lesson 1, the exact text").click()
        expect(page.get_by_role("heading", name="The exact text of this lesson")).to_be_visible()
        expect(page.locator("figure pre")).to_contain_text("Hello")

        page.get_by_role("link", name="Models").click()
        live = page.get_by_role("listitem").filter(has_text="answers now")
        expect(live).to_contain_text("After lesson 1")
        starter = page.get_by_role("listitem").filter(has_text="Starter")
        starter.get_by_role("button", name="Go back to this one").click()
        expect(live).to_contain_text("Starter")
        expect(page.get_by_text("Starter is live.").first).to_be_visible()


@pytest.mark.slow
def test_the_first_lesson_is_watched_from_what_was_told_to_what_it_changed(
    browser: Browser, start_server: StartServer
) -> None:
    server = start_server(practice_tokens="0")
    with visiting(browser, server.url) as visitor:
        visitor.open()
        visitor.say("My sister is called Mirela.")
        visitor.wait_until_answered(2)
        first = visitor.page.get_by_role("region", name="The first lesson")
        expect(first.get_by_role("heading", name="You told it something")).to_be_visible()
        expect(first.get_by_role("heading", name="Remembered", exact=True)).to_be_visible()
        expect(first.get_by_role("heading", name="The proof")).to_be_visible()
        expect(first).to_contain_text("Lesson 1 kept.")
        bits = [
            int(found)
            for card in first.locator(".card").filter(has_text=" bits").all()
            for found in re.findall(r"(\d+) bits", card.inner_text())[:1]
        ]
        assert len(bits) == 2
        assert bits[1] < bits[0]
        expect(first).to_contain_text("fewer bits than before")
        expect(first.locator(".asked")).to_have_text(re.compile(r"sister.*\?$"))
        expect(first.locator(".answer")).to_have_count(2)
        assert findings(visitor.page) == []
        visitor.say("Thank you")
        expect(first).to_have_count(0)
