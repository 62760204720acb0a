"""A server on which everybody signs in, with three neighbours: ada, eve, and root who administers.

It is called in this process, so that thousands of requests take seconds.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from starlette.testclient import TestClient

from l2c.conversation import TurnStatus
from l2c.runtime import Runtime
from l2c.runtime.forgetting import Forgettable
from l2c.runtime.residents import Residents
from l2c.server.app import create_app
from l2c.store.credentials import ALL_SCOPES, Credentials, Scope
from l2c.store.documents import Documents, NewDocument, NewPassage
from l2c.store.dreams import Dreams
from l2c.store.passages import Place
from l2c.store.passwords import Passwords
from tests.server.serving import settings

SECRET = "Mirela"
PASSWORD = "correct horse battery"


@dataclass(frozen=True)
class Things:
    """Ids of what somebody has, each with the secret in it."""

    conversation_id: str
    turn_id: str
    folder_id: str
    document_id: str
    memory_id: str
    session_id: str
    key_id: str
    forgetting_id: str
    dream_id: str
    note_id: str
    training_id: str


@dataclass(frozen=True)
class Neighbours:
    """The house, and a client without any credential of its own."""

    app: FastAPI
    residents: Residents
    client: TestClient
    ids: dict[str, str]

    def credentials(self, name: str) -> Credentials:
        return Credentials(self.residents.local().house.database, self.ids[name])

    def side(self, name: str) -> Runtime:
        return self.residents.of(self.ids[name])

    def session(self, name: str) -> str:
        return self.credentials(name).open_session()

    def key(self, name: str, *scopes: Scope) -> str:
        return self.credentials(name).create_key("test", scopes or ALL_SCOPES)[0]

    def revoked_key(self, name: str) -> str:
        key, row = self.credentials(name).create_key("revoked", ALL_SCOPES)
        self.credentials(name).revoke_key(row.id)
        return key

    def expired_key(self, name: str) -> str:
        mine = self.credentials(name)
        key, row = mine.create_key("expired", ALL_SCOPES)
        database = self.residents.local().house.database
        past = database.ago(timedelta(seconds=1))
        database.write(
            lambda connection: connection.exec_driver_sql(
                "UPDATE api_key SET expires_at = ? WHERE id = ?", (past, row.id)
            )
        )
        return key

    def things(self, name: str) -> Things:
        """Something of every kind, new, for somebody."""
        secret = SECRET if name == "ada" else "Quentin"
        side, mine = self.side(name), self.credentials(name)
        conversation = side.conversations.create(model="le", title=f"{name} and {secret}").id
        begun = side.conversations.begin_exchange(
            conversation,
            f"{secret} lives next to {name}. My friend is called {secret}.",
            model="le",
        )
        side.conversations.finish(begun.answer.id, status=TurnStatus.COMPLETE, text=secret)
        folder = side.folders.create(f"{secret} {conversation[:6]}").id
        text = f"{secret} lives next to {name}, in {conversation}."
        place = Place(1, 0, len(text))
        document, _ = Documents(side.house.database, side.user_id).add(
            NewDocument(
                name=f"{secret}.txt",
                kind="text",
                size_bytes=len(text),
                sha256=hashlib.sha256(text.encode()).hexdigest(),
                pages=[text],
                tables=[],
                warnings=[],
                summary=[place],
                passages=[NewPassage(place, "", text.lower().split())],
            )
        )
        mine.open_session()
        _, key = mine.create_key(secret, [Scope.READ])
        told = side.memory.all()[0].row
        assert told is not None
        other = side.conversations.create(model="le", title=secret).id
        forgotten = side.forgetter.forget(Forgettable.CONVERSATION, other).id
        session = mine.sessions()[0].id
        dream = Dreams(side.house.database, side.user_id).add(
            "le",
            checkpoint=side.models.live("le"),
            said=((None, secret),),
            seed=1,
            temperature=0.7,
            tokens=1,
            entropy=1.0,
            repetition=0.0,
        )
        return Things(
            *(conversation, begun.answer.id, folder, document.id, told.id, session, key.id),
            *(forgotten, dream.id, side.notebook.add(f"{secret} lives next to {name}.").id),
            side.new_models.ask(
                f"{secret}-{conversation[:8]}",
                f"{secret} lives next to {name}. " * 20,
                engine="lstm",
                minutes=1,
                seed=0,
            ).row.id,
        )

    def call(
        self,
        method: str,
        path: str,
        *,
        bearer: str | None = None,
        cookie: str | None = None,
        media: str | None = None,
        **options: Any,
    ) -> Any:
        """A request with these credentials and no others; its response."""
        given = {
            "authorization": bearer and f"Bearer {bearer}",
            "cookie": cookie and f"l2c={cookie}",
            "content-type": media,
        }
        headers = {name: value for name, value in given.items() if value is not None}
        self.client.cookies.clear()
        return self.client.request(method, path, headers=headers, follow_redirects=False, **options)


@contextmanager
def neighbours(home: Path, starter: Path, *, with_accounts: bool = True) -> Iterator[Neighbours]:
    """The house, with its server, until the block ends."""
    runtime = Runtime.open(settings(home, starter, require_key=True, ollama_url=""), role="server")
    app = create_app(runtime, hosts=None)
    residents: Residents = app.state.residents
    door = residents.door
    door.passwords = Passwords(memory_kib=64)  # fast: the slowness has a test of its own
    ids = {"root": door.accounts.local()}
    if with_accounts:
        hashed = door.passwords.hash(PASSWORD)
        door.accounts.found("root", password=hashed)
        ids |= {name: door.accounts.create(name, password=hashed).id for name in ("ada", "eve")}
    with TestClient(app, base_url="http://l2c.example", raise_server_exceptions=False) as client:
        yield Neighbours(app, residents, client, ids)
