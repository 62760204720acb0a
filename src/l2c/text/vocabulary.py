"""The tokens of a model file, and where they stand among the ids of L2C.

Other programs number their tokens as they like; the first ids of L2C are the control tokens. So a
vocabulary that came in a file keeps the file's order for files, and gives every token of it an id
of L2C's: the file's own begin, end and unknown take the place of ours, all others follow in
order. The rows of a model's tensors are moved the same way, and moved back when it goes out.

A file need not have a token for everything that marks a turn. Its `layout` says how turns are
written for the model then:

    turns     with control tokens, as every model that L2C made
    chatml    <|im_start|>user⏎ text <|im_end|>⏎
    plain     User:⏎ text ⏎⏎ for a model that has only ever read plain text; the answer is one line
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Self

from l2c.errors import InvalidInput
from l2c.text.tokenizer import Control

MAX_TOKENS = 262_144
MAX_TOKEN_BYTES = 1024
LAYOUTS = "turns", "chatml", "plain"

CONTROL_PIECES = {
    Control.SYSTEM: "<|system|>",
    Control.USER: "<|user|>",
    Control.ASSISTANT: "<|assistant|>",
    Control.DOCUMENT: "<|document|>",
    Control.MEMORY: "<|memory|>",
}
"""How files call the control tokens that only L2C has."""


class Sort(IntEnum):
    """What a token is, with the numbers of SentencePiece and GGUF."""

    NORMAL = 1
    UNKNOWN = 2
    CONTROL = 3
    USER_DEFINED = 4
    UNUSED = 5
    BYTE = 6


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Every token of a file in the file's order, and which of them are control tokens of L2C.

    One token of a file may be several of ours: a text's begin and end often are the same.
    `pieces[i]` is the text of token i as the file writes it, `sorts[i]` what it is. Raises
    `InvalidInput` when that makes no sense.
    """

    pieces: tuple[str, ...]
    sorts: tuple[Sort, ...]
    controls: Mapping[Control, int]
    layout: str

    def __post_init__(self) -> None:
        if not 1 <= len(self.pieces) <= MAX_TOKENS or len(self.pieces) != len(self.sorts):
            raise InvalidInput(
                f"A vocabulary has 1 to {MAX_TOKENS} tokens, each of some sort; found "
                f"{len(self.pieces)} tokens and {len(self.sorts)} sorts."
            )
        for piece in self.pieces:
            # Four bytes is the most a character takes, so the text need not be encoded for this.
            if len(piece) * 4 > MAX_TOKEN_BYTES:
                raise InvalidInput(f"A token has at most {MAX_TOKEN_BYTES // 4} characters.")
            if any("\ud800" <= character <= "\udfff" for character in piece):
                raise InvalidInput(f"A token is whole characters; found {piece!r}.")
        if not all(0 <= i < len(self.pieces) for i in self.controls.values()):
            raise InvalidInput(f"Control tokens are tokens of the file; found {self.controls}.")
        needed = {"turns": set(Control), "chatml": {Control.END}, "plain": set()}.get(self.layout)
        starts = self.layout != "chatml" or "<|im_start|>" in self.pieces
        if needed is None or needed - self.controls.keys() or not starts:
            raise InvalidInput(f"These tokens cannot write turns as {self.layout!r}.")

    def in_file(self) -> list[int]:
        """For every id of L2C the file's, -1 for a control token the file does not have."""
        taken = set(self.controls.values())
        first = [self.controls.get(control, -1) for control in Control]
        return first + [i for i in range(len(self.pieces)) if i not in taken]

    def describe(self) -> dict[str, Any]:
        """JSON-ready plain types; see `from_description`."""
        return {
            "pieces": list(self.pieces),
            "sorts": "".join(str(sort.value) for sort in self.sorts),
            "controls": {control.name: i for control, i in sorted(self.controls.items())},
            "layout": self.layout,
        }

    @classmethod
    def from_description(cls, description: Mapping[str, Any]) -> Self:
        """The vocabulary that `describe` described. Raises `InvalidInput`."""
        pieces, sorts = description.get("pieces"), description.get("sorts")
        controls, layout = description.get("controls"), description.get("layout")
        if (
            not isinstance(pieces, list)
            or not all(isinstance(piece, str) for piece in pieces)
            or not isinstance(sorts, str)
            or not set(sorts) <= set("123456")
            or not isinstance(controls, dict)
            or not all(name in Control.__members__ for name in controls)
            or not all(type(i) is int for i in controls.values())
            or not isinstance(layout, str)
        ):
            raise InvalidInput(
                "A vocabulary is described by pieces, their sorts, its control tokens and a layout."
            )
        return cls(
            tuple(pieces),
            tuple(Sort(int(sort)) for sort in sorts),
            {Control[name]: i for name, i in controls.items()},
            layout,
        )


def layout_of(pieces: Sequence[str], sorts: Sequence[Sort], end: int | None) -> str:
    """How turns are written for a model with these tokens, `end` being what ends its texts."""
    controls = _control_ids(pieces, sorts)
    if set(CONTROL_PIECES.values()) <= controls.keys() and end is not None:
        return "turns"
    if end is not None and pieces[end] == "<|im_end|>" and "<|im_start|>" in controls:
        return "chatml"
    return "plain"


def controls_of(
    pieces: Sequence[str],
    sorts: Sequence[Sort],
    layout: str,
    *,
    begin: int | None,
    end: int | None,
    unknown: int | None,
) -> dict[Control, int]:
    """Which tokens of a file are control tokens of L2C; one may be several of them."""
    named = {Control.END: end, Control.START: end if begin is None else begin}
    found = {control: i for control, i in named.items() if i is not None}
    if unknown is not None:
        found[Control.UNKNOWN] = unknown
    if layout == "turns":
        known = _control_ids(pieces, sorts)
        found |= {control: known[piece] for control, piece in CONTROL_PIECES.items()}
    return found


def _control_ids(pieces: Sequence[str], sorts: Sequence[Sort]) -> dict[str, int]:
    return {piece: i for i, piece in enumerate(pieces) if sorts[i] is Sort.CONTROL}
