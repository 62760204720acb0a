"""A conversation too long to stand in full: read, searched, jumped through, and by keyboard."""

import json

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.visitor import Visitor
from tests.server.serving import Serving

TURNS = 600
NEEDLES = {101: "ptarmigan", 402: "kohlrabi"}


@pytest.fixture
def long(server: Serving) -> str:
    """A conversation of many turns, two of which hold a word of their own; its address."""
    said = "Pim slept on the **warm** pipe.\n\n- rain\n- till four"
    words = [f"Turn {number}. {said} {NEEDLES.get(number, '')}" for number in range(TURNS)]
    roles = ("user", "assistant")
    messages = [{"role": roles[n % 2], "content": words[n]} for n in range(TURNS)]
    file = server.runtime.data_dir / "long.jsonl"
    file.write_text(json.dumps({"messages": messages}) + "\n")
    list(server.runtime.importing(learn=False).lines(file))
    found = server.get("/app/v1/conversations")["conversations"][0]["id"]
    return f"#/c/{found}"


@pytest.fixture
def reader(visitor: Visitor, long: str) -> Visitor:
    """Somebody at the end of that conversation, once all of its words are there."""
    visitor.open(long)
    expect(visitor.turns).to_have_count(TURNS)
    return visitor


def in_full(visitor: Visitor) -> Locator:
    """The turns that have their buttons."""
    return visitor.turns.filter(has=visitor.page.locator(".actions"))


def scroll_to(visitor: Visitor, part: float) -> None:
    """Go to a part of the way and wait until all that is near stands in full."""
    visitor.page.get_by_role("log").evaluate(
        "(log, part) => { const view = log.closest('.view');"
        " view.scrollTop = part * (view.scrollHeight - view.clientHeight); }",
        part,
    )
    visitor.page.wait_for_function(
        "() => [250, 300, 350].some(y =>"  # one of them may fall between two parts
        " document.elementsFromPoint(700, y).some(one => one.matches('.part:not(.far)')))"
        " && !document.querySelector('.part:not(.far) > .turn:not(:has(.actions, form))')"
    )


def test_all_words_are_there_but_only_what_is_near_stands_in_full(reader: Visitor) -> None:
    expect(reader.turns.last).to_be_in_viewport()
    expect(reader.turns.last.get_by_role("button", name="Copy")).to_be_attached()
    assert in_full(reader).count() <= 120
    expect(reader.words(0)).to_contain_text("Turn 0.")
    expect(reader.turns.first.get_by_role("button")).to_have_count(0)
    scroll_to(reader, 0)
    expect(reader.turns.first).to_be_in_viewport()
    expect(reader.words(1).locator("strong")).to_have_text("warm")
    expect(reader.turns.nth(1).get_by_role("button", name="Copy")).to_be_attached()


def test_reading_on_takes_off_far_away_what_it_puts_on(reader: Visitor) -> None:
    for part in (0.8, 0.6, 0.4, 0.2, 0.0):
        scroll_to(reader, part)
    expect(reader.turns.last.locator(".actions")).to_have_count(0)
    assert in_full(reader).count() <= 160


PLACE = """() => {
    const turns = [...document.querySelectorAll('.part:not(.far) > .turn')];
    const first = turns.find(turn => turn.getBoundingClientRect().top > 100);
    return [first.dataset.turn, first.getBoundingClientRect().top];
}"""


def test_the_line_being_read_stays_while_turns_come_to_stand_in_full(reader: Visitor) -> None:
    page = reader.page
    before = page.evaluate(
        "async () => { document.querySelector('.view').scrollTop = 20000;"
        " await new Promise(requestAnimationFrame); await new Promise(requestAnimationFrame);"
        f" return ({PLACE})(); }}"
    )
    assert in_full(reader).count() < 60
    page.wait_for_function(
        "() => !document.querySelector('.part:not(.far) > .turn:not(:has(.actions))')"
    )
    turn, top = page.evaluate(PLACE)
    assert turn == before[0]
    assert top == pytest.approx(before[1], abs=2)


@pytest.mark.parametrize("turn", NEEDLES)
def test_the_browsers_own_search_finds_what_is_far_away(reader: Visitor, turn: int) -> None:
    assert reader.page.evaluate("word => window.find(word)", NEEDLES[turn])
    found = reader.page.evaluate(
        "() => getSelection().anchorNode.parentElement.closest('[data-turn]').dataset.turn"
    )
    assert found == reader.turns.nth(turn).get_attribute("data-turn")


def test_a_search_goes_to_a_far_turn_which_stands_in_full_and_has_the_focus(
    reader: Visitor,
) -> None:
    page = reader.page
    page.keyboard.press("Control+k")
    page.keyboard.type("kohlrabi")
    reader.conversations.get_by_role("link").filter(has_text="kohlrabi").click()
    turn = reader.turns.nth(402)
    expect(turn).to_be_focused()
    expect(turn).to_be_in_viewport()
    expect(turn.get_by_role("button", name="Copy")).to_be_attached()
    page.keyboard.press("ArrowUp")
    expect(reader.turns.nth(401)).to_be_focused()
    expect(reader.turns.nth(401).get_by_role("button", name="Copy")).to_be_attached()
    page.reload()
    expect(turn).to_be_in_viewport()


def test_a_turn_being_edited_keeps_its_words_wherever_one_scrolls(reader: Visitor) -> None:
    page = reader.page
    turn = reader.turns.nth(TURNS - 2)
    turn.focus()
    page.keyboard.press("e")
    field = turn.get_by_role("textbox")
    field.fill("half a thought")
    for part in (0.7, 0.5, 0.3, 0.1):
        scroll_to(reader, part)
    scroll_to(reader, 1)
    expect(field).to_have_value("half a thought")


def test_the_line_where_the_models_view_begins_stands_in_its_place(
    server: Serving, reader: Visitor
) -> None:
    expect(reader.page.get_by_text("le reads from here.")).to_have_count(1)
    line = reader.page.locator(".horizon")
    after = line.evaluate("line => line.nextElementSibling.dataset.turn")
    conversation = reader.page.url.rsplit("/", 1)[-1]
    window = server.get(f"/app/v1/conversations/{conversation}/window")
    assert window["begins_at"] == after
