"""Conversations as JSON without loss: the format `l2c-conversations`, version 1.

    {"format": "l2c-conversations", "version": 1, "conversations": [
    {"id": …, "title": …, …, "turns": [{"id": …, "parent_id": …, …}, …]},
    …
    ]}

One conversation stands on one line, every branch in it, each turn after the one it follows. The
order of the fields is that of `Tree` and `TreeTurn`, so the same conversation is always the same
bytes. What is read was written by anybody: every field is checked, and what is not known is left
out.
"""

from __future__ import annotations

import json
import math
from collections.abc import Collection, Iterable, Iterator
from dataclasses import fields
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeVar

from l2c.conversation import Origin, Role, TurnStatus
from l2c.errors import InvalidInput
from l2c.store.database import rfc3339
from l2c.store.trees import Tree, TreeTurn

FORMAT = "l2c-conversations"
VERSION = 1
OPENING = f'{{"format": "{FORMAT}", "version": {VERSION}, "conversations": ['

T = TypeVar("T", bound=StrEnum)

WINDOW = {
    "size": int,
    "budget": int,
    "tokens": int,
    "system_tokens": int,
    "document_tokens": int,
    "memory_tokens": int,
    "pinned_tokens": int,
    "dropped_turns": int,
    "dropped_tokens": int,
    "begins_at": str,
    "begins_offset": int,
    "taken_for": str,
    "pinned_out": list,
}
TOLD = ("tokens", "budget", "dropped_turns", "dropped_tokens")
SAMPLING = {
    "temperature": float,
    "top_k": int,
    "top_p": float,
    "min_p": float,
    "repetition_penalty": float,
    "length": int,
    "seed": int,
}
SAMPLED = tuple(name for name in SAMPLING if name != "min_p")
"""What every answer tells of itself; `min_p` came later."""


def write(trees: Iterable[Tree]) -> Iterator[str]:
    """The file, in pieces."""
    yield OPENING
    between = "\n"
    for tree in trees:
        yield between + json.dumps(to_json(tree), ensure_ascii=False, allow_nan=False)
        between = ",\n"
    yield "\n]}\n"


def to_json(tree: Tree) -> dict[str, Any]:
    """A tree as JSON has it."""
    return {
        field.name: (
            [_plain(one) for one in tree.turns]
            if field.name == "turns"
            else getattr(tree, field.name)
        )
        for field in fields(Tree)
    }


def from_json(value: dict[str, Any]) -> Tree:
    """The tree again. Raises `InvalidInput` for a field that is not what it must be."""
    read = _Reader(value)
    said = read.get("turns", list)
    return Tree(
        id=_id(read.get("id", str)),
        title=read.get("title", str, "")[:200],
        titled=read.get("titled", bool, False),
        model=read.get("model", str),
        learn=read.get("learn", bool, True),
        created_at=moment(read.get("created_at", str)),
        updated_at=moment(read.get("updated_at", str)),
        active_turn_id=read.maybe("active_turn_id", str),
        turns=tuple(_turn(one) for one in said),
        pinned=read.get("pinned", bool, False),
        archived=read.get("archived", bool, False),
        folder=read.maybe("folder", str),
        tags=tuple(tag for tag in read.get("tags", list, []) if isinstance(tag, str)),
        system_prompt=read.get("system_prompt", str, ""),
        sampling=_record(read.maybe("sampling", dict), SAMPLING, needed=()),
        draft=read.get("draft", str, ""),
        source_id=read.maybe("source_id", str),
        source_digest=read.maybe("source_digest", str),
    )


def moment(text: str) -> str:
    """An RFC 3339 time as the store writes it. Raises `InvalidInput`."""
    try:
        return rfc3339(datetime.fromisoformat(text))
    except ValueError as error:
        raise InvalidInput(f"A time was expected, as 2026-11-21T12:00:00Z; found {text!r}.") from (
            error
        )


def _turn(value: object) -> TreeTurn:
    if not isinstance(value, dict):
        raise InvalidInput("A turn must be an object.")
    read = _Reader(value)
    created = moment(read.get("created_at", str))
    finished = read.maybe("finished_at", str)
    return TreeTurn(
        id=_id(read.get("id", str)),
        parent_id=read.maybe("parent_id", str),
        role=_one_of(Role, read.get("role", str)),
        text=read.get("text", str),
        created_at=created,
        finished_at=created if finished is None else moment(finished),
        status=_one_of(TurnStatus, read.get("status", str, "complete")),
        made_from=read.maybe("made_from", str),
        learn=read.get("learn", bool, True),
        pinned=read.get("pinned", bool, False),
        rating=read.maybe("rating", int),
        model=read.maybe("model", str),
        checkpoint=read.maybe("checkpoint", str),
        origin=_maybe_one_of(Origin, read.maybe("origin", str)),
        sampling=_record(read.maybe("sampling", dict), SAMPLING, needed=SAMPLED),
        window=_record(read.maybe("window", dict), WINDOW, needed=TOLD),
        error=read.maybe("error", str),
        source_id=read.maybe("source_id", str),
    )


class _Reader:
    """The fields of an object, each of the kind it must be."""

    def __init__(self, value: dict[str, Any]) -> None:
        self._value = value

    def get(self, name: str, kind: type[Any], default: Any = None) -> Any:
        found = self._value.get(name, default)
        if not isinstance(found, kind) or (kind is int and isinstance(found, bool)):
            raise InvalidInput(f"`{name}` must be {kind.__name__}; found {found!r:.60}.")
        return found

    def maybe(self, name: str, kind: type[Any]) -> Any:
        return None if self._value.get(name) is None else self.get(name, kind)


def _record(
    value: dict[str, Any] | None, known: dict[str, type[Any]], *, needed: Collection[str]
) -> dict[str, Any] | None:
    """A record with nothing in it but fields of their kind; None when one is wrong or missing."""
    if value is None or not set(needed) <= value.keys() <= known.keys():
        return None
    return value if all(_fits(one, known[name]) for name, one in value.items()) else None


def _fits(value: object, kind: type[Any]) -> bool:
    if kind is str:
        return value is None or isinstance(value, str)
    if kind is list:
        return isinstance(value, list) and all(isinstance(one, str) for one in value)
    if isinstance(value, bool):
        return False
    return isinstance(value, int if kind is int else (int, float)) and math.isfinite(value)


def _plain(one: TreeTurn) -> dict[str, Any]:
    return {field.name: getattr(one, field.name) for field in fields(TreeTurn)}


def _id(text: str) -> str:
    if not 1 <= len(text) <= 64:
        raise InvalidInput(f"An id must have 1 to 64 characters; found {text!r:.60}.")
    return text


def _one_of(kind: type[T], text: str) -> T:
    try:
        return kind(text)
    except ValueError as error:
        known = ", ".join(kind)
        raise InvalidInput(f"One of {known} was expected; found {text!r:.60}.") from error


def _maybe_one_of(kind: type[T], text: str | None) -> T | None:
    return None if text is None else _one_of(kind, text)
