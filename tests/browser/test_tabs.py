"""Many tabs of one browser: one connection for all answers, whoever leads."""

import threading
from collections.abc import Sequence

import pytest
from playwright.sync_api import Browser, Request, expect

from l2c.conversation import Message
from l2c.providers.provider import Outcome, Said, Sampling, Writing
from tests.browser.visitor import Visitor, another_tab
from tests.server.serving import WAIT_S, Scripted, Serving, let_speak

LINE = "and so on, "
LINES = 40


class Pausing(Scripted):
    """Begins every answer at once, and ends it when it may."""

    def __init__(self) -> None:
        super().__init__()
        self.may_end = threading.Event()

    def answer(self, messages: Sequence[Message], sampling: Sampling) -> Writing:
        yield Said(LINE)
        assert self.may_end.wait(WAIT_S)
        for _ in range(LINES - 1):
            yield Said(LINE)
        return Outcome("stop", LINES)


def streams(requests: list[Request]) -> list[str]:
    """The paths of the event streams among these requests."""
    paths = [request.url.split("?")[0] for request in requests]
    return [path for path in paths if path.endswith("/stream")]


@pytest.mark.slow
def test_with_eight_tabs_and_three_answers_being_written_a_ninth_loads(
    browser: Browser, server: Serving
) -> None:
    speaker = Pausing()
    let_speak(server.runtime, speaker)
    conversations = [server.new(title=f"Tab {number}") for number in range(8)]
    context = browser.new_context()
    requests: list[Request] = []
    gone: list[Request] = []
    context.on("request", lambda request: requests.append(request))
    context.on("requestfinished", lambda request: gone.append(request))
    context.on("requestfailed", lambda request: gone.append(request))
    tabs: list[Visitor] = []
    for conversation in conversations:
        tabs.append(another_tab(context, server.url))
        tabs[-1].open(f"#/c/{conversation}")
    for tab in tabs[:3]:
        tab.say("Go on")
        expect(tab.turns).to_have_count(2)
    for tab in tabs[:2]:  # two are written at once, the third waits for its turn
        expect(tab.words(1)).to_contain_text(LINE.strip())
    open_ones = [request for request in requests if request not in gone]
    assert streams(open_ones) == [f"{server.url}/app/v1/stream"]
    assert not [path for path in streams(requests) if "/turns/" in path]

    ninth = another_tab(context, server.url)
    ninth.open()
    expect(ninth.draft).to_be_visible()
    expect(ninth.conversations.get_by_role("link", name="Tab 7")).to_be_visible()

    tabs[0].page.close()  # the tab that opened first led the others
    speaker.may_end.set()
    for tab in tabs[1:3]:
        tab.wait_until_answered(2)
        assert tab.words(1).inner_text().count(LINE.strip()) == LINES
    for tab in [*tabs[1:], ninth]:
        tab.expect_no_complaint()
    context.close()
