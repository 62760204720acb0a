"""Formulas and code in an answer: nodes under the strict policy, fetched only when used."""

import gzip
from urllib.parse import urlsplit

from playwright.sync_api import Browser, expect

from l2c.server.app import WEB
from tests.browser.test_accessibility import findings
from tests.browser.visitor import Visitor, visiting
from tests.server.serving import Scripted, Serving, let_speak

ANSWER = r"""The roots of \(ax^2 + bx + c\) are

\[ x_{1,2} = \frac{-b \pm \sqrt{b^2 - 4ac}}{2a} \]

and $\overbrace{1 + \dots + n}^{n} = \tfrac{n(n+1)}{2}$. It costs $5, not $6.

```python
def roots(a, b, c):  # both, also when they are one
    d = (b * b - 4 * a * c) ** 0.5
    return [(-b + d) / (2 * a), (-b - d) / (2 * a)], "done"
```
"""


def answered(server: Serving, text: str) -> str:
    speaker = Scripted(text)
    let_speak(server.runtime, speaker)
    speaker.go_on(1)
    conversation = server.new()
    server.finished(server.say(conversation, "Hello"))
    return conversation


def test_formulas_and_code_are_drawn_under_the_strict_policy(
    server: Serving, visitor: Visitor
) -> None:
    visitor.open(f"#/c/{answered(server, ANSWER)}")
    words = visitor.words(1)
    expect(words.locator(".katex")).to_have_count(3)
    expect(words.locator("math mfrac").first).to_be_attached()
    root = words.locator(".katex-html .sqrt").first.bounding_box()
    assert root is not None
    assert root["height"] > 20, "its style sheet did not come"
    expect(words).to_contain_text("It costs $5, not $6.")
    expect(words.locator(".hljs-keyword").first).to_have_text("def")
    expect(words.locator("pre code")).to_contain_text('(2 * a)], "done"')
    assert findings(visitor.page) == []


def test_what_nobody_uses_is_not_fetched(browser: Browser, server: Serving) -> None:
    conversation = answered(server, "Plain *words*, `code` and no price but $5.")
    fetched: list[str] = []
    with visiting(browser, server.url) as visitor:
        visitor.page.on("response", lambda response: fetched.append(response.url))
        visitor.open(f"#/c/{conversation}")
        expect(visitor.words(1).locator("em")).to_have_text("words")
        visitor.page.wait_for_load_state("networkidle")
    scripts = [url for url in fetched if url.endswith(".js")]
    assert scripts
    assert not [url for url in scripts if "katex" in url or "lowlight" in url]


def test_a_first_visit_loads_less_than_200_kilobytes_of_script(
    browser: Browser, server: Serving
) -> None:
    fetched: list[str] = []
    with visiting(browser, server.url) as visitor:
        visitor.page.on("response", lambda response: fetched.append(response.url))
        visitor.open()
        expect(visitor.draft).to_be_visible()
        visitor.page.wait_for_load_state("networkidle")
    paths = {urlsplit(url).path.lstrip("/") for url in fetched if url.endswith(".js")}
    sizes = [len(gzip.compress((WEB / path).read_bytes())) for path in paths]
    assert 0 < sum(sizes) <= 200_000
