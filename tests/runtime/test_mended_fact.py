"""A fact that is mended under Memory is learned as a correction is, and forgotten as one."""

import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from l2c.runtime import Runtime
from l2c.store.forgetting import Forgettable
from tests.server.serving import settings, write_starter

TOLD, MENDED = "My cat is called Pim.", "My cat is called Tom."


@pytest.fixture
def runtime(tmp_path: Path) -> Iterator[Runtime]:
    starter = write_starter(tmp_path / "starter.safetensors")
    with Runtime.open(settings(tmp_path / "home", starter)) as runtime:
        yield runtime


def learn(runtime: Runtime) -> None:
    with closing(runtime.learner(threading.Event())) as learner:
        learner.run_until_idle()


def mend(runtime: Runtime) -> str:
    """Give the fact that was told another value; the turn that says so."""
    (one,) = runtime.memory.all()
    assert one.row is not None
    mended = runtime.memory.change(one.row.id, "Tom")
    assert mended.row is not None
    return mended.row.turn_id


def taught(runtime: Runtime) -> str:
    """Everything the newest lesson taught, which was kept."""
    (newest, *_) = runtime.lessons(limit=1, before=None).lessons
    assert newest.state == "kept"
    return "\n".join(source.text or "" for source in runtime.lesson(newest.number)[1])


def test_the_next_lesson_teaches_the_new_value_and_never_the_old_one(runtime: Runtime) -> None:
    runtime.chat(TOLD, seed=1)
    learn(runtime)
    assert "Pim" in taught(runtime)
    mend(runtime)
    learn(runtime)
    assert MENDED in taught(runtime)
    assert "Your cat is called Tom." in taught(runtime)
    assert "Pim" not in taught(runtime)


def test_what_was_not_learned_yet_is_withdrawn_in_the_same_lesson(runtime: Runtime) -> None:
    runtime.chat(TOLD, seed=1)
    mend(runtime)
    learn(runtime)
    assert "Your cat is called Tom." in taught(runtime)
    assert "Pim" not in taught(runtime)


def test_forgotten_it_leaves_the_weights_as_if_nothing_had_been_mended(runtime: Runtime) -> None:
    runtime.chat(TOLD, seed=1)
    learn(runtime)
    before = runtime.models.live("le")
    said = mend(runtime)
    learn(runtime)
    assert runtime.models.live("le") != before
    runtime.forgetter.forget(Forgettable.TURN, said)
    learn(runtime)
    assert runtime.models.live("le") == before
    assert [one.fact.value for one in runtime.memory.all()] == ["Pim"]
