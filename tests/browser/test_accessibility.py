"""WCAG 2.2 A and AA by axe-core, in both themes and at three sizes; and what axe cannot see."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, Page, expect

import l2c
from tests.browser.visitor import Visitor, visiting
from tests.server.serving import Scripted, Serving, let_speak

AXE = Path(l2c.__file__).parents[2] / "ui/node_modules/axe-core/axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
SIZES = {"phone": (360, 740), "tablet": (768, 1024), "desk": (1440, 900)}
LEARNING = re.compile("lesson|Learning")
ANSWER = (
    "Some **words**, `code` and a [link](https://example.org).\n\n- one\n- two\n\n```py\nx = 1\n```"
)


THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")


def findings(page: Page) -> list[str]:
    """What axe finds in either theme, each with the first element it finds it on.

    Colours change at once, without motion: half-way between two themes nothing can be read.
    """
    found = []
    page.evaluate(AXE.read_text(encoding="utf-8"))
    for theme in THEMES:
        page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        result: dict[str, Any] = page.evaluate(
            "rules => axe.run(document, {runOnly: rules, resultTypes: ['violations']})", RULES
        )
        for rule in result["violations"]:
            node = rule["nodes"][0]
            found.append(f"{theme}: {rule['id']}: {node['html']} {node['failureSummary']}")
    return found


at_every_size = pytest.mark.parametrize("size", SIZES)
at_sizes_with_drawers = pytest.mark.parametrize("size", ["phone", "tablet"])


@pytest.fixture
def reader(browser: Browser, server: Serving, size: str) -> Iterator[Visitor]:
    """Somebody with a window of the test's size."""
    width, height = SIZES[size]
    options: dict[str, Any] = {
        "viewport": {"width": width, "height": height},
        "reduced_motion": "reduce",
        "has_touch": size == "phone",
    }
    with visiting(browser, server.url, **options) as visitor:
        yield visitor


def converse(server: Serving) -> str:
    """A conversation with an answer of every kind of words in it."""
    speaker = Scripted(ANSWER)
    let_speak(server.runtime, speaker)
    speaker.go_on(2)
    conversation = server.new()
    server.finished(server.say(conversation, "Hello"))
    server.finished(server.say(conversation, "Not this", learn=False))
    return conversation


@at_every_size
def test_the_chat_has_no_barrier(server: Serving, reader: Visitor) -> None:
    conversation = converse(server)
    reader.open()
    expect(reader.draft).to_be_visible()
    assert findings(reader.page) == []
    reader.open(f"#/c/{conversation}")
    expect(reader.turns).to_have_count(4)
    assert findings(reader.page) == []
    reader.turns.nth(2).get_by_role("button", name="not learned").click()
    expect(reader.page.get_by_role("switch", name="Learn from this turn")).to_be_visible()
    assert findings(reader.page) == []


@at_every_size
def test_the_first_visit_has_no_barrier(reader: Visitor) -> None:
    reader.open()
    expect(reader.page.get_by_text("It is yours.")).to_be_visible()
    assert findings(reader.page) == []


@at_every_size
def test_the_views_have_no_barrier(server: Serving, reader: Visitor) -> None:
    converse(server)
    for view, seen in (
        ("learning", "Lessons"),
        ("notebook", "This page"),
        ("models", "Starter"),
        ("documents", "Choose files"),
        ("compare", "One prompt, several models"),
        ("dreams", "No dream yet."),
        ("settings", "Theme"),
    ):
        reader.open(f"#/{view}")
        expect(reader.page.get_by_role("main").get_by_text(seen, exact=True).first).to_be_visible()
        assert findings(reader.page) == []
    reader.page.get_by_role("button", name="Keys").click()
    expect(reader.page.get_by_role("dialog", name="Keys")).to_be_visible()
    assert findings(reader.page) == []


@at_every_size
def test_documents_versions_and_sheets_have_no_barrier(server: Serving, reader: Visitor) -> None:
    page = reader.page
    notes = b"The shed key hangs behind the blue door.\n\nThe rain barrel holds 300 litres.\n"
    headers = {"content-type": "application/octet-stream"}
    added = server.client.put(
        "/app/v1/documents", params={"name": "notes.txt"}, content=notes, headers=headers
    ).json()
    reader.open(f"#/documents/{added['id']}/1/4-12")
    expect(page.get_by_role("region", name="Page 1 of 1").locator("mark")).to_be_visible()
    assert findings(page) == []

    conversation = server.new(title="Keys")
    path = f"/app/v1/conversations/{conversation}/documents/{added['id']}"
    assert server.client.put(path).status_code == 204
    asked = server.say(conversation, "Where does the shed key hang?")
    server.finished(asked)
    server.finished(server.post(f"/app/v1/turns/{asked['answer']['id']}/regenerate", {}))
    reader.open(f"#/c/{conversation}")
    expect(reader.turns.nth(1)).to_contain_text("2 of 2")
    expect(reader.page.locator(".citation mark")).to_be_visible()
    assert findings(page) == []
    page.get_by_role("button", name="How it is answered").click()
    expect(page.get_by_role("dialog", name="How it is answered")).to_be_visible()
    assert findings(page) == []
    page.keyboard.press("Escape")
    reader.turns.nth(0).hover()
    reader.turns.nth(0).get_by_role("button", name="Edit").click()
    expect(page.get_by_role("textbox", name="The turn in other words")).to_be_visible()
    assert findings(page) == []


@at_every_size
def test_the_glass_box_has_no_barrier(server: Serving, reader: Visitor) -> None:
    conversation = server.new()
    answer = server.finished(server.say(conversation, "Hello", length=30, seed=3))
    reader.open("#/glass")
    expect(reader.page.get_by_text("Look inside")).to_be_visible()
    assert findings(reader.page) == []
    reader.open(f"#/glass/{answer['id']}")
    expect(reader.page.get_by_role("img", name="Cell state")).to_be_visible()
    reader.page.get_by_role("button", name="Show as a table: The pieces").click()
    reader.page.get_by_role("button", name="Show as a table: Inside").click()
    assert findings(reader.page) == []


@at_sizes_with_drawers
def test_an_open_drawer_has_no_barrier(server: Serving, reader: Visitor) -> None:
    converse(server)
    reader.open()
    reader.page.get_by_role("button", name="Conversations").click()
    expect(reader.page.get_by_role("dialog", name="Conversations")).to_be_visible()
    assert findings(reader.page) == []
    reader.page.keyboard.press("Escape")
    reader.page.get_by_role("main").get_by_role("button", name=LEARNING).click()
    expect(reader.page.get_by_role("dialog", name="Learning")).to_be_visible()
    assert findings(reader.page) == []


@pytest.mark.parametrize("width", [320, 360, 599, 600, 1199, 1200])
def test_nothing_scrolls_sideways(server: Serving, visitor: Visitor, width: int) -> None:
    answer = server.finished(server.say(server.new(), "Hello", length=100, seed=3))
    conversation = converse(server)
    visitor.page.set_viewport_size({"width": width, "height": 740})
    views = ("learning", "notebook", "models", "dreams", "documents", "compare", "settings")
    glass = f"#/glass/{answer['id']}"
    for address in ("", f"#/c/{conversation}", glass, *(f"#/{view}" for view in views)):
        visitor.open(address)
        wide = visitor.page.evaluate(
            "[...document.querySelectorAll('html, .view, .sheet, .learning')]"
            ".filter(part => part.scrollWidth > part.clientWidth).length"
        )
        assert wide == 0, address


def test_targets_are_large_enough_for_a_finger(browser: Browser, server: Serving) -> None:
    conversation = converse(server)
    options: dict[str, Any] = {
        "viewport": {"width": 360, "height": 740},
        "has_touch": True,
        "is_mobile": True,
    }
    with visiting(browser, server.url, **options) as visitor:
        visitor.open(f"#/c/{conversation}")
        expect(visitor.turns).to_have_count(4)
        small = visitor.page.evaluate(
            """[...document.querySelectorAll('main button, main textarea')]
              .filter(button => button.checkVisibility() && !button.closest('.turn'))
              .map(button => [button.getBoundingClientRect(), button.ariaLabel ?? button.id])
              .filter(([at]) => at.width < 44 || (at.height < 44 && at.height !== 24))
              .map(([at, name]) => `${name}: ${at.width} x ${at.height}`)"""
        )
        assert small == []


def test_a_chosen_theme_wins_over_the_system_and_stays(visitor: Visitor) -> None:
    visitor.page.emulate_media(color_scheme="light")
    visitor.open("#/settings")
    ground = "getComputedStyle(document.body).backgroundColor"
    light = visitor.page.evaluate(ground)
    visitor.page.get_by_role("radio", name="Dark").check()
    dark = visitor.page.evaluate(ground)
    assert dark != light
    visitor.page.reload()
    expect(visitor.page.get_by_role("radio", name="Dark")).to_be_checked()
    assert visitor.page.evaluate(ground) == dark
    visitor.page.get_by_role("radio", name="System").check()
    assert visitor.page.evaluate(ground) == light
