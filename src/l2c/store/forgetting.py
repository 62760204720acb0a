"""Forgetting: what somebody asked for, what has been done of it, and what knew of it.

It is done in three steps, each of which can be done again after a crash:

1. `begin` commits the wish. From then on the text teaches nothing, pages of the notebook it came
   from are not learned, and a checkpoint that never read it answers.
2. `erase` takes the text from the copies of the store, then from the store itself.
3. The learner replays what the models learned without it (`l2c.learning.unlearning`) through the
   lease, link by link (`l2c.store.replaying`). When that is done for every model and
   the old files are gone, `close` ends it.

Which checkpoints knew of it is said in `l2c.store.taint`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Connection, Row, Select, insert, select, update

from l2c.errors import Conflict
from l2c.store import branches, erasing
from l2c.store.copies import Copies
from l2c.store.database import Database, new_id
from l2c.store.erasing import Aim
from l2c.store.notes import UNLEARNED
from l2c.store.removal import remove_copies
from l2c.store.schema import (
    checkpoint,
    conversation,
    exchange,
    forgetting,
    lesson_source,
    model,
    note,
    turn,
)
from l2c.store.schema.forgetting import Forgettable, ForgettingState
from l2c.store.states import ExchangeState
from l2c.store.taint import Has, Line, Place, number_of, step_of
from l2c.store.turns import not_found

__all__ = ["Forgettable", "Forgetting", "ForgettingRow", "ForgettingState"]


@dataclass(frozen=True, slots=True)
class ForgettingRow:
    """One wish to forget. `done` of `steps` checkpoints were made again; `report` says the rest."""

    id: str
    kind: Forgettable
    target: str
    state: ForgettingState
    created_at: str
    finished_at: str | None
    done: int
    steps: int
    report: dict[str, Any]


@dataclass(frozen=True, slots=True)
class CarriedOut:
    """A wish whose text the store no longer has: when it was asked, and what for."""

    id: str
    created_at: str
    target: str


def carried_out(database: Database) -> list[CarriedOut]:
    """What anybody had forgotten, so that other machines follow; oldest first."""
    erased = select(forgetting.c.id, forgetting.c.created_at, forgetting.c.target).where(
        forgetting.c.state != ForgettingState.ERASING
    )
    with database.read() as connection:
        rows = connection.execute(erased.order_by(forgetting.c.seq))
        return [CarriedOut(*row) for row in rows]


class Forgetting:
    """What one user wants forgotten."""

    def __init__(self, database: Database, user_id: str) -> None:
        self._database = database
        self._user_id = user_id

    def begin(self, kind: Forgettable, target: str, *, has: Has) -> ForgettingRow:
        """Commit the wish, and let clean checkpoints answer from now on.

        Asking twice for what is under way gives the same row; another wish takes over what is
        left of the one under way, which ends. Raises `NotFound`, and `Busy` while an answer is
        being written there.
        """

        def work(connection: Connection) -> ForgettingRow:
            before = self._under_way(connection)
            if before is not None and (before.kind, before.target) == (kind, target):
                return before
            aim = erasing.aim_at(connection, self._user_id, kind, target)
            self._hide(connection, aim)
            plan: dict[str, Any] = {"aim": asdict(aim), "lessons": self._taught(connection, aim)}
            if before is not None:
                plan = self._taken_over(connection, before, plan)
            plan["models"] = self._plan_models(connection, plan, has)
            plan["dreams"] = self._remove_copies(connection, plan)
            row = {"id": new_id(), "user_id": self._user_id, "kind": kind, "target": target}
            row |= {"state": ForgettingState.ERASING, "created_at": self._database.now()}
            connection.execute(insert(forgetting).values(**row, plan=plan, report={}))
            if before is not None:
                self._end(connection, before, {"goes_on_in": row["id"]})
            return self._get(connection, row["id"])

        return self._database.write(work, reserve=True)

    def erase(self, forgetting_id: str, copies: Copies) -> ForgettingRow:
        """Take the text from every copy of the store and from the store. Twice is once.

        What lies beside the store of a conversation that goes on is there again, without the
        text, when it does.
        """
        plan = self.plan(forgetting_id)
        if "aim" not in plan:
            return self.get(forgetting_id)  # it is done, or goes on in another
        aim = Aim.of(plan)
        touched = self._conversations_of(aim)
        removed = copies.forget(aim.conversations, aim.turns, aim.documents, aim.notes)

        def work(connection: Connection) -> None:
            if self._get(connection, forgetting_id).state is not ForgettingState.ERASING:
                return
            report: dict[str, Any] = dict(erasing.erase(connection, self._user_id, aim))
            report["copies_removed"] = removed
            self._change(connection, forgetting_id, state=ForgettingState.REBUILDING, report=report)

        self._database.write(work, reserve=True)
        copies.forget_beside(touched)  # last, since until now they could be written anew
        self._database.shrink()
        return self.get(forgetting_id)

    def settle(self, forgetting_id: str, *, has: Has) -> dict[str, Any]:
        """The plan, made once more when no lesson is under way: one may have ended since.

        Raises `Conflict` when it is done, or goes on in another.
        """

        def work(connection: Connection) -> dict[str, Any]:
            self._get(connection, forgetting_id)
            query = select(forgetting.c.plan).where(forgetting.c.id == forgetting_id)
            plan = dict(connection.execute(query).scalar_one())
            if "aim" not in plan:
                raise Conflict("Something else is to be forgotten too; it begins again with both.")
            if plan.get("settled"):
                return plan
            before = plan | {"before": plan["models"], "settled": True}
            before["models"] = self._plan_models(connection, before, has)
            self._change(connection, forgetting_id, plan=before)
            return before

        return self._database.write(work, reserve=True)

    def close(self, forgetting_id: str, report: dict[str, Any]) -> ForgettingRow:
        """End it: everything was done, and `report` is added to what is said of it."""

        def work(connection: Connection) -> ForgettingRow:
            self._end(connection, self._get(connection, forgetting_id), report)
            return self._get(connection, forgetting_id)

        closed = self._database.write(work, reserve=True)
        self._database.shrink()
        return closed

    def get(self, forgetting_id: str) -> ForgettingRow:
        """How far it has come. Raises `NotFound`."""
        with self._database.read() as connection:
            return self._get(connection, forgetting_id)

    def all(self, *, limit: int = 100) -> list[ForgettingRow]:
        """What was asked for, newest first."""
        query = self._select().order_by(forgetting.c.seq.desc()).limit(limit)
        with self._database.read() as connection:
            return [_row(row) for row in connection.execute(query)]

    def under_way(self) -> ForgettingRow | None:
        """The wish that is not fulfilled yet, if there is one."""
        with self._database.read() as connection:
            return self._under_way(connection)

    def plan(self, forgetting_id: str) -> dict[str, Any]:
        """What is to go, and of each model what knew of it; of a finished one only numbers."""
        with self._database.read() as connection:
            self._get(connection, forgetting_id)
            query = select(forgetting.c.plan).where(forgetting.c.id == forgetting_id)
            return dict(connection.execute(query).scalar_one())

    def digests_of_others(self, digests: Sequence[str]) -> set[str]:
        """Those of these checkpoints that are another user's too."""
        query = select(checkpoint.c.digest).where(
            checkpoint.c.user_id != self._user_id, checkpoint.c.digest.in_(digests)
        )
        with self._database.read() as connection:
            return set(connection.execute(query).scalars())

    def _conversations_of(self, aim: Aim) -> list[str]:
        query = select(turn.c.conversation_id).where(turn.c.id.in_(aim.turns)).distinct()
        with self._database.read() as connection:
            return [*aim.conversations, *connection.execute(query).scalars()]

    def _hide(self, connection: Connection, aim: Aim) -> None:
        """Let nothing of it teach or be found any more."""
        touched = select(turn.c.conversation_id).where(turn.c.id.in_(aim.turns))
        for one in {*aim.conversations, *connection.execute(touched).scalars()}:
            branches.see_that_nothing_is_being_written(connection, one)
        mine = conversation.c.user_id == self._user_id
        connection.execute(
            update(conversation)
            .where(mine, conversation.c.id.in_(aim.conversations))
            .values(deleted_at=self._database.now(), learn=False)
        )
        waiting = exchange.c.state.in_([ExchangeState.PENDING, ExchangeState.REFUSED])
        connection.execute(
            update(exchange)
            .where(exchange.c.user_id == self._user_id, waiting, aim.exchanges)
            .values(state=ExchangeState.WITHDRAWN)
        )
        connection.execute(
            update(note).where(note.c.user_id == self._user_id, aim.pages).values(**UNLEARNED)
        )

    def _taught(self, connection: Connection, aim: Aim) -> dict[str, list[int]]:
        """Of each model, the lessons that had such sources."""
        rows = connection.execute(
            select(lesson_source.c.model, lesson_source.c.lesson)
            .where(lesson_source.c.user_id == self._user_id, aim.sources)
            .distinct()
        )
        taught: dict[str, list[int]] = {}
        for row in rows:
            taught.setdefault(row.model, []).append(row.lesson)
        return taught

    def _taken_over(
        self, connection: Connection, before: ForgettingRow, plan: dict[str, Any]
    ) -> dict[str, Any]:
        """The plan with what is left of the wish before it."""
        query = select(forgetting.c.plan).where(forgetting.c.id == before.id)
        old = connection.execute(query).scalar_one()
        aim = {name: [*old["aim"].get(name, []), *ids] for name, ids in plan["aim"].items()}
        names = {*old["lessons"], *plan["lessons"]}
        lessons = {
            name: [*old["lessons"].get(name, []), *plan["lessons"].get(name, [])] for name in names
        }
        return {"aim": aim, "lessons": lessons, "before": old["models"]}

    def _plan_models(
        self, connection: Connection, plan: dict[str, Any], has: Has
    ) -> dict[str, Any]:
        """Of each model what knew of it; a clean checkpoint is live when this returns."""
        before, plans = plan.pop("before", {}), {}
        for name, numbers in sorted(plan["lessons"].items()):
            itself = (model.c.user_id == self._user_id) & (model.c.name == name)
            at = connection.execute(select(model.c.live, model.c.starter).where(itself)).one()
            earlier = before.get(name, {})
            answers_meanwhile = earlier.get("meanwhile") == at.live
            tip = (answers_meanwhile and earlier["was_live"]) or at.live
            placed = _placed(earlier)
            line = Line(connection, self._user_id, name, set(numbers), live=tip, placed=placed)
            plans[name] = line.plan() | {"meanwhile": at.live, "placed": sorted(placed)}
            if tip in line.moved:
                clean = line.clean_live(has)
                starter = line.root_of(clean) if at.starter in line.tainted else at.starter
                connection.execute(update(model).where(itself).values(live=clean, starter=starter))
                plans[name]["meanwhile"] = clean
        return plans

    def _remove_copies(self, connection: Connection, plan: dict[str, Any]) -> list[str]:
        """Erase the models that are copies of what knew; the dreams whose files are to go."""
        knew = {digest for one in plan["models"].values() for digest in one["tainted"]}
        names, dreams = remove_copies(connection, self._user_id, knew)
        for name in names:
            plan["models"].pop(name, None)
            plan["lessons"].pop(name, None)
        return dreams

    def _select(self) -> Select[Any]:
        return select(forgetting).where(forgetting.c.user_id == self._user_id)

    def _get(self, connection: Connection, forgetting_id: str) -> ForgettingRow:
        query = self._select().where(forgetting.c.id == forgetting_id)
        row = connection.execute(query).one_or_none()
        if row is None:
            raise not_found("forgetting", forgetting_id)
        return _row(row)

    def _under_way(self, connection: Connection) -> ForgettingRow | None:
        query = self._select().where(forgetting.c.state != ForgettingState.DONE)
        row = connection.execute(query.order_by(forgetting.c.seq).limit(1)).one_or_none()
        return None if row is None else _row(row)

    def _end(self, connection: Connection, row: ForgettingRow, report: dict[str, Any]) -> None:
        self._change(
            connection,
            row.id,
            state=ForgettingState.DONE,
            finished_at=self._database.now(),
            report=row.report | report,
            plan={"done": row.done, "steps": row.steps},
        )

    def _change(self, connection: Connection, forgetting_id: str, **values: Any) -> None:
        connection.execute(
            update(forgetting).where(forgetting.c.id == forgetting_id).values(**values)
        )


def _placed(earlier: dict[str, Any]) -> dict[int, Place]:
    """Where the lessons stood that earlier plans have carried out again."""
    known = {number_of(step): place for step, place in earlier.get("aside", {}).items()}
    done = {*earlier.get("placed", []), *(n for n in known if step_of(n) in earlier["map"])}
    return {number: (known[number][0], known[number][1]) for number in done}


def _row(row: Row[Any]) -> ForgettingRow:
    models = row.plan.get("models", {}).values()
    steps = sum(len(one["order"]) for one in models)
    done = sum(digest in one["map"] for one in models for digest in one["order"])
    return ForgettingRow(
        id=row.id,
        kind=Forgettable(row.kind),
        target=row.target,
        state=ForgettingState(row.state),
        created_at=row.created_at,
        finished_at=row.finished_at,
        done=row.plan.get("done", done),
        steps=row.plan.get("steps", steps),
        report=row.report,
    )
