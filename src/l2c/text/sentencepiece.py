"""SentencePiece vocabularies, as the Llama models use them: pieces joined by score, then bytes.

A space is written `▁`. Of all neighbours whose whole is in the vocabulary those with the highest
score are joined first; a character that is in no piece becomes its UTF-8 bytes, each a token of its
own, so nothing is unwritable. The ids are those the SentencePiece library gives for the same model
(Kudo and Richardson 2018, arXiv 1808.06226), which the tests check; the library itself is needed
for training only (`pip install "l2c[sentencepiece]"`, see `l2c.text.sentencepiece_training`).

`▁` in a text reads back as a space: for SentencePiece they are the same.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from typing import Any, Self

from l2c.errors import InvalidInput
from l2c.text.filed import FileTokenizer
from l2c.text.joining import joined
from l2c.text.tokenizer import Decoder
from l2c.text.vocabulary import Sort, Vocabulary

SPACE = "\u2581"

_WORD = re.compile(f"{SPACE}*[^{SPACE}]*")
_BYTE = re.compile(r"<0x([0-9A-F]{2})>")


class SentencePieceTokenizer(FileTokenizer):
    """Pieces joined by score, with a byte for everything else.

    With `space_first` a text is read as if a space stood before it (which a decoder takes away
    again): Llama's models are made so, those of L2C are not.
    """

    kind = "sentencepiece"

    def __init__(
        self, vocabulary: Vocabulary, scores: Iterable[float], *, space_first: bool
    ) -> None:
        self.scores = tuple(scores)
        self.space_first = space_first
        if len(self.scores) != len(vocabulary.pieces) or not all(map(math.isfinite, self.scores)):
            raise InvalidInput("Every piece of a SentencePiece vocabulary has a finite score.")
        joinable = Sort.NORMAL, Sort.USER_DEFINED
        self._ids: dict[str, int] = {}
        self._byte_ids: dict[int, int] = {}
        taken = set(vocabulary.controls.values())
        reaching = False
        for i, (piece, sort) in enumerate(zip(vocabulary.pieces, vocabulary.sorts, strict=True)):
            byte = _BYTE.fullmatch(piece)
            if sort is Sort.BYTE and byte and i not in taken:
                self._byte_ids.setdefault(int(byte[1], 16), i)
            elif sort in joinable and i not in taken:
                self._ids.setdefault(piece, i)
                reaching = reaching or SPACE in piece.lstrip(SPACE)
        if len(self._byte_ids) != 256:
            raise InvalidInput(
                f"A SentencePiece vocabulary needs a token for every byte, so that it can write "
                f"every text; found {len(self._byte_ids)}."
            )
        # Words may be cut before a space only where no piece has a space in its middle.
        self._reaching = reaching
        super().__init__(vocabulary)

    def describe(self) -> dict[str, Any]:
        """The vocabulary, its scores, and whether a space comes first."""
        return {
            "kind": self.kind,
            "scores": list(self.scores),
            "space_first": self.space_first,
            **self.vocabulary.describe(),
        }

    @classmethod
    def from_description(cls, description: Mapping[str, Any]) -> Self:
        """The tokenizer that `describe` described."""
        scores, space_first = description.get("scores"), description.get("space_first")
        if (
            description.get("kind") != cls.kind
            or not isinstance(scores, list)
            or not all(type(score) in (int, float) and abs(score) < 1e38 for score in scores)
            or type(space_first) is not bool
        ):
            raise InvalidInput(
                "A SentencePiece tokenizer is described by its kind, scores and `space_first`."
            )
        return cls(Vocabulary.from_description(description), scores, space_first=space_first)

    def decoder(self) -> Decoder:
        """A new decoder for one text; the space that was put first is taken away."""
        return _WithoutFirstSpace(self) if self.space_first else Decoder(self)

    def _prepared(self, text: str) -> str:
        text = text.replace(" ", SPACE)
        return SPACE + text if self.space_first and text else text

    def _split(self, text: str) -> Iterable[str]:
        text = text.replace(" ", SPACE)
        return [text] if self._reaching else filter(None, _WORD.findall(text))

    def _encode_word(self, word: str) -> list[int]:
        ids: list[int] = []
        for part in joined(word, self._rank):
            known = self._ids.get(part)
            ids += [self._byte_ids[b] for b in part.encode()] if known is None else [known]
        return ids

    def _rank(self, left: str, right: str) -> float | None:
        known = self._ids.get(left + right)
        return None if known is None else -self.scores[known]

    def _bytes_in_file(self, i: int) -> bytes:
        piece, sort = self.vocabulary.pieces[i], self.vocabulary.sorts[i]
        if sort in (Sort.CONTROL, Sort.UNKNOWN):
            return b""
        byte = _BYTE.fullmatch(piece) if sort is Sort.BYTE else None
        return bytes([int(byte[1], 16)]) if byte else piece.replace(SPACE, " ").encode()


class _WithoutFirstSpace(Decoder):
    """A decoder that leaves out one space at the beginning."""

    _began = False

    def push(self, token: int) -> str:
        text = super().push(token)
        if text and not self._began:
            self._began = True
            return text.removeprefix(" ")
        return text
