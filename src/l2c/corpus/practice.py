"""What the starters practised, as wordings with their answers.

The handwritten talks that are trained, the small talk and the everyday remarks of the generator
that need no made-up word, and what it asks for by heart: opposites, colours and meanings. Beside
them stands what no model is trained on, written out for the router: what is true of the program
(`itself.toml`), small talk (`small_talk.toml`), tiny stories (`tales.toml`) and more knowledge of
that sort (`by_heart.toml`, `meanings.toml`; what the models practised goes before it).
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from importlib import resources
from typing import Any

from l2c.conversation import Role
from l2c.corpus.dialogues import handwritten, is_held_out
from l2c.corpus.wordings import Slots, fill, read_wordings, slots_of

WORDINGS = 3
"""Of a reply with a word to fill in, so many wordings stand for all."""

Line = tuple[str, str, str]
"""What is said, the answer, and the answer before it; that is empty in an opening."""

AFTER = {
    "": "", "story": "(a story)", "greeting": "(how are you)", "question": "(a question)",
}  # fmt: skip
"""What stands for the answer before, where small talk belongs after something."""


def exchanges() -> list[Line]:
    """Everything said in the talks that are trained, handwritten before generated."""
    return [*_written(), *_small_talk(), *_everyday()]


def remarks() -> tuple[str, ...]:
    """Answers that are never wrong after somebody has told something."""
    return tuple(_table("small_talk.toml")["told"])


def passing() -> list[Line]:
    """Small talk that no model is trained on."""
    return [
        (said, answer, AFTER[entry.get("after", "")])
        for entry in _table("small_talk.toml")["talk"]
        for said in entry["said"]
        for answer in entry["le"]
    ]


def general() -> frozenset[str]:
    """Answers to anything at all, which say nothing of the matter."""
    return frozenset(answer for reply in read_wordings().open for answer in reply.le)


def heard() -> tuple[str, ...]:
    """Answers to whatever somebody replies to a question."""
    return tuple(_table("small_talk.toml")["heard"])


def more() -> tuple[str, ...]:
    """What may be asked about anything somebody told."""
    return tuple(_table("small_talk.toml")["more"])


def tales() -> tuple[tuple[str, ...], tuple[str, ...], dict[str, tuple[str, ...]]]:
    """Tiny stories about any hero, about what cannot be one, and of a sort; see `tales.toml`."""
    table = _table("tales.toml")
    sorts = {"|".join(sort["cues"]): tuple(sort["tales"]) for sort in table["sort"]}
    return tuple(table["hero"]), tuple(table["matter"]), sorts


def itself() -> dict[str, str]:
    """Questions about `le` and the program, to what is true."""
    table = _table("itself.toml")["answer"]
    return {asked: str(entry["says"]) for entry in table for asked in entry["asked"]}


def opposites() -> dict[str, Line]:
    """Words to the question for their opposite."""
    pairs = [*map(tuple, _table("by_heart.toml")["opposites"]), *read_wordings().pairs]
    slots = {word: {"word": word, "other": other} for word, other in pairs}
    return {word: _question("opposite.ask", filled) for word, filled in slots.items()}


def colours() -> dict[str, Line]:
    """Things, without their article, to the question for their colour."""
    return {
        _bare(thing): _question("colour.ask", {"thing": thing, "is": verb, "colour": colour})
        for thing, verb, colour in [*_table("by_heart.toml")["colours"], *read_wordings().things]
    }


def meanings() -> dict[str, Line]:
    """Words, without their article, to the question what they mean."""
    return {
        _bare(word): _question("define.ask", {"a_word": word, "meaning": meaning})
        for word, meaning in [
            *_table("meanings.toml")["meanings"].items(),
            *read_wordings().meanings,
        ]
    }


def _table(name: str) -> dict[str, Any]:
    file = resources.files("l2c.corpus").joinpath(name)
    return tomllib.loads(file.read_text(encoding="utf-8"))


def _written() -> Iterator[Line]:
    for talk in handwritten():
        if is_held_out(talk):
            continue
        for at, message in enumerate(talk[:-1]):
            if message.role is Role.USER:
                yield message.text, talk[at + 1].text, talk[at - 1].text if at else ""


def _small_talk() -> Iterator[Line]:
    for piece in read_wordings().talk:
        for said in piece.you.train:
            for answer in piece.le:
                for before in piece.answers or ("",):
                    yield said, answer, before


def _everyday() -> Iterator[Line]:
    """Every reply, in a few of its wordings filled with each word of its list."""
    for reply in read_wordings().everyday:
        slots = sorted(set().union(*map(slots_of, (*reply.ask.train, *reply.le))))
        for filled in _filled(slots):
            for said in reply.ask.train[: WORDINGS if filled else None]:
                for answer in reply.le:
                    text = fill(said, filled)
                    yield text[:1].upper() + text[1:], fill(answer, filled), ""


def _filled(slots: list[str]) -> list[dict[str, str]]:
    """All fillings of at most one slot from the lists; none for what is made up."""
    lists = read_wordings().lists
    if not slots:
        return [{}]
    if len(slots) > 1 or slots[0] not in lists:
        return []
    return [{slots[0]: word} for word in lists[slots[0]]]


def _question(name: str, slots: Slots) -> Line:
    question = read_wordings().questions[name]
    return fill(question.ask.train[0], slots), fill(question.answer, slots), ""


def _bare(words: str) -> str:
    first, _, rest = words.partition(" ")
    return (rest if first.lower() in ("a", "an", "the") else words).lower()
