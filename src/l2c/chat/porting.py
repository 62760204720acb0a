"""Export and import: conversations leave and come back whole, from here or from elsewhere.

Importing is safe to repeat: what is there already is not added again, and one conversation that
cannot be read never stops the others. Nothing that is imported teaches unless the caller says so.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from l2c.chat import foreign, transcripts, tree_json
from l2c.chat.elements import Element, Refused, elements
from l2c.chat.transcripts import Transcript
from l2c.conversation import Message, Role
from l2c.errors import L2CError, StorageFull
from l2c.store.trees import Taken, Tree, Trees, TreeTurn

log = logging.getLogger(__name__)


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
        for element in found:
            if isinstance(element, Refused):
                yield Line(element.name, Result.REFUSED, reason=element.reason)
            elif isinstance(element, Transcript) or _is_conversation(element):
                yield self._take(element)

    def _take(self, element: Element) -> Line:
        title = element.title if isinstance(element, Transcript) else element.get("title")
        named = title[:200] if isinstance(title, str) else ""
        try:
            tree = self._tree(element)
            intake = self._trees.add(tree, learn=self._learn)
        except StorageFull:
            raise
        except L2CError as error:
            return Line(named, Result.REFUSED, reason=str(error))
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            log.warning("A conversation could not be imported.", exc_info=error)
            return Line(named, Result.REFUSED, reason="It is not in the form it claims to be.")
        return Line(tree.title, _RESULTS[intake.taken], intake.turns, intake.conversation_id)

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


_RESULTS = {
    Taken.ADDED: Result.ADDED,
    Taken.EXTENDED: Result.EXTENDED,
    Taken.UNCHANGED: Result.UNCHANGED,
}


def _is_conversation(element: dict[str, Any]) -> bool:
    """Whether an object of a JSON file is one; archives hold files about other things too."""
    return bool(element.keys() & {"turns", "mapping", "messages", "conversations"})
