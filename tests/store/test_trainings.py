"""Trainings of new models: asked for, reported on, paused, finished in one transaction, erased."""

from typing import Any

import pytest
from sqlalchemy import Connection

from l2c.errors import Conflict, NotFound
from l2c.store.accounts import Accounts
from l2c.store.database import Database
from l2c.store.models import Models
from l2c.store.trainings import Reached, TrainingRow, Trainings, TrainingState
from tests.store.talk import STARTER

HALF = Reached(5, 10, 2.5, 60.0, [[5, 2.5]], [[5, "The bean"]])


@pytest.fixture
def trainings(database: Database) -> Trainings:
    return Trainings(database, Accounts(database).local())


def ask(trainings: Trainings, name: str = "bean") -> TrainingRow:
    return trainings.add(name, engine="lstm", text="The bean grows.", minutes=1)


def test_the_oldest_that_runs_is_next(trainings: Trainings) -> None:
    first, second = ask(trainings), ask(trainings, "pea")
    assert trainings.next() == first
    assert trainings.pause(first.id).state is TrainingState.PAUSED
    assert trainings.next() == second
    trainings.go_on(first.id)
    assert [row.id for row in trainings.list()] == [second.id, first.id]
    upcoming = trainings.next()
    assert upcoming is not None
    assert upcoming.id == first.id


def test_a_report_counts_only_while_it_runs(trainings: Trainings) -> None:
    row = ask(trainings)
    assert trainings.report(row.id, HALF)
    trainings.pause(row.id)
    assert not trainings.report(row.id, Reached(6, 10, 2.0, 50.0, [], []))
    assert trainings.get(row.id).curve == [[5, 2.5]]
    trainings.go_on(row.id)
    trainings.fail(row.id, "It broke off.")
    assert trainings.get(row.id).reason == "It broke off."
    assert trainings.go_on(row.id).reason is None


def test_a_name_is_given_once(trainings: Trainings, database: Database) -> None:
    row = ask(trainings)
    with pytest.raises(Conflict, match="bean"):
        ask(trainings)
    trainings.delete(row.id)
    ask(trainings)
    Models(database, Accounts(database).local()).ensure(
        "pea", engine="lstm", starter=STARTER, size_bytes=1, summary={}
    )
    with pytest.raises(Conflict, match="pea"):
        ask(trainings, "pea")


def test_what_is_done_has_a_model_and_no_text(trainings: Trainings, database: Database) -> None:
    row = ask(trainings)
    models = Models(database, Accounts(database).local())

    def finish(connection: Connection) -> None:
        trainings.finishing(row.id, Reached(10, 10, 2.0, 0.0, [], []))(connection)

    begun: dict[str, Any] = {
        "engine": "lstm",
        "checkpoint": STARTER,
        "size_bytes": 1,
        "also": finish,
    }
    trainings.pause(row.id)
    with pytest.raises(Conflict):
        models.begin_from("bean", **begun)
    assert models.list() == []
    trainings.go_on(row.id)
    models.begin_from("bean", **begun)
    assert trainings.text(row.id) is None
    assert trainings.get(row.id).state is TrainingState.DONE
    with pytest.raises(Conflict, match="trained already"):
        trainings.go_on(row.id)


def test_an_erased_one_is_gone(trainings: Trainings) -> None:
    row = ask(trainings)
    trainings.delete(row.id)
    assert trainings.text(row.id) is None
    assert not trainings.report(row.id, HALF)
    for call in (trainings.get, trainings.pause, trainings.delete):
        with pytest.raises(NotFound):
            call(row.id)
