"""The streams: a play, conversations of four kinds, and sequences whose endings are swapped."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from benchmarks import cui, quality
from l2c import corpus
from l2c.conversation import Message
from l2c.corpus import facts, knowledge, replies
from l2c.corpus.chance import Chance
from l2c.corpus.script import Script
from l2c.corpus.typist import typed
from l2c.corpus.wordings import read_wordings

if TYPE_CHECKING:
    from jaxtyping import Int32

TASKS = 4
LEARNED, HELD_OUT = 8_192, 2_048
"""Tokens of each task."""


@dataclass(frozen=True)
class Task:
    """What is learned of it, and what is only read."""

    learned: Int32[np.ndarray, " N"]
    held_out: Int32[np.ndarray, " M"]


@dataclass(frozen=True)
class Stream:
    """Tasks in their order, over one vocabulary."""

    name: str
    vocab_size: int
    tasks: tuple[Task, ...]


def play(data: Path | None) -> Stream | None:
    """Four parts of tinyshakespeare; None where the text is not found."""
    path = quality.find("tinyshakespeare", data)
    if path is None:
        return None
    text, size = path.read_text(encoding="utf-8"), LEARNED + HELD_OUT
    apart = len(text) // TASKS
    return _characters("play", [text[n * apart :][:size] for n in range(TASKS)])


def dialogues() -> Stream:
    """Handwritten talk, facts told and asked for, small knowledge, everyday answers."""
    talks = corpus.handwritten()
    random.Random(0).shuffle(talks)
    handwritten = (_said(talk) for talk in talks)
    made = (_generated(family) for family in (facts.facts, knowledge.knowledge, replies.everyday))
    return _characters("dialogues", [_enough(handwritten), *(_enough(one) for one in made)])


def endings() -> Stream:
    """The sequences of `benchmarks.cui`, each a letter for a symbol; every task swaps endings."""
    tasks = []
    for number in range(TASKS):
        swapped = [cui.SEQUENCES[i ^ (number % 2)][-1] for i in range(len(cui.SEQUENCES))]
        chance = random.Random(number)
        tokens: list[int] = []
        while len(tokens) < LEARNED + HELD_OUT:
            which = chance.randrange(len(cui.SEQUENCES))
            tokens += [*cui.SEQUENCES[which][:-1], swapped[which]]
            tokens.append(cui.SYMBOLS + chance.randrange(50))
        tasks.append(_task(np.array(tokens[: LEARNED + HELD_OUT], np.int32)))
    return Stream("endings", cui.SYMBOLS + 50, tuple(tasks))


def _characters(name: str, texts: list[str]) -> Stream:
    alphabet = {character: token for token, character in enumerate(sorted(set("".join(texts))))}
    tokens = [np.array([alphabet[character] for character in text], np.int32) for text in texts]
    return Stream(name, len(alphabet), tuple(_task(one) for one in tokens))


def _task(tokens: Int32[np.ndarray, " N"]) -> Task:
    return Task(tokens[:LEARNED], tokens[LEARNED : LEARNED + HELD_OUT])


def _enough(pieces: Iterable[str]) -> str:
    """Pieces one after the other, until they are a task."""
    text = ""
    for piece in pieces:
        text += piece
        if len(text) >= LEARNED + HELD_OUT:
            break
    return text[: LEARNED + HELD_OUT]


def _generated(family: Callable[[Script], None]) -> Iterator[str]:
    wordings = read_wordings()
    for index in range(LEARNED):
        chance = Chance(0, 0, index)
        script = Script(wordings, "train", chance)
        family(script)
        yield _said(typed(script.messages, chance))


def _said(talk: Iterable[Message]) -> str:
    return "".join(f"{message.text}\n" for message in talk) + "\n"
