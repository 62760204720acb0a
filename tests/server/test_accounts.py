"""Signing in, setting up, keys, and what happens to a stream whose reader may not read any more."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from l2c.runtime import Runtime
from l2c.server.doors import FOLDER
from l2c.store.credentials import ALL_SCOPES, Credentials, Scope
from l2c.store.passwords import Passwords
from l2c.store.schema.accounts import AccountRole
from tests.server.neighbours import PASSWORD, Neighbours, neighbours
from tests.server.serving import Scripted, Serving, let_speak, listening, serving, settings


@pytest.fixture
def house(tmp_path: Path, starter: Path) -> Iterator[Neighbours]:
    with neighbours(tmp_path / "data", starter) as house:
        yield house


@pytest.fixture
def empty(tmp_path: Path, starter: Path) -> Iterator[Neighbours]:
    with neighbours(tmp_path / "data", starter, with_accounts=False) as house:
        yield house


def session_of(response: Any) -> str:
    assert response.status_code == 204, response.text
    given = str(response.headers["set-cookie"])
    assert "HttpOnly; SameSite=Strict; Path=/" in given
    return given.partition(";")[0].removeprefix("l2c=")


def sign_in(house: Neighbours, name: str, password: str = PASSWORD) -> Any:
    return house.call("POST", "/app/v1/login", json={"name": name, "password": password})


# Set-up


def test_until_somebody_administers_only_the_set_up_is_served(empty: Neighbours) -> None:
    assert empty.call("GET", "/").headers["location"] == "/setup"
    assert empty.call("GET", "/login").headers["location"] == "/setup"
    assert empty.call("GET", "/setup").status_code == 200
    for method, path in (("GET", "/history"), ("POST", "/chat"), ("GET", "/v1/models")):
        assert empty.call(method, path).status_code in (401, 403)
    assert sign_in(empty, "local", "").status_code == 400
    assert sign_in(empty, "local", "anything").status_code == 401


def test_the_code_of_the_console_makes_the_first_administrator(empty: Neighbours) -> None:
    door = empty.residents.door
    wanted = {"name": "Ada", "password": PASSWORD, "code": "ABCD-EFGH"}
    assert empty.call("POST", "/app/v1/setup", json=wanted).status_code == 401
    wanted["code"] = door.code.lower()
    session = session_of(empty.call("POST", "/app/v1/setup", json=wanted))
    account = empty.call("GET", "/app/v1/account", cookie=session).json()
    assert (account["name"], account["role"], account["signed_in"]) == (
        "ada",
        "administrator",
        True,
    )
    assert account["id"] == empty.ids["root"], "what was said here before is theirs"
    assert empty.call("POST", "/app/v1/setup", json=wanted).status_code == 409
    assert empty.call("GET", "/setup").headers["location"] == "/login"


def test_the_code_cannot_be_tried_for_long(empty: Neighbours) -> None:
    wanted = {"name": "eve", "password": PASSWORD, "code": "x"}
    statuses = [empty.call("POST", "/app/v1/setup", json=wanted).status_code for _ in range(7)]
    assert statuses == [401] * 5 + [429] * 2
    right = wanted | {"code": empty.residents.door.code}
    assert int(empty.call("POST", "/app/v1/setup", json=right).headers["retry-after"]) > 600


# Signing in and out


def test_who_signs_in_is_in_until_they_sign_out(house: Neighbours) -> None:
    session = session_of(sign_in(house, " ADA "))
    assert house.call("GET", "/app/v1/account", cookie=session).json()["name"] == "ada"
    assert house.call("GET", "/", cookie=session).status_code in (200, 404)
    out = house.call("POST", "/app/v1/logout", cookie=session)
    assert "Max-Age=0" in out.headers["set-cookie"]
    assert house.call("GET", "/app/v1/account", cookie=session).status_code == 401
    assert house.call("GET", "/").headers["location"] == "/login"


def test_behind_an_encrypting_proxy_the_cookie_is_secure(house: Neighbours) -> None:
    headers = {"x-forwarded-proto": "https"}
    body = {"name": "ada", "password": PASSWORD}
    given = house.client.post("/app/v1/login", json=body, headers=headers)
    assert given.headers["set-cookie"].endswith("; Secure")


def test_wrong_names_and_wrong_passwords_are_told_apart_by_nobody(house: Neighbours) -> None:
    house.residents.door.accounts.change(house.ids["eve"], disabled=True)
    answers = {
        (response.status_code, response.json()["error"]["message"])
        for response in (
            sign_in(house, "ada", "wrong"), sign_in(house, "nobody", "wrong"), sign_in(house, "eve")
        )
    }  # fmt: skip
    assert answers == {(401, "Name or password is wrong.")}


def test_after_five_failures_the_right_password_has_to_wait_too(house: Neighbours) -> None:
    assert [sign_in(house, "ada", "wrong").status_code for _ in range(5)] == [401] * 5
    assert sign_in(house, "ada").status_code == 429
    assert sign_in(house, "eve").status_code == 204


def test_another_password_ends_all_other_sessions(house: Neighbours) -> None:
    here, there = house.session("ada"), house.session("ada")
    change = {"current": "wrong", "password": "a new long password"}
    assert house.call("PATCH", "/app/v1/account", cookie=here, json=change).status_code == 401
    change["current"] = PASSWORD
    assert house.call("PATCH", "/app/v1/account", cookie=here, json=change).status_code == 200
    assert house.call("GET", "/app/v1/account", cookie=here).status_code == 200
    assert house.call("GET", "/app/v1/account", cookie=there).status_code == 401
    assert sign_in(house, "ada").status_code == 401
    assert sign_in(house, "ada", "a new long password").status_code == 204


# Keys, accounts, the log


def test_a_key_can_pass_on_no_more_than_it_may(house: Neighbours) -> None:
    session = house.session("ada")
    wanted = {"name": "phone", "scopes": ["read", "admin"], "teaches": True}
    made = house.call("POST", "/app/v1/keys", cookie=session, json=wanted).json()
    assert made["key"]["ending"] == made["secret"][-4:]
    wanted["scopes"] = ["chat"]
    assert house.call("POST", "/app/v1/keys", bearer=made["secret"], json=wanted).status_code == 400
    listed = house.call("GET", "/app/v1/keys", cookie=session)
    assert [key["name"] for key in listed.json()["keys"]] == ["phone"]
    assert made["secret"] not in listed.text
    path = f"/app/v1/keys/{made['key']['id']}"
    assert house.call("DELETE", path, cookie=session).status_code == 204
    assert house.call("GET", "/app/v1/account", bearer=made["secret"]).status_code == 401


def test_an_administrator_lets_people_in_and_keeps_them_out(house: Neighbours) -> None:
    root = house.session("root")
    new = {"name": "pim", "password": PASSWORD}
    made = house.call("POST", "/app/v1/accounts", cookie=root, json=new).json()
    assert (made["name"], made["role"], made["disabled"]) == ("pim", "user", False)
    assert house.call("POST", "/app/v1/accounts", cookie=root, json=new).status_code == 409
    pim = session_of(sign_in(house, "pim"))
    path = f"/app/v1/accounts/{made['id']}"
    house.call("PATCH", path, cookie=root, json={"disabled": True})
    assert house.call("GET", "/app/v1/account", cookie=pim).status_code == 401
    house.residents.local().house.database.write(lambda connection: None)  # the log is behind
    events = house.call("GET", "/app/v1/audit", cookie=root).json()["entries"]
    assert [entry["event"] for entry in events[:3]] == [
        "account changed", "signed in", "account made",
    ]  # fmt: skip
    assert PASSWORD not in house.call("GET", "/app/v1/audit", cookie=root).text


def test_strangers_hear_only_whether_the_server_is_there(house: Neighbours) -> None:
    health = house.call("GET", "/health").json()
    assert {name for name, value in health.items() if value} == {"status", "version"}
    assert house.call("GET", "/health", cookie=house.session("ada")).json()["model"] == "le"


def test_what_is_taught_and_heard_is_a_table_that_can_be_changed(house: Neighbours) -> None:
    ada = house.session("ada")
    rules = house.call("GET", "/app/v1/roles", cookie=ada).json()["roles"]
    assert [rule["role"] for rule in rules] == ["system", "user", "assistant", "document"]
    changed = house.call("PATCH", "/app/v1/roles/assistant", cookie=ada, json={"training": True})
    assert changed.json()["roles"][2]["training"] is True
    assert house.call("GET", "/app/v1/roles", cookie=house.session("eve")).json()["roles"] == rules
    assert house.call("PATCH", "/app/v1/roles/nobody", cookie=ada, json={}).status_code == 400


def test_the_pages_of_the_door_hold_no_script_and_no_style_of_their_own() -> None:
    for name in ("login.html", "setup.html"):
        page = (FOLDER / name).read_text()
        assert 'lang="en"' in page
        assert "<style" not in page
        assert " style=" not in page
        assert " on" + "click" not in page
        assert page.count("<script") == page.count('<script type="module" src="/door.js"></script>')
        for field in ("name", "password"):
            assert f'<label for="{field}">' in page
    assert "innerHTML" not in (FOLDER / "door.js").read_text()


# On this machine, and streams


def test_a_program_of_this_machine_needs_no_key_and_the_page_its_token(server: Serving) -> None:
    with httpx.Client(base_url=server.url, trust_env=False) as program:
        assert program.post("/chat", json={"message": "Hi"}).status_code == 200
        anything = {"authorization": "Bearer anything"}
        assert program.get("/v1/models", headers=anything).status_code == 200
        refused = program.get("/app/v1/conversations")
        assert (refused.status_code, refused.json()["error"]["type"]) == (401, "unauthorized")
        program.get("/")
        assert program.get("/app/v1/conversations").status_code == 200


def test_a_key_is_a_key_on_this_machine_too(server: Serving) -> None:
    runtime = server.runtime
    mine = Credentials(runtime.house.database, runtime.user_id)
    key, row = mine.create_key("x", [Scope.READ])
    with httpx.Client(base_url=server.url, trust_env=False) as program:
        program.headers["authorization"] = f"Bearer {key}"
        assert program.get("/app/v1/conversations").status_code == 200
        assert program.post("/chat", json={"message": "Hi"}).status_code == 403
        mine.revoke_key(row.id)
        assert program.get("/v1/models").status_code == 401


def test_the_first_password_ends_the_days_without_one(server: Serving) -> None:
    door = server.runtime.house.door
    assert server.client.get("/history").status_code == 200
    door.accounts.found("ada", password=Passwords(memory_kib=64).hash(PASSWORD))
    assert server.client.get("/history").status_code == 401
    assert server.client.get("/app/v1/conversations").status_code == 401


@pytest.mark.parametrize("taken", ["key", "session", "account", "role"])
def test_a_stream_ends_when_its_reader_may_not_read_any_more(
    tmp_path: Path, starter: Path, taken: str
) -> None:
    home = settings(tmp_path / "data", starter, require_key=True)
    runtime = Runtime.open(home, role="server")
    accounts = runtime.house.door.accounts
    accounts.found("root", password="no hash")
    accounts.change(accounts.create("other", password="no hash").id, role=AccountRole.ADMINISTRATOR)
    mine = Credentials(runtime.house.database, runtime.user_id)
    key, row = mine.create_key("reader", ALL_SCOPES)
    secret = mine.open_session() if taken == "session" else key
    model = Scripted("I ", "go ", "on ")
    with serving(runtime) as server:
        let_speak(runtime, model)
        server.client.cookies.clear()
        server.client.headers["authorization"] = f"Bearer {secret}"
        begun = server.say(server.new())
        with listening(server.client, begun["answer"]["id"]) as arriving:
            model.go_on()
            assert next(arriving).data == {"text": "I "}
            take = {
                "key": lambda: mine.revoke_key(row.id),
                "session": lambda: mine.end_session(mine.sessions()[0].id),
                "account": lambda: accounts.change(runtime.user_id, disabled=True),
                "role": lambda: accounts.change(runtime.user_id, role=AccountRole.USER),
            }[taken]
            threading.Thread(target=take).start()
            assert list(arriving) == [], "it ends, without the event that says it is whole"
        model.go_on(3)
