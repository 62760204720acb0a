"""The notebook: it goes on in one's own words, is learned, forgotten, and never loses a letter."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Route, expect

from l2c import starter
from l2c.runtime import Runtime
from tests.browser.test_accessibility import SIZES, findings
from tests.browser.visitor import Visitor, another_tab, visiting
from tests.journeys.household import eventually
from tests.server.serving import Serving, serving, settings

SAVED = re.compile("^saved ")
WHOLE = "Rain till four. Then light."
PAGE = "Pim slept on the warm pipe all day. Frost on the roof, gone by nine.\n"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """A server with the starter that is shipped."""
    chosen = settings(tmp_path_factory.mktemp("home") / "data", starter.PATH)
    with Runtime.open(chosen, role="server") as runtime, serving(runtime) as server:
        yield server


@pytest.fixture
def writer(browser: Browser, home: Serving) -> Iterator[Visitor]:
    for note in home.get("/app/v1/notes")["notes"]:
        home.runtime.notebook.delete(note["id"])
    with visiting(browser, home.url) as visitor:
        visitor.open("#/notebook")
        yield visitor


def field_of(visitor: Visitor) -> Locator:
    return visitor.page.get_by_role("textbox", name="The page")


def learned(home: Serving, text: str = PAGE * 5) -> str:
    note = home.runtime.notebook.add(text)
    home.runtime.notebook.learn(note.id)
    home.runtime.notebook.wait_measured()
    return note.id


def stand_saved(home: Serving, text: str) -> None:
    """Wait until these words are the notebook's only page."""
    pages = home.runtime.notebook.all
    eventually(lambda: [row.text for row in pages()] == [text], f"one page with {text!r}")


def test_a_page_is_written_learned_and_gone_on_with(home: Serving, writer: Visitor) -> None:
    page, field = writer.page, field_of(writer)
    field.press_sequentially(PAGE * 4)
    page.get_by_role("button", name="Learn from this page").click()
    expect(page.get_by_text("counting memory")).to_be_visible()
    expect(page.get_by_text("weights: 1 paragraph waiting")).to_be_visible()
    expect(page.get_by_role("img", name="with the untouched starter")).to_be_visible()
    page.get_by_role("link", name="New page").click()
    expect(field).to_have_value("")
    field.press_sequentially("Pim slept on the wa")
    expect(page.locator(".ghost")).to_have_text("rm pipe all day")
    page.get_by_role("button", name="word : take rm").click()
    expect(field).to_have_value("Pim slept on the warm")
    expect(page.get_by_text("You took 1 word")).to_be_visible()
    page.on("dialog", lambda dialog: dialog.accept())
    expect(page.get_by_role("status").get_by_text(SAVED)).to_be_visible()
    page.get_by_role("button", name="Erase this page").click()
    expect(page.get_by_role("link", name="Pim slept")).to_have_count(1)
    assert len(home.get("/app/v1/notes")["notes"]) == 1


def test_the_keyboard_takes_a_word_all_or_nothing_and_is_let_go(
    home: Serving, writer: Visitor
) -> None:
    learned(home)
    page, field = writer.page, field_of(writer)
    field.press_sequentially("Pim slept on the wa")
    ghost = page.locator(".ghost")
    expect(ghost).to_have_text("rm pipe all day")
    field.press("Tab")
    expect(field).to_have_value("Pim slept on the warm")
    expect(ghost).to_contain_text(" pipe all day")
    field.press("End")
    expect(field).to_have_value(re.compile("^Pim slept on the warm pipe all day"))
    field.press("Control+z")
    expect(field).to_have_value("Pim slept on the warm")
    field.press_sequentially(" pi")
    expect(ghost).to_contain_text("pe all day")
    field.press("Escape")
    expect(ghost).to_have_count(0)
    expect(field).to_be_focused()
    field.press("Tab")
    expect(field).not_to_be_focused()


def test_an_input_method_keeps_its_keys(home: Serving, writer: Visitor) -> None:
    learned(home)
    page, field = writer.page, field_of(writer)
    field.press_sequentially("Pim slept on the wa")
    expect(page.locator(".ghost")).to_be_visible()
    field.dispatch_event("keydown", {"key": "Tab", "isComposing": True})
    expect(field).to_have_value("Pim slept on the wa")


def test_words_survive_a_reload_and_two_tabs_stay_in_step(home: Serving, writer: Visitor) -> None:
    page, field = writer.page, field_of(writer)
    page.route("**/app/v1/notes/*", lambda route: route.abort())
    field.press_sequentially("Rain till four.")
    expect(page.get_by_text("kept in this browser")).to_be_visible()
    page.unroute("**/app/v1/notes/*")
    page.reload()
    expect(field).to_have_value("Rain till four.")
    field.press_sequentially(" Then light.")
    stand_saved(home, WHOLE)
    expect(page.get_by_role("status").get_by_text(SAVED)).to_be_visible()
    other = another_tab(page.context, home.url)
    other.open(page.url.removeprefix(f"{home.url}/"))
    expect(field_of(other)).to_have_value(WHOLE)
    field_of(other).press("Control+End")
    field_of(other).press_sequentially(" Frost.")
    expect(field).to_have_value("Rain till four. Then light. Frost.")


def test_the_field_stays_under_the_hand_while_a_page_is_begun(writer: Visitor) -> None:
    page, field = writer.page, field_of(writer)
    field.press_sequentially("Rain ")
    expect(page.get_by_role("status").get_by_text(SAVED)).to_be_visible()
    page.keyboard.type("till four.")
    expect(field).to_have_value("Rain till four.")


def test_a_reload_amid_the_first_save_makes_one_page_of_it(home: Serving, writer: Visitor) -> None:
    page, field = writer.page, field_of(writer)

    def arrived_but_never_answered(route: Route) -> None:
        route.fetch()
        route.abort()

    page.route("**/app/v1/notes/*", arrived_but_never_answered)
    field.press_sequentially("Rain till four.")
    expect(page.get_by_text("kept in this browser")).to_be_visible()
    page.unroute_all(behavior="wait")
    page.reload()
    expect(field).to_have_value("Rain till four.")
    field.press_sequentially(" Then light.")
    stand_saved(home, WHOLE)


@pytest.mark.parametrize("size", SIZES)
def test_a_page_with_ghost_text_has_no_barrier(browser: Browser, home: Serving, size: str) -> None:
    note = learned(home)
    width, height = SIZES[size]
    touch = size == "phone"
    view = {"width": width, "height": height}
    with visiting(browser, home.url, viewport=view, has_touch=touch) as visitor:
        visitor.open(f"#/notebook/{note}")
        expect(field_of(visitor)).to_have_value(PAGE * 5)
        field_of(visitor).press("Control+End")
        field_of(visitor).press_sequentially("Pim slept on the wa")
        expect(visitor.page.locator(".ghost")).to_be_visible()
        assert findings(visitor.page) == []
    home.runtime.notebook.delete(note)
