"""A session that ended elsewhere: the page says so, leads back in, and keeps what was typed."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_accessibility import findings
from tests.browser.visitor import Visitor
from tests.server.serving import Serving

PASSWORD = "correct horse battery"
WORDS = "I was about to say something long."


@pytest.fixture
def accounts(server: Serving) -> None:
    """Two people who may sign in."""
    door = server.runtime.house.door
    door.accounts.found("Ada", password=door.passwords.hash(PASSWORD))
    door.accounts.create("Eve", password=door.passwords.hash(PASSWORD))


def sign_in(page: Page, name: str = "Ada") -> None:
    page.get_by_role("textbox", name="Name").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_label("Password").press("Enter")


def talk(server: Serving, visitor: Visitor) -> None:
    """Sign in, say one thing and hear the answer."""
    visitor.page.goto(server.url)
    sign_in(visitor.page)
    visitor.say("Hello")
    visitor.wait_until_answered(2)


def end_session(visitor: Visitor) -> None:
    """End it as from another browser: the server knows the cookie no more."""
    visitor.page.evaluate("fetch('/app/v1/logout', {method: 'POST'})")


def test_it_leads_to_the_sign_in_page_and_back_with_what_was_typed(
    server: Serving, accounts: None, visitor: Visitor
) -> None:
    page = visitor.page
    talk(server, visitor)
    address = page.url
    end_session(visitor)
    visitor.draft.fill(WORDS)
    visitor.draft.press("Enter")
    expect(page.get_by_text("What you typed is kept in this browser.")).to_be_visible()
    expect(visitor.draft).to_have_value(WORDS)
    expect(page.locator("#draft-remark")).to_have_text("Not done: you are signed out here.")
    assert findings(page) == []
    page.get_by_role("button", name="Sign in").press("Enter")
    expect(page.get_by_role("heading", name="Sign in to L2C")).to_be_visible()
    assert findings(page) == []
    sign_in(page)
    expect(visitor.turns).to_have_count(2)
    assert page.url == address
    expect(visitor.draft).to_have_value(WORDS)
    visitor.draft.press("Enter")
    visitor.wait_until_answered(4)
    expect(visitor.words(2)).to_have_text(WORDS)


def test_whoever_signs_in_next_finds_nothing_of_it(
    server: Serving, accounts: None, visitor: Visitor
) -> None:
    page = visitor.page
    page.goto(server.url)
    sign_in(page)
    visitor.draft.fill(WORDS)
    end_session(visitor)
    page.goto(server.url)
    sign_in(page, "Eve")
    expect(visitor.draft).to_be_editable()
    expect(visitor.draft).to_have_value("")
    assert WORDS not in page.evaluate("JSON.stringify(localStorage)")


def test_words_that_are_in_the_tab_alone_stay_there_while_one_signs_in_beside_it(
    server: Serving, accounts: None, visitor: Visitor
) -> None:
    page = visitor.page
    talk(server, visitor)
    page.get_by_role("link", name="New conversation").or_(
        page.get_by_role("button", name="New conversation")
    ).first.click()
    page.get_by_role("switch", name="Temporary").click()
    visitor.draft.fill(WORDS)
    end_session(visitor)
    visitor.draft.press("Enter")
    expect(visitor.draft).to_have_value(WORDS)
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Sign in").click()
    sign_in(opened.value)
    expect(opened.value.get_by_role("textbox", name="Write to")).to_be_visible()
    opened.value.close()
    expect(page.get_by_text("You are signed in again.").first).to_be_visible()
    expect(visitor.draft).to_have_value(WORDS)
    assert WORDS not in page.evaluate("JSON.stringify(localStorage)")
