"""How fast the page is: what it weighs, when it is there, when letters come, how it moves.

    python -m benchmarks.page [--rounds N]

A real server, the shipped starter, a real Chromium on loopback. Times are medians over fresh
visits; JavaScript is counted as the browser would receive it, compressed with gzip. `usable` is
when one can type, `moved` what the browser counts as layout shift. In turn with the visits a small
static page of the same server is visited, the one to sign in: what of the first paint is the
browser's own.

A conversation of 5 000 turns is leafed through upwards from its end, 400 px a frame, then read,
40 px a frame, and an answer is streamed at 100 pieces a second. What the page's main thread does
meanwhile is counted in its own processor time, which other work on the machine does not change;
the time between frames is wall time, which it does: `load` says how much there was.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, CDPSession, Page, sync_playwright

from benchmarks import record
from l2c import starter
from l2c.conversation import Message
from l2c.providers.provider import Outcome, Said, Sampling, Writing
from l2c.runtime import Runtime
from tests.browser import chromium
from tests.browser.process import ServerProcess
from tests.browser.visitor import PATIENCE_MS
from tests.server.serving import Scripted, let_speak, serving, settings

WEB = record.ROOT / "src" / "l2c" / "web"

WATCH = """
    window.seen = {usable: null, moved: 0};
    new PerformanceObserver(list => {
        for (const entry of list.getEntries()) if (!entry.hadRecentInput) seen.moved += entry.value;
    }).observe({type: 'layout-shift', buffered: true});
    new MutationObserver((_, watching) => {
        const draft = document.querySelector('textarea');
        if (!draft?.checkVisibility({visibilityProperty: true}) || draft.disabled) return;
        watching.disconnect();
        seen.usable = performance.now();
    }).observe(document, {subtree: true, childList: true, attributes: true});
"""
PAINTED = """() => new Promise(resolve => {
    const paint = () => performance.getEntriesByName('first-contentful-paint')[0]?.startTime;
    const look = () => paint() === undefined
        ? requestAnimationFrame(look)
        : resolve([paint(), seen.usable, seen.moved]);
    look();
})"""

SENT_AND_ANSWERED = """() => new Promise(resolve => {
    const draft = document.querySelector('textarea');
    const began = performance.now();
    const answer = '[role=log] article:nth-of-type(2) .say';
    new MutationObserver((_, watching) => {
        if (!document.querySelector(answer)?.textContent?.trim()) return;
        watching.disconnect();
        resolve(performance.now() - began);
    }).observe(document.body, {subtree: true, childList: true, characterData: true});
    draft.dispatchEvent(new KeyboardEvent('keydown', {key: 'Enter', bubbles: true}));
})"""


def weight() -> dict[str, int]:
    """Kilobytes of JavaScript that the first view loads, as they are and compressed."""
    named = (WEB / "index.html").read_text()
    first = [path for path in (WEB / "assets").glob("*.js") if path.name in named]
    contents = [path.read_bytes() for path in first]
    return {
        "first_javascript_kb": sum(map(len, contents)) // 1000,
        "first_javascript_gzip_kb": sum(len(gzip.compress(c)) for c in contents) // 1000,
    }


VISIT = (
    "first_paint_ms",
    "usable_ms",
    "moved",
    "enter_to_first_letters_ms",
    "static_page_first_paint_ms",
)


def visit(browser: Browser, url: str) -> tuple[float, ...]:
    """What `VISIT` names of one fresh visit, and of one to a static page."""
    with browser.new_context() as context:
        page = context.new_page()
        page.add_init_script(WATCH)
        page.goto(url)
        page.get_by_role("textbox").last.fill("Hello")
        painted, usable, moved = page.evaluate(PAINTED)
        answered = page.evaluate(SENT_AND_ANSWERED)
    with browser.new_context() as context:
        page = context.new_page()
        page.add_init_script(WATCH)
        page.goto(f"{url}/login")
        static = page.evaluate(PAINTED)[0]
    return painted, usable, moved, answered, static


SCROLLED = """() => new Promise(resolve => {
    const log = document.querySelector('[role=log]');
    let box = log;
    while (box.scrollHeight <= box.clientHeight + 1) box = box.parentElement;
    const frames = [];
    let last = performance.now();
    const step = now => {
        frames.push(now - last);
        last = now;
        box.scrollTop -= PIXELS;
        if (frames.length <= FRAMES) requestAnimationFrame(step);
        else resolve([frames.slice(1), log.querySelectorAll('.le .actions').length]);
    };
    requestAnimationFrame(step);
})"""
FRAMES, TURNS = 300, 5_000
PACES = {"leafing": 400, "reading": 40}
"""Pixels a frame."""

SAID = "Pim slept on the **warm** pipe. `x = 1`, and rain till four.\n\n- one\n- two"
PIECES, PIECES_PER_S = 600, 100
WORK = {
    "main_thread": "TaskDuration",
    "script": "ScriptDuration",
    "style": "RecalcStyleDuration",
    "layout": "LayoutDuration",
}
"""What of the browser's own accounts is told."""


class _Metered(Scripted):
    """A model that says a piece every hundredth of a second."""

    def answer(self, messages: Sequence[Message], sampling: Sampling) -> Writing:
        began = time.monotonic()
        for number in range(PIECES):
            time.sleep(max(0.0, began + number / PIECES_PER_S - time.monotonic()))
            yield Said("word " if number % 12 else "**word**\n\n- ")
        return Outcome("stop", PIECES)


def busy_s(devtools: CDPSession) -> dict[str, float]:
    """Processor seconds of the page's main thread so far: all of it, and what it went into."""
    metrics = {m["name"]: m["value"] for m in devtools.send("Performance.getMetrics")["metrics"]}
    return {what: float(metrics[name]) for what, name in WORK.items()}


@contextmanager
def watched(browser: Browser, address: str) -> Iterator[tuple[Page, CDPSession]]:
    """A page, and what tells how busy its main thread is."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.goto(address)
    devtools = context.new_cdp_session(page)
    devtools.send("Performance.enable", {"timeDomain": "threadTicks"})
    yield page, devtools
    context.close()


def moving(page: Page, devtools: CDPSession, pixels: int) -> dict[str, float]:
    """What one frame of scrolling takes, at so many pixels a frame."""
    script = SCROLLED.replace("FRAMES", str(FRAMES)).replace("PIXELS", str(pixels))
    before = busy_s(devtools)
    times, shown = page.evaluate(script)
    after = busy_s(devtools)
    spent = {what: 1000 * (after[what] - before[what]) / FRAMES for what in WORK}
    return {
        "frame_ms_median": round(statistics.median(times), 1),
        "frame_ms_p95": round(sorted(times)[int(0.95 * len(times))], 1),
        "turns_that_stand_in_full": shown,
    } | {f"{what}_ms_per_frame": round(took, 2) for what, took in spent.items()}


def motion(browser: Browser, home: Path) -> dict[str, Any]:
    """How busy reading a long conversation and a streaming answer keep the page."""
    home.mkdir()
    chosen = settings(home / "data", starter.PATH)
    with Runtime.open(chosen, role="server") as runtime, serving(runtime) as server:
        messages = [{"role": r, "content": SAID} for r in ("user", "assistant") * (TURNS // 2)]
        file = home / "long.jsonl"
        file.write_text(json.dumps({"messages": messages}) + "\n")
        list(runtime.importing(learn=False).lines(file))
        long = server.get("/app/v1/conversations")["conversations"][0]["id"]
        figures: dict[str, Any] = {"turns": TURNS}
        with watched(browser, f"{server.url}/#/c/{long}") as (page, devtools):
            page.wait_for_function(f"() => document.querySelectorAll('.turn').length === {TURNS}")
            for pace, pixels in PACES.items():
                figures[pace] = moving(page, devtools, pixels)
        let_speak(runtime, _Metered())
        with watched(browser, server.url) as (page, devtools):
            page.get_by_role("textbox").last.fill("Hello")
            before, began = busy_s(devtools), time.monotonic()
            page.get_by_role("textbox").last.press("Enter")
            page.get_by_role("button", name="Stop").wait_for()
            page.get_by_role("button", name="Send", exact=True).wait_for()
            wall = time.monotonic() - began
            busy = busy_s(devtools)["main_thread"] - before["main_thread"]
            figures |= {
                "streamed_pieces_per_s": round(PIECES / wall),
                "main_thread_busy_percent": round(100 * busy / wall, 1),
            }
    return figures


def main() -> None:
    """Measure and write the results down."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=9)
    rounds = parser.parse_args().rounds
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as home:
        executable = chromium.find(playwright)
        if executable is None:
            sys.exit(chromium.NOWHERE)
        server = ServerProcess(Path(home))
        server.start()
        try:
            browser = chromium.launch(playwright, executable)
            visit(browser, server.url)
            visits = [visit(browser, server.url) for _ in range(rounds)]
            moved = motion(browser, Path(home) / "motion")
            browser.close()
        finally:
            server.stop()
    columns = zip(*visits, strict=True)
    medians = {
        name: round(statistics.median(column), 3 if name == "moved" else None)
        for name, column in zip(VISIT, columns, strict=True)
    }
    load = [round(one, 1) for one in os.getloadavg()]
    figures: dict[str, Any] = {"load": load} | weight() | medians | moved
    print(json.dumps(figures, indent=1))
    record.write("page", figures)


if __name__ == "__main__":
    main()
