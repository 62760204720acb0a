"""The notebook: pages of a user's own, and which words of them were learned.

A page is saved whole, under the number of the revision it was written on, so that neither a second
tab nor a save that comes late can overwrite what it has not seen. What was learned is kept as it
was read, word for word: the counting memory is nothing but the sum of these texts and can be made
again from them at any time.

The same transaction puts its paragraphs where they teach the weights (`l2c.store.teaching`), in a
conversation that the page names. Forgetting that conversation, or the page, unlearns both at once
(`l2c.store.forgetting`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, Select, and_, func, insert, select, update

from l2c.errors import Conflict
from l2c.store import teaching
from l2c.store.database import Database, new_id
from l2c.store.exchanges import storable
from l2c.store.schema import conversation, exchange, note
from l2c.store.states import ExchangeState
from l2c.store.turns import not_found

_AN_ID = re.compile("[0-9a-f]{32}")

SHOWN_CHARACTERS = 300
"""How much of a page a list shows."""


UNLEARNED = {
    "learned_text": None,
    "learned_revision": None,
    "learned_at": None,
    "learned_in": None,
    "saved": None,
    "starter_saved": None,
}
"""The columns of a page of which nothing is learned."""


@dataclass(frozen=True, slots=True)
class NoteRow:
    """One page; `saved` and `starter_saved` are shares of its keystrokes, None before measured.

    `learned_in` is the conversation in which it teaches the weights. Of its paragraphs `waiting`
    are still to be learned there; `lesson` is the last that learned one of them.
    """

    seq: int
    id: str
    text: str
    revision: int
    learned_revision: int | None
    learned_at: str | None
    saved: float | None
    starter_saved: float | None
    created_at: str
    changed_at: str
    learned_in: str | None
    waiting: int
    lesson: int | None


class NotePage(NamedTuple):
    """Some pages, newest first, and what to pass as `before` for the next, if there are any."""

    notes: list[NoteRow]
    next: int | None


class Learned(NamedTuple):
    """Which revision of a page was learned."""

    id: str
    revision: int


class Notes:
    """The notebook of one user."""

    def __init__(self, database: Database, user_id: str) -> None:
        self._database = database
        self._user_id = user_id

    def add(self, text: str) -> NoteRow:
        """A new page. Raises `InvalidInput` for text that is no Unicode."""
        return self._database.write(
            lambda connection: self._begin(connection, new_id(), storable(text, "text"))
        )

    def page(self, *, limit: int, before: int | None = None) -> NotePage:
        """Pages, newest first, each with only the beginning of its text."""
        beginning = func.substr(note.c.text, 1, SHOWN_CHARACTERS).label("text")
        columns: list[Any] = [one for one in note.c if one.name not in ("text", "learned_text")]
        columns += _in_lessons()
        query = select(beginning, *columns).where(note.c.user_id == self._user_id)
        if before is not None:
            query = query.where(note.c.seq < before)
        with self._database.read() as connection:
            rows = connection.execute(query.order_by(note.c.seq.desc()).limit(limit + 1)).all()
        found = [_note(row) for row in rows]
        return NotePage(found[:limit], found[limit - 1].seq if len(found) > limit else None)

    def get(self, note_id: str) -> NoteRow:
        """A page. Raises `NotFound`."""
        with self._database.read() as connection:
            return self._get(connection, note_id)

    def write(self, note_id: str, text: str, *, revision: int) -> NoteRow:
        """Save a page that was `revision` when it was changed; 0 for one that is begun by this.

        Saving the words that stand there already changes nothing, and words that only go on from
        them take nothing away, whatever the revision: so the answer to an earlier save may be lost,
        and an earlier save that comes late is refused. Raises `NotFound`, also for an id that
        nobody made, `InvalidInput`, and `Conflict` when somebody saved other words meanwhile.
        """
        storable(text, "text")

        def work(connection: Connection) -> NoteRow:
            if revision == 0 and self._is_free(connection, note_id):
                return self._begin(connection, note_id, text)
            here = self._get(connection, note_id)
            if here.text == text:
                return here
            goes_on = here.text != "" and text.startswith(here.text)
            if here.revision != revision and not goes_on:
                raise Conflict(
                    f"This page was changed elsewhere: it is at revision {here.revision}, these "
                    f"words were written on {revision}."
                )
            connection.execute(
                update(note)
                .where(note.c.id == note_id)
                .values(text=text, revision=here.revision + 1, changed_at=self._database.now())
            )
            return self._get(connection, note_id)

        return self._database.write(work)

    def learn(
        self, note_id: str, paragraphs: Sequence[str], *, revision: int, title: str, model: str
    ) -> NoteRow:
        """Say that the page as it stands is learned, and let its paragraphs teach the weights.

        A conversation for them begins with this title, to be answered by `model`, unless there is
        one. Raises `NotFound`, `Busy` while an answer is being written in it, and `Conflict` when
        the page is at another revision by now.
        """

        def work(connection: Connection) -> NoteRow:
            here, now = self._get(connection, note_id), self._database.now()
            if here.revision != revision:
                raise Conflict(
                    f"This page was changed meanwhile: it is at revision {here.revision}, "
                    f"revision {revision} was to be learned."
                )
            learned_in = teaching.put(
                connection,
                self._user_id,
                paragraphs,
                into=here.learned_in,
                title=title,
                model=model,
                now=now,
            )
            as_it_stands = {"learned_text": here.text, "learned_revision": here.revision}
            learned = UNLEARNED | as_it_stands | {"learned_at": now, "learned_in": learned_in}
            connection.execute(update(note).where(note.c.id == note_id).values(**learned))
            return self._get(connection, note_id)

        return self._database.write(work)

    def unlearn(self, note_id: str) -> NoteRow:
        """Say that nothing of the page is learned any more. Raises `NotFound`.

        What it taught the weights is not touched: that is for `l2c.store.forgetting`.
        """

        def work(connection: Connection) -> NoteRow:
            self._get(connection, note_id)
            connection.execute(update(note).where(note.c.id == note_id).values(**UNLEARNED))
            return self._get(connection, note_id)

        return self._database.write(work)

    def teaching_in(self, conversations: Sequence[str]) -> dict[str, str]:
        """The pages that teach in these conversations, by their ids."""
        query = select(note.c.learned_in, note.c.id).where(
            note.c.user_id == self._user_id, note.c.learned_in.in_(conversations)
        )
        with self._database.read() as connection:
            return {row.learned_in: row.id for row in connection.execute(query)}

    def measured(self, learned: Learned, *, saved: float, starter_saved: float) -> None:
        """Note what suggestions would have spared; nothing when it was learned anew meanwhile."""
        this = (
            (note.c.user_id == self._user_id)
            & (note.c.id == learned.id)
            & (note.c.learned_revision == learned.revision)
        )
        self._database.write(
            lambda connection: connection.execute(
                update(note).where(this).values(saved=saved, starter_saved=starter_saved)
            )
        )

    def learned(self) -> set[Learned]:
        """Which revisions of which pages are learned now."""
        query = select(note.c.id, note.c.learned_revision).where(
            note.c.user_id == self._user_id, note.c.learned_revision.is_not(None)
        )
        with self._database.read() as connection:
            return {Learned(*row) for row in connection.execute(query)}

    def learned_text(self, learned: Learned) -> str | None:
        """What was learned of a page; None when that is no longer so."""
        query = select(note.c.learned_text).where(
            note.c.user_id == self._user_id,
            note.c.id == learned.id,
            note.c.learned_revision == learned.revision,
        )
        with self._database.read() as connection:
            return connection.execute(query).scalar()

    def _is_free(self, connection: Connection, note_id: str) -> bool:
        """Whether a page may have this id: one as `new_id` makes them, that no page has."""
        taken = connection.execute(select(note.c.id).where(note.c.id == note_id)).first()
        return taken is None and _AN_ID.fullmatch(note_id) is not None

    def _begin(self, connection: Connection, note_id: str, text: str) -> NoteRow:
        now = self._database.now()
        times = {"created_at": now, "changed_at": now}
        connection.execute(
            insert(note).values(id=note_id, text=text, user_id=self._user_id, revision=1, **times)
        )
        return self._get(connection, note_id)

    def _get(self, connection: Connection, note_id: str) -> NoteRow:
        row = connection.execute(self._mine().where(note.c.id == note_id)).one_or_none()
        if row is None:
            raise not_found("note", note_id)
        return _note(row)

    def _mine(self) -> Select[Any]:
        return select(note, *_in_lessons()).where(note.c.user_id == self._user_id)


def _in_lessons() -> tuple[Any, Any]:
    """How many paragraphs of a page wait to be learned, and the last lesson that learned one."""
    its = and_(
        exchange.c.conversation_id == note.c.learned_in, exchange.c.user_id == note.c.user_id
    )
    of_it = select(func.count()).select_from(exchange).join(conversation, _ANSWERED).where(its)
    waiting = of_it.where(
        exchange.c.state == ExchangeState.PENDING, conversation.c.deleted_at.is_(None)
    )
    newest = select(func.max(exchange.c.lesson)).join(conversation, _ANSWERED).where(its)
    return (
        waiting.correlate(note).scalar_subquery().label("waiting"),
        newest.correlate(note).scalar_subquery().label("lesson"),
    )


_ANSWERED = and_(
    conversation.c.id == exchange.c.conversation_id, conversation.c.model == exchange.c.model
)
"""An exchange, as the model learns it that the page taught first."""


def _note(row: Row[Any]) -> NoteRow:
    return NoteRow(**{name: getattr(row, name) for name in NoteRow.__dataclass_fields__})
