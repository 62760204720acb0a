"""Settings: who one is, keys for programs, and what is stored."""

import httpx
from playwright.sync_api import Browser, expect

from tests.browser.test_accessibility import findings
from tests.browser.visitor import Visitor, visiting
from tests.server.serving import Serving
from tests.server.test_storage import begin

PASSWORD, NEXT = "correct horse battery", "staple after staple"


def look(server: Serving, key: str) -> int:
    """How the server answers a program that comes with a key."""
    with httpx.Client(base_url=server.url, trust_env=False) as client:
        answer = client.get("/app/v1/models", headers={"authorization": f"Bearer {key}"})
        return answer.status_code


def test_a_key_is_made_shown_once_and_revoked(server: Serving, visitor: Visitor) -> None:
    visitor.open("#/settings")
    page = visitor.page
    page.get_by_role("button", name="Make a key").click()
    page.get_by_role("textbox", name="What it is for").fill("<b>the editor</b>")
    page.get_by_role("checkbox", name="talk").uncheck()
    page.get_by_role("combobox", name="It ends").select_option("after 30 days")
    page.get_by_role("button", name="Make the key").click()
    made = page.get_by_role("group", name="The key for <b>the editor</b>")
    expect(made).to_be_focused()
    key = made.locator("code").inner_text()
    assert look(server, key) == 200
    (known,) = server.get("/app/v1/keys")["keys"]
    assert known["scopes"] == ["read"]
    assert known["expires_at"] is not None
    assert findings(page) == []

    made.get_by_role("button", name="I have it").click()
    expect(made).to_have_count(0)
    assert key not in page.content()
    page.reload()
    expect(page.get_by_text(f"ends in {key[-4:]}")).to_be_visible()
    assert key not in page.content()

    page.once("dialog", lambda dialog: dialog.dismiss())
    page.get_by_role("button", name="Revoke the key for <b>the editor</b>").click()
    expect(page.get_by_text(f"ends in {key[-4:]}")).to_be_visible()
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Revoke the key for <b>the editor</b>").click()
    expect(page.get_by_text("None. Programs on this machine")).to_be_visible()
    assert look(server, key) == 401


def test_what_is_stored_is_shown_and_spare_files_are_freed(
    server: Serving, visitor: Visitor
) -> None:
    spare = begin(server.runtime, "mine", "a")
    begin(server.runtime, "mine", "b")
    visitor.open("#/settings")
    page = visitor.page
    expect(page.get_by_text("Conversations, documents and the ledger")).to_be_visible()
    page.get_by_role("button", name="Free 1 KB").click()
    expect(page.get_by_text("Nothing can be spared")).to_be_visible()
    assert not spare.exists()


def test_what_cannot_be_loaded_says_so_and_is_asked_for_again(visitor: Visitor) -> None:
    page = visitor.page
    failing = "**/app/v1/{account,keys,storage}"
    refusal = '{"error": {"type": "internal", "message": "A bug."}}'
    page.route(failing, lambda route: route.fulfill(status=500, body=refusal))
    visitor.open("#/settings")
    expect(page.get_by_text("The keys could not be loaded.")).to_be_visible()
    page.unroute(failing)
    page.get_by_text("The keys could not be loaded.").get_by_role("button").click()
    expect(page.get_by_text("None. Programs on this machine")).to_be_visible()
    page.get_by_text("Your account could not be loaded.").get_by_role("button").click()
    expect(page.get_by_text("Nobody signs in on this machine")).to_be_visible()
    expect(page.get_by_text("Conversations, documents and the ledger")).to_be_visible()


def test_who_signs_in_changes_the_password_ends_sessions_and_signs_out(
    browser: Browser, server: Serving
) -> None:
    door = server.runtime.house.door
    door.accounts.found("Ada", password=door.passwords.hash(PASSWORD))
    with visiting(browser, server.url) as one, visiting(browser, server.url) as other:
        for visitor in (one, other):
            visitor.page.goto(f"{server.url}/login")
            visitor.page.get_by_role("textbox", name="Name").fill("Ada")
            visitor.page.get_by_label("Password").fill(PASSWORD)
            visitor.page.get_by_role("button", name="Sign in").click()
            expect(visitor.draft).to_be_visible()
        page = one.page
        one.open("#/settings")
        expect(page.get_by_text("this browser")).to_be_visible()
        page.get_by_role("button", name="End the session since").click()
        expect(page.get_by_role("button", name="End the session since")).to_have_count(0)
        assert other.page.request.get(f"{server.url}/app/v1/session").status == 401

        page.get_by_role("button", name="Change the password").click()
        page.get_by_label("Current password").fill("wrong")
        page.get_by_label("New password").fill(NEXT)
        page.get_by_role("button", name="Change the password").click()
        expect(page.get_by_role("alert")).to_have_text("The current password is wrong.")
        page.get_by_label("Current password").fill(PASSWORD)
        assert findings(page) == []
        page.get_by_role("button", name="Change the password").click()
        expect(page.get_by_text("The password is changed.").first).to_be_visible()
        page.get_by_role("button", name="Sign out").click()
        expect(page.get_by_role("heading", name="Sign in to L2C")).to_be_visible()
        assert page.request.get(f"{server.url}/app/v1/session").status == 401
