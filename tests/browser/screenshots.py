"""Takes the pictures of the documentation from the real program: `make screenshots`.

A conversation is held with the shipped model, its lesson is waited for, and each view is
photographed. What le says on a picture is what it said.

    python -m tests.browser.screenshots docs/images
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, expect, sync_playwright

from tests.browser import chromium
from tests.browser.process import ServerProcess
from tests.browser.visitor import Visitor, visiting

SAID = ("Hello", "How are you?", "What are you?", "My cat is called Pim.", "Thank you")

DIARY = (
    "Up at six. Frost on the shed roof, gone by nine. Pim slept on the warm pipe all day.\n"
    "Bread in the morning, soup at noon, and the fire lit before the dark came.\n"
)

LESSON_MS = 300_000
"""How long a lesson may take on a busy machine."""

LARGE = {"width": 1440, "height": 900}
PHONE = {"width": 360, "height": 740}


def converse(visitor: Visitor) -> str:
    """Hold the conversation and wait until the last turn is learned; its address."""
    visitor.open()
    for count, text in enumerate(SAID, start=1):
        visitor.say(text)
        visitor.wait_until_answered(2 * count)
    expect(visitor.turns.nth(-2).get_by_role("button", name="learned, lesson")).to_be_visible(
        timeout=LESSON_MS
    )
    visitor.draft.blur()
    return visitor.page.url.removeprefix(f"{visitor.url}/")


def keep_a_diary(visitor: Visitor) -> None:
    """Let a page be learned, and begin the next, until words are offered."""
    field = visitor.page.get_by_role("textbox", name="The page")
    visitor.open("#/notebook")
    field.fill(DIARY * 3)
    visitor.page.get_by_role("button", name="Learn from this page").click()
    expect(visitor.page.get_by_role("img", name="with the untouched starter")).to_be_visible()
    visitor.page.get_by_role("link", name="New page").click()
    expect(field).to_have_value("")
    field.press_sequentially("Rain since noon.\nPim slept on the wa")
    expect(visitor.page.locator(".ghost")).not_to_be_empty()


def photograph(browser: Browser, url: str, folder: Path) -> None:
    """One picture of each view."""
    with visiting(browser, url, viewport=LARGE, color_scheme="light") as visitor:
        conversation = converse(visitor)
    for scheme, suffix in (("light", ""), ("dark", "-dark")):
        with visiting(browser, url, viewport=LARGE, color_scheme=scheme) as visitor:
            visitor.open(conversation)
            visitor.wait_until_answered(2 * len(SAID))
            expect(visitor.learning).to_contain_text("kept.")
            visitor.page.screenshot(path=folder / f"chat{suffix}.png", animations="disabled")
            visitor.open("#/learning")
            expect(visitor.page.locator(".lead")).to_contain_text("le knows your text")
            visitor.page.screenshot(path=folder / f"learning{suffix}.png", animations="disabled")
    with visiting(browser, url, viewport=LARGE, color_scheme="light") as visitor:
        visitor.open("#/models")
        expect(visitor.page.get_by_role("main").get_by_text("Starter").first).to_be_visible()
        visitor.page.screenshot(path=folder / "models.png", animations="disabled")
        keep_a_diary(visitor)
        visitor.page.screenshot(path=folder / "notebook.png", animations="disabled")
    with visiting(browser, url, viewport=PHONE, has_touch=True, is_mobile=True) as visitor:
        visitor.open(conversation)
        visitor.wait_until_answered(2 * len(SAID))
        visitor.page.screenshot(path=folder / "chat-phone.png", animations="disabled")


def main(folder: Path) -> None:
    """Write every picture into the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as data_dir, sync_playwright() as playwright:
        executable = chromium.find(playwright)
        if executable is None:
            sys.exit(chromium.NOWHERE)
        server = ServerProcess(Path(data_dir), practice_tokens="0")
        server.start()
        try:
            with chromium.launch(playwright, executable) as browser:
                photograph(browser, server.url, folder)
        finally:
            server.stop()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
