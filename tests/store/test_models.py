import pytest

from l2c.errors import NotFound
from l2c.store.learning import Learning
from l2c.store.models import Models
from tests.store.talk import STARTER, Talk, begin_lesson, digest, keep

NEW_STARTER = "1" * 64


def ensure(models: Models, starter: str) -> str:
    return models.ensure(
        "le", engine="lstm", starter=starter, size_bytes=11, summary={"window": 1024}
    ).live


def test_a_model_begins_with_its_starter_live(models: Models) -> None:
    model = models.get("le")
    assert (model.engine, model.starter, model.live) == ("lstm", STARTER, STARTER)
    assert (model.learns, model.rebuild_requested, model.checkpoints) == (True, False, 1)
    assert model.summary == {"window": 512}
    (starter,) = models.checkpoints("le")
    assert (starter.parent, starter.lesson, starter.live) == (None, None, True)
    assert models.list() == [model]
    assert models.live("le") == STARTER


def test_asking_for_a_model_again_changes_nothing(models: Models) -> None:
    before = models.get("le")
    assert ensure(models, STARTER) == STARTER
    assert models.get("le") == before


def test_a_model_that_has_learned_nothing_takes_a_new_starter(models: Models) -> None:
    assert ensure(models, NEW_STARTER) == NEW_STARTER
    assert [row.digest for row in models.checkpoints("le")] == [NEW_STARTER, STARTER]
    assert models.get("le").summary == {"window": 1024}


def test_a_model_that_has_learned_keeps_its_starter(
    models: Models, learning: Learning, talk: Talk
) -> None:
    talk.say("Hello")
    lease = learning.acquire("le", holder="pid 1")
    keep(lease, begin_lesson(learning, lease), "first")
    assert ensure(models, NEW_STARTER) == digest("first")
    assert models.get("le").starter == STARTER


def test_an_older_checkpoint_can_be_made_live_again_and_a_newer_one_after_it(
    models: Models, learning: Learning, talk: Talk
) -> None:
    talk.say("Hello")
    lease = learning.acquire("le", holder="pid 1")
    keep(lease, begin_lesson(learning, lease), "first")
    newest, starter = models.checkpoints("le")
    assert (newest.digest, newest.parent, newest.lesson, newest.live) == (
        digest("first"),
        STARTER,
        1,
        True,
    )
    assert not starter.live
    assert models.promote("le", STARTER).live == STARTER
    assert models.promote("le", digest("first")).live == digest("first")
    assert models.checkpoint("le", digest("first")).live


def test_only_a_checkpoint_of_the_model_can_be_made_live(models: Models) -> None:
    models.ensure("other", engine="ngram", starter=NEW_STARTER, size_bytes=1, summary={})
    with pytest.raises(NotFound):
        models.promote("le", NEW_STARTER)
    with pytest.raises(NotFound):
        models.checkpoint("le", NEW_STARTER)
    assert models.live("le") == STARTER


def test_a_rebuild_is_asked_for_until_it_is_done(models: Models, learning: Learning) -> None:
    assert models.request_rebuild("le").rebuild_requested
    learning.acquire("le", holder="pid 1").finish_rebuild()
    assert not models.get("le").rebuild_requested


def test_a_model_begun_from_a_checkpoint_of_the_users_own_keeps_it(models: Models) -> None:
    own = models.begin_from("shakespeare", engine="lstm", checkpoint=digest("own"), size_bytes=7)
    assert (own.live, own.starter, own.learns) == (digest("own"), digest("own"), False)
    models.begin_from("le", engine="lstm", checkpoint=digest("own"), size_bytes=7)
    assert ensure(models, NEW_STARTER) == digest("own")
    assert [row.digest for row in models.checkpoints("le")] == [digest("own"), STARTER]
