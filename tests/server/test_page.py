"""The page's files are served as they are, and nothing beside them."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from l2c.runtime import Runtime
from tests.server.serving import Serving, serving


@pytest.fixture
def web(tmp_path: Path) -> Path:
    web = tmp_path / "web"
    (web / "assets").mkdir(parents=True)
    (web / "index.html").write_text("<!doctype html><title>le</title>")
    (web / "favicon.svg").write_text("<svg/>")
    (web / "assets" / "index-DEZO6mS6.js").write_text("let le")
    (web / "assets" / "index-XyirElk4.css").write_text("body{}")
    (web / "notes.md").write_text("not for the browser")
    (tmp_path / "secret.txt").write_text("nobody may read this")
    return web


@pytest.fixture
def server(runtime: Runtime, web: Path) -> Iterator[Serving]:
    with serving(runtime, web=web) as server:
        yield server


def test_the_document_is_asked_for_each_time(server: Serving) -> None:
    response = server.client.get("/")
    assert response.status_code == 200
    assert response.text.startswith("<!doctype html>")
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert response.headers["cache-control"] == "no-cache"
    assert server.client.get("/index.html").content == response.content


@pytest.mark.parametrize(
    ("name", "media"),
    [("index-DEZO6mS6.js", "text/javascript"), ("index-XyirElk4.css", "text/css")],
)
def test_hashed_files_are_kept_for_ever(server: Serving, name: str, media: str) -> None:
    response = server.client.get(f"/assets/{name}")
    assert response.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert response.headers["content-type"].startswith(media)
    assert response.headers["x-content-type-options"] == "nosniff"


def test_a_browser_that_has_the_document_is_sent_nothing(server: Serving) -> None:
    tag = server.client.get("/").headers["etag"]
    response = server.client.head("/")
    assert (response.status_code, response.content) == (200, b"")
    assert response.headers["etag"] == tag


@pytest.mark.parametrize(
    "path",
    ["/nothing", "/assets", "/assets/", "/assets/index-00000000.js", "/notes.md", "/index.html/",
     "/../secret.txt", "/assets/../../secret.txt", "/..%2fsecret.txt", "/%2e%2e/secret.txt",
     "/assets/..%5c..%5csecret.txt", "//etc/passwd", "/%00", "/assets/%2e%2e%2f%2e%2e%2fsecret.txt",
     "/.env", "/index.html%00.js", "/FAVICON.SVG"],
)  # fmt: skip
def test_whatever_is_no_file_of_the_page_is_not_found(server: Serving, path: str) -> None:
    url = httpx.URL(server.url).copy_with(raw_path=path.encode())
    response = server.client.send(server.client.build_request("GET", url))
    assert response.status_code == 404
    assert response.json()["error"]["type"] == "not_found"


def test_without_a_page_the_answer_says_how_to_build_it(runtime: Runtime, tmp_path: Path) -> None:
    with serving(runtime, web=tmp_path / "no-web") as server:
        response = server.client.get("/")
    assert response.status_code == 404
    assert "make serve" in response.json()["error"]["message"]


def test_the_built_page_loads_nothing_that_its_policy_forbids(runtime: Runtime) -> None:
    with serving(runtime) as server:
        response = server.client.get("/")
    if response.status_code == 404:
        pytest.skip("the page is not built here; `make test` builds it")
    assert "http" not in response.text.replace("http-equiv", "")
    assert "<style" not in response.text
    assert "javascript:" not in response.text
