"""Finding turns by their words, in any script.

SQLite's FTS5 keeps the index, and this module makes the words, for the index and for queries
alike, so that what is found and what is highlighted are always the same thing:

- A word is a run of letters, digits and marks, in NFKC, without case and accents.
- Chinese, Japanese and Korean text has no spaces to go by. It is indexed as overlapping pairs of
  characters, each pair a word, and the last character of a run alone: `黒い猫` becomes
  `黒い い猫 猫`. A query of two or more characters is a phrase of pairs, one of a single
  character is a prefix. (FTS5's own tokenizers find no two-character words.)
- A query is words and nothing else: quotes and operators only separate them. All must occur, the
  last one also as the beginning of a word, since it may still be being typed.

Hits come newest first. A rank by word statistics would let one user's results depend on what
other users wrote.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from functools import lru_cache
from itertools import groupby

from sqlalchemy import Connection, Integer, Text, column, delete, insert, select, table, text

from l2c.conversation import Role
from l2c.errors import InvalidInput
from l2c.store.schema import conversation, turn

Snippet = tuple[tuple[str, bool], ...]
"""A piece of text in segments; true marks a hit."""

SNIPPET_CHARACTERS = 160
MOST_WORDS = 64
_BEFORE_THE_HIT = 40

_UNSPACED = (
    (0x1100, 0x11FF),  # Hangul Jamo
    (0x3040, 0x30FF),  # Hiragana, Katakana
    (0x3105, 0x312F),  # Bopomofo
    (0x31F0, 0x31FF),  # Katakana extensions
    (0x3400, 0x4DBF),  # CJK extension A
    (0x4E00, 0x9FFF),  # CJK
    (0xAC00, 0xD7AF),  # Hangul syllables
    (0xF900, 0xFAFF),  # CJK compatibility
    (0xFF66, 0xFF9F),  # halfwidth Katakana
    (0x20000, 0x3FFFF),  # CJK extensions B and later
)


# Combining marks that are accents; other marks are letters of their script (Hindi vowels, say).
_ACCENTS = ("\u0300", "\u036f")

_index = table("turn_search", column("rowid", Integer), column("words", Text))


@dataclass(frozen=True, slots=True)
class Hit:
    """A turn that was found."""

    turn_id: str
    conversation_id: str
    title: str
    role: Role
    snippet: Snippet
    created_at: str


class _Kind(Enum):
    SPACED = auto()
    UNSPACED = auto()
    SEPARATOR = auto()


@dataclass(frozen=True, slots=True)
class _Word:
    """A run of one kind, folded, and where it stood in the text."""

    folded: str
    start: int
    end: int
    unspaced: bool


def add(connection: Connection, seq: int, content: str) -> None:
    """Index the turn numbered `seq`; one without words leaves no trace."""
    indexed = " ".join(
        token
        for word in _words(content)
        for token in (_pairs(word) if word.unspaced else [word.folded])
    )
    if indexed:
        connection.execute(insert(_index), {"rowid": seq, "words": indexed})


def remove(connection: Connection, seqs: Sequence[int]) -> None:
    """Take turns out of the index, so that none of their words remain in the file."""
    for seq in seqs:
        connection.execute(delete(_index).where(_index.c.rowid == seq))
    if not _erases_at_once(connection):
        # Without `secure-delete` words are only marked; merging the whole index drops them.
        connection.execute(text("INSERT INTO turn_search (turn_search) VALUES ('optimize')"))


def find(connection: Connection, user_id: str, query: str, *, limit: int) -> list[Hit]:
    """The newest `limit` turns of the user that hold every word of `query`.

    Turns of deleted conversations are not found. Raises `InvalidInput` for more than
    `MOST_WORDS` words.
    """
    wanted = list(_words(query))
    if len(wanted) > MOST_WORDS:
        raise InvalidInput(f"A search has at most {MOST_WORDS} words; found {len(wanted)}.")
    if not wanted:
        return []
    rows = connection.execute(
        select(
            turn.c.id,
            turn.c.conversation_id,
            conversation.c.title,
            turn.c.role,
            turn.c.text,
            turn.c.created_at,
        )
        .select_from(_index)
        .join(turn, turn.c.seq == _index.c.rowid)
        .join(conversation, conversation.c.id == turn.c.conversation_id)
        .where(
            text("turn_search MATCH :expression").bindparams(expression=_expression(wanted)),
            turn.c.user_id == user_id,
            conversation.c.deleted_at.is_(None),
        )
        .order_by(_index.c.rowid.desc())
        .limit(limit)
    )
    return [
        Hit(
            turn_id=row.id,
            conversation_id=row.conversation_id,
            title=row.title,
            role=Role(row.role),
            snippet=_snippet(row.text, wanted),
            created_at=row.created_at,
        )
        for row in rows
    ]


def _expression(wanted: Sequence[_Word]) -> str:
    """The words as an FTS5 query; each is quoted, and a word holds no quote."""
    phrases = []
    for word in wanted:
        if word.unspaced and len(word.folded) > 1:
            phrases.append('"' + " ".join(_pairs(word)[:-1]) + '"')
        elif word.unspaced or word is wanted[-1]:
            phrases.append(f'"{word.folded}"*')
        else:
            phrases.append(f'"{word.folded}"')
    return " ".join(phrases)


def _erases_at_once(connection: Connection) -> bool:
    return bool(
        connection.execute(
            text("SELECT v FROM turn_search_config WHERE k = 'secure-delete'")
        ).scalar()
    )


def _pairs(word: _Word) -> list[str]:
    """Every two neighbouring characters, and the last alone."""
    return [word.folded[i : i + 2] for i in range(len(word.folded))]


def _words(content: str) -> Iterator[_Word]:
    """The words of a text in order; a change between spaced and unspaced script ends a word."""
    for kind, characters in groupby(enumerate(content), key=lambda pair: _kind(pair[1])):
        if kind != _Kind.SEPARATOR:
            run = list(characters)
            start, end = run[0][0], run[-1][0] + 1
            folded = _fold(content[start:end])
            if folded:
                yield _Word(folded, start, end, unspaced=kind == _Kind.UNSPACED)


@lru_cache(maxsize=4096)
def _kind(character: str) -> _Kind:
    if any(first <= ord(character) <= last for first, last in _UNSPACED):
        return _Kind.UNSPACED
    if character.isalnum() or unicodedata.category(character).startswith("M"):
        return _Kind.SPACED
    return _Kind.SEPARATOR


def _fold(run: str) -> str:
    """Without case, accents and compatibility forms; only letters, digits and marks remain."""
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", run).casefold())
    plain = "".join(c for c in decomposed if not _ACCENTS[0] <= c <= _ACCENTS[1])
    folded = unicodedata.normalize("NFC", plain)
    return "".join(c for c in folded if _kind(c) != _Kind.SEPARATOR)


def _snippet(content: str, wanted: Sequence[_Word]) -> Snippet:
    """The text around the first hit, with every hit in it marked."""
    words = list(_words(content))
    hits = [span for word in words for span in _hits(word, wanted)]
    first, last = _frame(content, words, hits[0][0] if hits else 0)
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


def _frame(content: str, words: Sequence[_Word], hit: int) -> tuple[int, int]:
    """Where a snippet around `hit` begins and ends: at whole words where it must cut."""
    first, last = 0, len(content)
    if hit > _BEFORE_THE_HIT:
        earliest = hit - _BEFORE_THE_HIT
        first = next((word.start for word in words if earliest <= word.start <= hit), earliest)
    if first + SNIPPET_CHARACTERS < last:
        latest = first + SNIPPET_CHARACTERS
        last = max((word.end for word in words if hit < word.end <= latest), default=latest)
    return first, last


def _hits(word: _Word, wanted: Sequence[_Word]) -> Iterator[tuple[int, int]]:
    """Where in the text the word is a hit, left to right and without overlap."""
    if not word.unspaced:
        if any(
            word.folded == other.folded
            or (other is wanted[-1] and word.folded.startswith(other.folded))
            for other in wanted
            if not other.unspaced
        ):
            yield word.start, word.end
        return
    marked = [False] * len(word.folded)
    for other in (other.folded for other in wanted if other.unspaced):
        at = word.folded.find(other)
        while at >= 0:
            marked[at : at + len(other)] = [True] * len(other)
            at = word.folded.find(other, at + 1)
    if len(word.folded) != word.end - word.start:  # folding changed the length: mark it whole
        marked = [any(marked)] * (word.end - word.start)
    for hit, places in groupby(range(len(marked)), key=marked.__getitem__):
        span = list(places)
        if hit:
            yield word.start + span[0], word.start + span[-1] + 1
