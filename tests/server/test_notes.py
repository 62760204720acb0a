"""`/app/v1/notes`: written, learned, gone on with, forgotten."""

from pathlib import Path

import pytest

from l2c.runtime import Runtime
from tests.server import documented
from tests.server.serving import Serving, serving, settings
from tests.server.test_forgetting import FORGET, go_on, live
from tests.server.test_learning import LEARNING, learn

PAGE = "Pim slept on the warm pipe all day.\n" * 6
BEFORE = "Pim slept on the wa"


def suggested(server: Serving) -> list[str]:
    found = server.post("/app/v1/notes/suggest", {"before": BEFORE})
    assert found["checkpoint"] == server.get("/stats")["checkpoint"]
    words: list[str] = found["words"]
    return words


def test_a_page_goes_on_in_the_words_of_one_that_was_learned(server: Serving) -> None:
    page = server.post("/app/v1/notes", {"text": PAGE})
    assert suggested(server) == []
    learned = server.post(f"/app/v1/notes/{page['id']}/learn", {})
    assert learned["learned"] == "yes"
    assert suggested(server)[:3] == ["rm", " pipe", " all"]
    server.runtime.notebook.wait_measured()
    shown = server.get(f"/app/v1/notes/{page['id']}")
    assert shown["saved"] is not None
    assert shown["starter_saved"] is not None


def test_what_is_forgotten_is_not_suggested(server: Serving) -> None:
    first, second = (server.post("/app/v1/notes", {"text": PAGE}) for _ in range(2))
    for page in (first, second):
        server.post(f"/app/v1/notes/{page['id']}/learn", {})
    assert server.client.delete(f"/app/v1/notes/{first['id']}").status_code == 204
    assert suggested(server)[:1] == ["rm"]
    kept = server.client.delete(f"/app/v1/notes/{second['id']}/learn").json()
    assert (kept["learned"], kept["text"]) == ("no", PAGE)
    assert suggested(server) == []


def test_a_page_is_saved_on_its_revision_alone(server: Serving) -> None:
    page = server.post("/app/v1/notes", {})
    path = f"/app/v1/notes/{page['id']}"
    saved = server.client.put(path, json={"text": "Rain\n\nTill four.", "revision": 1}).json()
    assert (saved["title"], saved["excerpt"], saved["revision"]) == ("Rain", "Till four.", 2)
    assert server.client.put(path, json={"text": "Frost", "revision": 1}).status_code == 409
    assert server.get(path)["text"] == "Rain\n\nTill four."


def test_words_that_changed_since_are_learned_again_in_their_place(server: Serving) -> None:
    page = server.post("/app/v1/notes", {"text": PAGE})
    path = f"/app/v1/notes/{page['id']}"
    server.post(f"{path}/learn", {})
    server.client.put(path, json={"text": PAGE.replace("warm", "wall"), "revision": 1})
    assert server.get(path)["learned"] == "changed"
    server.post(f"{path}/learn", {})
    assert suggested(server)[:1] == ["ll"]


@pytest.mark.parametrize("text", ["", " \n\t\n"])
def test_an_empty_page_teaches_nothing(server: Serving, text: str) -> None:
    page = server.post("/app/v1/notes", {"text": text})
    assert server.client.post(f"/app/v1/notes/{page['id']}/learn").status_code == 400


def test_what_was_learned_counts_after_a_restart(tmp_path: Path, starter: Path) -> None:
    chosen = settings(tmp_path / "data", starter)
    with Runtime.open(chosen, role="server") as runtime, serving(runtime) as server:
        page = server.post("/app/v1/notes", {"text": PAGE})
        server.post(f"/app/v1/notes/{page['id']}/learn", {})
    with Runtime.open(chosen, role="server") as runtime, serving(runtime) as server:
        assert suggested(server)[:1] == ["rm"]
        with Runtime.open(chosen) as elsewhere:
            elsewhere.notebook.delete(page["id"])
        assert suggested(server) == []


def test_too_much_is_refused(server: Serving) -> None:
    assert server.client.post("/app/v1/notes", json={"text": "x" * 100_001}).status_code == 400
    asked = server.client.post("/app/v1/notes/suggest", json={"before": "x" * 4_001})
    assert asked.status_code == 400


def test_the_whole_notebook_leaves_as_one_file_with_the_oldest_page_first(server: Serving) -> None:
    assert server.get("/app/v1/export/notes")["notes"] == []
    texts = ['Monday\n"frost"', PAGE]
    for text in texts:
        server.post("/app/v1/notes", {"text": text})
    whole = server.get("/app/v1/export/notes")
    assert (whole["format"], whole["version"]) == ("l2c-notes", 1)
    assert [note["text"] for note in whole["notes"]] == texts


FIRST, SECOND, THIRD = "Pim slept on the pipe.", "My sister is called Mirela.", "Rain till four."


def written(server: Serving, *paragraphs: str) -> str:
    """The path of a page that was learned, in a lesson too."""
    page = server.post("/app/v1/notes", {"text": "\n\n".join(paragraphs)})
    path = f"/app/v1/notes/{page['id']}"
    server.post(f"{path}/learn", {})
    learn(server)
    return path


def test_a_page_teaches_the_weights_and_the_lesson_tells_what(server: Serving) -> None:
    page = server.post("/app/v1/notes", {"text": f"{FIRST}\n\n{SECOND}"})
    assert set(page) == documented.keys("note")
    path = f"/app/v1/notes/{page['id']}"
    waiting = server.post(f"{path}/learn", {})
    assert (waiting["waiting"], waiting["lesson"]) == (2, None)
    learn(server)
    page = server.get(path)
    assert (page["waiting"], page["lesson"]) == (0, 1)
    [one, other] = server.get(f"{LEARNING}/lessons/1")["sources"]
    assert (one["note_id"], one["text"]) == (page["id"], f"you: {FIRST}\n· le: I have read this.")
    assert "What is my sister called?" in other["text"]
    assert server.get("/app/v1/notes")["notes"][0]["lesson"] == 1


def test_an_erased_page_is_gone_from_the_weights_too(server: Serving) -> None:
    starter = live(server)
    path = written(server, FIRST, SECOND)
    assert live(server) != starter
    page = path.rpartition("/")[2]
    begun = server.post(FORGET, {"note": page})
    assert (begun["kind"], begun["notes"], begun["exchanges"]) == ("note", 1, 2)
    assert server.client.get(path).status_code == 404
    assert live(server) == starter
    go_on(server)
    assert server.get(f"{FORGET}/{begun['id']}")["state"] == "done"
    assert server.get(f"{LEARNING}/lessons")["lessons"] == []


def test_what_a_page_taught_is_forgotten_and_its_words_stay(server: Serving) -> None:
    starter = live(server)
    path = written(server, FIRST)
    kept = server.client.delete(f"{path}/learn").json()
    assert (kept["learned"], kept["text"], kept["conversation_id"]) == ("no", FIRST, None)
    go_on(server)
    assert live(server) == starter


@pytest.mark.slow
def test_a_paragraph_that_was_taken_out_is_forgotten_when_the_page_is_learned_again(
    tmp_path: Path, starter: Path
) -> None:
    """The others stay as they were taught, bit for bit."""
    lives = []
    for name, before in (("ours", (FIRST, SECOND)), ("never", (FIRST,))):
        chosen = settings(tmp_path / name, starter)
        with Runtime.open(chosen, role="server") as runtime, serving(runtime) as server:
            path = written(server, *before)
            server.client.put(path, json={"text": f"{FIRST}\n\n{THIRD}", "revision": 1})
            page = server.post(f"{path}/learn", {})
            assert page["waiting"] == 1
            learn(server)
            shown = server.get(f"/app/v1/conversations/{page['conversation_id']}")
            said = [turn["text"] for turn in shown["turns"] if turn["role"] == "user"]
            assert [text for text in said if text] == [FIRST, THIRD]
            lives.append(live(server))
    assert lives[0] == lives[1]


def test_what_stands_on_a_learned_page_was_told(server: Serving) -> None:
    written(server, SECOND)
    [told] = server.get("/app/v1/memory")["facts"]
    assert told["value"] == "Mirela"
