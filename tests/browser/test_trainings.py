"""A new model from dropped text: watched, paused, continued, taken out and in, deleted."""

import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, expect

from l2c.runtime import Runtime
from l2c.runtime.learners import Learners
from l2c.runtime.residents import Residents
from l2c.store.trainings import Reached, Trainings
from tests.browser.payloads import payloads
from tests.browser.test_accessibility import SIZES, findings
from tests.browser.test_hostile_flood import WATCH
from tests.browser.visitor import Visitor, visiting
from tests.server.serving import Serving, serving, settings

TEXT = "The broad bean grows in May, and Pim the cat sits beneath it.\n" * 20


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, tiny: Path) -> Iterator[Serving]:
    chosen = settings(tmp_path_factory.mktemp("home") / "data", tiny)
    with Runtime.open(chosen, role="server") as runtime, serving(runtime) as server:
        yield server


@pytest.fixture
def learners(home: Serving, monkeypatch: pytest.MonkeyPatch) -> Iterator[Learners]:
    """The learner of that house, which takes one step of a training at a time."""
    monkeypatch.setattr("l2c.learning.workshop.SLICE_S", 0.0)
    with closing(Learners(Residents(home.runtime), threading.Event())) as learners:
        yield learners


def begin(visitor: Visitor, name: str, text: str = TEXT, minutes: str = "1") -> Locator:
    """Ask for a new model with the keyboard; its card."""
    page = visitor.page
    page.get_by_role("button", name="Train a new one").press("Enter")
    with page.expect_file_chooser() as choosing:
        page.get_by_role("button", name="Choose files").press("Enter")
    choosing.value.set_files(
        {"name": "beans.txt", "mimeType": "text/plain", "buffer": text.encode()}
    )
    page.get_by_role("textbox", name="Name").fill(name)
    page.get_by_role("spinbutton", name="Minutes of training").fill(minutes)
    page.get_by_role("button", name="Train", exact=True).press("Enter")
    card = page.get_by_role("article", name=name)
    expect(card).to_be_visible()
    return card


@pytest.mark.slow
def test_a_new_model_is_trained_paused_taken_out_in_and_deleted_by_keyboard(
    browser: Browser, home: Serving, learners: Learners
) -> None:
    with visiting(browser, home.url) as visitor:
        page = visitor.page
        visitor.open("#/models")
        card = begin(visitor, "bean", minutes="0.1")
        for _ in range(3):
            learners.once_round()
        expect(card.get_by_role("progressbar")).to_have_attribute("value", "3")
        expect(card.get_by_text("left")).to_be_visible()
        card.get_by_role("button", name="Pause").press("Enter")
        expect(card.get_by_text("paused")).to_be_visible()
        assert not learners.once_round()
        card.get_by_role("button", name="Go on").press("Enter")
        expect(card.get_by_role("button", name="Pause")).to_be_visible()
        while learners.once_round():
            pass
        expect(card.get_by_text("trained")).to_be_visible()
        expect(card.get_by_role("blockquote")).to_contain_text("The broad bean grows")
        expect(card.get_by_role("img", name="Loss from")).to_be_visible()
        bean = page.get_by_role("region", name="bean")
        expect(bean.get_by_text("answers now")).to_be_visible()

        bean.get_by_role("button", name="Export").press("Enter")
        with page.expect_download() as saving:
            bean.get_by_role("button", name="Save the file").press("Enter")
        assert saving.value.suggested_filename == "bean.safetensors"

        page.get_by_role("button", name="Import").press("Enter")
        with page.expect_file_chooser() as choosing:
            page.get_by_role("button", name="Choose files").press("Enter")
        choosing.value.set_files(saving.value.path())
        page.get_by_role("textbox", name="Name").fill("pea")
        page.get_by_role("button", name="Take it in").press("Enter")
        pea = page.get_by_role("region", name="pea")
        expect(pea).to_be_visible()

        pea.get_by_role("button", name="Delete").press("Enter")
        expect(pea.get_by_role("button", name="Delete")).to_be_focused()
        pea.get_by_role("button", name="Delete").press("Enter")
        expect(pea).to_have_count(0)
        page.get_by_role("link", name="Chat").first.click()
        names = page.get_by_role("combobox", name="Model").locator("option").all_inner_texts()
        assert names[:2] == ["le", "bean"]
        assert "pea" not in names


def test_names_and_samples_of_a_training_and_titles_of_pages_are_text(
    browser: Browser, home: Serving, learners: Learners
) -> None:
    side, texts = home.runtime, payloads()[:512]
    trainings = Trainings(side.house.database, side.user_id)
    row = trainings.add("<img src=x onerror=hit()>", engine="lstm", text=TEXT, minutes=1.0)
    samples = [[step, text] for step, text in enumerate(texts, start=1)]
    trainings.report(row.id, Reached(512, 1024, 2.0, 60.0, [[1, 2.0], [2, 1.0]], samples))
    pages = [side.notebook.add(text).id for text in texts[:50]]
    with visiting(browser, home.url) as visitor:
        visitor.page.add_init_script(WATCH)
        visitor.open("#/models")
        card = visitor.page.get_by_role("article", name="onerror=hit()")
        card.get_by_text("earlier samples").click()
        expect(card.get_by_role("blockquote")).to_have_count(512)
        visitor.open("#/notebook")
        expect(visitor.page.locator("a[href*='notebook/']")).to_have_count(50)
        assert visitor.page.evaluate("window.hits") == 0
    trainings.delete(row.id)
    for page in pages:
        side.notebook.delete(page)


@pytest.mark.parametrize("size", SIZES)
def test_a_training_and_its_forms_have_no_barrier(
    browser: Browser, home: Serving, learners: Learners, size: str
) -> None:
    width, height = SIZES[size]
    options: dict[str, Any] = {
        "viewport": {"width": width, "height": height},
        "has_touch": size == "phone",
        "reduced_motion": "reduce",
    }
    with visiting(browser, home.url, **options) as visitor:
        visitor.open("#/models")
        card = begin(visitor, "oat")
        learners.once_round()
        expect(card.get_by_text("left")).to_be_visible()
        card.get_by_role("button", name="Give up").click()
        le = visitor.page.get_by_role("region", name="le", exact=True)
        le.get_by_role("button", name="Export").click()
        visitor.page.get_by_role("button", name="Import").click()
        assert findings(visitor.page) == []
        card.get_by_role("button", name="Give up").click()
        expect(card).to_have_count(0)
