"""The part of a text that shows why it was found, with what was asked for marked in it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from l2c.store.words import Word, words

Snippet = tuple[tuple[str, bool], ...]
"""A piece of text in segments; true marks a hit."""

SNIPPET_CHARACTERS = 160
_BEFORE_THE_HIT = 40
_LOOKED_THROUGH = 8_000
"""Characters that are looked through first; only without a hit in them the whole text is."""


@dataclass(frozen=True, slots=True)
class Term:
    """One thing a query asks for: a word, or words in a row.

    With `prefix` the last word may be the beginning of one; with `unfinished` it may be still being
    typed, so a beginning is taken when there are few whole words.
    """

    words: tuple[Word, ...]
    prefix: bool = False
    unfinished: bool = False


def snippet(content: str, terms: Sequence[Term]) -> Snippet:
    """The text around the first hit, with every hit in it marked."""
    present = list(words(content[:_LOOKED_THROUGH]))
    hits = _hits(present, terms)
    if not hits and len(content) > _LOOKED_THROUGH:
        present = list(words(content))
        hits = _hits(present, terms)
    first, last = _frame(content, present, hits[0][0] if hits else 0)
    segments: list[tuple[str, bool]] = [("…", False)] if first > 0 else []
    position = first
    for start, end in hits:
        if start >= last:
            break
        segments += [(content[position:start], False), (content[start : min(end, last)], True)]
        position = min(end, last)
    segments += [(content[position:last], False)]
    segments += [("…", False)] if last < len(content) else []
    return tuple((piece, hit) for piece, hit in segments if piece)


def _frame(content: str, present: Sequence[Word], hit: int) -> tuple[int, int]:
    """Where a snippet around `hit` begins and ends: at whole words where it must cut."""
    first, last = 0, len(content)
    if hit > _BEFORE_THE_HIT:
        earliest = hit - _BEFORE_THE_HIT
        first = next((word.start for word in present if earliest <= word.start <= hit), earliest)
    if first + SNIPPET_CHARACTERS < last:
        latest = first + SNIPPET_CHARACTERS
        last = max((word.end for word in present if hit < word.end <= latest), default=latest)
    return first, last


def _hits(present: Sequence[Word], terms: Sequence[Term]) -> list[tuple[int, int]]:
    """Where in the text something is a hit, left to right and without overlap."""
    marked: dict[tuple[int, int], None] = {}
    for place, word in enumerate(present):
        for span in _single_hits(word, terms):
            marked[span] = None
        for term in terms:
            if len(term.words) > 1 and _stands_at(present, place, term):
                for inner in present[place : place + len(term.words)]:
                    marked[inner.start, inner.end] = None
    hits: list[tuple[int, int]] = []
    for start, end in sorted(marked):
        if not hits or start >= hits[-1][1]:
            hits.append((start, end))
    return hits


def _stands_at(present: Sequence[Word], place: int, term: Term) -> bool:
    """Whether the words of a phrase stand in the text from this word on."""
    row = present[place : place + len(term.words)]
    if len(row) < len(term.words):
        return False
    last = len(row) - 1
    for number, (word, wanted) in enumerate(zip(row, term.words, strict=True)):
        if word.unspaced and number == 0:
            same = word.folded.endswith(wanted.folded)
        elif (word.unspaced or term.prefix) and number == last:
            same = word.folded.startswith(wanted.folded)
        else:
            same = word.folded == wanted.folded
        if not same:
            return False
    return True


def _single_hits(word: Word, terms: Sequence[Term]) -> Iterator[tuple[int, int]]:
    """Where in the text the word is a hit for terms of one word."""
    single = [(term.words[0], term) for term in terms if len(term.words) == 1]
    if not word.unspaced:
        if any(
            word.folded == wanted.folded
            or ((term.prefix or term.unfinished) and word.folded.startswith(wanted.folded))
            for wanted, term in single
            if not wanted.unspaced
        ):
            yield word.start, word.end
        return
    marked = [False] * len(word.folded)
    for wanted in (wanted.folded for wanted, _ in single if wanted.unspaced):
        at = word.folded.find(wanted)
        while at >= 0:
            marked[at : at + len(wanted)] = [True] * len(wanted)
            at = word.folded.find(wanted, at + 1)
    if len(word.folded) != word.end - word.start:  # folding changed the length: mark it whole
        marked = [any(marked)] * (word.end - word.start)
    for hit, places in groupby(range(len(marked)), key=marked.__getitem__):
        span = list(places)
        if hit:
            yield word.start + span[0], word.start + span[-1] + 1
