"""What a file becomes: pages of text, and where in them the tables are.

Every format writes into a `Book`. Blank lines separate paragraphs; a row of a table is one line
with tabs between its cells, and no other line of a page has a tab. A book takes only so much: when
it is full the rest of the file is not read, and a warning says so.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

MOST_PAGES = 2_000
MOST_CHARACTERS = 5_000_000
MOST_CELLS = 200
"""Cells of one row; what stands behind them is left out."""

FLOW_CHARACTERS = 3_000
"""About the length of a page of a text that has no pages of its own."""

LONGEST_NAMED = 12
"""Page numbers a warning names one by one."""


class Unreadable(Exception):
    """A file cannot be read; the message says why, in words for its owner."""


class Full(Exception):
    """The book takes nothing more."""


@dataclass(frozen=True, slots=True)
class Span:
    """Characters `start` to `end` of page `page`; pages count from 1."""

    page: int
    start: int
    end: int


@dataclass(slots=True)
class Book:
    """Pages and tables, as they are written. A table is a list of spans, one per page it is on."""

    kind: str
    pages: list[str] = field(default_factory=lambda: [""])
    tables: list[list[Span]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    _characters: int = 0
    _table_open: bool = False

    def turn_page(self) -> None:
        """Go on with a new page. Raises `Full`."""
        if len(self.pages) == MOST_PAGES:
            self.warnings.append(f"Only the first {MOST_PAGES} pages were read.")
            raise Full
        self.pages[-1] = self.pages[-1].rstrip(" \n")  # an empty last cell stays
        self.pages.append("")

    def paragraph(self, text: str) -> None:
        """Add a paragraph; its line breaks stay. One without text is nothing. Raises `Full`."""
        text = clean(text).strip("\n")
        if text.strip():
            self._table_open = False
            self._add(text, before="\n\n")

    def row(self, cells: Sequence[str]) -> None:
        """Add a row to the table at hand, or begin one after a paragraph. Raises `Full`."""
        line = "\t".join(" ".join(clean(cell).split()) for cell in cells[:MOST_CELLS])
        if not line.strip():
            return
        here = len(self.pages)
        goes_on = self._table_open and self.tables[-1][-1].page == here
        start = self._add(line, before="\n" if goes_on else "\n\n")
        end = start + len(line)
        if goes_on:
            self.tables[-1][-1] = Span(here, self.tables[-1][-1].start, end)
        elif self._table_open:
            self.tables[-1].append(Span(here, start, end))
        else:
            self.tables.append([Span(here, start, end)])
        self._table_open = True

    def end_table(self) -> None:
        """The next row begins another table."""
        self._table_open = False

    def flow(self, text: str) -> None:
        """Add a text without pages: a page ends at a form feed, or between paragraphs when full."""
        for number, sheet in enumerate(text.split("\f")):
            if number and self.pages[-1]:
                self.turn_page()
            for part in re.split(r"\n[ \t]*\n+", sheet):
                self.flow_paragraph(part)

    def flow_paragraph(self, text: str) -> None:
        """Add a paragraph of a text without pages; one longer than a page is cut at a line."""
        while len(text) > FLOW_CHARACTERS:
            cut = text.rfind("\n", 0, FLOW_CHARACTERS)
            cut = cut if cut > 0 else text.rfind(" ", 0, FLOW_CHARACTERS)
            cut = cut if cut > 0 else FLOW_CHARACTERS
            self.flow_paragraph(text[:cut])
            text = text[cut:]
        if self.pages[-1] and len(self.pages[-1]) + len(text) > FLOW_CHARACTERS:
            self.turn_page()
        self.paragraph(text)

    def name_empty_pages(self, why: str) -> None:
        """Warn of pages without text, if there are any."""
        empty = [number for number, page in enumerate(self.pages, 1) if not page.strip()]
        if empty:
            named = ", ".join(map(str, empty[:LONGEST_NAMED]))
            more = f" and {len(empty) - LONGEST_NAMED} more" if len(empty) > LONGEST_NAMED else ""
            word = "Page" if len(empty) == 1 else "Pages"
            has = "has" if len(empty) == 1 else "have"
            self.warnings.append(f"{word} {named}{more} {has} no text; {why}.")

    def _add(self, text: str, *, before: str) -> int:
        """Put text at the end of the page; where it starts. Raises `Full`."""
        if self._characters + len(text) > MOST_CHARACTERS:
            self.warnings.append(f"Only the first {MOST_CHARACTERS:,} characters were read.")
            raise Full
        page = self.pages[-1]
        page += before if page else ""
        self._characters += len(text)
        self.pages[-1] = page + text
        return len(page)


def clean(text: str) -> str:
    """Text without what cannot be shown or stored; tabs become spaces, line ends one `\\n`."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return _UNSHOWN.sub(lambda found: " " if found[0] in "\t\v\x85\u2028\u2029" else "", text)


_UNSHOWN = re.compile(
    "[\0-\x09\x0b-\x1f\x7f-\x9f\xad\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufffe\uffff]"
)
"""Control and format characters: nothing read may be invisible, or turn the line around."""
