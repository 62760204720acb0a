"""CSV: rows of cells, the delimiter found by trying.

Where the first row holds no numbers it names the columns; otherwise they are called by their
number. Fifty rows are a page, so that a row can be shown in its surroundings.
"""

from __future__ import annotations

import csv
import io
import re
from itertools import islice

from l2c.retrieval.formats.book import Book, Unreadable

ROWS_OF_A_PAGE = 50
DELIMITERS = ",;\t|"
LOOKED_AT = 50
"""Rows that decide about the delimiter."""


def read(text: str, book: Book) -> None:
    """Write a CSV into the book, as one table."""
    csv.field_size_limit(1 << 20)
    try:
        rows = [
            row for row in csv.reader(io.StringIO(text), delimiter=_delimiter(text)) if any(row)
        ]
    except csv.Error as error:
        raise Unreadable(f"This CSV cannot be read ({error}).") from error
    if not rows:
        raise Unreadable("This CSV is empty.")
    if any(re.fullmatch(r"\s*-?[\d.,]+\s*", cell) for cell in rows[0]):
        rows.insert(0, [f"column {number}" for number in range(1, len(rows[0]) + 1)])
        book.warnings.append("The first row holds numbers, so the columns are called by number.")
    width = len(rows[0])
    uneven = sum(len(row) != width for row in rows)
    if uneven:
        book.warnings.append(f"{uneven} of {len(rows) - 1} rows have not {width} cells.")
    for number, row in enumerate(rows):
        if number > 1 and (number - 1) % ROWS_OF_A_PAGE == 0:
            book.turn_page()
        book.row(row)


def _delimiter(text: str) -> str:
    """The delimiter that cuts most rows into the same number of cells, two or more."""

    def evenness(delimiter: str) -> tuple[int, int]:
        lines = csv.reader(io.StringIO(text), delimiter=delimiter)
        widths = [len(row) for row in islice(lines, LOOKED_AT) if row]
        usual = max(set(widths), key=widths.count, default=1)
        return (widths.count(usual) if usual > 1 else 0, usual)

    return max(DELIMITERS, key=evenness)
