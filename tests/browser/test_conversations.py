"""The list of conversations: switch, rename, delete, undo, search; and the drafts of each."""

from playwright.sync_api import Browser, expect

from tests.browser.visitor import Visitor, another_tab, visiting
from tests.server.serving import Serving


def test_conversations_are_switched_renamed_deleted_and_brought_back(
    server: Serving, visitor: Visitor
) -> None:
    visitor.open()
    visitor.say("Beans and peas")
    visitor.wait_until_answered(2)
    visitor.conversations.get_by_role("button", name="New conversation").click()
    expect(visitor.turns).to_have_count(0)
    visitor.say("Days and months")
    visitor.wait_until_answered(2)

    link = visitor.conversations.get_by_role("link")
    link.filter(has_text="Beans and peas").click()
    expect(visitor.words(0)).to_have_text("Beans and peas")

    visitor.conversations.get_by_role("button", name="More for Beans and peas").click()
    visitor.page.get_by_role("button", name="Rename").click()
    visitor.page.get_by_role("textbox", name="New name").fill("The garden")
    visitor.page.keyboard.press("Enter")
    expect(link.filter(has_text="The garden")).to_be_visible()
    expect(visitor.page.get_by_role("heading", level=1)).to_have_text("The garden")

    visitor.conversations.get_by_role("button", name="More for The garden").click()
    visitor.page.get_by_role("button", name="Delete").click()
    expect(link.filter(has_text="The garden")).to_have_count(0)
    expect(visitor.turns).to_have_count(0)
    visitor.page.get_by_role("button", name="Undo").click()
    link.filter(has_text="The garden").click()
    expect(visitor.words(0)).to_have_text("Beans and peas")
    assert len(server.get("/app/v1/conversations")["conversations"]) == 2


def test_search_finds_a_turn_and_goes_to_it(server: Serving, visitor: Visitor) -> None:
    conversation = server.new(title="Garden")
    server.finished(server.say(conversation, "When do I sow the broad beans?"))
    server.finished(server.say(server.new(), "Something else"))
    visitor.open()
    visitor.page.keyboard.press("Control+k")
    visitor.page.keyboard.type("broad")
    hit = visitor.conversations.get_by_role("link").filter(has_text="sow the broad beans")
    expect(hit.locator("mark")).to_have_text("broad")
    hit.click()
    expect(visitor.turns.first).to_be_focused()
    expect(visitor.words(0)).to_have_text("When do I sow the broad beans?")


def test_search_goes_to_a_view_by_name(visitor: Visitor) -> None:
    visitor.open()
    visitor.page.keyboard.press("Control+k")
    visitor.page.keyboard.type("mod")
    visitor.conversations.get_by_role("link", name="Models").click()
    expect(visitor.page.get_by_role("heading", level=1)).to_have_text("Models")


def test_a_draft_survives_a_reload_and_follows_its_user(
    browser: Browser, server: Serving, visitor: Visitor
) -> None:
    visitor.open()
    visitor.draft.fill("not begun yet")
    visitor.page.reload()
    expect(visitor.draft).to_have_value("not begun yet")
    visitor.say("Hello")
    visitor.wait_until_answered(2)
    stored = lambda response: response.request.method == "PATCH" and response.ok  # noqa: E731
    with visitor.page.expect_response(stored):
        visitor.draft.fill("half a thought")
    visitor.page.reload()
    expect(visitor.draft).to_have_value("half a thought")
    address = visitor.page.url.removeprefix(f"{server.url}/")
    with visiting(browser, server.url) as elsewhere:
        elsewhere.open(address)
        expect(elsewhere.draft).to_have_value("half a thought")


def test_each_conversation_keeps_its_own_draft(server: Serving, visitor: Visitor) -> None:
    one, two = server.new(title="One"), server.new(title="Two")
    visitor.open(f"#/c/{one}")
    visitor.draft.fill("for one")
    visitor.open(f"#/c/{two}")
    expect(visitor.draft).to_have_value("")
    visitor.open(f"#/c/{one}")
    expect(visitor.draft).to_have_value("for one")


def test_two_tabs_show_the_same_list(server: Serving, visitor: Visitor) -> None:
    visitor.open()
    other = another_tab(visitor.page.context, server.url)
    other.open()
    visitor.say("Beans and peas")
    visitor.wait_until_answered(2)
    link = other.conversations.get_by_role("link", name="Beans and peas")
    expect(link).to_be_visible()
    link.click()
    other.wait_until_answered(2)
    visitor.conversations.get_by_role("button", name="More for Beans and peas").click()
    visitor.page.get_by_role("button", name="Delete").click()
    expect(link).to_have_count(0)
    expect(other.page.get_by_text("This conversation is not here.")).to_be_visible()
    other.expect_no_complaint()


def test_a_turn_that_comes_too_late_is_given_back_with_the_reason(
    server: Serving, visitor: Visitor
) -> None:
    visitor.open()
    visitor.say("Hello")
    visitor.wait_until_answered(2)
    conversation = visitor.page.url.rsplit("/", 1)[-1]
    server.finished(server.say(conversation, "Said by another program"))
    visitor.say("Hello again")
    expect(visitor.page.get_by_text("The conversation went on elsewhere.").first).to_be_visible()
    expect(visitor.draft).to_have_value("Hello again")
    visitor.wait_until_answered(4)
    visitor.draft.press("Enter")
    visitor.wait_until_answered(6)


def test_a_conversation_and_a_turn_can_be_kept_out_of_learning(
    server: Serving, visitor: Visitor
) -> None:
    visitor.open()
    learns = visitor.page.get_by_role("switch", name="Learn from this", exact=True)
    learns.click()
    expect(learns).not_to_be_checked()
    visitor.say("Forget this")
    visitor.wait_until_answered(2)
    expect(visitor.page.get_by_role("button", name="not learned")).to_be_visible()
    conversation = visitor.page.url.rsplit("/", 1)[-1]
    assert server.get(f"/app/v1/conversations/{conversation}")["conversation"]["learn"] is False

    learns.click()
    expect(learns).to_be_checked()
    visitor.say("Learn this")
    visitor.wait_until_answered(4)
    visitor.turns.nth(2).get_by_role("button", name="queued").click()
    visitor.page.get_by_role("switch", name="Learn from this turn").click()
    mark = visitor.turns.nth(2).get_by_role("button", name="not learned")
    expect(mark).to_be_visible()
    visitor.page.reload()
    expect(mark).to_be_visible()


def test_a_conversation_is_put_into_a_folder_and_tagged(server: Serving, visitor: Visitor) -> None:
    server.finished(server.say(server.new(title="Beans"), "Hello"))
    visitor.open()
    page, listed = visitor.page, visitor.conversations
    listed.get_by_role("button", name="More for Beans").click()
    page.get_by_role("button", name="Folder and tags").click()
    page.get_by_role("combobox", name="Folder").select_option("New folder")
    page.get_by_role("textbox", name="Name of the folder").fill("Garden")
    page.get_by_role("combobox", name="Tags").fill("spring, plants")
    page.get_by_role("button", name="Save").click()
    folder = listed.get_by_role("button", name="Garden", exact=False).first
    expect(folder).to_contain_text("1")
    expect(listed.get_by_role("link", name="Beans")).to_have_count(0)
    folder.click()
    expect(listed.get_by_role("link", name="Beans")).to_be_visible()
    listed.get_by_role("button", name="spring").click()
    expect(listed.get_by_text("Tagged spring")).to_be_visible()
    expect(listed.get_by_role("link", name="Beans")).to_be_visible()
    listed.get_by_role("button", name="Show all").click()

    listed.get_by_role("button", name="More for the folder Garden").click()
    page.get_by_role("button", name="Delete the folder").click()
    expect(listed.get_by_role("button", name="More for the folder Garden")).to_have_count(0)
    expect(listed.get_by_role("link", name="Beans")).to_be_visible()
    assert server.get("/app/v1/folders")["folders"] == []


def test_a_conversation_is_dragged_into_a_folder_and_out_again(
    server: Serving, visitor: Visitor
) -> None:
    server.post("/app/v1/folders", {"name": "Garden"})
    conversation = server.new(title="Beans")
    server.finished(server.say(conversation, "Hello"))
    server.finished(server.say(server.new(title="Peas"), "Hello"))
    visitor.open()
    listed = visitor.conversations
    beans = listed.get_by_role("link", name="Beans")
    beans.drag_to(listed.get_by_role("button", name="Garden").first)
    expect(beans).to_have_count(0)
    listed.get_by_role("button", name="Garden").first.click()
    expect(beans).to_be_visible()
    beans.drag_to(listed.get_by_role("link", name="Peas"))
    expect(visitor.page.get_by_text("Moved out of its folder.").first).to_be_visible()
    found = server.get(f"/app/v1/conversations/{conversation}")["conversation"]
    assert found["folder_id"] is None


def test_a_conversation_is_pinned_and_put_into_the_archive(
    server: Serving, visitor: Visitor
) -> None:
    server.finished(server.say(server.new(title="Beans"), "Hello"))
    visitor.open()
    page, listed = visitor.page, visitor.conversations
    listed.get_by_role("button", name="More for Beans").click()
    page.get_by_role("button", name="Pin", exact=True).click()
    expect(listed.get_by_role("heading", name="Pinned")).to_be_visible()
    listed.get_by_role("button", name="More for Beans").click()
    page.get_by_role("button", name="Archive", exact=True).click()
    expect(listed.get_by_role("link", name="Beans")).to_have_count(0)
    listed.get_by_role("button", name="Show the archive").click()
    expect(listed.get_by_role("link", name="Beans")).to_be_visible()
    listed.get_by_role("button", name="More for Beans").click()
    page.get_by_role("button", name="Take out of the archive").click()
    expect(listed.get_by_text("The archive is empty.")).to_be_visible()


def test_a_temporary_conversation_leaves_nothing_unless_it_is_kept(
    server: Serving, visitor: Visitor
) -> None:
    server.finished(server.say(server.new(title="Beans"), "Hello"))
    visitor.open()
    page = visitor.page
    page.get_by_role("switch", name="Temporary").click()
    expect(page.get_by_text("Nothing here is stored.")).to_be_visible()
    visitor.say("My secret")
    visitor.wait_until_answered(2)
    visitor.draft.fill("another secret")
    expect(visitor.conversations.get_by_role("heading", name="Temporary")).to_be_visible()
    assert "secret" not in page.evaluate("JSON.stringify({...localStorage, ...sessionStorage})")
    assert len(server.get("/app/v1/conversations")["conversations"]) == 1
    page.get_by_role("button", name="Keep this").click()
    expect(page.get_by_text("Nothing here is stored.")).to_have_count(0)
    assert len(server.get("/app/v1/conversations")["conversations"]) == 2


def test_a_system_prompt_and_sampling_belong_to_the_conversation(
    server: Serving, visitor: Visitor
) -> None:
    conversation = server.new(title="Beans")
    visitor.open(f"#/c/{conversation}")
    page = visitor.page
    page.get_by_role("button", name="How it is answered").click()
    page.get_by_role("textbox", name="System prompt").fill("You are a gardener.")
    page.get_by_role("spinbutton", name="Top k").fill("40")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    found = server.get(f"/app/v1/conversations/{conversation}")["conversation"]
    assert found["system_prompt"] == "You are a gardener."
    assert found["sampling"]["top_k"] == 40
