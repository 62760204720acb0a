"""`le` may be a mixture: its network learns in steps, its counts at once, the gate judges both."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from l2c.engines import checkpoint
from l2c.engines.mixture.engine import Mixture
from l2c.learning.examples import Source, from_source
from l2c.learning.lesson import DROPOUT
from tests.learning.school import School, practised_mixture

SAID = "My boat is made of larch and oak."


@pytest.fixture
def school(tmp_path: Path) -> Iterator[School]:
    opened = School.open(tmp_path, practised_mixture())
    yield opened
    opened.close()


def members(digest: str, school: School) -> Mixture:
    engine = school.folder.load(digest).engine
    assert isinstance(engine, Mixture)
    return engine


def test_a_lesson_trains_the_network_and_counts_the_exchange_once(school: School) -> None:
    before = members(school.live(), school)
    school.tell(SAID)
    (verdict,) = school.learn()
    assert verdict.startswith("Kept. Your text got ")
    after = members(school.live(), school)
    network, counts = after.members
    assert network.steps > before.members[0].steps
    assert network.config["dropout"] == DROPOUT
    model = school.folder.load(school.live())
    taught = from_source(Source(SAID, "Good to know."), model.tokenizer)
    expected = practised_mixture().copy().engine
    expected.remember(taught.batch)
    assert isinstance(expected, Mixture)
    for name, tensor in expected.members[1].tensors(optimizer=False).items():
        np.testing.assert_array_equal(counts.tensors()[name], tensor, err_msg=name)


def test_what_was_said_once_is_much_less_surprising_afterwards(school: School) -> None:
    before = school.folder.load(school.live())
    school.tell(SAID)
    school.learn()
    after = school.folder.load(school.live())
    surprise = [
        model.bits(from_source(Source(SAID, ""), model.tokenizer).tokens.tolist())
        for model in (before, after)
    ]
    assert surprise[1] < 0.8 * surprise[0]


def test_a_deleted_file_of_a_mixture_is_made_again_bit_for_bit(school: School) -> None:
    for text in (SAID, "The mast is made of spruce."):
        school.tell(text)
        school.learn()
    live = school.live()
    for row in school.models.checkpoints("le"):
        if row.lesson is not None:
            school.folder.path(row.digest).unlink()
    (outcome,) = school.learn()
    assert outcome == "Rebuilt. 2 lessons gave the same checkpoint again, bit for bit."
    assert checkpoint.load(school.folder.path(live), digest=live).engine.family == "mixture"
