"""What a lesson changed, as its user can see it: one question, asked of the versions around it.

The question asks for what a turn told, in plain grammar. Both versions answer in an empty
conversation, without memory, without the router and always taking the likeliest token, so that
what differs between the answers is the weights alone.
"""

from __future__ import annotations

from dataclasses import dataclass

from l2c.conversation import Message, Role
from l2c.engines.engine import Sampler
from l2c.errors import InvalidInput
from l2c.runtime import Runtime
from l2c.text.questioning import cores

ANSWER_TOKENS = 60


@dataclass(frozen=True, slots=True)
class Answered:
    """What a version of the model answers."""

    checkpoint: str
    text: str


@dataclass(frozen=True, slots=True)
class Proof:
    """A question about what a turn told, and its answers before and after the lesson."""

    lesson: int
    question: str
    value: str
    before: Answered
    after: Answered


def prove(runtime: Runtime, turn_id: str) -> Proof:
    """Ask both versions around the lesson of a turn for what it told.

    Raises `NotFound` for an unknown turn, and `InvalidInput`, saying why, where no lesson was made
    of it or nothing in it can be asked for.
    """
    turn = runtime.talks.of_turn(turn_id).turn(turn_id)
    if turn.lesson is None:
        raise InvalidInput("Nothing was learned from this turn.")
    lesson, _ = runtime.lesson(turn.lesson)
    if lesson.checkpoint is None:
        raise InvalidInput(f"Lesson {turn.lesson} was not kept.")
    told = (
        one.fact
        for one in runtime.memory.all()
        if one.row is not None and one.row.turn_id == turn_id
    )
    asked = next(((fact, core) for fact in told for core in cores(fact) if core.direct), None)
    if asked is None:
        raise InvalidInput("Nothing in this turn can be asked for.")
    fact, core = asked
    question = f"{core.direct[:1].upper()}{core.direct[1:]}?"
    versions = lesson.parent, lesson.checkpoint
    before, after = (Answered(digest, _answer(runtime, digest, question)) for digest in versions)
    return Proof(turn.lesson, question, fact.value, before, after)


def _answer(runtime: Runtime, digest: str, question: str) -> str:
    model = runtime.folder.load(digest)
    pieces = model.answer(
        [Message(Role.USER, question)], Sampler(temperature=0.0), length=ANSWER_TOKENS, seed=0
    )
    return "".join(piece.text for piece in pieces).strip()
