"""Everything without a mouse."""

import pytest
from playwright.sync_api import expect

from tests.browser.visitor import Visitor
from tests.server.serving import Scripted, Serving, let_speak


@pytest.mark.slow
def test_a_whole_visit_by_keyboard(server: Serving, visitor: Visitor) -> None:
    speaker = Scripted("A short answer.")
    let_speak(server.runtime, speaker)
    speaker.go_on(10)
    visitor.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    visitor.open()
    keys = visitor.page.keyboard

    keys.press("Tab")
    expect(visitor.page.get_by_role("button", name="Skip to the draft")).to_be_focused()
    keys.press("Enter")
    expect(visitor.draft).to_be_focused()
    keys.type("One line")
    keys.press("Shift+Enter")
    keys.type("and another")
    keys.press("Enter")
    visitor.wait_until_answered(2)
    expect(visitor.words(0)).to_have_text("One line\nand another", use_inner_text=True)
    expect(visitor.draft).to_be_focused()

    keys.press("ArrowUp")
    expect(visitor.draft).to_have_value("One line\nand another")
    keys.press("Control+a")
    keys.press("Delete")

    keys.press("Alt+ArrowUp")
    expect(visitor.turns.nth(1)).to_be_focused()
    keys.press("c")
    expect(visitor.page.get_by_text("Copied").first).to_be_visible()
    assert visitor.page.evaluate("navigator.clipboard.readText()") == "A short answer."
    keys.press("ArrowUp")
    expect(visitor.turns.nth(0)).to_be_focused()
    keys.press("l")
    expect(visitor.page.get_by_role("switch", name="Learn from this turn")).to_be_visible()
    keys.press("Escape")
    expect(visitor.page.get_by_role("switch", name="Learn from this turn")).to_be_hidden()
    visitor.turns.nth(0).focus()
    keys.press("e")
    keys.press("Control+a")
    keys.type("In other words")
    keys.press("Enter")
    expect(visitor.words(0)).to_contain_text("In other words")
    visitor.wait_until_answered(2)
    visitor.turns.nth(1).focus()
    keys.press("r")
    expect(visitor.turns.nth(1)).to_contain_text("2 of 2")
    visitor.wait_until_answered(2)
    visitor.turns.nth(1).focus()
    keys.press("ArrowLeft")
    expect(visitor.turns.nth(1)).to_contain_text("1 of 2")
    expect(visitor.turns.nth(1)).to_be_focused()
    visitor.turns.nth(0).focus()
    keys.press("ArrowLeft")
    expect(visitor.words(0)).to_contain_text("One line")

    keys.press("Control+Shift+O")
    expect(visitor.turns).to_have_count(0)
    expect(visitor.draft).to_be_focused()
    keys.press("Control+k")
    expect(visitor.page.get_by_role("searchbox", name="Search")).to_be_focused()
    keys.type("another")
    hit = visitor.conversations.get_by_role("link").filter(has_text="and another").last
    expect(hit).to_be_visible()
    hit.focus()
    keys.press("Enter")
    expect(visitor.turns).to_have_count(2)


def test_the_transcript_is_one_stop_for_tab(server: Serving, visitor: Visitor) -> None:
    conversation = server.new()
    for _ in range(4):
        server.finished(server.say(conversation, "Hello"))
    visitor.open(f"#/c/{conversation}")
    expect(visitor.turns).to_have_count(8)
    stops = "turns => turns.filter(turn => turn.tabIndex === 0).length"
    assert visitor.turns.evaluate_all(stops) == 1
    buttons = visitor.turns.get_by_role("button")
    outside = (
        "all => all.filter(button => button.tabIndex === 0 &&"
        " button.closest('article').tabIndex !== 0).length"
    )
    assert buttons.evaluate_all(outside) == 0  # only those of the last answer, the current turn


def test_single_letters_act_on_a_focused_turn_only(server: Serving, visitor: Visitor) -> None:
    conversation = server.new()
    server.finished(server.say(conversation, "Hello"))
    visitor.open(f"#/c/{conversation}")
    visitor.draft.focus()
    visitor.page.keyboard.type("clre")
    expect(visitor.draft).to_have_value("clre")
    expect(visitor.page.get_by_role("switch", name="Learn from this turn")).to_be_hidden()


def test_a_drawer_takes_the_focus_and_gives_it_back(visitor: Visitor) -> None:
    visitor.page.set_viewport_size({"width": 768, "height": 1024})
    visitor.open()
    opener = visitor.page.get_by_role("button", name="Conversations")
    opener.focus()
    visitor.page.keyboard.press("Enter")
    drawer = visitor.page.get_by_role("dialog", name="Conversations")
    expect(drawer).to_be_visible()
    for _ in range(12):
        visitor.page.keyboard.press("Tab")
        inside = visitor.page.evaluate(
            "document.activeElement === document.body ||"
            " document.querySelector('[role=dialog]').contains(document.activeElement)"
        )
        assert inside
    visitor.page.keyboard.press("Escape")
    expect(drawer).to_be_hidden()
    expect(opener).to_be_focused()


def test_whole_sentences_are_spoken_and_then_the_end(server: Serving, visitor: Visitor) -> None:
    speaker = Scripted("Pim ", "sat. ", "It ra", "ined.")
    let_speak(server.runtime, speaker)
    visitor.open()
    spoken = visitor.page.locator("[aria-live=polite]").last
    visitor.say("Tell me a story.")
    speaker.go_on(2)
    expect(spoken).to_have_text("Pim sat.")
    expect(visitor.page.get_by_role("log")).to_have_attribute("aria-live", "off")
    speaker.go_on(2)
    expect(spoken).to_have_text("It rained. Answer finished, generated.")
