"""What belongs to one user does not exist for another, whichever method is asked.

Every public method of every repository must be listed here, or the test fails: a new method
cannot be forgotten.
"""

import inspect
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import text

from l2c.conversation import TurnStatus
from l2c.errors import NotFound
from l2c.store.accounts import Accounts
from l2c.store.consent import Hours
from l2c.store.conversations import Conversations
from l2c.store.database import Database
from l2c.store.dreams import Dreams
from l2c.store.folders import Folders
from l2c.store.forgetting import Forgetting
from l2c.store.learning import Control, Learning
from l2c.store.lease import Doing, Lease, Remade
from l2c.store.ledger import Figures, NewCheckpoint, NewSource
from l2c.store.memory import Found, Memories, Unread
from l2c.store.models import Models
from l2c.store.notes import Notes
from l2c.store.schema import metadata
from l2c.store.schema.forgetting import Forgettable
from l2c.store.states import LessonKind
from l2c.store.trees import Trees
from tests.store import strangers
from tests.store.strangers import DREAMT, Ada, Eve
from tests.store.talk import STARTER, digest


@pytest.fixture
def ada(database: Database) -> Ada:
    return strangers.adas(database)


@pytest.fixture
def eve(database: Database) -> Eve:
    return strangers.eves(database)


@pytest.fixture
def everything(database: Database) -> Callable[[], dict[str, list[Any]]]:
    """Reads every row of every table."""

    def read() -> dict[str, list[Any]]:
        with database.read() as connection:
            return {
                name: list(connection.execute(text(f'SELECT * FROM "{name}"')).all())
                for name in [*metadata.tables, "turn_search"]
            }

    return read


def _hers(ada: Ada) -> list[NewSource]:
    return [NewSource(ada.exchange, "x", "x", False, "0" * 64)]


_MADE = NewCheckpoint(STARTER, 1)
_FIGURES: dict[str, Any] = {"verdict": "x", "figures": Figures()}

NOT_FOUND: dict[str, Callable[[Eve, Ada], object]] = {
    "Conversations.get": lambda eve, ada: eve.conversations.get(ada.conversation),
    "Conversations.update": lambda eve, ada: eve.conversations.update(ada.conversation, title="x"),
    "Conversations.delete": lambda eve, ada: eve.conversations.delete(ada.conversation),
    "Conversations.restore": lambda eve, ada: eve.conversations.restore(ada.deleted),
    "Conversations.begin_exchange": lambda eve, ada: eve.conversations.begin_exchange(
        ada.conversation, "x", model="eves", parent_id=ada.answer
    ),
    "Conversations.journal": lambda eve, ada: eve.conversations.journal(
        ada.streaming, 0, "x"
    ).result(),
    "Conversations.finish": lambda eve, ada: eve.conversations.finish(
        ada.streaming, status=TurnStatus.STOPPED, text="x"
    ),
    "Conversations.role_of": lambda eve, ada: eve.conversations.role_of(ada.answer),
    "Conversations.said_through": lambda eve, ada: eve.conversations.said_through(
        ada.conversation, ada.answer
    ),
    "Conversations.turn": lambda eve, ada: eve.conversations.turn(ada.answer),
    "Conversations.turns": lambda eve, ada: eve.conversations.turns(ada.conversation),
    "Conversations.change_turn": lambda eve, ada: eve.conversations.change_turn(
        ada.user, learn=False
    ),
    "Conversations.begin_edit": lambda eve, ada: eve.conversations.begin_edit(
        ada.user, "x", model="eves"
    ),
    "Conversations.begin_answer": lambda eve, ada: eve.conversations.begin_answer(
        ada.answer, model="eves"
    ),
    "Conversations.begin_continuation": lambda eve, ada: eve.conversations.begin_continuation(
        ada.answer, model="eves"
    ),
    "Conversations.correct_answer": lambda eve, ada: eve.conversations.correct_answer(
        ada.answer, "x"
    ),
    "Conversations.activate": lambda eve, ada: eve.conversations.activate(ada.user),
    "Conversations.versions": lambda eve, ada: eve.conversations.versions(ada.user),
    "Forgetting.begin": lambda eve, ada: eve.forgetting.begin(
        Forgettable.CONVERSATION, ada.conversation, has=lambda digest: True
    ),
    "Forgetting.erase": lambda eve, ada: eve.forgetting.erase(ada.forgetting, eve.copies),
    "Forgetting.settle": lambda eve, ada: eve.forgetting.settle(ada.forgetting, has=bool),
    "Forgetting.close": lambda eve, ada: eve.forgetting.close(ada.forgetting, {}),
    "Forgetting.get": lambda eve, ada: eve.forgetting.get(ada.forgetting),
    "Forgetting.plan": lambda eve, ada: eve.forgetting.plan(ada.forgetting),
    "Dreams.keep": lambda eve, ada: eve.dreams.keep(ada.dream, kept=True),
    "Dreams.get": lambda eve, ada: eve.dreams.get(ada.dream),
    "Dreams.discard": lambda eve, ada: eve.dreams.discard(ada.dream),
    "Memories.get": lambda eve, ada: eve.memories.get(ada.memory),
    "Memories.change": lambda eve, ada: eve.memories.change(ada.memory, value="x", said="x"),
    "Memories.delete": lambda eve, ada: eve.memories.delete([ada.memory]),
    "Notes.get": lambda eve, ada: eve.notes.get(ada.note.id),
    "Notes.write": lambda eve, ada: eve.notes.write(ada.note.id, "x", revision=1),
    "Notes.learn": lambda eve, ada: eve.notes.learn(
        ada.note.id, ["x"], revision=1, title="x", model="eves"
    ),
    "Notes.unlearn": lambda eve, ada: eve.notes.unlearn(ada.note.id),
    "Lease.put_in_place": lambda eve, ada: eve.lease.put_in_place(
        ada.forgetting, ada.checkpoint, STARTER
    ),
    "Lease.finish_forgetting": lambda eve, ada: eve.lease.finish_forgetting(ada.forgetting),
    "Folders.rename": lambda eve, ada: eve.folders.rename(ada.folder, "x"),
    "Folders.change": lambda eve, ada: eve.folders.change(ada.folder, name=None, learn=False),
    "Folders.set_learn": lambda eve, ada: eve.folders.set_learn(ada.folder, False),
    "Folders.delete": lambda eve, ada: eve.folders.delete(ada.folder),
    "Trees.get": lambda eve, ada: eve.trees.get(ada.conversation),
    "Models.get": lambda eve, ada: eve.models.get("adas"),
    "Models.live": lambda eve, ada: eve.models.live("adas"),
    "Models.pin": lambda eve, ada: eve.models.pin("eves", ada.checkpoint, True),
    "Models.promote": lambda eve, ada: eve.models.promote("eves", ada.checkpoint),
    "Models.remains": lambda eve, ada: eve.models._database.write(
        eve.models.remains("eves", ada.checkpoint)
    ),
    "Models.request_rebuild": lambda eve, ada: eve.models.request_rebuild("adas"),
    "Models.checkpoints": lambda eve, ada: eve.models.checkpoints("adas"),
    "Models.checkpoint": lambda eve, ada: eve.models.checkpoint("eves", ada.checkpoint),
    "Learning.acquire": lambda eve, ada: eve.learning.acquire("adas", holder="eve"),
    "Learning.pending": lambda eve, ada: eve.learning.pending("adas", limit=9),
    "Learning.queue_size": lambda eve, ada: eve.learning.queue_size("adas"),
    "Learning.conversations_learned": lambda eve, ada: eve.learning.conversations_learned("adas"),
    "Learning.lessons": lambda eve, ada: eve.learning.lessons("adas"),
    "Learning.lesson": lambda eve, ada: eve.learning.lesson("eves", ada.lesson),
    "Learning.sources": lambda eve, ada: eve.learning.sources("eves", ada.lesson),
    "Learning.set_aside": lambda eve, ada: eve.learning.set_aside("eves", ada.lesson),
    "Learning.ledger": lambda eve, ada: eve.learning.ledger("eves", ada.checkpoint),
    "Learning.taught": lambda eve, ada: eve.learning.taught("adas"),
    "Learning.loss_curve": lambda eve, ada: eve.learning.loss_curve("adas"),
    "Learning.bits_curve": lambda eve, ada: eve.learning.bits_curve("adas"),
    "Learning.status": lambda eve, ada: eve.learning.status("adas"),
    "Learning.ratings": lambda eve, ada: eve.learning.ratings("adas"),
    "Lease.take_back": lambda eve, ada: eve.lease.take_back(1, STARTER, ada.checkpoint, reason="x"),
    "Lease.start_lesson": lambda eve, ada: eve.lease.start_lesson(
        kind=LessonKind.EXCHANGES, parent=STARTER, recipe_version=1, sources=_hers(ada)
    ),
    "Lease.keep_lesson": lambda eve, ada: eve.lease.keep_lesson(ada.lesson, _MADE, **_FIGURES),
    "Lease.start_joint_lesson": lambda eve, ada: eve.lease.start_joint_lesson(
        parent=STARTER, recipe_version=1, attempt=0, sources=_hers(ada)
    ),
    "Lease.keep_joint_lesson": lambda eve, ada: eve.lease.keep_joint_lesson(
        ada.lesson, _MADE, was=STARTER, metrics={}, spans=[], **_FIGURES
    ),
    "Lease.refuse_lesson": lambda eve, ada: eve.lease.refuse_lesson(ada.lesson, **_FIGURES),
    "Lease.fail_lesson": lambda eve, ada: eve.lease.fail_lesson(ada.lesson, reason="x"),
}
"""Methods that are given an id or a name of Ada's: they must not find it."""

OWN_ONLY: dict[str, Callable[[Eve, Ada], object]] = {
    "Conversations.create": lambda eve, ada: eve.conversations.create(model="adas").turn_count == 0,
    "Conversations.list": lambda eve, ada: eve.conversations.list().conversations == [],
    "Conversations.purge_deleted": lambda eve, ada: eve.conversations.purge_deleted() == 0,
    "Conversations.interrupt_orphans": lambda eve, ada: eve.conversations.interrupt_orphans() == [],
    "Conversations.journal_all": lambda eve, ada: (
        eve.conversations.journal_all([(ada.streaming, 0, "x")]) == set()
    ),
    "Conversations.ask_to_stop": lambda eve, ada: eve.conversations.ask_to_stop(ada.streaming),
    "Conversations.history": lambda eve, ada: eve.conversations.history(99) == [],
    "Conversations.search": lambda eve, ada: eve.conversations.search("adas") == [],
    "Folders.all": lambda eve, ada: eve.folders.all() == [],
    "Folders.tags": lambda eve, ada: eve.folders.tags() == [],
    "Folders.create": lambda eve, ada: eve.folders.create("Adas folder").conversations == 0,
    "Forgetting.all": lambda eve, ada: eve.forgetting.all() == [],
    "Forgetting.under_way": lambda eve, ada: eve.forgetting.under_way() is None,
    "Forgetting.digests_of_others": lambda eve, ada: (
        eve.forgetting.digests_of_others([ada.checkpoint]) == {ada.checkpoint}
    ),
    "Dreams.add": lambda eve, ada: (
        eve.dreams.add("eves", checkpoint=STARTER, said=(), **DREAMT).id != ada.dream
    ),
    "Dreams.page": lambda eve, ada: eve.dreams.page().dreams == [],
    "Dreams.kept": lambda eve, ada: eve.dreams.kept("adas") == [],
    "Memories.unread": lambda eve, ada: eve.memories.unread(limit=9) == [],
    "Memories.before": lambda eve, ada: (
        eve.memories.before(Unread(9**9, ada.user, ada.conversation, 99, "x")) == []
    ),
    "Memories.keep": lambda eve, ada: eve.memories.keep(
        Unread(9**9, ada.user, ada.conversation, 0, "x"),
        [Found(Unread(9**9, ada.user, ada.conversation, 0, "x"), "s", "r", "v", "x", False, False)],
    ),
    "Memories.pass_over": lambda eve, ada: eve.passes_over(ada),
    "Memories.told": lambda eve, ada: eve.memories.told() == [],
    "Memories.turns_with_deleted": lambda eve, ada: eve.memories.turns_with_deleted() == set(),
    "Notes.add": lambda eve, ada: eve.notes.add("Adas diary").revision == 1,
    "Notes.page": lambda eve, ada: eve.notes.page(limit=9).notes == [],
    "Notes.measured": lambda eve, ada: eve.notes.measured(ada.note, saved=1.0, starter_saved=1.0),
    "Notes.learned": lambda eve, ada: eve.notes.learned() == set(),
    "Notes.learned_text": lambda eve, ada: eve.notes.learned_text(ada.note) is None,
    "Notes.teaching_in": lambda eve, ada: eve.notes.teaching_in([ada.taught_in]) == {},
    "Trees.ids": lambda eve, ada: eve.trees.ids() == [],
    "Trees.each": lambda eve, ada: list(eve.trees.each()) == [],
    "Trees.add": lambda eve, ada: eve.takes_in(ada).conversation_id != ada.conversation,
    "Trees.add_all": lambda eve, ada: eve.takes_all_in(ada).conversation_id != ada.conversation,
    "Models.ensure": lambda eve, ada: (
        eve.models.ensure(
            "adas", engine="x", starter=digest("x"), size_bytes=1, summary={}
        ).checkpoints
        == 1
    ),
    "Models.begin_from": lambda eve, ada: (
        eve.models.begin_from("adas", engine="x", checkpoint=digest("x"), size_bytes=1).checkpoints
        == 1
    ),
    # Digests and nothing else, so that nobody's learner deletes files of others.
    "Models.digests_of_others": lambda eve, ada: ada.checkpoint in eve.models.digests_of_others(),
    "Models.has": lambda eve, ada: not eve.models.has("adas"),
    "Models.list": lambda eve, ada: [row.name for row in eve.models.list()] == ["eves"],
    "Learning.control": lambda eve, ada: eve.learning.control() == Control(),
    "Learning.consent": lambda eve, ada: (
        eve.learning.consent.hours() == Hours()
        and eve.learning.consent.redacted() != set()
        and eve.learning.consent.thresholds() == {}
    ),
    "Learning.set_control": lambda eve, ada: eve.learning.set_control(paused=True).paused,
    "Lease.acquire": lambda eve, ada: eve.learning.acquire("eves", holder="eve").epoch == 2,
    "Lease.epoch": lambda eve, ada: eve.lease.epoch == 1,
    "Lease.abandon_unfinished": lambda eve, ada: eve.lease.abandon_unfinished(reason="x") == [],
    "Lease.replace_live": lambda eve, ada: eve.lease.replace_live(STARTER, []),
    "Lease.finish_rebuild": lambda eve, ada: eve.lease.finish_rebuild(),
    "Lease.report": lambda eve, ada: eve.lease.report(Doing("training")),
    "Lease.note_autosave": lambda eve, ada: eve.lease.note_autosave(),
    "Lease.count_practice": lambda eve, ada: eve.lease.count_practice(1) == 1,
    "Lease.add_to_loss_curve": lambda eve, ada: eve.lease.add_to_loss_curve([(1, 2.0)]),
}
"""Methods that are given nothing of Ada's: they see and change only what is Eve's.

A comparison says what Eve sees where the method returns something.
"""


REPOSITORIES = (
    *(Conversations, Folders, Trees, Models, Learning, Lease),
    *(Forgetting, Dreams, Memories, Notes),
)


def test_every_method_of_every_repository_is_tested_here() -> None:
    methods = {
        f"{repository.__name__}.{name}"
        for repository in REPOSITORIES
        for name, _ in inspect.getmembers(repository)
        if not name.startswith("_")
    }
    assert methods == NOT_FOUND.keys() | OWN_ONLY.keys()


@pytest.mark.parametrize("method", NOT_FOUND)
def test_what_is_another_users_is_not_found(
    method: str, eve: Eve, ada: Ada, everything: Callable[[], dict[str, list[Any]]]
) -> None:
    before = everything()
    with pytest.raises(NotFound):
        NOT_FOUND[method](eve, ada)
    assert everything() == before


@pytest.mark.parametrize("method", OWN_ONLY)
def test_only_ones_own_is_seen_and_changed(
    method: str, eve: Eve, ada: Ada, database: Database
) -> None:
    user = Accounts(database).named("ada")

    def adas() -> list[Any]:
        with database.read() as connection:
            return [
                connection.execute(
                    text(f"SELECT * FROM {name} WHERE user_id = :u"), {"u": user}
                ).all()
                for name, table in metadata.tables.items()
                if "user_id" in table.columns
            ]

    before = adas()
    assert OWN_ONLY[method](eve, ada) in (True, None)
    assert adas() == before


def test_a_checkpoint_of_another_user_is_not_taken_for_a_parent(eve: Eve, ada: Ada) -> None:
    remade = [Remade(ada.lesson, NewCheckpoint(digest("x"), 1))]
    with pytest.raises(NotFound):
        eve.lease.replace_live(STARTER, remade)


def test_a_key_of_another_user_is_free(eve: Eve, ada: Ada, database: Database) -> None:
    adas = Conversations(database, Accounts(database).named("ada"))
    mine = eve.conversations.create(model="eves").id
    adas.finish(ada.streaming, status=TurnStatus.STOPPED, text="")
    adas.begin_exchange(ada.conversation, "x", model="adas", key="k", request_digest="d")
    begun = eve.conversations.begin_exchange(mine, "x", model="eves", key="k", request_digest="d")
    assert not begun.repeated
    assert begun.user.conversation_id == mine


def test_two_users_have_models_of_the_same_name_and_digest(eve: Eve, ada: Ada) -> None:
    eve.models.ensure("adas", engine="lstm", starter=STARTER, size_bytes=1, summary={})
    assert eve.models.live("adas") == STARTER
    assert eve.learning.lessons("adas").lessons == []
    assert eve.learning.acquire("adas", holder="eve").epoch == 1
