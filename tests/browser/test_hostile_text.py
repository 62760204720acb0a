"""Text that tries to become more than text: in turns, answers, titles, drafts and addresses."""

import pytest
from playwright.sync_api import expect

from tests.browser.visitor import Visitor
from tests.server.serving import Scripted, Serving, let_speak

HOSTILE = (
    "<script>window.hit = 1</script>"
    "<img src=x onerror='window.hit = 1'>"
    "<svg onload='window.hit = 1'></svg>"
    "[press](javascript:window.hit=1) ![see](https://elsewhere.example/pixel.png) "
    "<iframe srcdoc='<script>parent.hit = 1</script>'></iframe> {{7*7}} ${7*7}"
)


def expect_only_text(visitor: Visitor) -> None:
    page = visitor.page
    assert page.evaluate("'hit' in window") is False
    assert page.locator("#page").locator("script, img, iframe").count() == 0
    assert page.locator("a[href^='javascript:' i]").count() == 0


def test_a_turn_its_answer_and_its_title_stay_text(server: Serving, visitor: Visitor) -> None:
    speaker = Scripted(*HOSTILE)
    let_speak(server.runtime, speaker)
    visitor.open()
    visitor.say(HOSTILE)
    speaker.go_on(len(HOSTILE))
    visitor.wait_until_answered(2)
    expect(visitor.words(0)).to_contain_text("<script>window.hit = 1</script>")
    expect(visitor.words(1)).to_contain_text("<script>window.hit = 1</script>")
    expect(visitor.words(1)).to_contain_text("press")
    expect(visitor.conversations.get_by_role("link").first).to_contain_text("<script>")
    expect_only_text(visitor)


@pytest.mark.parametrize(
    "title", ["<img src=x onerror='window.hit = 1'>", "\u202egnirts", "a" * 200]
)
def test_a_title_stays_text_wherever_it_is_shown(
    server: Serving, visitor: Visitor, title: str
) -> None:
    conversation = server.new(title=title)
    server.finished(server.say(conversation, "Hello"))
    visitor.open(f"#/c/{conversation}")
    expect(visitor.page.get_by_role("heading", level=1)).to_have_text(title)
    expect(visitor.page).to_have_title(f"{title}, L2C")
    visitor.conversations.get_by_role("button", name="More for").click()
    visitor.page.get_by_role("button", name="Delete").click()
    expect(visitor.page.get_by_text("is deleted.").first).to_contain_text(title)
    expect_only_text(visitor)
    assert visitor.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_search_for_markup_finds_text(server: Serving, visitor: Visitor) -> None:
    server.finished(server.say(server.new(), HOSTILE))
    visitor.open()
    visitor.page.get_by_role("searchbox", name="Search").fill("onerror")
    expect(
        visitor.conversations.get_by_role("link").filter(has_text="onerror").first
    ).to_be_visible()
    expect_only_text(visitor)


@pytest.mark.parametrize(
    "address",
    [
        "#/c/<img src=x onerror=hit()>",
        "#/c/..%2F..%2Fhealth",
        "#javascript:alert(1)",
        "#/learning/-1",
    ],
)
def test_an_address_from_elsewhere_does_nothing(visitor: Visitor, address: str) -> None:
    visitor.open(address)
    expect(visitor.page.get_by_role("heading", level=1)).to_be_visible()
    expect_only_text(visitor)


def test_the_page_comes_with_the_strict_policy(server: Serving) -> None:
    answer = server.client.get("/")
    policy = answer.headers["content-security-policy"]
    assert "frame-ancestors 'none'" in policy
    assert "require-trusted-types-for 'script'" in policy
    assert "unsafe" not in policy
