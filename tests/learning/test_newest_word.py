"""The newest word wins in the weights, as it does in the memory: told, learned, and asked."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from l2c.conversation import Message, Role
from l2c.engines import checkpoint
from l2c.engines.engine import Sampler
from l2c.starter import PATH
from l2c.text.asking import NOT_TOLD
from tests.learning.school import School

pytestmark = pytest.mark.slow

FIRST = (
    "I hate Mondays.",
    "My cat is called Pim.",
    "My aunt lives in Brno.",
    "I play the cello.",
)
LATER = (
    "I love Mondays.",
    "My cat is now called Tom.",
    "No, my aunt lives in Graz.",
    "I no longer play the cello.",
)
ANSWERS = {
    "What do I love?": "Mondays. You love Mondays.",
    "What do I hate?": NOT_TOLD,
    "What is my cat called?": "Tom. Your cat is now called Tom.",
    "Where does my aunt live?": "Graz. Your aunt lives in Graz.",
    "What do I play?": NOT_TOLD,
}


@pytest.fixture
def school(tmp_path: Path) -> Iterator[School]:
    """The shipped starter, which nobody has told anything."""
    school = School.open(tmp_path, checkpoint.from_bytes(PATH.read_bytes()))
    yield school
    school.close()


def test_tastes_facts_and_corrections_are_answered_as_they_were_said_last(school: School) -> None:
    school.tell(*FIRST)
    assert ["Kept" in verdict for verdict in school.learn()] == [True]
    assert answer(school, "What do I hate?") == "Mondays. You hate Mondays."
    school.tell(*LATER)
    assert ["Kept" in verdict for verdict in school.learn()] == [True]
    assert {question: answer(school, question) for question in ANSWERS} == ANSWERS


def answer(school: School, question: str) -> str:
    """What the live checkpoint writes by itself, greedily."""
    model = school.folder.load(school.live())
    asked = [Message(Role.USER, question)]
    pieces = model.answer(asked, Sampler(temperature=0.0), length=40, seed=0)
    return "".join(piece.text for piece in pieces)
