"""Folders, which conversations lie in, and tags, which conversations have."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from l2c.errors import Conflict, InvalidInput
from l2c.store import queue
from l2c.store.database import Database, new_id
from l2c.store.exchanges import storable
from l2c.store.schema import conversation, folder, tag, unlearned_folder
from l2c.store.turns import not_found

NAME_CHARACTERS = 100


@dataclass(frozen=True, slots=True)
class FolderRow:
    """A folder, how many conversations lie in it, and whether they teach."""

    id: str
    name: str
    created_at: str
    conversations: int
    learn: bool


@dataclass(frozen=True, slots=True)
class TagRow:
    """A tag, and how many conversations have it."""

    name: str
    conversations: int


class Folders:
    """The folders and tags of one user."""

    def __init__(self, database: Database, user_id: str) -> None:
        self._database = database
        self._user_id = user_id

    def all(self) -> list[FolderRow]:
        """Every folder, by name."""
        with self._database.read() as connection:
            return _read(connection, self._user_id)

    def create(self, name: str) -> FolderRow:
        """A new folder. Raises `Conflict` when there is one of that name."""

        def work(connection: Connection) -> FolderRow:
            folder_id = add(connection, self._user_id, name, now=self._database.now())
            return get(connection, self._user_id, folder_id)

        return self._database.write(work)

    def rename(self, folder_id: str, name: str) -> FolderRow:
        """Give a folder another name. Raises `NotFound`, and `Conflict` when the name is taken."""

        def work(connection: Connection) -> FolderRow:
            get(connection, self._user_id, folder_id)
            clean = _free(connection, self._user_id, name, besides=folder_id)
            connection.execute(update(folder).where(folder.c.id == folder_id).values(name=clean))
            return get(connection, self._user_id, folder_id)

        return self._database.write(work)

    def set_learn(self, folder_id: str, learn: bool) -> FolderRow:
        """Say whether what is said in conversations of this folder teaches. Raises `NotFound`.

        False takes what waits out of the queue; True queues it again.
        """

        def work(connection: Connection) -> FolderRow:
            get(connection, self._user_id, folder_id)
            its = unlearned_folder.c.folder_id == folder_id
            connection.execute(delete(unlearned_folder).where(its))
            if not learn:
                row = {"folder_id": folder_id, "user_id": self._user_id}
                connection.execute(insert(unlearned_folder).values(**row))
            inside = select(conversation.c.id).where(
                conversation.c.user_id == self._user_id, conversation.c.folder_id == folder_id
            )
            for one in connection.execute(inside).scalars().all():
                if learn:
                    queue.queue_conversation(
                        connection, self._user_id, one, now=self._database.now()
                    )
                else:
                    queue.withdraw_conversation(connection, self._user_id, one)
            return get(connection, self._user_id, folder_id)

        return self._database.write(work)

    def change(self, folder_id: str, *, name: str | None, learn: bool | None) -> FolderRow:
        """Rename it, set whether it teaches, or both. Raises as these do."""
        if name is not None:
            self.rename(folder_id, name)
        if learn is not None:
            self.set_learn(folder_id, learn)
        with self._database.read() as connection:
            return get(connection, self._user_id, folder_id)

    def delete(self, folder_id: str) -> None:
        """Remove a folder; its conversations stay, in no folder. Raises `NotFound`."""

        def work(connection: Connection) -> None:
            get(connection, self._user_id, folder_id)
            connection.execute(
                update(conversation)
                .where(conversation.c.folder_id == folder_id)
                .values(folder_id=None)
            )
            connection.execute(delete(folder).where(folder.c.id == folder_id))

        self._database.write(work, reserve=True)

    def tags(self) -> list[TagRow]:
        """Every tag a conversation has, by name."""
        query = (
            select(tag.c.name, func.count().label("conversations"))
            .join(conversation, conversation.c.id == tag.c.conversation_id)
            .where(tag.c.user_id == self._user_id, conversation.c.deleted_at.is_(None))
            .group_by(tag.c.name)
            .order_by(tag.c.name)
        )
        with self._database.read() as connection:
            return [TagRow(row.name, row.conversations) for row in connection.execute(query)]


def get(connection: Connection, user_id: str, folder_id: str) -> FolderRow:
    """A folder of the user. Raises `NotFound`."""
    found = _read(connection, user_id, folder_id)
    if not found:
        raise not_found("folder", folder_id)
    return found[0]


def add(connection: Connection, user_id: str, name: str, *, now: str) -> str:
    """Add a folder; its id. Raises `Conflict` when there is one of that name."""
    folder_id = new_id()
    clean = _free(connection, user_id, name, besides=folder_id)
    connection.execute(
        insert(folder).values(id=folder_id, user_id=user_id, name=clean, created_at=now)
    )
    return folder_id


def named(connection: Connection, user_id: str, name: str) -> str | None:
    """The id of the user's folder of that name, if there is one."""
    same = (folder.c.user_id == user_id) & (folder.c.name == name)
    found = connection.execute(select(folder.c.id).where(same)).scalar()
    return None if found is None else str(found)


def _free(connection: Connection, user_id: str, name: str, *, besides: str) -> str:
    """The name on one line. Raises `InvalidInput`, and `Conflict` for another folder's name."""
    clean = " ".join(storable(name, "name").split())
    if not 1 <= len(clean) <= NAME_CHARACTERS:
        raise InvalidInput(f"`name` must have 1 to {NAME_CHARACTERS} characters; found {name!r}.")
    if named(connection, user_id, clean) not in (None, besides):
        raise Conflict(f"There is a folder called {clean!r} already.")
    return clean


def _read(connection: Connection, user_id: str, folder_id: str | None = None) -> list[FolderRow]:
    lying = (conversation.c.folder_id == folder.c.id) & conversation.c.deleted_at.is_(None)
    query = (
        select(
            folder,
            func.count(conversation.c.seq).label("conversations"),
            unlearned_folder.c.folder_id.is_(None).label("learn"),
        )
        .outerjoin(conversation, lying)
        .outerjoin(unlearned_folder, unlearned_folder.c.folder_id == folder.c.id)
        .where(folder.c.user_id == user_id)
        .group_by(folder.c.seq, unlearned_folder.c.folder_id)
        .order_by(folder.c.name)
    )
    if folder_id is not None:
        query = query.where(folder.c.id == folder_id)
    return [_folder(row) for row in connection.execute(query)]


def _folder(row: Row[tuple[object, ...]]) -> FolderRow:
    return FolderRow(row.id, row.name, row.created_at, row.conversations, bool(row.learn))
