"""How fast the page is: what it weighs, when it is there, when the first letters come.

    python -m benchmarks.page [--rounds N]

A real server, the shipped starter, a real Chromium on loopback. Times are medians over fresh
visits; JavaScript is counted as the browser would receive it, compressed with gzip.
"""

from __future__ import annotations

import argparse
import gzip
import json
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, sync_playwright

from benchmarks import record
from tests.browser import chromium
from tests.browser.process import ServerProcess

WEB = record.ROOT / "src" / "l2c" / "web"

PAINTED = """() => {
    const paint = performance.getEntriesByName('first-contentful-paint')[0];
    const loaded = performance.getEntriesByType('navigation')[0];
    return [paint.startTime, loaded.domInteractive];
}"""

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


def visit(browser: Browser, url: str) -> tuple[float, float, float]:
    """Milliseconds of one fresh visit: first paint, interactive, from Enter to first letters."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(url)
    draft = page.get_by_role("textbox").last
    draft.fill("Hello")
    painted, interactive = page.evaluate(PAINTED)
    answered = page.evaluate(SENT_AND_ANSWERED)
    context.close()
    return painted, interactive, answered


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
            browser.close()
        finally:
            server.stop()
    names = ("first_paint_ms", "interactive_ms", "enter_to_first_letters_ms")
    columns = zip(*visits, strict=True)
    medians = {n: round(statistics.median(c)) for n, c in zip(names, columns, strict=True)}
    figures: dict[str, Any] = weight() | medians
    print(json.dumps(figures, indent=1))
    record.write("page", figures)


if __name__ == "__main__":
    main()
