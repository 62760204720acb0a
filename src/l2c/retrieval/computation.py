"""Counting, listing, adding and comparing over the rows of a table: computed, never guessed.

    "How many tents cost more than 100?"   →   filter by value and number, then count

A question is first understood against each table (`l2c.retrieval.table`). A table answers only when
nearly everything that was asked is explained by it: a question of which a word is left over is not
for the table. Every answer names the rows it rests on.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from l2c.retrieval.retriever import Question
from l2c.retrieval.table import (
    GENERIC,
    Row,
    Sense,
    Sheet,
    content,
    hinted,
    number,
    sheet_of,
    understand,
)
from l2c.retrieval.terms import alike, telling, terms
from l2c.store.passages import TableRow

EXPLAINED = 0.8
"""How much of a question, by weight, a table must explain before it answers."""

MOST_QUOTED, MOST_LISTED = 8, 30
CERTAIN = 1.3
"""What a table that explains every word weighs against a sentence."""


@dataclass(frozen=True, slots=True)
class Computed:
    """What came out of a table; `certainty` is how much of the question it explains."""

    text: str
    rows: tuple[Row, ...]
    certainty: float


def compute(question: Question, tables: Sequence[TableRow]) -> Computed | None:
    """The answer of the table that explains the question best, if one explains it well enough."""
    best: Computed | None = None
    for one in tables:
        sheet = sheet_of(one)
        if sheet is None:
            continue
        found = _answer(question, sheet)
        if found is not None and (best is None or found.certainty > best.certainty):
            best = found
    return best


def _answer(question: Question, sheet: Sheet) -> Computed | None:
    sense = understand(question, sheet)
    explained = _explained(question, sense)
    meant = sense.explained - GENERIC or sense.columns or sense.filtered
    if explained < EXPLAINED or not meant:
        return None
    for pattern, operate in _OPERATIONS:
        asked = pattern.search(question.text)
        if asked:
            return operate(question, sense, asked, explained)
    return _look_up(question, sense, explained)


def _explained(question: Question, sense: Sense) -> float:
    """How much of a question's weight the sheet accounts for."""
    covered = 0.0
    for one, weight in question.weights.items():
        operation = any(re.fullmatch(word, one) for word in _OPERATION_WORDS)
        covered += weight * (one in sense.explained or one in GENERIC or operation)
    return covered / max(question.total, 1e-9)


_OPERATION_WORDS = (
    "most|least|high|highest|larg|largest|big|biggest|small|smallest|low|lowest|cheap|cheapest|"
    "expens|expensiv|heavi|heaviest|light|lightest|old|oldest|young|youngest|long|longest|short|"
    "shortest|tall|tallest|fast|fastest|slow|slowest|latest|earliest|newest|maximum|minimum|max|min|"
    "cost|price|show|give|list|altogether|averag|mean|total|sum|weigh|earn|have|first|last|recent",
)


def _operand(sense: Sense, question: Question) -> int | None:
    """The numeric column a question adds up or compares by."""
    sheet = sense.sheet
    named = [i for i in sense.columns if sheet.is_numeric(i) and i not in sense.filtered]
    if named:
        return named[0]
    suggested = set(hinted(question))
    numeric = [i for i in range(len(sheet.columns)) if sheet.is_numeric(i)]
    asked = [term.stem for term in question.terms]
    for index in numeric:
        if set(sheet.stems[index]) & suggested or any(
            alike(a, s) for a in asked for s in content(sheet.stems[index])
        ):
            sense.explained |= set(sheet.stems[index])
            return index
    return None


def _count(
    question: Question, sense: Sense, asked: re.Match[str], explained: float
) -> Computed | None:
    """How many rows, or, where what follows names a column of numbers, how many in it."""
    following = [term.stem for term in telling(terms(question.text[asked.end() :]))][:2]
    sheet = sense.sheet
    for index, stems in enumerate(sheet.stems):
        counted = content(stems)
        if not sheet.is_numeric(index) or index in sense.filtered or not following:
            continue
        if any(alike(following[0], one) for one in counted):
            if len(sense.rows) == 1:
                return _cells(sense, index, explained)
            if sense.filtered or re.search(r"\b(?:total|altogether|all)\b", question.text):
                return _total(sense, index, explained)
    named = [i for i in sense.columns if sheet.is_numeric(i) and i not in sense.filtered]
    if len(sense.rows) == 1 and named:
        return _cells(sense, named[0], explained)
    if len(sheet.columns) == 2 and len(sense.rows) == 1:
        return None  # a property and its value: one row says nothing of how many there are
    listed = sense.rows if sense.filtered else sheet.rows
    return _computed(f"{len(listed)}", sense, listed, explained)


def _sum(question: Question, sense: Sense, _: re.Match[str], explained: float) -> Computed | None:
    column = _operand(sense, question)
    return None if column is None else _total(sense, column, explained)


def _mean(question: Question, sense: Sense, _: re.Match[str], explained: float) -> Computed | None:
    column = _operand(sense, question)
    if column is None:
        return None
    found = [n for row in sense.rows if (n := number(row.at(column))) is not None]
    if not found:
        return None
    text = f"{_written(sum(found) / len(found))} ({sense.sheet.columns[column]}, on average)"
    return _computed(text, sense, sense.rows, explained)


def _highest(
    question: Question, sense: Sense, _: re.Match[str], explained: float
) -> Computed | None:
    return _extreme(question, sense, explained, sign=1)


def _lowest(
    question: Question, sense: Sense, _: re.Match[str], explained: float
) -> Computed | None:
    return _extreme(question, sense, explained, sign=-1)


def _extreme(question: Question, sense: Sense, explained: float, *, sign: int) -> Computed | None:
    column = _operand(sense, question)
    if column is None:
        return None
    found = [(sign * n, row) for row in sense.rows if (n := number(row.at(column))) is not None]
    if not found:
        return None
    best = max(value for value, _ in found)
    rows = [row for value, row in found if value == best]
    sheet = sense.sheet
    text = ", ".join(row.at(sheet.label()) for row in rows[:MOST_LISTED])
    text += f" ({sheet.columns[column]}: {rows[0].at(column)})"
    return _computed(text, sense, rows, explained)


def _list(question: Question, sense: Sense, _: re.Match[str], explained: float) -> Computed | None:
    """The names of the rows that pass; of a column when one is asked for."""
    sheet = sense.sheet
    if not sense.filtered and not re.search(r"\b(?:list|all|every)\b", question.text, re.I):
        return None
    wanted = [i for i in sense.columns if i not in sense.filtered]
    if len(sense.rows) == 1 and wanted:
        return _cells(sense, wanted[0], explained)
    column = wanted[0] if wanted and not sheet.is_numeric(wanted[0]) else sheet.label()
    if column in sense.filtered:
        others = [i for i in range(len(sheet.columns)) if i not in sense.filtered]
        column = others[0] if others else column
    names = list(dict.fromkeys(row.at(column) for row in sense.rows))
    if not names:
        return _computed("None", sense, [], explained)
    more = f" and {len(names) - MOST_LISTED} more" if len(names) > MOST_LISTED else ""
    return _computed(", ".join(names[:MOST_LISTED]) + more, sense, sense.rows, explained)


def _suggested(question: Question, sense: Sense) -> list[int]:
    """The column of numbers an adjective asks for: `big` a length."""
    suggested = set(hinted(question))
    return [
        index
        for index, stems in enumerate(sense.sheet.stems)
        if suggested & set(stems) and sense.sheet.is_numeric(index)
    ][:1]


def _look_up(question: Question, sense: Sense, explained: float) -> Computed | None:
    """One cell: the column that is asked for, in the one row whose value is named."""
    wanted = [i for i in sense.columns if i not in sense.filtered] or _suggested(question, sense)
    if not sense.filtered or len(sense.rows) != 1 or not wanted:
        return None
    return _cells(sense, wanted[0], explained)


def _cells(sense: Sense, column: int, explained: float) -> Computed:
    text = f"{sense.rows[0].at(column)} ({sense.sheet.columns[column]})"
    return _computed(text, sense, sense.rows, explained)


def _total(sense: Sense, column: int, explained: float) -> Computed | None:
    found = [n for row in sense.rows if (n := number(row.at(column))) is not None]
    if not found:
        return None
    text = f"{_written(sum(found))} ({sense.sheet.columns[column]}, added up)"
    return _computed(text, sense, sense.rows, explained)


def _computed(text: str, sense: Sense, rows: Sequence[Row], explained: float) -> Computed:
    every = sense.sheet.rows
    name = every[0].name
    how = f"{len(rows)} of {len(every)} rows" if len(rows) < len(every) else f"{len(every)} rows"
    said = f"{text}\n— computed from {how} of {name}"
    return Computed(said, tuple(rows[:MOST_QUOTED]), CERTAIN if explained > 0.99 else explained)


def _written(value: float) -> str:
    return f"{value:,.0f}" if value == round(value) else f"{value:,.2f}".rstrip("0").rstrip(".")


_OPERATIONS = tuple(
    (re.compile(pattern, re.IGNORECASE), operate)
    for pattern, operate in (
        (r"\b(?:average|mean|on average|durchschnitt\w*)\b", _mean),
        (r"\b(?:total|sum of|altogether|combined|add up|insgesamt)\b", _sum),
        (r"\bhow many\b|\bnumber of\b|\bcount\b|\bwie viele\b|\banzahl\b", _count),
        (r"\b(?:most|highest|largest|biggest|longest|oldest|heaviest|tallest|greatest|latest|newest|"
         r"fastest|maximum|most recent|teuerste\w*|höchste\w*|größte\w*)\b", _highest),
        (r"\b(?:least|lowest|smallest|shortest|youngest|lightest|cheapest|earliest|slowest|fewest|"
         r"minimum|billigste\w*|niedrigste\w*|kleinste\w*)\b", _lowest),
        (r"^\s*(?:list|name|show|give|which|who|what (?:are|\w+s (?:are|were|do|have|cost|can))|"
         r"welche|nenne)\b", _list),
    )
)  # fmt: skip
