"""A smaller copy of a model is made by keyboard, says what it cost, and answers."""

from playwright.sync_api import expect

from tests.browser.test_accessibility import findings
from tests.browser.visitor import Visitor
from tests.server.serving import Serving
from tests.server.test_smaller_models import add_network


def test_a_smaller_copy_is_made_measured_and_answers(server: Serving, visitor: Visitor) -> None:
    add_network(server)
    visitor.open("#/models")
    page = visitor.page
    net = page.get_by_role("region", name="net", exact=True)
    net.get_by_role("button", name="Make a smaller copy").press("Enter")
    form = page.get_by_role("form", name="A smaller copy of net")
    expect(form.get_by_role("textbox", name="Name")).to_have_value("net-q8_0")
    form.get_by_role("combobox", name="Numbers stored in").select_option("16 bits")
    expect(form.get_by_role("textbox", name="Name")).to_have_value("net-f16")
    form.get_by_role("combobox", name="Numbers stored in").select_option("8 bits (q8_0)")
    assert findings(page) == []
    form.get_by_role("button", name="Make a smaller copy").press("Enter")
    copy = page.get_by_role("region", name="net-q8_0")
    expect(copy).to_contain_text("A copy of net in 8 bits (q8_0)")
    expect(copy).to_contain_text("held-out conversations")
    expect(copy.get_by_role("button", name="Make a smaller copy")).to_have_count(0)
    expect(net.get_by_role("button", name="Make a smaller copy")).to_be_focused()
    assert findings(page) == []
    page.get_by_role("link", name="Chat").click()
    page.get_by_role("combobox", name="Model").select_option("net-q8_0")
    visitor.say("Hello")
    visitor.wait_until_answered(2)
    expect(visitor.turns.nth(1).get_by_role("heading")).to_contain_text("net-q8_0, generated")
