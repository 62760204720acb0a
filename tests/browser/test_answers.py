"""An answer on its way: letter by letter, across reloads, tabs, a lost server and a stop."""

import re
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from l2c.conversation import Message
from l2c.errors import ProviderError
from l2c.providers.provider import Sampling, Writing
from tests.browser.models import write_endless
from tests.browser.process import ServerProcess
from tests.browser.visitor import Visitor, another_tab, visiting
from tests.server.serving import Scripted, Serving, let_speak

LINES = ("Pim sat ", "at the window. ", "It was raining. ", "She slept.")
STORY = "".join(LINES)

WATCH_TURNS = """
  new MutationObserver(() => {
    const shown = document.querySelectorAll('[role=log] article').length;
    if (shown > 0) window.shownAtOnce ??= shown;
  }).observe(document, {childList: true, subtree: true});
"""
"""Notes how many turns stood there when the first did; the rest may follow within a frame."""


def scripted(server: Serving, *lines: str) -> Scripted:
    speaker = Scripted(*lines)
    let_speak(server.runtime, speaker)
    return speaker


def let_the_stop_arrive(server: Serving, visitor: Visitor) -> None:
    """Wait until the model was told to stop; it does so with its next line."""
    (tail,) = server.runtime.tails.all()
    while not tail.stopping:
        visitor.page.title()  # a trip to the browser, which goes on meanwhile


def test_an_answer_grows_under_the_readers_eyes(server: Serving, visitor: Visitor) -> None:
    speaker = scripted(server, *LINES)
    visitor.open()
    visitor.say("Tell me a story.")
    expect(visitor.page.get_by_role("img", name="le is about to answer")).to_be_visible()
    speaker.go_on()
    expect(visitor.words(1)).to_have_text("Pim sat")
    expect(visitor.words(1).locator(".cursor")).to_be_visible()
    speaker.go_on()
    expect(visitor.words(1)).to_have_text("Pim sat at the window.")
    speaker.go_on(2)
    visitor.wait_until_answered(2)
    expect(visitor.words(1)).to_have_text(STORY)
    expect(visitor.words(1).locator(".cursor")).to_have_count(0)


def test_a_reload_in_mid_answer_goes_on_where_it_was(server: Serving, visitor: Visitor) -> None:
    speaker = scripted(server, *LINES)
    visitor.open()
    visitor.say("Tell me a story.")
    speaker.go_on(2)
    expect(visitor.words(1)).to_have_text("Pim sat at the window.")
    visitor.page.reload()
    expect(visitor.words(1)).to_have_text("Pim sat at the window.")
    speaker.go_on(2)
    visitor.wait_until_answered(2)
    expect(visitor.words(1)).to_have_text(STORY)


def test_a_second_tab_shows_the_same(server: Serving, visitor: Visitor) -> None:
    speaker = scripted(server, *LINES)
    visitor.open()
    other = another_tab(visitor.page.context, server.url)
    visitor.say("Tell me a story.")
    speaker.go_on()
    expect(visitor.words(1)).to_have_text("Pim sat")
    other.open(visitor.page.url.removeprefix(f"{server.url}/"))
    expect(other.words(1)).to_have_text("Pim sat")
    speaker.go_on(3)
    for tab in (visitor, other):
        tab.wait_until_answered(2)
        expect(tab.words(1)).to_have_text(STORY)
    other.say("And then?")
    expect(visitor.words(2)).to_have_text("And then?")
    speaker.go_on(4)
    visitor.wait_until_answered(4)
    other.expect_no_complaint()


def test_stopping_keeps_what_was_written(server: Serving, visitor: Visitor) -> None:
    speaker = scripted(server, *LINES)
    visitor.open()
    visitor.say("Tell me a story.")
    speaker.go_on(2)
    expect(visitor.words(1)).to_have_text("Pim sat at the window.")
    visitor.page.get_by_role("button", name="Stop").click()
    let_the_stop_arrive(server, visitor)
    speaker.go_on()
    expect(visitor.words(1)).to_contain_text("You stopped it here.")
    expect(visitor.words(1)).to_contain_text("Pim sat at the window.")
    visitor.page.reload()
    expect(visitor.words(1)).to_contain_text("You stopped it here.")


def test_escape_closes_what_is_on_top_and_then_stops(server: Serving, visitor: Visitor) -> None:
    speaker = scripted(server, *LINES)
    visitor.open()
    visitor.say("Tell me a story.")
    speaker.go_on()
    expect(visitor.words(1)).to_have_text("Pim sat")
    keys = visitor.page.get_by_role("dialog", name="Keys")
    visitor.page.keyboard.press("Control+/")
    expect(keys).to_be_visible()
    visitor.page.keyboard.press("Escape")
    expect(keys).to_be_hidden()
    speaker.go_on()
    expect(visitor.words(1)).to_have_text("Pim sat at the window.")
    visitor.page.keyboard.press("Escape")
    let_the_stop_arrive(server, visitor)
    speaker.go_on()
    expect(visitor.words(1)).to_contain_text("You stopped it here.")


def test_what_is_typed_while_an_answer_is_written_waits(server: Serving, visitor: Visitor) -> None:
    speaker = scripted(server, *LINES)
    visitor.open()
    visitor.say("Tell me a story.")
    speaker.go_on()
    expect(visitor.words(1)).to_have_text("Pim sat")
    visitor.say("And then?")
    expect(visitor.page.get_by_text("le is still writing. Esc stops it.")).to_be_visible()
    expect(visitor.draft).to_have_value("And then?")
    speaker.go_on(3)
    visitor.wait_until_answered(2)
    visitor.draft.press("Enter")
    expect(visitor.words(2)).to_have_text("And then?")
    speaker.go_on(4)
    visitor.wait_until_answered(4)


class Broken(Scripted):
    """A model that cannot answer."""

    def answer(self, messages: Sequence[Message], sampling: Sampling) -> Writing:
        raise ProviderError("Ollama does not answer. Is it running?")
        yield  # what makes it a generator


def test_an_answer_that_failed_says_why_and_can_be_asked_for_again(
    server: Serving, visitor: Visitor
) -> None:
    let_speak(server.runtime, Broken())
    visitor.open()
    visitor.say("Are you there?")
    expect(visitor.words(1)).to_contain_text("Ollama does not answer. Is it running?")
    scripted(server, "Yes.").go_on()
    visitor.page.get_by_role("button", name="Ask again").click()
    expect(visitor.words(1)).to_contain_text("Yes.")
    visitor.wait_until_answered(2)
    expect(visitor.turns.nth(1)).to_contain_text("2 of 2")


def test_reading_further_up_is_not_disturbed(server: Serving, visitor: Visitor) -> None:
    conversation = server.new(title="Long")
    for _ in range(12):
        server.finished(server.say(conversation, "word " * 60))
    speaker = scripted(server, *["line\n\n"] * 40)
    visitor.open(f"#/c/{conversation}")
    newest = visitor.page.get_by_role("button", name="Newest")
    expect(visitor.turns).to_have_count(24)
    expect(newest).to_be_hidden()
    visitor.say("Go on.")
    speaker.go_on(10)
    expect(visitor.words(25)).to_contain_text("line")
    expect(newest).to_be_hidden()

    visitor.page.mouse.move(700, 300)
    visitor.page.mouse.wheel(0, -2000)
    expect(newest).to_be_visible()
    top = visitor.page.locator(".view").evaluate("view => view.scrollTop")
    speaker.go_on(30)
    visitor.wait_until_answered(26)
    assert visitor.page.locator(".view").evaluate("view => view.scrollTop") == top
    visitor.page.reload()
    expect(visitor.turns).to_have_count(26)
    expect(newest).to_be_visible()
    newest.click()
    expect(visitor.words(25)).to_be_in_viewport()
    expect(newest).to_be_hidden()


def test_what_no_longer_fits_the_window_is_marked(server: Serving, visitor: Visitor) -> None:
    conversation = server.new()
    for _ in range(9):
        server.finished(server.say(conversation, "word " * 40))
    dropped = server.get(f"/app/v1/conversations/{conversation}/window")["dropped_turns"]
    assert dropped > 0
    visitor.open(f"#/c/{conversation}")
    horizon = f"le reads from here. {dropped} earlier turns do not fit."
    expect(visitor.page.get_by_text(horizon)).to_be_attached()
    expect(visitor.page.get_by_role("meter", name="Window")).to_be_visible()


def test_a_killed_server_loses_neither_the_answer_nor_the_draft(
    browser: Browser, start_server: Callable[..., ServerProcess], tmp_path: Path
) -> None:
    endless = write_endless(tmp_path / "endless.safetensors")
    server = start_server(starter=str(endless), learner="false", answer_tokens="4096")
    with visiting(browser, server.url) as visitor:
        visitor.open()
        visitor.say("Tell me a story.")
        expect(visitor.words(1)).to_have_text(re.compile(r".{20}", re.DOTALL))
        server.kill()
        expect(visitor.page.get_by_text("Trying again; your draft is safe.")).to_be_visible()
        visitor.draft.fill("Where did you go?")
        server.start()
        expect(visitor.page.get_by_text("Trying again; your draft is safe.")).to_be_hidden()
        expect(visitor.words(1)).to_contain_text("What was there is kept.")
        assert len(visitor.words(1).inner_text()) > 20
        expect(visitor.draft).to_have_value("Where did you go?")


@pytest.mark.slow
def test_a_turn_sent_while_nobody_answers_goes_out_later(
    browser: Browser, start_server: Callable[..., ServerProcess], tiny: Path
) -> None:
    server = start_server(starter=str(tiny), learner="false")
    with visiting(browser, server.url) as visitor:
        visitor.open()
        visitor.say("First.")
        visitor.wait_until_answered(2)
        server.kill()
        visitor.say("Second.")
        expect(visitor.turns.nth(2)).to_contain_text("not sent yet")
        server.start()
        visitor.wait_until_answered(4)
        expect(visitor.words(2)).to_have_text("Second.")
        visitor.page.reload()
        visitor.wait_until_answered(4)


@pytest.mark.slow
def test_a_long_conversation_opens_at_its_end_and_shows_the_rest_on_the_way_up(
    server: Serving, visitor: Visitor
) -> None:
    speaker = scripted(server, "Yes.")
    speaker.go_on(80)
    conversation = server.new()
    exchanges = [server.say(conversation, "0")]
    for number in range(1, 80):
        server.finished(exchanges[-1])
        exchanges.append(server.say(conversation, str(number)))
    visitor.page.add_init_script(WATCH_TURNS)
    visitor.open(f"#/c/{conversation}")
    expect(visitor.words(-2)).to_have_text("79")
    expect(visitor.words(-1)).to_be_in_viewport()
    assert visitor.page.evaluate("window.shownAtOnce") < 160
    visitor.page.mouse.move(700, 300)
    while visitor.turns.count() < 160:
        visitor.page.mouse.wheel(0, -400)
    expect(visitor.words(0)).to_have_text("0")

    old = exchanges[3]["user"]["id"]
    visitor.open(f"#/c/{conversation}/{old}")
    expect(visitor.page.locator(f"[data-turn='{old}']")).to_be_focused()
