"""Who uses this installation. For now one local user, who needs no password."""

from __future__ import annotations

from sqlalchemy import Connection, insert, select

from l2c.store.database import Database, new_id
from l2c.store.schema import account

LOCAL = "local"


class Accounts:
    """The accounts of a store; the one repository that is bound to no user."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def local(self) -> str:
        """The id of the local user, who is created on the first call."""
        return self.named(LOCAL)

    def ids(self) -> list[str]:
        """The ids of all users."""
        with self._database.read() as connection:
            return list(connection.execute(select(account.c.id)).scalars())

    def named(self, name: str) -> str:
        """The id of the user called `name`, who is created if there is none."""
        query = select(account.c.id).where(account.c.name == name)
        with self._database.read() as connection:
            known = connection.execute(query).scalar()
        if known is not None:
            return str(known)

        def create(connection: Connection) -> str:
            known = connection.execute(query).scalar()  # another process may have been faster
            if known is not None:
                return str(known)
            user_id = new_id()
            connection.execute(
                insert(account).values(id=user_id, name=name, created_at=self._database.now())
            )
            return user_id

        return self._database.write(create)
