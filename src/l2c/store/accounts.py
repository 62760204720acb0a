"""Who uses this installation. At first one local user, who needs no password."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, Select, delete, exists, func, insert, select, update

from l2c.errors import Conflict, InvalidInput
from l2c.store.database import Database, new_id
from l2c.store.schema import account, session
from l2c.store.schema.accounts import AccountRole
from l2c.store.turns import not_found

LOCAL = "local"
LONGEST_NAME = 64
_HAS_PASSWORD = select(exists().where(account.c.password.is_not(None)))
_anybody = account.alias("anybody")
_LOCAL_ALONE = select(account).where(
    account.c.local, ~exists().where(_anybody.c.password.is_not(None))
)


@dataclass(frozen=True, slots=True)
class AccountRow:
    """One account; `password` is its hash."""

    id: str
    name: str
    role: AccountRole
    local: bool
    password: str | None
    disabled_at: str | None
    created_at: str

    @property
    def disabled(self) -> bool:
        """Whether nobody can come in with it."""
        return self.disabled_at is not None


class Accounts:
    """The accounts of a store; with its neighbours at the door, bound to no user."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def local(self) -> str:
        """The id of the local user, who is created on the first call."""
        query = select(account.c.id).where(account.c.local)
        with self._database.read() as connection:
            known = connection.execute(query).scalar()
        if known is not None:
            return str(known)

        def create(connection: Connection) -> str:
            known = connection.execute(query).scalar()  # another process may have been faster
            if known is not None:
                return str(known)
            return self._add(connection, LOCAL, AccountRole.ADMINISTRATOR, None, local=True)

        return self._database.write(create)

    def named(self, name: str) -> str:
        """The id of the user called `name`, who is created, without password, if there is none."""
        query = select(account.c.id).where(account.c.name == name)
        with self._database.read() as connection:
            known = connection.execute(query).scalar()
        return str(known) if known is not None else self.create(name).id

    def ids(self) -> list[str]:
        """The ids of all users, the oldest first."""
        with self._database.read() as connection:
            return list(connection.execute(select(account.c.id).order_by(account.c.seq)).scalars())

    def all(self) -> list[AccountRow]:
        """All accounts, the oldest first."""
        with self._database.read() as connection:
            rows = connection.execute(select(account).order_by(account.c.seq)).all()
        return [_account(row) for row in rows]

    def get(self, user_id: str) -> AccountRow:
        """The account. Raises `NotFound`."""
        with self._database.read() as connection:
            return self._get(connection, user_id)

    def find(self, name: str) -> AccountRow | None:
        """The account of this name, however it is written, or None."""
        with self._database.read() as connection:
            row = connection.execute(_select(name)).one_or_none()
        return None if row is None else _account(row)

    def has_password(self) -> bool:
        """Whether anybody has a password, so that everybody has to sign in."""
        with self._database.read() as connection:
            return bool(connection.execute(_HAS_PASSWORD).scalar())

    def local_alone(self) -> AccountRow | None:
        """The local user, who is created on the first call; None where somebody has a password."""
        with self._database.read() as connection:
            row = connection.execute(_LOCAL_ALONE).one_or_none()
        if row is None:
            return None if self.has_password() else self.get(self.local())
        return _account(row)

    def create(
        self, name: str, *, role: AccountRole = AccountRole.USER, password: str | None = None
    ) -> AccountRow:
        """A new account.

        Raises `Conflict` when the name is taken, or when this would be the first password: the
        local user, who could not come in any more, has to have one before.
        """
        name = tidy(name)

        def work(connection: Connection) -> AccountRow:
            self._expect_free(connection, name)
            if password is not None and not connection.execute(_HAS_PASSWORD).scalar():
                raise Conflict("Give your own account a password first: `l2c accounts add`.")
            return self._get(connection, self._add(connection, name, role, password, local=False))

        return self._database.write(work)

    def found(self, name: str, *, password: str) -> AccountRow:
        """Give the local user a name and a password: the first administrator.

        Raises `Conflict` when somebody has a password already, and changes nothing.
        """
        name, local = tidy(name), self.local()

        def work(connection: Connection) -> AccountRow:
            if connection.execute(_HAS_PASSWORD).scalar():
                raise Conflict("The set-up is done already; sign in.")
            if self._get(connection, local).name != name:
                self._expect_free(connection, name)
            self._change(connection, local, name=name, password=password, disabled_at=None)
            return self._get(connection, local)

        return self._database.write(work)

    def change(
        self,
        user_id: str,
        *,
        role: AccountRole | None = None,
        password: str | None = None,
        disabled: bool | None = None,
        keep_session: str | None = None,
    ) -> AccountRow:
        """Change what is given; whatever that changes, all sessions but `keep_session` end.

        Raises `NotFound`, and `Conflict` when no administrator who can sign in would be left.
        """
        values: dict[str, Any] = {}
        if role is not None:
            values["role"] = role
        if password is not None:
            values["password"] = password
        if disabled is not None:
            values["disabled_at"] = self._database.now() if disabled else None

        def work(connection: Connection) -> AccountRow:
            self._get(connection, user_id)
            if values:
                self._change(connection, user_id, **values)
                others = session.c.id != (keep_session or "")
                connection.execute(delete(session).where(session.c.user_id == user_id, others))
            _see_that_somebody_administers(connection)
            return self._get(connection, user_id)

        return self._database.write(work)

    def _get(self, connection: Connection, user_id: str) -> AccountRow:
        row = connection.execute(select(account).where(account.c.id == user_id)).one_or_none()
        if row is None:
            raise not_found("account", user_id)
        return _account(row)

    def _expect_free(self, connection: Connection, name: str) -> None:
        if connection.execute(_select(name)).first() is not None:
            raise Conflict(f"There is an account called {name!r} already.")

    def _add(
        self,
        connection: Connection,
        name: str,
        role: AccountRole,
        password: str | None,
        *,
        local: bool,
    ) -> str:
        user_id = new_id()
        row = {"id": user_id, "name": name, "role": role, "local": local, "password": password}
        connection.execute(insert(account).values(**row, created_at=self._database.now()))
        return user_id

    def _change(self, connection: Connection, user_id: str, **values: Any) -> None:
        connection.execute(update(account).where(account.c.id == user_id).values(**values))


def tidy(name: str) -> str:
    """A name as it is kept: without case and look-alike forms. Raises `InvalidInput`."""
    tidied = unicodedata.normalize("NFKC", name).casefold().strip()
    if not 1 <= len(tidied) <= LONGEST_NAME or not all(
        character.isalnum() or character in "._-@+" for character in tidied
    ):
        raise InvalidInput(
            f"A name has 1 to {LONGEST_NAME} letters, digits or signs of ._-@+; found {name!r}."
        )
    return tidied


def _select(name: str) -> Select[Any]:
    tidied = unicodedata.normalize("NFKC", name).casefold().strip()
    return select(account).where(account.c.name == tidied)


def _see_that_somebody_administers(connection: Connection) -> None:
    able = account.c.password.is_not(None) & account.c.disabled_at.is_(None)
    administrators = able & (account.c.role == AccountRole.ADMINISTRATOR)
    signed_up = select(func.count()).where(account.c.password.is_not(None))
    if (
        connection.execute(signed_up).scalar_one()
        and not connection.execute(select(func.count()).where(administrators)).scalar_one()
    ):
        raise Conflict("Somebody must stay administrator; make another one first.")


def _account(row: Row[Any]) -> AccountRow:
    values = {name: getattr(row, name) for name in AccountRow.__dataclass_fields__}
    return AccountRow(**values | {"role": AccountRole(row.role)})
