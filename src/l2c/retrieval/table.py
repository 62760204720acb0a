"""Tables, and what a question means against one.

Cells become numbers where they hold one, with or without a unit. A question is understood word by
word: some words are values of cells and filter the rows, some name columns, some compare with a
number, and some say what the table is about. What is left over is not for the table; how much that
is decides in `l2c.retrieval.computation`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from l2c.retrieval.retriever import Question
from l2c.retrieval.terms import alike, stem, telling, terms
from l2c.store.passages import TableRow

_GENERIC_WORDS = """
row rows record records entry entries line lines item items table list listed number total value
values column average mean sum name names altogether combined overall count there
live lives join joined sing sings belong belongs come comes stand stands lie lies born
"""

GENERIC = frozenset(stem(word) for word in _GENERIC_WORDS.split())
"""Words with which one asks any table."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table and where it stands."""

    cells: tuple[str, ...]
    document_id: str
    name: str
    page: int
    start: int
    end: int

    @property
    def text(self) -> str:
        """The row as it is quoted."""
        return " | ".join(self.cells)

    def at(self, column: int) -> str:
        """The cell of a column; empty where the row is too short."""
        return self.cells[column].strip() if column < len(self.cells) else ""


@dataclass(slots=True)
class Sheet:
    """A table, with every cell's terms and number."""

    columns: list[str]
    rows: list[Row]
    about: set[str]
    stems: list[list[str]] = field(init=False)

    def __post_init__(self) -> None:
        self.stems = [
            [term.stem for term in telling(terms(column)) or terms(column)]
            for column in self.columns
        ]

    def numbers(self, column: int) -> list[float | None]:
        """The number of each row's cell, None where it has none."""
        return [number(row.at(column)) for row in self.rows]

    def is_numeric(self, column: int) -> bool:
        """Whether nearly every cell of a column that is not empty holds a number."""
        found = [one for one in self.numbers(column) if one is not None]
        filled = sum(bool(row.at(column)) for row in self.rows)
        return filled > 0 and len(found) >= 0.8 * filled

    def label(self) -> int:
        """The column that names the rows: one called so, else the first that is no number."""
        for index, stems in enumerate(self.stems):
            if {"name", "titl", "item", "product"} & set(stems):
                return index
        words = [i for i in range(len(self.columns)) if not self.is_numeric(i)]
        return words[0] if words else 0


@dataclass(slots=True)
class Sense:
    """How a question is understood against a sheet: rows that pass, words that are explained."""

    sheet: Sheet
    rows: list[Row]
    explained: set[str] = field(default_factory=set)
    filtered: set[int] = field(default_factory=set)
    columns: list[int] = field(default_factory=list)


def number(cell: str) -> float | None:
    """The number a cell holds, with or without unit; None when it holds none, or words too."""
    plain = cell.strip().replace("\u00a0", " ")
    found = re.fullmatch(
        r"(?:[A-Z]{3}|[$€£¥])?\s*([-−+]?\d[\d.,' ]*)\s*(?:%|[$€£¥]|[A-Za-z°²³/]{1,6})?", plain
    )
    if found is None:
        return None
    digits = re.sub(r"[' ]", "", found[1]).replace("−", "-")
    if re.search(r",\d{1,2}$", digits) and digits.count(",") == 1:
        digits = digits.replace(".", "").replace(",", ".")
    digits = digits.replace(",", "")
    if digits.count(".") > 1:
        digits = digits.replace(".", "")
    try:
        return float(digits)
    except ValueError:
        return None


def sheet_of(table: TableRow) -> Sheet | None:
    """The table with its cells apart; None for one without rows, or with one column."""
    columns: list[str] = []
    rows: list[Row] = []
    for place, piece in table.pieces:
        start = place.start
        for line in piece.split("\n"):
            cells = tuple(line.split("\t"))
            end = start + len(line)
            if columns:
                row = Row(cells, table.document_id, table.name, place.page, start, end)
                rows.append(row)
            else:
                columns = list(cells)
            start = end + 1
    if not rows or len(columns) < 2:
        return None
    spoken = " ".join(re.split(r"[\W_]+", table.name))
    about = {term.stem for term in terms(f"{spoken} {table.context}")}
    return Sheet(columns, rows, about)


def understand(question: Question, sheet: Sheet) -> Sense:
    """Filter the rows by the values and numbers of the question, and find its columns."""
    sense = Sense(sheet, list(sheet.rows))
    rest = question.text
    rest = _compare(rest, question, sense)
    asked = [term.stem for term in telling(terms(rest))]
    for index in range(len(sheet.columns)):
        named = content(sheet.stems[index])
        if named and all(_alike_any(one, asked) for one in named):
            sense.columns.append(index)
            sense.explained |= {a for a in asked if any(alike(a, s) for s in sheet.stems[index])}
    for index in range(len(sheet.columns)):
        _keep_value(index, asked, sense, question)
    sense.explained |= {a for a in asked if any(alike(a, other) for other in sheet.about)}
    sense.explained |= {a for a in asked if a in GENERIC}
    return sense


def _alike_any(one: str, others: Sequence[str]) -> bool:
    """Whether a term means the same as any of these."""
    return any(alike(one, other) for other in others)


def content(stems: Sequence[str]) -> list[str]:
    """The terms of a column's name without its unit and empty words."""
    units = {"eur", "usd", "gbp", "chf", "kg", "g", "km", "m", "cm", "mm", "h", "min", "of", "in"}
    return [one for one in stems if one not in units]


def _keep_value(index: int, asked: Sequence[str], sense: Sense, question: Question) -> None:
    """If a value of this column is named in the question, keep only its rows."""
    sheet = sense.sheet
    values: dict[str, list[str]] = {}
    for row in sheet.rows:
        cell = row.at(index)
        if cell and len(cell) <= 80 and cell not in values:
            values[cell] = [term.stem for term in telling(terms(cell)) or terms(cell)]
    kinds = {value.casefold() for value in values}
    if kinds <= _YES | _NO and len(sheet.rows) > 1:
        if index in sense.columns:
            negated = re.search(r"\b(?:not|no|without|isn.t|aren.t|don.t)\b", question.text.lower())
            wanted = _NO if negated else _YES
            sense.rows = [row for row in sense.rows if row.at(index).casefold() in wanted]
            sense.filtered.add(index)
        return
    years = [one for one in asked if re.fullmatch(r"(?:19|20)\d\d", one)]
    of_year = [value for value in values if years and value[:4] in years]
    if of_year and _is_dates(sheet, index):
        sense.rows = [row for row in sense.rows if row.at(index) in of_year] or sense.rows
        sense.filtered.add(index)
        sense.explained |= set(years)
        return
    hits = [
        value
        for value, stems in values.items()
        if stems and _within(stems, asked) and not (set(stems) <= set(sheet.stems[index]))
    ]
    longest = max((len(values[hit]) for hit in hits), default=0)
    hits = [hit for hit in hits if len(values[hit]) == longest]
    if hits:
        kept = [row for row in sense.rows if row.at(index) in hits]
        if kept:
            sense.rows = kept
            sense.filtered.add(index)
            sense.explained |= {
                a for hit in hits for a in asked if any(alike(a, s) for s in values[hit])
            }


_YES = {"yes", "y", "true", "x", "✓", "✔", "ja", "1"}
_NO = {"no", "n", "false", "", "-", "–", "nein", "0"}


def _within(stems: Sequence[str], asked: Sequence[str]) -> bool:
    """Whether the terms of a value stand together in the question."""
    wanted = [one for one in stems if one not in _LITTLE] or list(stems)
    for first in range(len(asked) - len(wanted) + 1):
        if all(
            a == b or (len(b) > 3 and alike(a, b) == 1.0)
            for a, b in zip(asked[first:], wanted, strict=False)
        ):
            return True
    return False


_LITTLE = frozenset({"a", "an", "the", "of", "and", "in", "for", "to"})

_MORE = (
    r"more than|over|above|greater than|higher than|exceed(?:s|ing)?|after|later than|longer than|"
    r"older than|heavier than|mehr als|über"
)
_LESS = (
    r"less than|fewer than|under|below|lower than|cheaper than|before|earlier than|shorter than|"
    r"younger than|lighter than|weniger als|unter"
)
_LEAST = r"at least|minimum of|no less than|or more|from|mindestens"
_MOST = r"at most|maximum of|no more than|up to|höchstens"
_COMPARED = re.compile(
    rf"\b(?:(?P<more>{_MORE})|(?P<less>{_LESS})|(?P<least>{_LEAST})|(?P<most>{_MOST}))\s+"
    r"(?:[$€£]\s?)?(?P<number>\d{4}-\d\d-\d\d|\d[\d.,]*)\s?(?P<unit>%|€|\$|£|[A-Za-z]+)?",
    re.IGNORECASE,
)


def _compare(rest: str, question: Question, sense: Sense) -> str:
    """Filter by every comparison with a number; the question without them."""
    for found in list(_COMPARED.finditer(rest))[::-1]:
        column = _compared_column(found, question, sense.sheet)
        if column is None:
            continue
        bound = found["number"].rstrip(".,")
        sense.rows = [row for row in sense.rows if _passes(row.at(column), found, bound)]
        sense.filtered.add(column)
        sense.explained |= {term.stem for term in telling(terms(found[0]))}
        sense.explained |= set(sense.sheet.stems[column])
        rest = f"{rest[: found.start()]} {rest[found.end() :]}"
    return rest


def _year_bound(found: re.Match[str], year: str) -> str:
    """A year as the date a comparison with it means: after its end, or before its beginning."""
    return f"{year}-12-31" if found["more"] or found["most"] else f"{year}-01-01"


def _passes(cell: str, found: re.Match[str], bound: str) -> bool:
    """Whether a cell, a date or a number, stands on the right side of the bound."""
    if re.fullmatch(r"\d{4}-\d\d-\d\d", cell):
        day = bound if "-" in bound else _year_bound(found, bound)
        return _ordered(found, (cell > day) - (cell < day))
    value, limit = number(cell), number(bound)
    if value is None or limit is None:
        return False
    return _ordered(found, (value > limit) - (value < limit))


def _ordered(found: re.Match[str], sign: int) -> bool:
    if found["more"]:
        return sign > 0
    if found["less"]:
        return sign < 0
    return sign >= 0 if found["least"] else sign <= 0


def _compared_column(found: re.Match[str], question: Question, sheet: Sheet) -> int | None:
    """The column a number is held against: the one the question names, or the only one there is."""
    dates = [i for i in range(len(sheet.columns)) if _is_dates(sheet, i)]
    if re.match(r"after|later|before|earlier", found[0], re.IGNORECASE) and len(dates) == 1:
        return dates[0]
    numeric = [i for i in range(len(sheet.columns)) if sheet.is_numeric(i)]
    asked = [term.stem for term in telling(terms(question.text))]
    asked += hinted(question)
    unit = (found["unit"] or "").casefold()
    scores = []
    for index in numeric:
        stems = sheet.stems[index]
        score = sum(max((alike(a, s) for s in stems), default=0.0) for a in asked)
        score += 0.5 * (unit != "" and any(alike(stem(unit), s) for s in stems))
        scores.append((score, index))
    best = max(scores, default=(0.0, -1), key=lambda pair: pair[0])
    if best[0] > 0:
        return best[1]
    return numeric[0] if len(numeric) == 1 else None


def hinted(question: Question) -> list[str]:
    """What a question's adjectives say about the column it means: `cheap` a price."""
    return [
        stem(one)
        for word, columns in _ABOUT.items()
        if re.search(word, question.text, re.IGNORECASE)
        for one in columns
    ]


def _is_dates(sheet: Sheet, column: int) -> bool:
    filled = [cell for row in sheet.rows if (cell := row.at(column))]
    return bool(filled) and all(re.fullmatch(r"\d{4}-\d\d-\d\d", cell) for cell in filled)


_ABOUT = {
    r"\b(?:cheap|expensive|costs?|priced?|dear)\w*|\bhow much (?:is|are|for)\b": ("price", "cost"),
    r"\b(?:heav|light|weigh)\w*": ("weigh", "mass"),
    r"\b(?:old|young)\w*": ("age", "born", "year"),
    r"\b(?:long|short)\w*": ("long", "durat", "distanc"),
    r"\b(?:tall|high|low)\w*": ("high", "elev", "tempera"),
    r"\b(?:large|big|small)\w*": ("size", "area", "popul", "capac", "long"),
    r"\b(?:fast|slow|quick)\w*": ("speed", "time"),
    r"\b(?:earn|paid|pay)\w*": ("salari", "wage"),
    r"\b(?:recent|latest|newest|earliest|first|last)\b": ("date", "year"),
}
