"""Byte-level BPE vocabularies, as GPT-2, SmolLM and Llama 3 use them.

A text is cut into words by a pattern, a word becomes its UTF-8 bytes, and neighbours are joined in
the order in which a list of merges names them, so every text can be written. In files a byte is
written as one printable character (`Ġ` is the space). Source: Radford et al. 2019, "Language models
are unsupervised multitask learners".

The pattern is not in a GGUF file, only its name. Python's `re` has no class of all letters or all
numbers, so every character is first written as one of a few that stand for its class, and the
pattern is matched on those, at the same places.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Self

from l2c.errors import InvalidInput
from l2c.text.filed import FileTokenizer
from l2c.text.joining import joined
from l2c.text.vocabulary import Sort, Vocabulary

MAX_MERGES = 1 << 20

# Classes: A other letter, 0 number, "." anything else, tab other white space; ASCII letters, the
# apostrophe, space and the ends of lines stand for themselves.
_GPT2 = r"'(?:[stmd]|re|ve|ll)| ?[A-Za-z]+| ?0+| ?[.']+|[ \t\r\n]+(?![^ \t\r\n])|[ \t\r\n]+"
PATTERNS = {
    "gpt-2": re.compile(_GPT2),
    "smollm": re.compile(_GPT2),
    "llama-bpe": re.compile(
        r"'(?:[sStTmMdD]|[rR][eE]|[vV][eE]|[lL][lL])|[^\r\nA-Za-z0]?[A-Za-z]+|0{1,3}"
        r"| ?[.']+[\r\n]*|[ \t\r\n]*[\r\n]+|[ \t\r\n]+(?![^ \t\r\n])|[ \t\r\n]+"
    ),
}
"""How a text is cut into words, by the name GGUF gives it."""

_DIGIT_BY_DIGIT = {"smollm"}
"""Where every digit is cut out before."""

_WHOLE_WORDS_FIRST = {"llama-bpe"}
"""Where a word that is a token is not joined from its parts."""


def _alphabet() -> list[str]:
    """The character every byte is written as: itself where that can be seen, else one past 255."""
    seen = [*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), 256)]
    unseen = [byte for byte in range(256) if byte not in seen]
    written = {byte: byte for byte in seen} | {byte: 256 + n for n, byte in enumerate(unseen)}
    return [chr(written[byte]) for byte in range(256)]


ALPHABET = _alphabet()
_BYTES = {character: byte for byte, character in enumerate(ALPHABET)}
_NEVER_IN_UTF8 = {0xC0, 0xC1, *range(0xF5, 0x100)}


class ByteLevelTokenizer(FileTokenizer):
    """Bytes joined in the order of `merges`; `pattern` names how a text is cut into words."""

    kind = "byte-level"

    def __init__(
        self, vocabulary: Vocabulary, merges: Sequence[tuple[str, str]], *, pattern: str
    ) -> None:
        if pattern not in PATTERNS:
            raise InvalidInput(
                f"A text can be cut into words as {', '.join(PATTERNS)}; found {pattern!r:.80}."
            )
        if len(merges) > MAX_MERGES:
            raise InvalidInput(f"At most {MAX_MERGES} merges are read; found {len(merges)}.")
        self.merges = tuple(merges)
        self.pattern = pattern
        taken = set(vocabulary.controls.values())
        self._ids: dict[str, int] = {}
        for i, (piece, sort) in enumerate(zip(vocabulary.pieces, vocabulary.sorts, strict=True)):
            if sort is Sort.NORMAL and i not in taken:
                self._ids.setdefault(piece, i)
        missing = [b for b, c in enumerate(ALPHABET) if c not in self._ids]
        if set(missing) - _NEVER_IN_UTF8:
            raise InvalidInput(
                f"A byte-level vocabulary needs a token for every byte, so that it can write every "
                f"text; {len(missing)} are missing."
            )
        self._ranks: dict[tuple[str, str], float] = {}
        for rank, pair in enumerate(self.merges):
            if "".join(pair) in self._ids:
                self._ranks.setdefault(pair, float(rank))
        super().__init__(vocabulary)

    def describe(self) -> dict[str, Any]:
        """The vocabulary, its merges, and how a text is cut into words."""
        return {
            "kind": self.kind,
            "merges": [" ".join(pair) for pair in self.merges],
            "pattern": self.pattern,
            **self.vocabulary.describe(),
        }

    @classmethod
    def from_description(cls, description: Mapping[str, Any]) -> Self:
        """The tokenizer that `describe` described."""
        merges, pattern = description.get("merges"), description.get("pattern")
        if (
            description.get("kind") != cls.kind
            or not isinstance(merges, list)
            or not isinstance(pattern, str)
        ):
            raise InvalidInput(
                "A byte-level tokenizer is described by its kind, merges and pattern."
            )
        pairs = read_merges(merges)
        return cls(Vocabulary.from_description(description), pairs, pattern=pattern)

    def _prepared(self, text: str) -> str:
        return text

    def _split(self, text: str) -> Iterable[str]:
        return words(text, self.pattern)

    def _encode_word(self, word: str) -> list[int]:
        written = "".join(ALPHABET[byte] for byte in word.encode())
        if self.pattern in _WHOLE_WORDS_FIRST and written in self._ids:
            return [self._ids[written]]
        parts = joined(written, lambda left, right: self._ranks.get((left, right)))
        return [self._ids[part] for part in parts]

    def _bytes_in_file(self, i: int) -> bytes:
        piece, sort = self.vocabulary.pieces[i], self.vocabulary.sorts[i]
        if sort in (Sort.CONTROL, Sort.UNKNOWN):
            return b""
        if sort is Sort.NORMAL and all(character in _BYTES for character in piece):
            return bytes(_BYTES[character] for character in piece)
        return piece.encode()


def words(text: str, pattern: str) -> Iterator[str]:
    """The words of a text, nothing left out.

    >>> list(words("It's  2026, isn't it?", "smollm"))
    ['It', "'s", '  ', '2', '0', '2', '6', ',', ' isn', "'t", ' it', '?']
    """
    classes = text.translate(_CLASSES)
    parts = re.split("(0)", classes) if pattern in _DIGIT_BY_DIGIT else [classes]
    at = 0
    for part in parts:
        for word in PATTERNS[pattern].finditer(part):
            yield text[at + word.start() : at + word.end()]
        at += len(part)


def read_merges(lines: Sequence[object]) -> list[tuple[str, str]]:
    """The pairs that a list of merges names, a space between the two. Raises `InvalidInput`."""
    pairs = []
    for line in lines:
        pair = line.split(" ") if isinstance(line, str) else []
        if len(pair) != 2 or not all(pair):
            raise InvalidInput(
                f"A merge names two tokens with a space between; found {line!r:.80}."
            )
        pairs.append((pair[0], pair[1]))
    return pairs


class _Classes(dict[int, str]):
    """The character that stands for the class of each; found when first asked for."""

    def __missing__(self, code: int) -> str:
        self[code] = found = _class(chr(code))
        return found


def _class(character: str) -> str:
    if character in "' \r\n" or (character.isascii() and character.isalpha()):
        return character
    category = unicodedata.category(character)
    if category[0] == "L":
        return "A"
    if category[0] == "N":
        return "0"
    # White space as Unicode has it; Python's own also counts the separators 28 to 31.
    if character in "\t\v\f\x85" or category[0] == "Z":
        return "\t"
    return "."


_CLASSES = _Classes()
