"""What people and programs come in with: sessions of browsers, keys of programs.

The secrets themselves are told once, when they are made; here are only their digests. Who comes
in is asked of the store each time, so what was taken away is refused from the next request on;
`still_valid` says the same of requests that go on.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, Select, delete, insert, or_, select, update

from l2c.errors import InvalidInput
from l2c.store.database import Database, new_id, rfc3339
from l2c.store.passwords import KEY_BEGINNING, digest_of, new_token
from l2c.store.schema import account, api_key, session
from l2c.store.schema.accounts import AccountRole
from l2c.store.turns import not_found

SESSION_DAYS = 30
MOST_SESSIONS, MOST_KEYS = 50, 100
"""Of one user; one more session, and the oldest ends."""


class Scope(StrEnum):
    """What a key may be used for."""

    READ = "read"
    CHAT = "chat"
    LEARN = "learn"
    ADMIN = "admin"


ALL_SCOPES = frozenset(Scope)


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody who was let in: who, as what, and with what.

    `credential` is the id of the session or key; None for the local user, who needs none.
    `at_the_page` says that a local caller came with the page's own token.
    """

    user_id: str
    name: str
    role: AccountRole
    scopes: frozenset[Scope]
    credential: str | None
    is_session: bool = False
    teaches: bool = False
    at_the_page: bool = True


@dataclass(frozen=True, slots=True)
class SessionRow:
    """A browser that signed in."""

    id: str
    created_at: str
    expires_at: str


@dataclass(frozen=True, slots=True)
class KeyRow:
    """A key as its owner sees it; `ending` are its last letters."""

    id: str
    name: str
    ending: str
    scopes: tuple[Scope, ...]
    teaches: bool
    created_at: str
    expires_at: str | None
    revoked_at: str | None


class Credentials:
    """The sessions and keys of one user."""

    def __init__(self, database: Database, user_id: str) -> None:
        self._database = database
        self._user_id = user_id

    def open_session(self) -> str:
        """The token of a new session."""
        token = new_token()

        def work(connection: Connection) -> str:
            now = self._database.now()
            connection.execute(delete(session).where(session.c.expires_at <= now))
            newest = (
                select(session.c.id)
                .where(session.c.user_id == self._user_id)
                .order_by(session.c.created_at.desc(), session.c.id)
                .offset(MOST_SESSIONS - 1)
            )
            connection.execute(delete(session).where(session.c.id.in_(newest)))
            expires_at = self._database.ago(-timedelta(days=SESSION_DAYS))
            row = {"id": new_id(), "user_id": self._user_id, "digest": digest_of(token)}
            connection.execute(insert(session).values(**row, created_at=now, expires_at=expires_at))
            return token

        return self._database.write(work)

    def sessions(self) -> list[SessionRow]:
        """The sessions that are open, the newest first."""
        query = (
            select(session)
            .where(session.c.user_id == self._user_id, session.c.expires_at > self._database.now())
            .order_by(session.c.created_at.desc(), session.c.id)
        )
        with self._database.read() as connection:
            rows = connection.execute(query).all()
        return [SessionRow(row.id, row.created_at, row.expires_at) for row in rows]

    def end_session(self, session_id: str) -> None:
        """Sign a browser out. Raises `NotFound`."""

        def work(connection: Connection) -> None:
            its = (session.c.id == session_id) & (session.c.user_id == self._user_id)
            if connection.execute(delete(session).where(its)).rowcount == 0:
                raise not_found("session", session_id)

        self._database.write(work, reserve=True)

    def create_key(
        self,
        name: str,
        scopes: Iterable[Scope],
        *,
        teaches: bool = False,
        expires_at: datetime | None = None,
    ) -> tuple[str, KeyRow]:
        """A new key, told only here, and its row.

        Raises `InvalidInput` for a key without scopes, one that has expired already, or one too
        many.
        """
        given = sorted(set(scopes), key=list(Scope).index)
        if not given:
            raise InvalidInput("A key needs at least one scope; found none.")
        until = None if expires_at is None else rfc3339(expires_at)
        if until is not None and until <= self._database.now():
            raise InvalidInput(f"A key must expire in the future; found {until}.")
        key, key_id = KEY_BEGINNING + new_token(), new_id()

        def work(connection: Connection) -> KeyRow:
            if len(connection.execute(self._keys()).all()) >= MOST_KEYS:
                raise InvalidInput(f"There may be {MOST_KEYS} keys; revoke one first.")
            connection.execute(
                insert(api_key).values(
                    id=key_id,
                    user_id=self._user_id,
                    name=name,
                    digest=digest_of(key),
                    ending=key[-4:],
                    scopes=given,
                    teaches=teaches,
                    created_at=self._database.now(),
                    expires_at=until,
                )
            )
            return self._key(connection, key_id)

        return key, self._database.write(work)

    def api_keys(self) -> list[KeyRow]:
        """The keys that were not revoked, the newest first."""
        with self._database.read() as connection:
            rows = connection.execute(self._keys().order_by(api_key.c.seq.desc())).all()
        return [_key(row) for row in rows]

    def revoke_key(self, key_id: str) -> None:
        """Make a key worthless, now. Raises `NotFound`."""

        def work(connection: Connection) -> None:
            its = (api_key.c.id == key_id) & (api_key.c.user_id == self._user_id)
            revoked = update(api_key).where(its, api_key.c.revoked_at.is_(None))
            if connection.execute(revoked.values(revoked_at=self._database.now())).rowcount == 0:
                raise not_found("key", key_id)

        self._database.write(work, reserve=True)

    def _keys(self) -> Select[Any]:
        return select(api_key).where(
            api_key.c.user_id == self._user_id, api_key.c.revoked_at.is_(None)
        )

    def _key(self, connection: Connection, key_id: str) -> KeyRow:
        return _key(connection.execute(self._keys().where(api_key.c.id == key_id)).one())


def of_token(database: Database, token: str) -> Caller | None:
    """Who comes in with the token of a session, or with a key; None for any other token."""
    table, digest = (api_key if token.startswith(KEY_BEGINNING) else session), digest_of(token)
    with database.read() as connection:
        row = connection.execute(
            _valid(table, database.now()).where(table.c.digest == digest)
        ).one_or_none()
    return None if row is None else _caller(table, row)


def still_valid(database: Database, callers: Iterable[Caller]) -> set[Caller]:
    """Those of the callers with a credential who could come in once more, as the same."""
    known, now, valid = set(callers), database.now(), set[Caller]()
    with database.read() as connection:
        for table in (session, api_key):
            ids = [caller.credential for caller in known if caller.is_session is (table is session)]
            rows = connection.execute(_valid(table, now).where(table.c.id.in_(ids))).all()
            valid |= {_caller(table, row) for row in rows}
    return known & valid


def _valid(table: Any, now: str) -> Select[Any]:
    """The rows of a table of credentials that let somebody in now."""
    query = (
        select(table, account.c.name.label("who"), account.c.role)
        .join(account, account.c.id == table.c.user_id)
        .where(
            account.c.disabled_at.is_(None),
            or_(table.c.expires_at.is_(None), table.c.expires_at > now),
        )
    )
    return query if table is session else query.where(table.c.revoked_at.is_(None))


def _caller(table: Any, row: Row[Any]) -> Caller:
    by_key = table is api_key
    return Caller(
        user_id=row.user_id,
        name=row.who,
        role=AccountRole(row.role),
        scopes=frozenset(map(Scope, row.scopes)) if by_key else ALL_SCOPES,
        credential=row.id,
        is_session=not by_key,
        teaches=bool(row.teaches) if by_key else False,
    )


def _key(row: Row[Any]) -> KeyRow:
    values = {name: getattr(row, name) for name in KeyRow.__dataclass_fields__}
    return KeyRow(**values | {"scopes": tuple(map(Scope, row.scopes))})
