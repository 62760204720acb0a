"""Finding turns by what they say, in any script, the best first.

The index (`l2c.store.word_index`) holds the words `l2c.store.words` makes, here and for queries
alike. A query is words, and all of them must occur:

    broad beans      both words; the last one also as the beginning of a word, since it may still
                     be being typed
    "broad beans"    the words in this order, next to each other
    bea*             every word that begins so

Everything else only separates words. Of Chinese, Japanese and Korean text, two or more characters
are a phrase of pairs, and a single one is a prefix.

**Rank.** FTS5's own `bm25()` reads the statistics of the whole index, so one user's results would
depend on what others wrote; and it reads every row that matches, a million of them for a common
word. Here the newest `CANDIDATES` matches of the user are ranked by BM25 (Robertson and Zaragoza
2009, "The probabilistic relevance framework") over numbers of that user's turns alone. The owner
of a turn is in the index, so turns of others are not even read.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Select, func, select

from l2c.conversation import Role
from l2c.errors import InvalidInput
from l2c.store.schema import conversation, turn
from l2c.store.snippets import Snippet, Term, snippet
from l2c.store.word_index import TURNS, Phrase
from l2c.store.words import indexed, pairs, tokens, words

CANDIDATES = 400
"""So many of the newest matches are ranked; older ones are found by a narrower query."""

MOST_WORDS = 64
FREQUENT = 2_000
"""A word in so many turns of a user counts as frequent; nobody counts on."""

MANY_TURNS = 20_000
K1, B = 1.2, 0.75
"""How soon more of the same word stops counting, and how much longer turns are marked down."""

_index = TURNS.table
_PART = re.compile(r'"([^"]*)"?|([^"]+)')


class Order(StrEnum):
    """What a search shows first."""

    RELEVANCE = "relevance"
    NEWEST = "newest"


@dataclass(frozen=True, slots=True)
class Hit:
    """A turn that was found."""

    turn_id: str
    conversation_id: str
    title: str
    role: Role
    snippet: Snippet
    created_at: str


@dataclass(frozen=True, slots=True)
class _Match:
    """A turn that holds every word, by its number and its words in the index."""

    seq: int
    tokens: list[str]


def add(connection: Connection, user_id: str, texts: Iterable[tuple[int, str]]) -> None:
    """Index what the user's numbered turns say; one without words leaves no trace."""
    said = ((seq, indexed(content)) for seq, content in texts)
    TURNS.add(connection, [(seq, words) for seq, words in said if words], user_id)


def remove(connection: Connection, seqs: Sequence[int]) -> None:
    """Take turns out of the index, so that none of their words remain in the file."""
    TURNS.remove(connection, seqs)


def find(
    connection: Connection, user_id: str, query: str, *, limit: int, order: Order
) -> list[Hit]:
    """The best (or newest) `limit` turns of the user that hold every word of `query`.

    Turns of deleted conversations are not found. Raises `InvalidInput` for more than
    `MOST_WORDS` words.
    """
    terms = list(_terms(query))
    if sum(len(term.words) for term in terms) > MOST_WORDS:
        raise InvalidInput(f"A search has at most {MOST_WORDS} words; found more.")
    if not terms:
        return []
    wanted = max(limit, CANDIDATES)
    last = terms[-1]
    found = _matches(connection, user_id, terms, limit=wanted)
    if last.unfinished and len(found) < limit:
        terms[-1] = Term(last.words, prefix=True)
        found = _matches(connection, user_id, terms, limit=wanted)
    if order is Order.RELEVANCE:
        found = _ranked(connection, user_id, found, terms)
    return _hits(connection, found[:limit], terms)


def _terms(query: str) -> Iterator[Term]:
    """What a query asks for: quoted parts as phrases, everything else word by word."""
    parts = [(match[1], match[2]) for match in _PART.finditer(query)]
    for number, (quoted, plain) in enumerate(parts):
        if plain is None:
            phrase = tuple(words(quoted))
            if phrase:
                yield Term(phrase)
            continue
        loose = list(words(plain))
        for place, word in enumerate(loose):
            is_last = number == len(parts) - 1 and place == len(loose) - 1
            starred = plain[word.end : word.end + 1] == "*"
            yield Term((word,), prefix=starred and not word.unspaced, unfinished=is_last)


def _matches(
    connection: Connection, user_id: str, terms: Sequence[Term], *, limit: int
) -> list[_Match]:
    """The newest turns of the user that hold all of `terms`."""
    rows = connection.execute(
        _matching(connection, user_id, terms)
        .add_columns(_index.c.words)
        .join(turn, turn.c.seq == _index.c.rowid)
        .join(conversation, conversation.c.id == turn.c.conversation_id)
        .where(turn.c.user_id == user_id, conversation.c.deleted_at.is_(None))
        .order_by(_index.c.rowid.desc())
        .limit(limit)
    )
    return [_Match(row.rowid, row.words.split(" ")) for row in rows]


def _matching(connection: Connection, user_id: str, terms: Sequence[Term]) -> Select[Any]:
    phrases = [_tokens(term) for term in terms]
    found = TURNS.having_all(connection, phrases, user_id)
    return select(_index.c.rowid).select_from(_index).where(found)


def _tokens(term: Term) -> Phrase:
    """The words of the index a term stands for, and whether the last is only a beginning."""
    *before, last = term.words
    row = tokens(before)
    if not last.unspaced:
        return Phrase([*row, last.folded], term.prefix)
    if len(last.folded) == 1:
        return Phrase([*row, last.folded], prefix=True)
    return Phrase([*row, *pairs(last)[:-1]], prefix=False)


def _ranked(
    connection: Connection, user_id: str, found: list[_Match], terms: Sequence[Term]
) -> list[_Match]:
    """The matches, the best first; of equals the newest."""
    if not found:
        return found
    usual = sum(len(match.tokens) for match in found) / len(found)
    weights = _weights(connection, user_id, terms)
    asked = [_tokens(term) for term in terms]

    def score(match: _Match) -> float:
        damping = K1 * (1 - B + B * len(match.tokens) / usual)
        total = 0.0
        for (wanted, prefix), weight in zip(asked, weights, strict=True):
            often = _occurrences(match.tokens, wanted, prefix=prefix)
            total += weight * often * (K1 + 1) / (often + damping)
        return total

    return sorted(found, key=lambda match: (-score(match), -match.seq))


def _weights(connection: Connection, user_id: str, terms: Sequence[Term]) -> list[float]:
    """How telling each term is: the rarer in the user's own turns, the more."""
    if len(terms) == 1:
        return [1.0]
    own = select(turn.c.seq).where(turn.c.user_id == user_id).limit(MANY_TURNS)
    turns = _count(connection, own)
    weights = []
    for term in terms:
        holding = min(
            turns, _count(connection, _matching(connection, user_id, [term]).limit(FREQUENT))
        )
        weights.append(math.log(1 + (turns - holding + 0.5) / (holding + 0.5)))
    return weights


def _count(connection: Connection, query: Select[Any]) -> int:
    return int(connection.execute(select(func.count()).select_from(query.subquery())).scalar_one())


def _occurrences(tokens: list[str], wanted: Sequence[str], *, prefix: bool) -> int:
    """How often the wanted words stand in a row; the last may be a beginning."""
    first = wanted[0]
    if len(wanted) == 1:
        if prefix:
            return sum(token.startswith(first) for token in tokens)
        return tokens.count(first)
    often = 0
    for start in range(len(tokens) - len(wanted) + 1):
        if tokens[start] == first:
            row = tokens[start : start + len(wanted)]
            same = row[:-1] == list(wanted[:-1])
            ends = row[-1].startswith(wanted[-1]) if prefix else row[-1] == wanted[-1]
            often += same and ends
    return often


def _hits(connection: Connection, found: Sequence[_Match], terms: Sequence[Term]) -> list[Hit]:
    """The turns in the order they were found, with what is to be shown of them."""
    rows: dict[int, Any] = {
        row.seq: row
        for row in connection.execute(
            select(
                turn.c.seq,
                turn.c.id,
                turn.c.conversation_id,
                conversation.c.title,
                turn.c.role,
                turn.c.text,
                turn.c.created_at,
            )
            .join(conversation, conversation.c.id == turn.c.conversation_id)
            .where(turn.c.seq.in_([match.seq for match in found]))
        )
    }
    return [
        Hit(
            turn_id=row.id,
            conversation_id=row.conversation_id,
            title=row.title,
            role=Role(row.role),
            snippet=snippet(row.text, terms),
            created_at=row.created_at,
        )
        for row in (rows[match.seq] for match in found)
    ]
