"""What is painted before the page's scripts ran: its frame, true, and where it will stay."""

import re
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.browser.visitor import visiting
from tests.server.serving import Serving

WHERE = """() => [...document.querySelectorAll('nav.rail a')]
    .filter(link => link.offsetParent)
    .map(link => {
        const {x, y, width, height} = link.getBoundingClientRect();
        const {color, backgroundColor, fontWeight} = getComputedStyle(link);
        return [link.textContent.trim(), x, y, width, height, color, backgroundColor, fontWeight];
    })"""
PAINTED = """() => new Promise(resolve => {
    new PerformanceObserver((_, watching) => {
        watching.disconnect();
        resolve();
    }).observe({type: 'paint', buffered: true});
})"""
GROUND = "() => getComputedStyle(document.querySelector('.painted > .side')).backgroundColor"


class Held:
    """The script of the page itself, held back until it is let go."""

    def __init__(self, page: Page) -> None:
        self._waiting: list[Route] = []
        self._free = False
        page.route(re.compile(r"/assets/app-[^/]*\.js$"), self._take)

    def let_go(self) -> None:
        self._free = True
        for route in self._waiting:
            route.continue_()

    def _take(self, route: Route) -> None:
        if self._free:
            route.continue_()
        else:
            self._waiting.append(route)


def wait_until_painted(page: Page) -> None:
    """The frame is in the document before its styles have come, but is not painted without them."""
    page.evaluate(PAINTED)
    expect(page.locator(".painted")).to_be_visible()


@pytest.mark.parametrize("address", ["#/", "#/models", "#/settings"])
@pytest.mark.parametrize("width", [360, 768, 1440])
def test_the_frame_is_painted_first_and_stays_where_it_is(
    browser: Browser, server: Serving, width: int, address: str
) -> None:
    with visiting(browser, server.url, viewport={"width": width, "height": 740}) as visitor:
        page = visitor.page
        script = Held(page)
        page.goto(f"{server.url}/{address}", wait_until="commit")
        wait_until_painted(page)
        before: list[Any] = page.evaluate(WHERE)
        assert len(before) == (0 if width < 600 else 7)
        bar = page.locator(".painted .middle > .bar").bounding_box()
        script.let_go()
        expect(page.get_by_role("main")).to_be_visible()
        expect(page.locator(".painted")).to_have_count(0)
        assert page.evaluate(WHERE) == before
        assert page.locator("main > header").bounding_box() == bar


def test_it_has_the_theme_somebody_chose(browser: Browser, server: Serving) -> None:
    with visiting(browser, server.url, color_scheme="light") as visitor:
        page = visitor.page
        page.add_init_script(
            "localStorage.setItem('l2c.preferences', JSON.stringify({theme: 'dark'}))"
        )
        Held(page)
        page.goto(server.url, wait_until="commit")
        wait_until_painted(page)
        assert page.evaluate(GROUND) == "rgb(19, 18, 16)"


def test_a_page_that_cannot_be_loaded_says_so(browser: Browser, server: Serving) -> None:
    with browser.new_context() as context:
        page = context.new_page()
        page.route(re.compile(r"/assets/app-[^/]*\.js$"), lambda route: route.abort())
        page.goto(server.url)
        expect(page.get_by_role("alert")).to_contain_text("The page could not be loaded.")
        page.unroute_all()
        page.get_by_role("link", name="Try again").click()
        expect(page.get_by_role("main")).to_be_visible()
