"""Every route, called by everybody, with everything, about everybody's things: nothing leaks.

The routes are read from the application itself. A route without a policy, or whose parameters
this test does not know, fails it.
"""

import itertools
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

import pytest
from fastapi import Depends, FastAPI
from fastapi.routing import APIRoute
from sqlalchemy import text
from starlette.testclient import TestClient

from l2c.errors import NotFound
from l2c.server import doors, page, problems, uploads
from l2c.server.access import authorise
from l2c.server.entrance import Entrance
from l2c.server.policy import POLICIES, Policy
from l2c.store.credentials import ALL_SCOPES, Scope
from l2c.store.schema import metadata
from tests.server.neighbours import PASSWORD, SECRET, Neighbours, Things, neighbours

BRIEF = {"num_predict": 1}
BODIES: dict[str, dict[str, Any]] = {
    "/chat": {"message": "Hi"},
    "/generate": {"length": 1},
    "/api/chat": {"model": "le", "messages": [], "stream": False},
    "/api/generate": {
        "model": "le",
        "prompt": "Hi",
        "stream": False,
        "options": {"num_predict": 1},
    },
    "/api/show": {"model": "le"},
    "/v1/chat/completions": {"messages": [{"role": "user", "content": "Hi"}], "max_tokens": 1},
    "/v1/completions": {"prompt": "Hi", "max_tokens": 1},
    "/app/v1/setup": {"code": "x", "name": "mallory", "password": PASSWORD},
    "/app/v1/login": {"name": "ada", "password": "wrong"},
    "/app/v1/account": {"current": "wrong", "password": PASSWORD},
    "/app/v1/keys": {"name": "x", "scopes": ["read"]},
    "/app/v1/accounts": {"name": "a b", "password": PASSWORD},
    "/app/v1/providers": {"name": "x", "kind": "ollama", "url": "nonsense"},
    "/app/v1/documents/ask": {"question": "Where does she live?"},
    "/app/v1/documents/{document_id}/summarize": {"model": "le"},
    "/app/v1/conversations/{conversation_id}/turns": {"text": "Hi"},
    "/app/v1/turns/{turn_id}/edit": {"text": "Hi"},
    "/app/v1/turns/{turn_id}/inspect/again": {"after": 0, "temperature": 0},
    "/app/v1/inspect": {"text": "Hi"},
    "/app/v1/voice": {"core_prompt": "Be kind."},
    "/app/v1/dreams": {"length": 1},
    "/app/v1/dreams/{dream_id}": {"kept": True},
    "/app/v1/notes/suggest": {"before": "My friend is called"},
    "/app/v1/notes/{note_id}": {"text": "Theirs", "revision": 1},
    "/app/v1/folders": {"name": "Mine"},
    "/app/v1/memory/{memory_id}": {"value": "Theirs"},
    "/app/v1/folders/{folder_id}": {"name": "Theirs"},
    "/app/v1/models/{name}/promote": {"checkpoint": "0" * 64},
}
QUERIES = {
    "/app/v1/stream": {"turn": "0:0"},
    "/app/v1/search": {"q": SECRET},
    "/app/v1/documents": {"name": "x.txt"},
    "/app/v1/models": {"name": "x"},
    "/app/v1/trainings": {"name": "x"},
}

OF_NOBODY = {"name": "le", "role": "user", "number": "1", "account_id": "0" * 32}
"""Parameters that name nothing of one user's alone."""

HIDDEN_KINDS = {
    *("conversation_id", "turn_id", "folder_id", "document_id", "memory_id"),
    *("session_id", "key_id", "forgetting_id", "dream_id", "note_id"),
    "training_id",
}


@dataclass(frozen=True)
class Comer:
    """Somebody, by what they come with; `secret` None is a stranger."""

    who: str
    secret: str | None
    scopes: frozenset[Scope] = frozenset()
    administrates: bool = False

    def may(self, policy: Policy) -> int:
        """200 when the policy lets them in, else the status it has to be."""
        if policy.scope is None:
            return 200
        if not self.scopes:
            return 401
        if policy.scope not in self.scopes or (policy.administrator and not self.administrates):
            return 403
        return 200


@dataclass(frozen=True)
class Street:
    """The house, who comes, and whose things there are."""

    house: Neighbours
    comers: tuple[Comer, ...]
    adas: Things

    def unchanged(self) -> list[Any]:
        """Everything ada has in the store."""
        with self.house.side("ada")._database.read() as connection:
            return [
                connection.execute(
                    text(f'SELECT * FROM "{table}" WHERE user_id = :u'),
                    {"u": self.house.ids["ada"]},
                ).all()
                for table in sorted(metadata.tables)
                if "user_id" in metadata.tables[table].columns
            ]


@pytest.fixture(scope="module")
def street(tmp_path_factory: pytest.TempPathFactory, starter: Path) -> Iterator[Street]:
    with neighbours(tmp_path_factory.mktemp("street") / "data", starter) as house:
        comers = (
            Comer("a stranger", None),
            Comer("eve, signed in", house.session("eve"), ALL_SCOPES),
            Comer("eve's key", house.key("eve"), ALL_SCOPES),
            Comer("eve's key that reads", house.key("eve", Scope.READ), frozenset({Scope.READ})),
            Comer("eve's key that talks", house.key("eve", Scope.CHAT), frozenset({Scope.CHAT})),
            Comer("eve's revoked key", house.revoked_key("eve")),
            Comer("eve's expired key", house.expired_key("eve")),
            Comer("a made-up key", "l2c_" + "x" * 43),
            Comer("root, signed in", house.session("root"), ALL_SCOPES, administrates=True),
            Comer("root's key", house.key("root"), ALL_SCOPES, administrates=True),
        )
        yield Street(house, comers, house.things("ada"))


ROUTES = sorted(POLICIES)


def fill(path: str, things: Things | None) -> str:
    values = OF_NOBODY if things is None else OF_NOBODY | asdict(things)
    return path.replace(":path", "").format(**values)


def kinds_of(path: str) -> list[str]:
    return [kind for kind in sorted(HIDDEN_KINDS) if f"{{{kind}}}" in path]


def body(path: str, things: Things | None) -> dict[str, Any]:
    """What a route is sent; a turn it names is one of these things."""
    if path.endswith("/branch") and things is not None:
        return {"turn_id": things.turn_id}
    if path == "/app/v1/forget" and things is not None:
        return {"turn": things.turn_id}
    return BODIES.get(path, {})


def request(
    street: Street, route: tuple[str, str], comer: Comer, things: Things, **how: Any
) -> int:
    """The status of a call, once nothing of ada's is in its answer."""
    method, path = route
    options: dict[str, Any] = {"params": QUERIES.get(path)}
    if route in uploads.LARGEST:
        options |= {"content": b"{}", "media": uploads.MEDIA}
    elif method in ("POST", "PATCH") or path in BODIES:
        options["json"] = body(path, things)
    response = street.house.call(method, fill(path, things), **how, **options)
    assert SECRET not in response.text, (comer.who, route, response.text[:500])
    assert response.status_code < 500, (comer.who, route, response.text[:500])
    return int(response.status_code)


def carriers(street: Street, comer: Comer) -> Iterator[dict[str, str]]:
    """What they come with, in every way it can be brought; a session is a new one each time."""
    name, _, how = comer.who.partition(", ")
    for carrier in ("bearer", "cookie"):
        secret = street.house.session(name) if how == "signed in" else comer.secret
        yield {} if secret is None else {carrier: secret}


OPEN_FILES = {page.__name__, doors.__name__}
"""Modules whose routes are files that say the same to everybody."""


def test_every_route_has_a_policy_and_every_policy_a_route(street: Street) -> None:
    routes = {
        (method.upper(), path)
        for path, item in street.house.app.openapi()["paths"].items()
        for method in item
    }
    assert routes == {(method, path.replace(":path", "")) for method, path in POLICIES}


def test_what_is_not_described_is_a_file_for_everybody(street: Street) -> None:
    hidden = [
        route
        for route in street.house.app.routes
        if isinstance(route, APIRoute) and not route.include_in_schema
    ]
    assert {route.endpoint.__module__ for route in hidden} == OPEN_FILES
    assert SECRET not in street.house.client.get("/openapi.json").text


def test_a_route_without_a_policy_is_closed(street: Street) -> None:
    closed = FastAPI()
    closed.add_api_route("/new", lambda: SECRET, dependencies=[Depends(authorise)])
    closed.add_middleware(Entrance, door=street.house.residents.door)
    problems.install(closed)
    root = street.comers[-1].secret
    with TestClient(closed) as client:
        found = client.get("/new", headers={"authorization": f"Bearer {root}"})
    assert found.status_code == 403


def test_every_parameter_is_known() -> None:
    for _, path in ROUTES:
        fill(path, Things(*["x"] * len(fields(Things))))


@pytest.mark.parametrize("route", ROUTES, ids=" ".join)
def test_nobody_reaches_what_is_anothers(street: Street, route: tuple[str, str]) -> None:
    policy, kinds, cells = POLICIES[route], kinds_of(route[1]), 0
    before = street.unchanged()
    eves, roots = (street.house.things(name) for name in ("eve", "root")) if kinds else (None, None)
    for comer in street.comers:
        mine = roots if comer.administrates else eves
        objects = [street.adas]
        if mine is not None and len(kinds) > 1:  # one of mine with one of ada's, both ways round
            objects += [replace(mine, **{kind: getattr(street.adas, kind)}) for kind in kinds]
        for carrier, things in itertools.product(carriers(street, comer), objects):
            expected = comer.may(policy)
            found = request(street, route, comer, things, **carrier)
            if expected != 200:
                assert found == expected, (comer.who, carrier)
            elif kinds:
                assert found == 404, (comer.who, carrier, things)
            else:
                assert policy.scope is None or found not in (401, 403) or route in CHECKS_MORE
            cells += 1
    assert cells >= len(street.comers)
    assert street.unchanged() == before


CHECKS_MORE = {("PATCH", "/app/v1/account")}
"""Routes that ask for a password too, and are given a wrong one here."""


@pytest.mark.parametrize("route", [route for route in ROUTES if kinds_of(route[1])], ids=" ".join)
def test_ones_own_is_reached_and_gone_when_deleted(street: Street, route: tuple[str, str]) -> None:
    """The positive control: what was 404 for others is there for its owner."""
    house, comer = street.house, street.comers[2]
    things = house.things("ada")
    ada = Comer("ada", house.key("ada"), ALL_SCOPES)
    method, path = route
    options: dict[str, Any] = {}
    if method in ("POST", "PATCH"):
        options["json"] = body(path, things)
    if path.endswith("/{document_id}") and len(kinds_of(path)) > 1:  # attached, to be detached
        house.call("PUT", fill(path, things), bearer=ada.secret)
    found = house.call(method, fill(path, things), bearer=ada.secret, **options)
    assert found.status_code not in (401, 403, 404, 405), found.text
    with suppress(NotFound):  # the route itself may have deleted it
        house.side("ada").talking.delete(things.conversation_id)
    if "conversation_id" in path or "turn_id" in path:
        gone = house.call(method, fill(path, things), bearer=ada.secret, **options)
        restores = path.endswith("/restore")
        assert gone.status_code == 404 or restores, gone.text
        assert request(street, route, comer, things, bearer=comer.secret) == 404
