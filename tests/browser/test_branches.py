"""Nothing said is ever overwritten: versions of turns and answers, and going between them."""

import pytest
from playwright.sync_api import Route, expect

from l2c.chat import router
from l2c.conversation import Origin
from tests.browser.visitor import Visitor
from tests.server.serving import Scripted, Serving, let_speak


def test_a_turn_in_other_words_is_a_version_beside_the_old_one(
    server: Serving, visitor: Visitor
) -> None:
    visitor.open()
    visitor.say("Hello")
    visitor.wait_until_answered(2)
    visitor.say("How are you?")
    visitor.wait_until_answered(4)
    first = visitor.turns.nth(0)
    first.hover()
    first.get_by_role("button", name="Edit").click()
    words = visitor.page.get_by_role("textbox", name="The turn in other words")
    expect(words).to_be_focused()
    words.fill("Good morning")
    words.press("Enter")
    visitor.wait_until_answered(2)
    expect(visitor.words(0)).to_contain_text("Good morning")
    expect(visitor.turns.nth(0)).to_contain_text("2 of 2")
    visitor.turns.nth(0).get_by_role("button", name="Version before").click()
    expect(visitor.turns).to_have_count(4)
    expect(visitor.words(0)).to_contain_text("Hello")
    expect(visitor.words(2)).to_contain_text("How are you?")
    visitor.page.reload()
    expect(visitor.turns).to_have_count(4)


def test_an_answer_is_written_again_judged_and_corrected(server: Serving, visitor: Visitor) -> None:
    speaker = Scripted("One answer.")
    let_speak(server.runtime, speaker)
    speaker.go_on(2)
    visitor.open()
    visitor.say("Hello")
    visitor.wait_until_answered(2)
    answer = visitor.turns.nth(1)
    answer.get_by_role("button", name="Write it again").click()
    expect(answer).to_contain_text("2 of 2")
    visitor.wait_until_answered(2)
    good = answer.get_by_role("button", name="Good answer")
    good.click()
    expect(good).to_have_attribute("aria-pressed", "true")
    answer.get_by_role("button", name="More for this turn").click()
    visitor.page.get_by_role("button", name="Correct the answer").click()
    correction = visitor.page.get_by_role("textbox", name="The answer, corrected")
    correction.fill("A better answer.")
    visitor.page.get_by_role("button", name="Save").click()
    expect(visitor.words(1)).to_contain_text("A better answer.")
    expect(answer).to_contain_text("3 of 3")
    expect(answer.get_by_role("heading")).to_contain_text("your words")
    conversation = visitor.page.url.rsplit("/", 1)[-1]
    (_, shown) = server.get(f"/app/v1/conversations/{conversation}")["turns"]
    assert (shown["text"], shown["origin"]) == ("A better answer.", None)


def test_words_being_edited_stay_when_the_server_refuses_them(
    server: Serving, visitor: Visitor
) -> None:
    visitor.open()
    visitor.say("Hello")
    visitor.wait_until_answered(2)
    conversation = visitor.page.url.rsplit("/", 1)[-1]
    meanwhile = iter(["Said by another program"])

    def go_on_first(route: Route) -> None:
        for text in meanwhile:
            server.finished(server.say(conversation, text))
        route.continue_()

    visitor.page.route("**/edit", go_on_first)
    visitor.turns.nth(0).hover()
    visitor.turns.nth(0).get_by_role("button", name="Edit").click()
    words = visitor.page.get_by_role("textbox", name="The turn in other words")
    words.fill("Good morning")
    words.press("Enter")
    expect(visitor.page.get_by_text("This is how it stands now.").first).to_be_visible()
    expect(visitor.turns).to_have_count(4)
    expect(words).to_have_value("Good morning")
    words.press("Enter")
    visitor.wait_until_answered(2)
    expect(visitor.words(0)).to_contain_text("Good morning")


def test_a_found_turn_of_another_branch_is_shown_there_and_gone_on_from(
    server: Serving, visitor: Visitor
) -> None:
    conversation = server.new()
    said = server.say(conversation, "When do I sow the broad beans?")
    server.finished(said)
    edited = server.post(f"/app/v1/turns/{said['user']['id']}/edit", {"text": "And the peas?"})
    server.finished(edited)
    visitor.open(f"#/c/{conversation}/{said['user']['id']}")
    expect(visitor.words(0)).to_contain_text("broad beans")
    expect(visitor.page.get_by_text("This is another version")).to_be_visible()
    expect(visitor.draft).to_be_disabled()
    visitor.page.get_by_role("button", name="Go on from here").click()
    expect(visitor.draft).to_be_enabled()
    visitor.say("Thank you")
    visitor.wait_until_answered(4)


def test_what_was_declined_can_be_answered_anyway(server: Serving, visitor: Visitor) -> None:
    added = server.client.put(
        "/app/v1/documents",
        params={"name": "notes.txt"},
        content=b"The shed key hangs behind the blue door.\n",
        headers={"content-type": "application/octet-stream"},
    ).json()
    conversation = server.new()
    path = f"/app/v1/conversations/{conversation}/documents/{added['id']}"
    assert server.client.put(path).status_code == 204
    visitor.open(f"#/c/{conversation}")
    visitor.say("Who wrote the Odyssey?")
    visitor.wait_until_answered(2)
    answer = visitor.turns.nth(1)
    expect(answer.get_by_role("heading")).to_contain_text("declined")
    answer.get_by_role("button", name="Answer anyway").click()
    expect(answer).to_contain_text("2 of 2")
    expect(answer.get_by_role("heading")).to_contain_text("generated")


def test_an_answer_says_what_ones_words_were_taken_for(
    server: Serving, visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken = router.Route(Origin.PRACTISED, "See you.", taken_for="Goodbye")
    monkeypatch.setattr(
        server.runtime.router,
        "route",
        lambda provider, messages, *, anyway, told: router.GENERATE if anyway else taken,
    )
    visitor.open()
    visitor.say("gotta go")
    visitor.wait_until_answered(2)
    answer = visitor.turns.nth(1)
    expect(answer.get_by_role("heading")).to_contain_text("practised")
    expect(answer).to_contain_text("Read as “Goodbye”")
    answer.get_by_role("button", name="Read my own words").click()
    expect(answer).to_contain_text("2 of 2")
    expect(answer).not_to_contain_text("Read as")
