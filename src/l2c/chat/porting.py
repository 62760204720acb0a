"""Export and import: conversations leave and come back whole, from here or from elsewhere.

Importing is safe to repeat: what is there already is not added again, and one conversation that
cannot be read never stops the others. Nothing that is imported teaches unless the caller says so.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar

from l2c.chat import foreign, transcripts, tree_json
from l2c.chat.elements import Element, Refused, elements
from l2c.chat.transcripts import Transcript
from l2c.conversation import Message, Role
from l2c.errors import InvalidInput, L2CError, StorageFull
from l2c.store.trees import Intake, Taken, Tree, Trees, TreeTurn

log = logging.getLogger(__name__)
T = TypeVar("T")

TURNS_TOGETHER, CHARACTERS_TOGETHER = 400, 1 << 18
"""When so much of a file was read, it is written, with one flush of the disk."""


class Format(StrEnum):
    """What an export is written as. `JSON` alone keeps every branch and every field."""

    JSON = "json"
    MARKDOWN = "markdown"
    TEXT = "text"
    OPENAI = "openai"
    SHAREGPT = "sharegpt"

    @property
    def suffix(self) -> str:
        """How the name of such a file ends."""
        return _SUFFIXES[self]


_SUFFIXES = {
    Format.JSON: ".json",
    Format.MARKDOWN: ".md",
    Format.TEXT: ".txt",
    Format.OPENAI: ".openai.jsonl",
    Format.SHAREGPT: ".sharegpt.jsonl",
}


class Result(StrEnum):
    """What became of a conversation that was to be imported."""

    ADDED = "added"
    EXTENDED = "extended"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Line:
    """What became of one conversation of a file; `turns` counts those that were added."""

    title: str
    outcome: Result
    turns: int = 0
    conversation_id: str | None = None
    reason: str | None = None

    def described(self) -> dict[str, Any]:
        """The line as the reference has it."""
        names = ("title", "conversation_id", "outcome", "turns", "reason")
        return {name: getattr(self, name) for name in names}


def export(trees: Trees, form: Format, *, conversation_id: str | None = None) -> Iterator[str]:
    """The file in pieces: of one conversation, or of all, the one that rested longest first.

    Raises `NotFound`.
    """
    chosen = trees.each() if conversation_id is None else iter([trees.get(conversation_id)])
    if form is Format.JSON:
        return tree_json.write(chosen)
    shown = (shown for tree in chosen if (shown := transcript_of(tree)).messages)
    if form is Format.MARKDOWN:
        return transcripts.write(shown, transcripts.MARKDOWN)
    if form is Format.TEXT:
        return transcripts.write(shown, transcripts.TEXT)
    write = foreign.openai_line if form is Format.OPENAI else foreign.sharegpt_line
    return (write(one) for one in shown)


def transcript_of(tree: Tree) -> Transcript:
    """What was said on the active branch, after the system prompt; empty answers are left out."""
    by_id = {one.id: one for one in tree.turns}
    said: list[TreeTurn] = []
    at = tree.active_turn_id
    while at is not None:
        said.append(by_id[at])
        at = by_id[at].parent_id
    messages = [Message(one.role, one.text) for one in reversed(said) if one.text]
    if messages and tree.system_prompt:
        messages.insert(0, Message(Role.SYSTEM, tree.system_prompt))
    return Transcript(tree.title, tuple(messages))


class Importing:
    """One file on its way in."""

    def __init__(self, trees: Trees, *, model: str, learn: bool, now: Callable[[], str]) -> None:
        self._trees = trees
        self._model = model
        self._learn = learn
        self._now = now
        self._alike: Counter[str] = Counter()
        self.counts: Counter[Result] = Counter()
        self.turns = 0

    def lines(self, path: Path) -> Iterator[Line]:
        """Take in what the file holds, one line for each conversation, as it goes.

        Raises `InvalidInput` when the file is of no known kind, and `StorageFull`.
        """
        for line in self._lines(elements(path)):
            self.counts[line.outcome] += 1
            self.turns += line.turns
            yield line

    def totals(self) -> dict[str, int]:
        """How many conversations came to what, and how many turns were added."""
        return {result.value: self.counts[result] for result in Result} | {"turns": self.turns}

    def _lines(self, found: Iterable[Element | Refused]) -> Iterator[Line]:
        """The lines in the order of the file; what stands in `waiting` is taken in together."""
        waiting: list[Line | Tree] = []
        try:
            for element in found:
                if isinstance(element, Refused):
                    waiting.append(Line(element.name, Result.REFUSED, reason=element.reason))
                elif isinstance(element, Transcript) or _is_conversation(element):
                    waiting.append(self._read(element))
                if _is_enough(waiting):
                    yield from self._taken(waiting)
                    waiting = []
        except InvalidInput:
            yield from self._taken(waiting)
            raise
        yield from self._taken(waiting)

    def _taken(self, waiting: Sequence[Line | Tree]) -> Iterator[Line]:
        trees = [one for one in waiting if isinstance(one, Tree)]
        intakes = iter(self._trees.add_all(trees, learn=self._learn))
        for one in waiting:
            yield one if isinstance(one, Line) else _line(one, next(intakes).result)

    def _read(self, element: Element) -> Line | Tree:
        """The conversation as a tree, or why it is none."""
        title = element.title if isinstance(element, Transcript) else element.get("title")
        named = title[:200] if isinstance(title, str) else ""
        return _or_refused(named, lambda: self._tree(element))

    def _tree(self, element: Element) -> Tree:
        how: dict[str, Any] = {"model": self._model, "learn": self._learn, "now": self._now()}
        if isinstance(element, dict) and "turns" in element:
            return tree_json.from_json(element)
        if isinstance(element, dict) and "mapping" in element:
            return foreign.tree_of_chatgpt(element, **how)
        said = element if isinstance(element, Transcript) else foreign.transcript_of(element)
        # Two conversations of the same words are two, in this file and when it comes again.
        digest = foreign.tree_of_transcript(said, **how, name="").source_digest or ""
        self._alike[digest] += 1
        return foreign.tree_of_transcript(said, **how, name=f"{self._alike[digest]}")


def _is_enough(waiting: Sequence[Line | Tree]) -> bool:
    """Whether so much waits that it is to be written; the store's other writers wait for it."""
    turns = [one for tree in waiting if isinstance(tree, Tree) for one in tree.turns]
    written = sum(len(one.text) for one in turns)
    return len(waiting) + len(turns) >= TURNS_TOGETHER or written >= CHARACTERS_TOGETHER


def _line(tree: Tree, intake: Callable[[], Intake]) -> Line:
    """What became of a tree that was taken in."""
    taken = _or_refused(tree.title, intake)
    if isinstance(taken, Line):
        return taken
    return Line(tree.title, _RESULTS[taken.taken], taken.turns, taken.conversation_id)


def _or_refused(title: str, work: Callable[[], T]) -> T | Line:
    """What `work` makes of one conversation, or why it is refused. Raises `StorageFull`."""
    try:
        return work()
    except StorageFull:
        raise
    except L2CError as error:
        return Line(title, Result.REFUSED, reason=str(error))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        log.warning("A conversation could not be imported.", exc_info=error)
        return Line(title, Result.REFUSED, reason="It is not in the form it claims to be.")


_RESULTS = {
    Taken.ADDED: Result.ADDED,
    Taken.EXTENDED: Result.EXTENDED,
    Taken.UNCHANGED: Result.UNCHANGED,
}


def _is_conversation(element: dict[str, Any]) -> bool:
    """Whether an object of a JSON file is one; archives hold files about other things too."""
    return bool(element.keys() & {"turns", "mapping", "messages", "conversations"})
