"""Which conversation answers from which documents.

A document is attached to a conversation, or to a folder and so to every conversation in it.
"""

from __future__ import annotations

from sqlalchemy import Connection, Table, delete, insert, select, union

from l2c.store.database import Database
from l2c.store.documents import DocumentRow, Documents
from l2c.store.schema import (
    attachment,
    conversation,
    document,
    folder,
    folder_attachment,
)
from l2c.store.turns import not_found


class Attachments:
    """Where the documents of one user are used."""

    def __init__(self, database: Database, user_id: str) -> None:
        self._database = database
        self._user_id = user_id
        self._documents = Documents(database, user_id)

    def attach(self, conversation_id: str, document_id: str) -> None:
        """Let a conversation answer from a document; twice is once. Raises `NotFound`."""
        self._attach(attachment, "conversation", conversation_id, document_id)

    def attach_to_folder(self, folder_id: str, document_id: str) -> None:
        """Let every conversation of a folder answer from a document. Raises `NotFound`."""
        self._attach(folder_attachment, "folder", folder_id, document_id)

    def detach(self, conversation_id: str, document_id: str) -> None:
        """Take a document away from a conversation. Raises `NotFound` when it was not there."""
        self._detach(attachment, "conversation", conversation_id, document_id)

    def detach_from_folder(self, folder_id: str, document_id: str) -> None:
        """Take a document away from a folder. Raises `NotFound` when it was not there."""
        self._detach(folder_attachment, "folder", folder_id, document_id)

    def of_conversation(self, conversation_id: str) -> list[DocumentRow]:
        """The documents a conversation answers from, its folder's too. Raises `NotFound`."""
        with self._database.read() as connection:
            self._see(connection, "conversation", conversation_id)
            return self._used_in(connection, conversation_id)

    def used_in(self, conversation_id: str) -> list[DocumentRow]:
        """The same, and none of a conversation that is not there."""
        with self._database.read() as connection:
            return self._used_in(connection, conversation_id)

    def of_folder(self, folder_id: str) -> list[DocumentRow]:
        """The documents of a folder. Raises `NotFound`."""
        shared = select(folder_attachment.c.document_id).where(
            folder_attachment.c.folder_id == folder_id
        )
        with self._database.read() as connection:
            self._see(connection, "folder", folder_id)
            return self._documents.those(connection, shared)

    def _used_in(self, connection: Connection, conversation_id: str) -> list[DocumentRow]:
        own = select(attachment.c.document_id).where(
            attachment.c.conversation_id == conversation_id
        )
        shared = (
            select(folder_attachment.c.document_id)
            .join(conversation, conversation.c.folder_id == folder_attachment.c.folder_id)
            .where(conversation.c.id == conversation_id)
        )
        return self._documents.those(connection, union(own, shared))

    def _attach(self, table: Table, what: str, owner_id: str, document_id: str) -> None:
        def work(connection: Connection) -> None:
            self._see(connection, what, owner_id)
            self._see(connection, "document", document_id)
            named = {f"{what}_id": owner_id, "document_id": document_id}
            there = select(table.c.created_at).filter_by(**named)
            if connection.execute(there).first() is None:
                row = {"user_id": self._user_id, "created_at": self._database.now(), **named}
                connection.execute(insert(table).values(row))

        self._database.write(work)

    def _detach(self, table: Table, what: str, owner_id: str, document_id: str) -> None:
        def work(connection: Connection) -> None:
            self._see(connection, what, owner_id)
            gone = connection.execute(
                delete(table).where(
                    table.c.user_id == self._user_id,
                    table.c[f"{what}_id"] == owner_id,
                    table.c.document_id == document_id,
                )
            )
            if gone.rowcount == 0:
                raise not_found(f"document of this {what}", document_id)

        self._database.write(work)

    def _see(self, connection: Connection, what: str, its_id: str) -> None:
        """Raise `NotFound` unless the user has this conversation, folder or document."""
        of = {"conversation": conversation, "folder": folder, "document": document}[what]
        mine = select(of.c.id).where(of.c.id == its_id, of.c.user_id == self._user_id)
        if what == "conversation":
            mine = mine.where(conversation.c.deleted_at.is_(None))
        if connection.execute(mine).first() is None:
            raise not_found(what, its_id)
