"""Dreams are written by the live checkpoint, kept as rows and files, and forgotten whole."""

import threading
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from l2c.conversation import Role
from l2c.engines import checkpoint
from l2c.errors import InvalidInput, NotFound
from l2c.learning import dreaming
from l2c.learning.dreaming import dream
from l2c.runtime import Runtime
from l2c.settings import Settings


def files(home: Settings) -> list[Path]:
    return sorted((home.data_dir / "dreams").rglob("*"))


def test_a_dream_names_its_checkpoint_and_can_be_dreamt_again(
    runtime: Runtime, home: Settings
) -> None:
    first, second = runtime.dreaming.dream(count=2, length=40, seed=5)
    assert first.row.checkpoint == runtime.models.live("le")
    assert (first.row.seed, second.row.seed) == (5, 6)
    assert first.text != second.text
    assert 0 <= first.row.repetition <= 1
    assert first.row.entropy > 0
    (again,) = runtime.dreaming.dream(length=40, seed=5)
    assert (again.text, again.row.entropy) == (first.text, first.row.entropy)
    assert len(files(home)) == 3
    assert any(first.text in path.read_text() for path in files(home))


def test_a_dream_can_be_written_again_from_its_checkpoint_and_seed_alone(
    runtime: Runtime, home: Settings
) -> None:
    (view,) = runtime.dreaming.dream(length=200, temperature=0.9)
    model = checkpoint.load(runtime.folder.path(view.row.checkpoint))
    again = dream(model, talks=True, length=200, temperature=0.9, seed=view.row.seed)
    assert again.text == view.text
    assert [message.role for message in again.messages][:2] == [Role.USER, Role.ASSISTANT]


def test_a_model_taught_plain_text_dreams_plain_text(runtime: Runtime) -> None:
    model = runtime.folder.load(runtime.models.live("le"))
    found = dream(model, talks=False, length=30, temperature=1.0, seed=1)
    assert found.messages == ()
    assert len(found.text) == 30


def test_dreams_come_newest_first_page_by_page(runtime: Runtime) -> None:
    dreamt = runtime.dreaming.dream(count=5, length=8)
    page, following = runtime.dreaming.page(limit=3, before=None)
    rest, none = runtime.dreaming.page(limit=3, before=following)
    assert [view.row.id for view in [*page, *rest]] == [view.row.id for view in reversed(dreamt)]
    assert none is None


def test_a_kept_dream_is_kept_and_a_discarded_one_leaves_nothing(
    runtime: Runtime, home: Settings
) -> None:
    kept, other = runtime.dreaming.dream(count=2, length=30)
    assert runtime.dreaming.keep(kept.row.id, kept=True).row.kept
    assert [row.id for row in runtime.dreaming.kept("le")] == [kept.row.id]
    runtime.dreaming.discard(other.row.id)
    (path,) = files(home)
    assert kept.row.id in path.name
    with pytest.raises(NotFound):
        runtime.dreaming.discard(other.row.id)


@pytest.mark.parametrize("wish", [{"count": 0}, {"count": 99}, {"length": 0}, {"length": 10**6}])
def test_a_wish_out_of_range_is_refused(runtime: Runtime, wish: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        runtime.dreaming.dream(**wish)


def test_nobody_sees_or_touches_another_user_s_dreams(runtime: Runtime) -> None:
    (mine,) = runtime.dreaming.dream(length=8)
    eve = Runtime(runtime.house, runtime.house.door.accounts.create("eve").id)
    assert eve.dreaming.page(limit=9, before=None) == ([], None)
    for touch in (eve.dreaming.discard, lambda one: eve.dreaming.keep(one, kept=True)):
        with pytest.raises(NotFound):
            touch(mine.row.id)
    eve.leave()


def test_when_what_a_model_learned_is_erased_its_dreams_are_too(
    runtime: Runtime, home: Settings
) -> None:
    said = runtime.chat("My cat is called Zyzzyva.")
    other = runtime.chat("This taught nothing.", learn=False)
    runtime.house.copies.take("before")
    runtime.dreaming.dream(count=2, length=20)
    (home.data_dir / "dreams" / "an unrelated file.txt").write_text("mine")
    runtime.house.copies.take("after")
    runtime.house.copies.forget_conversations([other.conversation_id])
    assert len(runtime.dreaming.page(limit=9, before=None)[0]) == 2
    learn(runtime)
    runtime.house.copies.forget_conversations([said.conversation_id])
    assert runtime.dreaming.page(limit=9, before=None) == ([], None)
    assert [path.name for path in files(home)] == ["an unrelated file.txt"]


def learn(runtime: Runtime) -> None:
    with closing(runtime.learner(threading.Event())) as learner:
        assert learner.run_until_idle()


def test_a_dream_reads_as_a_conversation() -> None:
    said = (("user", "Hello"), ("assistant", "Good morning."))
    assert dreaming.text_of(said) == "you: Hello\nle: Good morning."
