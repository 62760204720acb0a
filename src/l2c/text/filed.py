"""What the tokenizers of model files have in common: a vocabulary in a file's order.

Besides that they keep three things a tokenizer of L2C's own never needs. Turns may be written with
several tokens (`mark`), an answer may end in several ways (`ends`), and a token's id in the file
differs from its id here (`to_file`, `from_file`).
"""

from __future__ import annotations

import re
from abc import abstractmethod
from collections.abc import Iterable
from typing import Self

from l2c.errors import InvalidInput
from l2c.text.tokenizer import Control, Tokenizer, control_bytes, expect_token
from l2c.text.vocabulary import Sort, Vocabulary

_CHATML = {
    Control.SYSTEM: "system\n",
    Control.USER: "user\n",
    Control.ASSISTANT: "assistant\n",
}
_PLAIN = {
    Control.SYSTEM: "",
    Control.USER: "User:\n",
    Control.ASSISTANT: "Assistant:\n",
    Control.END: "\n\n",
}
_REMEMBERED = 65_536
"""Words whose tokens are kept at hand."""


class FileTokenizer(Tokenizer):
    """A tokenizer over the vocabulary of a model file; every text can be written with it."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        self._in_file = vocabulary.in_file()
        self._here = {i: token for token, i in enumerate(self._in_file) if token >= len(Control)}
        self._words: dict[str, list[int]] = {}
        entire = {
            piece: i
            for i, (piece, sort) in enumerate(zip(vocabulary.pieces, vocabulary.sorts, strict=True))
            if sort is Sort.USER_DEFINED and piece and i in self._here
        }
        self._entire = entire
        longest_first = sorted(map(re.escape, entire), key=lambda piece: (-len(piece), piece))
        self._cut = re.compile(f"({'|'.join(longest_first)})") if entire else None
        self._bytes = [self._bytes_in_file(i) for i in range(len(vocabulary.pieces))]
        self._marks = {control: self._mark(control) for control in Control}
        self._ends = self._all_ends()

    @property
    def vocab_size(self) -> int:
        """The file's tokens, and those control tokens the file does not have."""
        return len(self._in_file)

    def encode(self, text: str) -> list[int]:
        """The ids of `text`, never a control token; tokens that users of the file defined whole."""
        return self.from_file(self.encode_for_file(text))

    def encode_for_file(self, text: str) -> list[int]:
        """The same in the file's own ids."""
        text = self._prepared(text.encode("utf-8", "replace").decode())
        tokens: list[int] = []
        for part in self._cut.split(text) if self._cut else [text]:
            entire = self._entire.get(part)
            if entire is not None:
                tokens.append(entire)
                continue
            for word in self._split(part):
                known = self._words.get(word)
                if known is None:
                    known = self._encode_word(word)
                    if len(self._words) < _REMEMBERED:
                        self._words[word] = known
                tokens += known
        return tokens

    def to_file(self, tokens: Iterable[int]) -> list[int]:
        """The file's ids of these tokens. Raises `InvalidInput` for one the file does not have."""
        found = []
        for token in tokens:
            expect_token(token, self.vocab_size)
            if self._in_file[token] < 0:
                raise InvalidInput(f"The file has no token for {Control(token).name}.")
            found.append(self._in_file[token])
        return found

    def from_file(self, ids: Iterable[int]) -> list[int]:
        """The ids here of the file's ids; a control token of the file is ours."""
        return [self._here[i] if i in self._here else self._control(i) for i in ids]

    def rows(self) -> list[int]:
        """For every id here the row of the file's tensors that belongs to it, -1 for none."""
        return list(self._in_file)

    def token_bytes(self, token: int) -> bytes:
        """The bytes a token stands for; none for control tokens, the file's own included."""
        expect_token(token, self.vocab_size)
        control = control_bytes(token)
        return self._bytes[self._in_file[token]] if control is None else control

    def mark(self, control: Control) -> list[int]:
        """The tokens that say so: the control token, or what the file's layout writes."""
        return list(self._marks[control])

    @property
    def ends(self) -> tuple[int, ...]:
        """`END`; where turns are plain text, everything with the end of a line in it too."""
        return self._ends

    def grown(self, text: str) -> Self:
        """Itself: every text can be written in bytes."""
        return self

    @abstractmethod
    def _prepared(self, text: str) -> str:
        """The whole text before it is cut into words."""

    @abstractmethod
    def _split(self, text: str) -> Iterable[str]:
        """The words no token reaches across."""

    @abstractmethod
    def _encode_word(self, word: str) -> list[int]:
        """The file's ids of one word."""

    @abstractmethod
    def _bytes_in_file(self, i: int) -> bytes:
        """The bytes that token i of the file stands for."""

    def _control(self, i: int) -> int:
        for control, own in self.vocabulary.controls.items():
            if own == i:
                return int(control)
        raise InvalidInput(f"The file has tokens 0 to {len(self.vocabulary.pieces) - 1}; found {i}")

    def _mark(self, control: Control) -> list[int]:
        layout = self.vocabulary.layout
        if layout == "plain" and control in _PLAIN:
            return self._within(_PLAIN[control])
        if layout == "chatml" and control in _CHATML:
            start = self.vocabulary.pieces.index("<|im_start|>")
            return [*self.from_file([start]), *self._within(_CHATML[control])]
        if layout == "chatml" and control is Control.END:
            return [Control.END, *self._within("\n")]
        return [control]

    def _within(self, text: str) -> list[int]:
        """The tokens of a text that does not stand at the beginning."""
        ids = [i for word in self._split(text) for i in self._encode_word(word)]
        return self.from_file(ids)

    def _all_ends(self) -> tuple[int, ...]:
        if self.vocabulary.layout != "plain":
            return (Control.END,)
        return (
            Control.END,
            *(t for t in range(len(Control), self.vocab_size) if b"\n" in self.token_bytes(t)),
        )
