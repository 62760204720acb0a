"""What was told: the mark that opens its turn, and the list that can be mended."""

import re

from playwright.sync_api import expect

from tests.browser.visitor import Visitor


def test_what_was_told_answers_elsewhere_opens_its_turn_and_can_be_mended(
    visitor: Visitor,
) -> None:
    visitor.open()
    page = visitor.page
    visitor.say("My sister is called Mirela.")
    visitor.wait_until_answered(2)
    visitor.open("#/")
    visitor.say("What is my sister's name?")
    visitor.wait_until_answered(2)
    answer = visitor.turns.nth(1)
    expect(answer).to_contain_text("Your sister is called Mirela.")
    answer.get_by_role("link", name="you told me on").click()
    expect(visitor.turns.nth(0)).to_contain_text("My sister is called Mirela.")

    visitor.open("#/")
    visitor.say("I live in Bergen.")
    visitor.wait_until_answered(2)
    visitor.say("What do you know about me?")
    visitor.wait_until_answered(4)
    visitor.turns.nth(3).get_by_role(
        "link", name=re.compile("^told on .*My sister is called Mirela")
    ).click()
    expect(visitor.turns.nth(0)).to_contain_text("My sister is called Mirela.")

    visitor.open("#/learning")
    page.get_by_role("button", name="Change: My sister is called Mirela").click()
    page.get_by_role("textbox", name="What is right in").fill("Mila")
    page.keyboard.press("Enter")
    forget = page.get_by_role("button", name="Forget: My sister is called Mila")
    expect(forget).to_be_visible()
    forget.click()
    expect(forget).to_be_hidden()
    page.get_by_role("button", name="Forget: I live in Bergen").click()
    expect(page.get_by_text("Nothing yet. Tell something")).to_be_visible()
