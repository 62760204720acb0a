"""The two indexes of words: FTS5 in SQLite, text search vectors in PostgreSQL.

Both hold exactly the words that `l2c.store.words` made, and are asked the same: which rows have
all (or any) of these phrases, whose last word may be a beginning. Rows are numbered as what they
index is. What is found is the same on both, word for word.

In PostgreSQL a GIN index knows which rows have a word, and the words themselves are compared where
their order matters. A vector holds no long words and no more than a megabyte, so only the beginning
of a long word is looked up, and only the first `MOST_BYTES` of a very long text are found.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnElement,
    Connection,
    Select,
    Text,
    and_,
    bindparam,
    cast,
    column,
    delete,
    func,
    insert,
    literal,
    literal_column,
    or_,
    select,
    table,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, TSQUERY

LONG_WORD = 128
"""So many characters of a word are looked up in PostgreSQL; the rest is compared."""

MOST_BYTES = 900_000

RANKED = 20_000
"""So many of the newest matches are ranked in PostgreSQL."""

_K1, _B, _LEAST = 1.2, 0.75, 1e-6


class Phrase(NamedTuple):
    """Words in a row; with `prefix` the last is only the beginning of one."""

    tokens: Sequence[str]
    prefix: bool


class WordIndex:
    """An index of numbered rows of words, with an owner each where `owned`."""

    def __init__(self, name: str, *, owned: bool) -> None:
        self.name = name
        self.owned = owned
        owner = [column("owner", Text)] if owned else []
        self.table = table(name, column("rowid", BigInteger), column("words", Text), *owner)
        """The index as a table of `rowid`, `words` and, where it has one, `owner`."""

    def add(
        self, connection: Connection, rows: Iterable[tuple[int, str]], owner: str | None = None
    ) -> None:
        """Index the words of numbered rows, which stand with a space between each."""
        owned = {"owner": owner} if self.owned else {}
        listed = [{"rowid": number, "words": words, **owned} for number, words in rows]
        if not listed:
            return
        if not _is_postgresql(connection):
            connection.execute(insert(self.table), listed)
            return
        of = [_of(owner)] if owner else []
        with_lexemes = [
            row | {"lexemes": _lexemes([*str(row["words"]).split(" "), *of])} for row in listed
        ]
        names = listed[0].keys()
        vector = func.array_to_tsvector(bindparam("lexemes", type_=ARRAY(Text)))
        values: dict[str, Any] = {name: bindparam(name) for name in names} | {"lexemes": vector}
        with_vector = table(self.name, *map(column, (*names, "lexemes")))
        connection.execute(insert(with_vector).values(values), with_lexemes)

    def remove(self, connection: Connection, numbers: Iterable[int]) -> None:
        """Take rows out, so that none of their words remain in the index."""
        for number in numbers:
            connection.execute(delete(self.table).where(self.table.c.rowid == number))
        if not _is_postgresql(connection) and not self._erases_at_once(connection):
            # Without `secure-delete` words are only marked, and merging may keep the marks.
            again = f"INSERT INTO {self.name} ({self.name}) VALUES ('rebuild')"
            connection.execute(text(again))

    def having_all(
        self, connection: Connection, phrases: Sequence[Phrase], owner: str
    ) -> ColumnElement[bool]:
        """Rows of `owner` that have every one of the phrases."""
        if _is_postgresql(connection):
            vector = [_query(phrase) for phrase in phrases]
            compared = [self._compared(phrase) for phrase in phrases]
            return and_(self._match(" & ".join([f"'{_of(owner)}'", *vector])), *compared)
        together = " ".join(_fts5(phrase) for phrase in phrases)
        return self._fts5_match(f'owner : "{owner}" AND words : ({together})')

    def having_any(self, connection: Connection, phrases: Sequence[Phrase]) -> ColumnElement[bool]:
        """Rows that have one of the phrases at least."""
        if _is_postgresql(connection):
            vector = [f"({_query(phrase)})" for phrase in phrases]
            compared = [self._compared(phrase) for phrase in phrases]
            return and_(self._match(" | ".join(vector)), or_(*compared))
        return self._fts5_match(" OR ".join(_fts5(phrase) for phrase in phrases))

    def best(
        self,
        connection: Connection,
        phrases: Sequence[Phrase],
        among: Select[tuple[int]],
        *,
        limit: int,
    ) -> dict[int, float]:
        """The best rows that have one of the phrases, by BM25, and their rank: smaller is better.

        The formula is FTS5's, https://sqlite.org/fts5.html#the_bm25_function.
        """
        found = and_(self.having_any(connection, phrases), self.table.c.rowid.in_(among))
        if not _is_postgresql(connection):
            rank = text(f"bm25({self.name}) AS rank")
            query = select(self.table.c.rowid, rank).where(found).order_by(text("rank"))
            return {row.rowid: row.rank for row in connection.execute(query.limit(limit))}
        newest = select(self.table).where(found).order_by(self.table.c.rowid.desc())
        rows = {row.rowid: row.words.split(" ") for row in connection.execute(newest.limit(RANKED))}
        total = connection.execute(select(func.count()).select_from(self.table)).scalar_one()
        ranks = _bm25(rows, phrases, total)
        return dict(sorted(ranks.items(), key=lambda one: (one[1], one[0]))[:limit])

    def _match(self, query: str) -> ColumnElement[bool]:
        return literal_column(f"{self.name}.lexemes").op("@@", return_type=Boolean())(
            cast(literal(query), TSQUERY)
        )

    def _fts5_match(self, expression: str) -> ColumnElement[bool]:
        return literal_column(self.name).op("MATCH", return_type=Boolean())(literal(expression))

    def _compared(self, phrase: Phrase) -> ColumnElement[bool]:
        """What the vector cannot tell: the order of words, and the rest of long ones."""
        if len(phrase.tokens) == 1 and len(phrase.tokens[0]) < LONG_WORD:
            return literal(True)
        row = " " + " ".join(phrase.tokens) + ("" if phrase.prefix else " ")
        spaced: ColumnElement[str] = " " + self.table.c.words + " "
        return spaced.contains(row, autoescape=True)

    def _erases_at_once(self, connection: Connection) -> bool:
        option = text(f"SELECT v FROM {self.name}_config WHERE k = 'secure-delete'")
        return bool(connection.execute(option).scalar())


TURNS = WordIndex("turn_search", owned=True)
PASSAGES = WordIndex("passage_search", owned=False)


def _is_postgresql(connection: Connection) -> bool:
    return connection.dialect.name == "postgresql"


def _fts5(phrase: Phrase) -> str:
    """A phrase of FTS5; it is quoted, and a word holds no quote."""
    return f'"{" ".join(phrase.tokens)}"' + ("*" if phrase.prefix else "")


def _query(phrase: Phrase) -> str:
    """The words of a phrase for a vector; they are quoted, and hold no quote or backslash."""
    *before, last = (token[:LONG_WORD] for token in phrase.tokens)
    return " & ".join([*(f"'{token}'" for token in before), f"'{last}'{_star(phrase)}"])


def _star(phrase: Phrase) -> str:
    return ":*" if phrase.prefix else ""


def _of(owner: str) -> str:
    """A word that only the rows of an owner have; no word of a text holds an `@`."""
    return f"@{owner}"


def _lexemes(words: Iterable[str]) -> list[str]:
    """The different words, cut, as many as a vector can hold; the owner's comes first."""
    left, kept = MOST_BYTES, []
    for word in sorted({word[:LONG_WORD] for word in words}):
        left -= len(word.encode()) + 8
        if left < 0:
            break
        kept.append(word)
    return kept


def _bm25(
    rows: Mapping[int, Sequence[str]], phrases: Sequence[Phrase], total: int
) -> dict[int, float]:
    """The rank of every row, smaller is better. `total` rows are in the index."""
    if not rows:
        return {}
    usual = sum(map(len, rows.values())) / len(rows)
    ranks = dict.fromkeys(rows, 0.0)
    for phrase in phrases:
        often = {number: _occurrences(words, phrase) for number, words in rows.items()}
        holding = sum(times > 0 for times in often.values())
        weight = max(math.log((total - holding + 0.5) / (holding + 0.5)), _LEAST)
        for number, times in often.items():
            damping = _K1 * (1 - _B + _B * len(rows[number]) / usual)
            ranks[number] -= weight * times * (_K1 + 1) / (times + damping)
    return ranks


def _occurrences(words: Sequence[str], phrase: Phrase) -> int:
    """How often the phrase stands in a row of words."""
    *before, last = phrase.tokens
    often = 0
    for end in range(len(before), len(words)):
        same = words[end].startswith(last) if phrase.prefix else words[end] == last
        often += same and list(words[end - len(before) : end]) == before
    return often
