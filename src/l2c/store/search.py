"""Finding turns by their words, in any script.

SQLite's FTS5 keeps the index of the words `l2c.store.words` makes, here and for queries alike. A
query is words and nothing else: quotes and operators only separate them. All must occur, the last
one also as the beginning of a word, since it may still be being typed. Of Chinese, Japanese and
Korean text, two or more characters are a phrase of pairs, and a single one is a prefix.

Hits come newest first. A rank by word statistics would let one user's results depend on what
other users wrote.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from sqlalchemy import Connection, Integer, Text, column, delete, insert, select, table, text

from l2c.conversation import Role
from l2c.errors import InvalidInput
from l2c.store.schema import conversation, turn
from l2c.store.words import Word, pairs, words

Snippet = tuple[tuple[str, bool], ...]
"""A piece of text in segments; true marks a hit."""

SNIPPET_CHARACTERS = 160
MOST_WORDS = 64
_BEFORE_THE_HIT = 40

_index = table(
    "turn_search", column("rowid", Integer), column("words", Text), column("owner", Text)
)


@dataclass(frozen=True, slots=True)
class Hit:
    """A turn that was found."""

    turn_id: str
    conversation_id: str
    title: str
    role: Role
    snippet: Snippet
    created_at: str


def add(connection: Connection, user_id: str, seq: int, content: str) -> None:
    """Index the user's turn numbered `seq`; one without words leaves no trace."""
    indexed = " ".join(
        token
        for word in words(content)
        for token in (pairs(word) if word.unspaced else [word.folded])
    )
    if indexed:
        connection.execute(insert(_index), {"rowid": seq, "words": indexed, "owner": user_id})


def remove(connection: Connection, seqs: Sequence[int]) -> None:
    """Take turns out of the index, so that none of their words remain in the file."""
    for seq in seqs:
        connection.execute(delete(_index).where(_index.c.rowid == seq))
    if not _erases_at_once(connection):
        # Without `secure-delete` words are only marked, and merging may keep the marks with them.
        connection.execute(text("INSERT INTO turn_search (turn_search) VALUES ('rebuild')"))


def find(connection: Connection, user_id: str, query: str, *, limit: int) -> list[Hit]:
    """The newest `limit` turns of the user that hold every word of `query`.

    Turns of deleted conversations are not found. Raises `InvalidInput` for more than
    `MOST_WORDS` words.
    """
    wanted = list(words(query))
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
            text("turn_search MATCH :expression").bindparams(
                expression=f'owner : "{user_id}" AND words : ({_expression(wanted)})'
            ),
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


def _expression(wanted: Sequence[Word]) -> str:
    """The words as an FTS5 query; each is quoted, and a word holds no quote."""
    phrases = []
    for word in wanted:
        if word.unspaced and len(word.folded) > 1:
            phrases.append('"' + " ".join(pairs(word)[:-1]) + '"')
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


def _snippet(content: str, wanted: Sequence[Word]) -> Snippet:
    """The text around the first hit, with every hit in it marked."""
    present = list(words(content))
    hits = [span for word in present for span in _hits(word, wanted)]
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


def _frame(content: str, words: Sequence[Word], hit: int) -> tuple[int, int]:
    """Where a snippet around `hit` begins and ends: at whole words where it must cut."""
    first, last = 0, len(content)
    if hit > _BEFORE_THE_HIT:
        earliest = hit - _BEFORE_THE_HIT
        first = next((word.start for word in words if earliest <= word.start <= hit), earliest)
    if first + SNIPPET_CHARACTERS < last:
        latest = first + SNIPPET_CHARACTERS
        last = max((word.end for word in words if hit < word.end <= latest), default=latest)
    return first, last


def _hits(word: Word, wanted: Sequence[Word]) -> Iterator[tuple[int, int]]:
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
