"""Who may call: this machine's programs and its own page, and nobody's page from elsewhere."""

import itertools

import httpx
import pytest

from tests.server.serving import Serving

FOREIGN_HOSTS = [
    "evil.example", "localhost.evil", "localhost.evil.example:8000", "127.0.0.1.evil.example",
    "0.0.0.0", "0.0.0.0:8000", "[::]", "[::ffff:127.0.0.1]", "[::1", "::1", "[::1]evil",
    "2130706433",
    "127.1", "127.0.0.2", "0x7f000001", "017700000001", "localhost.", "localhost:8000@evil.example",
    "localhost:80:80", "localhost\tevil", "", "localhost,evil.example", "lоcalhost",
]  # fmt: skip
OWN_HOSTS = ["localhost", "LOCALHOST:8000", "127.0.0.1", "127.0.0.1:8000", "[::1]", "[::1]:8000"]
FOREIGN_ORIGINS = [
    "https://evil.example", "http://localhost.evil", "http://127.0.0.1:3000", "http://localhost:3000",
    "null", "http://0.0.0.0:8000", "file://", "http://[::1]:8000", "http://localhost:8000.evil",
    "http://user@localhost:8000", "chrome-extension://abcdef", "http://", "://", "http://[",
]  # fmt: skip
FOREIGN_SITES = ["cross-site", "same-site", "nonsense", ""]


def state(server: Serving) -> object:
    with server.runtime.conversations._database.read() as connection:
        tables = connection.exec_driver_sql(
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE '%fts%'"
        ).scalars()
        return {
            name: connection.exec_driver_sql(f'SELECT * FROM "{name}"').all()
            for name in list(tables)
        }


def attempts(conversation: str, turn: str, live: str) -> list[tuple[str, str, dict[str, object]]]:
    """Every kind of request that would change something."""
    return [
        ("POST", "/chat", {"message": "Hi"}),
        ("POST", "/app/v1/conversations", {}),
        ("POST", f"/app/v1/conversations/{conversation}/turns", {"text": "Hi"}),
        ("PATCH", f"/app/v1/conversations/{conversation}", {"title": "Mine"}),
        ("DELETE", f"/app/v1/conversations/{conversation}", {}),
        ("PATCH", f"/app/v1/turns/{turn}", {"learn": False}),
        ("PATCH", "/app/v1/learning", {"paused": True}),
        ("POST", "/app/v1/models/le/rebuild", {}),
        ("POST", "/app/v1/models/le/promote", {"checkpoint": live}),
    ]


def callers() -> list[dict[str, str]]:
    """The headers of everybody who must not get through: 200 combinations and more."""
    json = {"content-type": "application/json"}
    own = {"host": "localhost:8000"}
    sites = [{}, *({"sec-fetch-site": site} for site in ("cross-site", "same-origin", "none"))]
    found = [
        {**json, "host": host, **site, **origin}
        for host, site, origin in itertools.product(
            FOREIGN_HOSTS, sites, [{}, {"origin": "http://localhost:8000"}]
        )
    ]
    found += [
        {**json, **own, "origin": origin, **site}
        for origin, site in itertools.product(FOREIGN_ORIGINS, sites)
    ]
    found += [{**json, **own, "sec-fetch-site": site} for site in FOREIGN_SITES]
    found += [
        {**own, "content-type": media}
        for media in (
            "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x",
            "text/plain; charset=application/json", "application/jsonp", "application/json5", "",
            "text/plain, application/json",
        )
    ]  # fmt: skip
    return found


@pytest.mark.slow
def test_no_foreign_caller_changes_anything(server: Serving) -> None:
    conversation = server.new()
    exchange = server.say(conversation)
    server.finished(exchange)
    live = server.get("/app/v1/models/le")["model"]["live"]
    requests = itertools.cycle(attempts(conversation, exchange["user"]["id"], live))
    before, tried = state(server), 0
    for headers, (method, path, body) in zip(callers(), requests, strict=False):
        encoded = [(name.encode(), value.encode()) for name, value in headers.items()]
        content = httpx.Request(method, "http://x", json=body).content
        response = server.client.request(method, path, content=content, headers=encoded)
        assert response.status_code in (400, 403, 415), (headers, response.text)
        assert "access-control-allow-origin" not in response.headers
        tried += 1
    assert tried >= 200
    assert state(server) == before


@pytest.mark.parametrize("host", OWN_HOSTS)
@pytest.mark.parametrize(
    "site", [{}, {"sec-fetch-site": "none"}, {"sec-fetch-site": "same-origin"}]
)
def test_programs_and_the_own_page_pass(server: Serving, host: str, site: dict[str, str]) -> None:
    for origin in ({}, {"origin": f"http://{host.lower()}"}):
        headers = {"host": host, **site, **origin}
        assert server.post("/app/v1/conversations", {}, headers=headers)["model"] == "le"


def test_another_page_can_read_nothing_under_a_foreign_name(server: Serving) -> None:
    for host in FOREIGN_HOSTS:
        response = server.client.get("/history", headers=[(b"host", host.encode())])
        assert response.status_code in (400, 403)


def test_curl_need_not_name_the_type_of_what_it_sends(server: Serving) -> None:
    form = "application/x-www-form-urlencoded"
    curl = {"user-agent": "curl/8.5.0", "accept": "*/*", "content-type": form}

    def status(**more: str) -> int:
        headers = {name.replace("_", "-"): value for name, value in more.items()}
        with httpx.Client(base_url=server.client.base_url) as program:
            content = b'{"prompt": "Hi"}'
            return program.post("/chat", content=content, headers=curl | headers).status_code

    assert status() == 200
    before = state(server)
    assert status(user_agent="Mozilla/5.0 curl/8.5.0") == 415
    assert status(content_type="text/plain") == 415
    assert status(accept_language="en") == 415
    assert status(referer="http://evil.example/") == 415
    assert status(sec_fetch_site="none") == 415
    assert status(origin="http://evil.example") == 403
    assert state(server) == before


def test_a_request_without_a_body_needs_no_content_type(server: Serving) -> None:
    assert "content-type" not in server.client.build_request("POST", "/save").headers
    assert server.client.post("/save").status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/health", 200),
        ("GET", "/openapi.json", 200),
        ("GET", "/", 200),
        ("GET", "/nothing", 404),
        ("GET", "/chat", 405),
        ("POST", "/chat", 400),
        ("GET", "/app/v1/turns/x/stream", 404),
    ],
)
def test_every_response_carries_the_policy(
    server: Serving, method: str, path: str, status: int
) -> None:
    carries_the_policy(server.client.request(method, path), status)


def carries_the_policy(response: httpx.Response, status: int) -> None:
    assert response.status_code == status
    policy = response.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'")
    assert "unsafe" not in policy
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["referrer-policy"] == "no-referrer"
    assert response.headers["cross-origin-resource-policy"] == "same-origin"
    assert not [name for name in response.headers if name.startswith("access-control")]
    assert "server" not in response.headers


def test_also_a_bug_is_answered_with_the_policy_and_in_the_one_shape(
    server: Serving, caplog: pytest.LogCaptureFixture
) -> None:
    @server.app.get("/bug")
    def bug() -> None:
        raise ZeroDivisionError

    response = server.client.get("/bug")
    carries_the_policy(response, 500)
    assert response.json()["error"]["type"] == "internal"
    while "ZeroDivisionError" not in caplog.text:  # logged after the answer has gone out
        pass


def test_a_preflight_gets_no_permission(server: Serving) -> None:
    response = server.client.options(
        "/chat",
        headers={"origin": "https://evil.example", "access-control-request-method": "POST"},
    )
    carries_the_policy(response, 405)


def test_a_deployment_can_have_another_name(server: Serving) -> None:
    response = server.client.get("/health", headers={"host": "127.0.0.2:8000"})
    assert response.status_code == 403
