"""Whole conversations as values: every branch, read out and taken in without loss.

Taking in is idempotent. A conversation is known by its own id, or by the name it had where it came
from; of a known one only turns that are not there yet are added, and what its user changed here
stays. Ids are kept where they are free, so that what refers to them goes on working; where they are
not, fresh ones are given and the old ones remembered as names.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, insert, select, update

from l2c.conversation import Origin, Role, TurnStatus
from l2c.errors import InvalidInput
from l2c.store import branches, folders, listing, queue, search, shelving, turns
from l2c.store.database import Database, new_id
from l2c.store.exchanges import storable
from l2c.store.schema import conversation, folder, turn
from l2c.store.writer import Work

_AT_ONCE = 500

OWN = "l2c:"
"""Begins the name of a conversation that came from another L2C and could not keep its id."""


@dataclass(frozen=True, slots=True)
class TreeTurn:
    """One turn of a tree. `source_id` is the name it had where it came from."""

    id: str
    parent_id: str | None
    role: Role
    text: str
    created_at: str
    finished_at: str
    status: TurnStatus = TurnStatus.COMPLETE
    made_from: str | None = None
    learn: bool = True
    pinned: bool = False
    rating: int | None = None
    model: str | None = None
    checkpoint: str | None = None
    origin: Origin | None = None
    sampling: dict[str, Any] | None = None
    window: dict[str, Any] | None = None
    error: str | None = None
    source_id: str | None = None


@dataclass(frozen=True, slots=True)
class Tree:
    """A conversation with all its turns, each after the one it follows."""

    id: str
    title: str
    titled: bool
    model: str
    learn: bool
    created_at: str
    updated_at: str
    active_turn_id: str | None
    turns: tuple[TreeTurn, ...]
    pinned: bool = False
    archived: bool = False
    folder: str | None = None
    tags: tuple[str, ...] = ()
    system_prompt: str = ""
    sampling: dict[str, Any] | None = None
    draft: str = ""
    source_id: str | None = None
    source_digest: str | None = None


class Taken(StrEnum):
    """What became of a tree that was to be taken in."""

    ADDED = "added"
    EXTENDED = "extended"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class Intake:
    """What became of a tree, in which conversation it is, and how many turns were added."""

    taken: Taken
    conversation_id: str
    turns: int


class Trees:
    """The conversations of one user, as trees."""

    def __init__(self, database: Database, user_id: str) -> None:
        self._database = database
        self._user_id = user_id

    def ids(self) -> list[str]:
        """Every conversation, the one that rested longest first."""
        query = (
            select(conversation.c.id)
            .where(conversation.c.user_id == self._user_id, conversation.c.deleted_at.is_(None))
            .order_by(conversation.c.activity)
        )
        with self._database.read() as connection:
            return list(connection.execute(query).scalars())

    def get(self, conversation_id: str) -> Tree:
        """The conversation as it is now. An answer on the way counts as interrupted.

        Raises `NotFound`.
        """
        with self._database.read() as connection:
            temporary = self._database.in_memory
            return read(connection, self._user_id, conversation_id, temporary=temporary)

    def each(self) -> Iterator[Tree]:
        """Every conversation, in the order of `ids`; those deleted meanwhile are left out."""
        for conversation_id in self.ids():
            with self._database.read() as connection:
                if is_there(connection, self._user_id, conversation_id):
                    temporary = self._database.in_memory
                    yield read(connection, self._user_id, conversation_id, temporary=temporary)

    def add(self, tree: Tree, *, learn: bool) -> Intake:
        """Take a tree in; with `learn` it teaches, and its exchanges are queued.

        Raises `InvalidInput` for a tree that contradicts itself; then nothing of it is stored.
        """
        return self._database.write(self._work(tree, learn=learn))

    def add_all(self, trees: Sequence[Tree], *, learn: bool) -> list[Future[Intake]]:
        """Take trees in together, which costs one flush of the disk; what became of each.

        One that cannot be taken in, as `add` says, changes nothing of the others.
        """
        return self._database.write_all([self._work(tree, learn=learn) for tree in trees])

    def _work(self, tree: Tree, *, learn: bool) -> Work[Intake]:
        return lambda connection: take_in(
            connection, self._user_id, tree, learn=learn, now=self._database.now()
        )


def take_in(connection: Connection, user_id: str, tree: Tree, *, learn: bool, now: str) -> Intake:
    """Take a tree in within another transaction; see `Trees.add`."""
    _check(tree)
    there = _known(connection, user_id, tree)
    taking = _Taking(connection, user_id, tree)
    intake = taking.begin(now=now) if there is None else taking.extend(there, now=now)
    if learn:
        here = intake.conversation_id
        connection.execute(update(conversation).where(conversation.c.id == here).values(learn=True))
        queue.queue_conversation(connection, user_id, here, now=now)
    return intake


class _Taking:
    """One tree on its way in."""

    def __init__(self, connection: Connection, user_id: str, tree: Tree) -> None:
        self._connection = connection
        self._user_id = user_id
        self._tree = tree
        self._ids: dict[str, str] = {}
        self._depths: dict[str, int] = {}

    def begin(self, *, now: str) -> Intake:
        """Make a conversation of it."""
        tree = self._tree
        same = select(conversation.c.id).where(conversation.c.id == tree.id)
        free = self._connection.execute(same).first() is None
        here = tree.id if free else new_id()
        source = tree.source_id or (None if free else OWN + tree.id)
        self._connection.execute(
            insert(conversation).values(
                id=here,
                user_id=self._user_id,
                title=tree.title,
                titled=tree.titled,
                model=tree.model,
                learn=tree.learn,
                pinned=tree.pinned,
                archived=tree.archived,
                folder_id=self._folder(now=now),
                system_prompt=tree.system_prompt,
                sampling=tree.sampling,
                draft=tree.draft,
                activity=branches.before_all(self._user_id),
                created_at=tree.created_at,
                updated_at=tree.updated_at,
                source_id=source,
                source_digest=None if source is None else tree.source_digest or "",
            )
        )
        shelving.set_tags(self._connection, here, self._user_id, tree.tags)
        self._add(here, tree.turns)
        self._end_in(here, tree.active_turn_id, tree.updated_at)
        if not tree.titled and not tree.title and tree.active_turn_id is not None:
            leaf = self._ids[tree.active_turn_id]
            branches.retitle(self._connection, here, self._user_id, leaf=leaf)
        return Intake(Taken.ADDED, here, len(tree.turns))

    def extend(self, here: str, *, now: str) -> Intake:
        """Add what the conversation does not have yet; its user's changes stay."""
        for row in self._connection.execute(
            select(turn.c.id, turn.c.source_id, turn.c.depth).where(turn.c.conversation_id == here)
        ):
            self._depths[row.id] = row.depth
            self._ids[row.id] = row.id
            if row.source_id is not None:
                self._ids[row.source_id] = row.id
        fresh = [one for one in self._tree.turns if self._name(one) not in self._ids]
        if not fresh:
            return Intake(Taken.UNCHANGED, here, 0)
        theirs = {self._ids.get(self._name(one)) for one in self._tree.turns} - {None}
        for one in self._tree.turns:
            self._ids.setdefault(one.id, self._ids.get(self._name(one), one.id))
        self._add(here, fresh)
        query = select(conversation.c.active_turn_id).where(conversation.c.id == here)
        end = self._connection.execute(query).scalar_one()
        if self._tree.active_turn_id is not None and (end is None or end in theirs):
            self._end_in(here, self._tree.active_turn_id, now)
            queue.follow_branch(self._connection, self._user_id, here, now=now)
        if self._tree.source_digest is not None:
            self._connection.execute(
                update(conversation)
                .where(conversation.c.id == here, conversation.c.source_id.is_not(None))
                .values(source_digest=self._tree.source_digest)
            )
        return Intake(Taken.EXTENDED, here, len(fresh))

    def _name(self, one: TreeTurn) -> str:
        return one.id if one.source_id is None else one.source_id

    def _add(self, here: str, fresh: Sequence[TreeTurn]) -> None:
        taken = self._taken([one.id for one in fresh])
        rows = [self._row(here, one, free=one.id not in taken) for one in fresh]
        if not rows:
            return
        numbered = insert(turn).returning(turn.c.seq, sort_by_parameter_order=True)
        seqs = self._connection.execute(numbered, rows).scalars()
        texts = [one.text for one in fresh]
        search.add(self._connection, self._user_id, zip(seqs, texts, strict=True))

    def _row(self, here: str, one: TreeTurn, *, free: bool) -> dict[str, Any]:
        """A turn as the table has it, under its own id where that is free."""
        turn_id = one.id if free else new_id()
        parent = None if one.parent_id is None else self._ids[one.parent_id]
        depth = 1 if parent is None else self._depths[parent] + 1
        self._ids[one.id] = turn_id
        self._depths[turn_id] = depth
        names = TreeTurn.__dataclass_fields__.keys() - {"id", "parent_id", "made_from"}
        values = {name: getattr(one, name) for name in names}
        return values | {
            "id": turn_id,
            "user_id": self._user_id,
            "conversation_id": here,
            "parent_id": parent,
            "made_from": None if one.made_from is None else self._ids.get(one.made_from),
            "depth": depth,
            "source_id": one.source_id or (None if free else one.id),
        }

    def _end_in(self, here: str, leaf: str | None, at: str) -> None:
        self._connection.execute(
            update(conversation)
            .where(conversation.c.id == here)
            .values(active_turn_id=None if leaf is None else self._ids[leaf], updated_at=at)
        )

    def _folder(self, *, now: str) -> str | None:
        name = self._tree.folder
        if name is None:
            return None
        known = folders.named(self._connection, self._user_id, name)
        return known or folders.add(self._connection, self._user_id, name, now=now)

    def _taken(self, ids: Sequence[str]) -> set[str]:
        """Which of these ids turns have already, anybody's."""
        taken: set[str] = set()
        for start in range(0, len(ids), _AT_ONCE):
            query = select(turn.c.id).where(turn.c.id.in_(ids[start : start + _AT_ONCE]))
            taken.update(self._connection.execute(query).scalars())
        return taken


def _known(connection: Connection, user_id: str, tree: Tree) -> str | None:
    """The conversation that is this tree already, perhaps in part."""
    mine = (conversation.c.user_id == user_id) & conversation.c.deleted_at.is_(None)
    names = [OWN + tree.id] if tree.source_id is None else [OWN + tree.id, tree.source_id]
    for which in (conversation.c.id == tree.id, conversation.c.source_id.in_(names)):
        found = connection.execute(
            select(conversation.c.id).where(mine, which).order_by(conversation.c.seq)
        ).scalar()
        if found is not None:
            return str(found)
    return None


def is_there(connection: Connection, user_id: str, conversation_id: str) -> bool:
    """Whether the user has this conversation, and has not deleted it."""
    query = select(conversation.c.seq).where(
        conversation.c.id == conversation_id,
        conversation.c.user_id == user_id,
        conversation.c.deleted_at.is_(None),
    )
    return connection.execute(query).first() is not None


def read(connection: Connection, user_id: str, conversation_id: str, *, temporary: bool) -> Tree:
    """The conversation as it is now, within another transaction. Raises `NotFound`."""
    row = listing.get(connection, user_id, conversation_id, temporary=temporary)
    beside = connection.execute(
        select(conversation.c.source_id, conversation.c.source_digest, folder.c.name)
        .outerjoin(folder, folder.c.id == conversation.c.folder_id)
        .where(conversation.c.id == conversation_id)
    ).one()
    said = connection.execute(
        select(turn).where(turn.c.conversation_id == conversation_id).order_by(turn.c.seq)
    ).all()
    names = Tree.__dataclass_fields__.keys() - {"folder", "turns", "source_id", "source_digest"}
    return Tree(
        **{name: getattr(row, name) for name in names},
        folder=beside.name,
        source_id=beside.source_id,
        source_digest=beside.source_digest,
        turns=tuple(_turn(connection, one) for one in said),
    )


def _turn(connection: Connection, row: Any) -> TreeTurn:
    names = TreeTurn.__dataclass_fields__.keys()
    values: dict[str, Any] = {name: getattr(row, name) for name in names}
    values["role"], values["status"] = Role(row.role), TurnStatus(row.status)
    values["origin"] = None if row.origin is None else Origin(row.origin)
    if values["status"] is TurnStatus.STREAMING:
        values["text"] = turns.journaled(connection, row.id)
        values["status"], values["finished_at"] = TurnStatus.INTERRUPTED, row.created_at
    return TreeTurn(**values)


def _check(tree: Tree) -> None:
    """Raise `InvalidInput` for a tree that cannot be a conversation."""
    for name in ("id", "title", "model", "system_prompt", "draft"):
        storable(getattr(tree, name), name)
    seen: set[str] = set()
    for one in tree.turns:
        storable(one.id, "id")
        storable(one.text, "text")
        if one.id in seen:
            raise InvalidInput(f"Two turns are called {one.id!r}.")
        if one.parent_id is not None and one.parent_id not in seen:
            raise InvalidInput(
                f"The turn {one.id!r} follows {one.parent_id!r}, which is not there."
            )
        if (one.role is Role.ASSISTANT) != (one.model is not None):
            raise InvalidInput(f"The turn {one.id!r} must name a model exactly when it answers.")
        if one.status is TurnStatus.STREAMING or (
            one.role is not Role.ASSISTANT and one.status is not TurnStatus.COMPLETE
        ):
            raise InvalidInput(f"The turn {one.id!r} cannot be {one.status}.")
        if one.rating is not None and (one.rating not in (-1, 1) or one.role is not Role.ASSISTANT):
            raise InvalidInput(f"The turn {one.id!r} cannot be rated {one.rating}.")
        seen.add(one.id)
    if tree.active_turn_id is not None and tree.active_turn_id not in seen:
        raise InvalidInput(f"The last turn {tree.active_turn_id!r} is not there.")
    if tree.turns and tree.active_turn_id is None:
        raise InvalidInput("A conversation with turns ends in one of them; none is named.")
