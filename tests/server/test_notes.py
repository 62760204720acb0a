"""`/app/v1/notes`: written, learned, gone on with, forgotten."""

from pathlib import Path

import pytest

from l2c.runtime import Runtime
from tests.server.serving import Serving, serving, settings

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
