"""The glass box: an answer is opened from its turn, walked through, and written again."""

import math
import re

import pytest
from playwright.sync_api import expect

from tests.browser.visitor import Visitor
from tests.server.serving import Json, Serving


@pytest.fixture
def answer(server: Serving) -> Json:
    return server.finished(server.say(server.new(), "Hello", length=30, seed=3))


def test_an_answer_is_looked_into_by_mouse_and_written_again(
    server: Serving, visitor: Visitor, answer: Json
) -> None:
    server.runtime.begin_model("htm")
    page = visitor.page
    visitor.open(f"#/c/{answer['conversation_id']}")
    visitor.turns.nth(1).get_by_role("button", name="More for this turn").click()
    page.get_by_role("button", name="Look inside").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Glass box")
    pieces = page.get_by_role("listbox").get_by_role("option")
    seen = server.get(f"/app/v1/turns/{answer['id']}/inspect")
    expect(pieces).to_have_count(len(seen["places"]))
    assert "".join(pieces.all_inner_texts()[:-1]) == answer["text"]

    pieces.nth(4).click()
    panel = page.get_by_role("complementary", name="What else it could have written")
    chance = 100 * 2 ** -seen["places"][4]["bits"]
    shown = panel.get_by_text("le gave it").inner_text()
    (said,) = re.findall(r"([\d.]+)\s%", shown)
    assert float(said) == pytest.approx(chance, abs=0.6)
    first = panel.get_by_role("listitem").first
    slider = panel.get_by_role("slider", name="Temperature")
    slider.focus()
    slider.press("Home")
    expect(first).to_contain_text("100 %")
    slider.press("End")
    top = seen["places"][4]["log_probabilities"][0]
    assert math.exp(top) < 0.5
    expect(first).not_to_contain_text("100 %")

    panel.get_by_role("button", name="Write again from here").click()
    expect(panel.locator(".another")).to_contain_text(answer["text"][:4])
    turns = server.get(f"/app/v1/conversations/{answer['conversation_id']}")["turns"]
    assert len(turns) == 2

    pieces.nth(2).hover()
    expect(panel.get_by_role("heading")).to_have_text(["Piece 3 of 31", re.compile("What else")])
    page.get_by_role("button", name="Forget gate").click()
    expect(page.get_by_role("img", name="Forget gate: 16 units over 31 pieces")).to_be_visible()

    htm = page.get_by_role("listitem").filter(has_text="htm")
    expect(htm).to_contain_text("bits a letter")
    page.get_by_role("link", name="Ask every model the same").click()
    expect(page.get_by_role("textbox", name="What all of them are asked")).to_have_value("Hello")


def test_every_figure_is_reached_by_keyboard(visitor: Visitor, answer: Json) -> None:
    page = visitor.page
    visitor.open(f"#/c/{answer['conversation_id']}")
    visitor.turns.nth(1).focus()
    page.keyboard.press("g")
    pieces = page.get_by_role("listbox")
    pieces.focus()
    pieces.press("Home")
    expect(page.get_by_role("option").first).to_have_attribute("aria-selected", "true")
    pieces.press("ArrowRight")
    expect(page.get_by_role("heading", name="Piece 2 of 31")).to_be_visible()
    pieces.press("End")
    expect(page.get_by_role("option").last).to_have_attribute("aria-selected", "true")
    page.get_by_role("button", name="Show as a table: The pieces").press("Enter")
    expect(page.get_by_role("row")).to_have_count(32)
    page.get_by_role("link", name="To the answer").press("Enter")
    expect(visitor.turns.nth(1)).to_be_focused()


def test_what_cannot_be_looked_into_says_why(visitor: Visitor, answer: Json) -> None:
    visitor.open(f"#/glass/{answer['parent_id']}")
    expect(visitor.page.get_by_text("Only an answer that has words")).to_be_visible()
    visitor.open("#/glass/nothing")
    expect(visitor.page.get_by_text("This answer is not here.")).to_be_visible()
