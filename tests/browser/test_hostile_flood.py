"""Hundreds of hostile texts through every door of the page: none runs, none is heard elsewhere.

An answer is written letter by letter, so what is harmless as a whole could be read as markup when
it is cut in the middle: every text comes in five random cuts. What the texts would do if they
became markup is shown by the control, where they do: then the same watch must go off.
"""

import random
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from l2c.conversation import Origin, TurnStatus
from l2c.store.documents import Documents, NewDocument, NewPassage
from l2c.store.passages import Place
from tests.browser.payloads import payloads
from tests.browser.visitor import Visitor, visiting
from tests.server.serving import Scripted, Serving, let_speak

TEXTS = payloads()[:512]
CUTS = 5

WATCH = """
  window.hits = 0;
  window.hit = () => { window.hits += 1; };
  window.alert = window.confirm = window.prompt = window.hit;
"""

FED_BY_HAND = """
  // An answer's stream comes from the test; and a frame is painted as soon as it is asked for.
  const real = window.fetch;
  window.fetch = (input, init) => String(input).startsWith('/app/v1/stream?')
    ? Promise.resolve(new Response(new ReadableStream({ start(controller) {
        const encoder = new TextEncoder();
        window.feed = (text) => controller.enqueue(encoder.encode(text));
      } })))
    : real(input, init);
  window.requestAnimationFrame = (paint) => setTimeout(() => paint(performance.now()));
"""

WRITE_ALL = """async ({ turn, texts, mark }) => {
  const said = [...document.querySelectorAll('[role=log] article')].at(-1).querySelector('.say');
  const tell = (kind, id, text) => window.feed(
    `id: ${id}\\nevent: ${kind}\\ndata: ${JSON.stringify({ of: turn, text })}\\n\\n`);
  const until = async (done) => {
    const patience = performance.now() + 20000;
    while (!done()) {
      if (performance.now() > patience) throw new Error(`not shown: ${said.textContent}`);
      await new Promise((go) => setTimeout(go));
    }
  };
  let shown = 0;
  for (const [text, cuts] of texts) {
    for (const cut of cuts) {
      const end = `${mark}${shown++}.`;
      const letters = Array.from(text);
      const whole = [...letters, ...`\\n\\n${end}`];
      tell('snapshot', 1, '.');
      tell('snapshot', cut, letters.slice(0, cut).join(''));
      await new Promise((go) => setTimeout(go));
      await new Promise((go) => setTimeout(go));
      tell('piece', whole.length, whole.slice(cut).join(''));
      await until(() => said.textContent.includes(end));
    }
  }
  return shown;
}"""

UNSAFE = """() => [...document.querySelectorAll('#page *')].filter((element) =>
    ['script', 'img', 'iframe', 'object', 'embed', 'link', 'meta', 'base', 'style', 'template',
     'video', 'audio', 'source', 'marquee'].includes(element.localName)
    || element.getAttributeNames().some((name) => name.startsWith('on'))
    || (element.hasAttribute('href')
        && !/^(https?:|mailto:|#|\\/|licences)/.test(element.getAttribute('href')))
  ).map((element) => element.outerHTML.slice(0, 200))"""


# Every answer is gone to until it stands in full: far from the view it is plain words.
READ_ALL = f"""async (turns) => {{
  const unsafe = {UNSAFE}, found = [];
  let whole = 0;
  for (const answer of turns.filter((turn, i) => i % 2 === 1)) {{
    answer.scrollIntoView({{ block: 'center' }});
    const plain = () => answer.querySelector('.say .words') !== null;
    for (let frames = 0; plain() && frames < 600; frames++)
      await new Promise((go) => requestAnimationFrame(go));
    whole += !plain();
    found.push(...unsafe());
  }}
  return [whole, found];
}}"""


@pytest.fixture
def visitor(browser: Browser, server: Serving) -> Iterator[Visitor]:
    with visiting(browser, server.url) as visitor:
        visitor.page.add_init_script(WATCH)
        yield visitor


def parts(size: int) -> list[list[str]]:
    """The texts, so many at a time."""
    return [TEXTS[at : at + size] for at in range(0, len(TEXTS), size)]


def packed(texts: list[str], longest: int) -> list[str]:
    """The texts put together, as many as fit a name of so many characters."""
    made = [""]
    for text in texts:
        if len(made[-1]) + len(text) >= longest:
            made.append("")
        made[-1] += f"{text} "
    return made


def expect_nothing_ran(page: Page) -> None:
    assert page.evaluate("window.hits") == 0
    assert page.evaluate(UNSAFE) == []


def fill(server: Serving) -> str:
    """Every text as a turn of the user, as an answer, in a title, a name and a document."""
    runtime = server.runtime
    for some in parts(12):
        runtime.conversations.create(model="le", title=" ".join(some))
    whole = "\n".join(TEXTS)
    documents = Documents(runtime.house.database, runtime.user_id)
    for number, name in enumerate(packed(TEXTS, 200)):
        text = whole if number == 0 else name
        place = Place(1, 0, len(text))
        documents.add(
            NewDocument(
                name=name,
                kind="text",
                size_bytes=len(text),
                sha256=f"{number:064d}",
                pages=[text],
                tables=[],
                warnings=[name],
                summary=[place],
                passages=[NewPassage(place, name, ["x"])],
            )
        )
    return runtime.conversations.create(model="le", title="All").id


def say_all(server: Serving, conversation: str) -> None:
    """A turn of the user and an answer for every third text, each holding three of them."""
    talks = server.runtime.conversations
    for some in parts(3):
        begun = talks.begin_exchange(conversation, "\n\n".join(some), model="le")
        talks.finish(
            begun.answer.id,
            status=TurnStatus.COMPLETE,
            text="\n\n".join(some),
            origin=Origin.GENERATED,
        )


def all_turns(page: Page) -> int:
    """Have every turn that `say_all` made shown; how many there are."""
    turns = 2 * -(-len(TEXTS) // 3)
    while page.get_by_role("log").get_by_role("article").count() < turns:
        page.locator(".view").evaluate("view => { view.scrollTop = 0; }")
        page.wait_for_timeout(50)
    return turns


def test_there_are_five_hundred_texts() -> None:
    assert len(TEXTS) >= 500


@pytest.mark.slow
def test_no_answer_runs_however_it_is_cut(server: Serving, visitor: Visitor) -> None:
    speaker = Scripted("done")
    let_speak(server.runtime, speaker)
    conversation = server.new()
    answer = server.say(conversation, "Hello")["answer"]["id"]
    visitor.page.add_init_script(FED_BY_HAND)
    visitor.open(f"#/c/{conversation}")
    visitor.page.wait_for_function("() => 'feed' in window")
    expect(visitor.turns).to_have_count(2)
    chance, shown = random.Random(8), 0
    for number, some in enumerate(parts(100)):
        cut = [[text, [chance.randint(1, len(text)) for _ in range(CUTS)]] for text in some]
        given: dict[str, Any] = {"turn": answer, "texts": cut, "mark": f"END{number}n"}
        shown += visitor.page.evaluate(WRITE_ALL, given)
        expect_nothing_ran(visitor.page)
    assert shown == CUTS * len(TEXTS)
    speaker.go_on()


@pytest.mark.slow
def test_no_turn_title_name_or_document_runs(server: Serving, visitor: Visitor) -> None:
    conversation = fill(server)
    say_all(server, conversation)
    page = visitor.page
    visitor.open(f"#/c/{conversation}")
    turns = all_turns(page)
    assert visitor.turns.evaluate_all(READ_ALL) == [turns // 2, []]
    expect_nothing_ran(page)
    expect(visitor.conversations.get_by_role("link")).not_to_have_count(0)
    visitor.open("#/documents")
    files = page.get_by_role("main").get_by_role("link")
    expect(files).not_to_have_count(0)
    more = page.get_by_role("main").get_by_role("button", name="older")
    while more.count():
        before = files.count()
        more.click()
        expect(files).not_to_have_count(before)
    assert files.count() >= len(packed(TEXTS, 200))
    expect_nothing_ran(page)
    files.last.click()
    expect(page.get_by_role("region", name="Page 1 of 1")).to_contain_text("<script>")
    expect_nothing_ran(page)


@pytest.mark.slow
def test_the_watch_goes_off_when_text_becomes_markup(browser: Browser, server: Serving) -> None:
    conversation = server.new()
    say_all(server, conversation)
    elsewhere: list[str] = []
    context = browser.new_context(bypass_csp=True)
    context.route("https://elsewhere.example/**", lambda route: route.abort())
    page = context.new_page()
    page.add_init_script(WATCH)
    page.on("request", lambda request: elsewhere.append(request.url))
    # The one policy the page may have would let nothing through; the control has another.
    page.goto(f"{server.url}/#/c/{conversation}")
    all_turns(page)
    page.add_style_tag(content="* { content-visibility: visible !important }")  # what is far too
    page.evaluate("""() => {
      for (const said of document.querySelectorAll('.say .words')) {
        said.innerHTML = said.textContent;
      }
    }""")
    page.wait_for_function("window.hits >= 10")
    assert len([url for url in elsewhere if "elsewhere.example" in url]) >= 5
    assert len(page.evaluate(UNSAFE)) >= 20
    context.close()
