"""Somebody at the page: a tab of a real browser, and what they do in it.

Every tab is watched. When a test ends, no request may have left the page's own address, and
neither the policy nor the console nor a script may have complained.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, expect

PATIENCE_MS = 30_000
"""How long a test waits for what must come; nothing is ever measured against it."""

expect.set_options(timeout=PATIENCE_MS)

WATCH_POLICY = """
  window.violations = [];
  document.addEventListener('securitypolicyviolation', (event) => {
    window.violations.push(`${event.effectiveDirective}: ${event.blockedURI} ${event.sample}`);
  });
"""


class Visitor:
    """One tab and the words a test needs to talk about it."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.url = url
        self.complaints: list[str] = []
        page.set_default_timeout(PATIENCE_MS)
        page.add_init_script(WATCH_POLICY)
        page.on("request", lambda request: self._see(request.url))
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.complaints.append(f"script: {error}"))

    def open(self, address: str = "") -> None:
        """Go to an address of the page, such as `#/learning`, and wait until it stands."""
        self.page.goto(f"{self.url}/{address}")
        expect(self.page.get_by_role("main")).to_be_visible()

    @property
    def draft(self) -> Locator:
        return self.page.get_by_role("textbox", name="Write to")

    @property
    def turns(self) -> Locator:
        return self.page.get_by_role("log").get_by_role("article")

    @property
    def conversations(self) -> Locator:
        return self.page.get_by_role("complementary", name="Conversations")

    @property
    def learning(self) -> Locator:
        return self.page.get_by_role("complementary", name="Learning")

    def words(self, turn: int) -> Locator:
        """What stands in the middle of a turn, counted from the first or, below 0, the last."""
        return self.turns.nth(turn).locator(".say")

    def say(self, text: str) -> None:
        """Write into the draft and send it with Enter."""
        self.draft.fill(text)
        self.draft.press("Enter")

    def wait_until_answered(self, turns: int) -> None:
        """Wait until so many turns stand there and none of them is being written."""
        expect(self.turns).to_have_count(turns)
        expect(self.page.get_by_role("button", name="Send", exact=True)).to_be_visible()

    def violations(self) -> list[str]:
        found: list[str] = self.page.evaluate("window.violations")
        return found

    def expect_no_complaint(self) -> None:
        """Fail if anything was asked of another address, or anything complained."""
        assert self.complaints == [], self.complaints
        if not self.page.is_closed():
            assert self.violations() == []

    def _see(self, url: str) -> None:
        if not url.startswith("data:") and urlsplit(url).netloc != urlsplit(self.url).netloc:
            self.complaints.append(f"request to {url}")

    def _hear(self, message: ConsoleMessage) -> None:
        # A refusal or an absent server is the test's affair; the browser notes each by itself.
        if message.type in ("error", "warning") and "Failed to load resource" not in message.text:
            self.complaints.append(f"console: {message.text}")


@contextmanager
def visiting(browser: Browser, url: str, **options: Any) -> Iterator[Visitor]:
    """A visitor with a profile of their own, watched until the block ends."""
    context = browser.new_context(**{"viewport": {"width": 1440, "height": 900}, **options})
    try:
        visitor = another_tab(context, url)
        yield visitor
        visitor.expect_no_complaint()
    finally:
        context.close()


def another_tab(context: BrowserContext, url: str) -> Visitor:
    """A tab more in the same profile."""
    return Visitor(context.new_page(), url)
