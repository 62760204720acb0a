"""HTML, by the standard library's parser: what a reader of the page would see, as text.

Nothing is fetched and no script runs. Elements that end a line end a paragraph; rows of tables
stay rows; what is not shown (scripts, styles, hidden elements, templates) is not read, so that
nothing can be said to the application behind the reader's back.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser

from l2c.retrieval.formats.book import FLOW_CHARACTERS, Book, Unreadable

_UNSEEN_NAMES = """
audio canvas embed head iframe noscript object script select style svg template video
"""

UNSEEN = frozenset(_UNSEEN_NAMES.split())
_VOID_NAMES = """
area base br col embed hr img input link meta param source track wbr
"""

VOID = frozenset(_VOID_NAMES.split())
_BLOCKS_NAMES = """
address article aside blockquote body caption dd details div dl dt fieldset figcaption
figure footer form h1 h2 h3 h4 h5 h6 header hr html li main nav ol p pre section summary
table tbody tfoot thead tr ul
"""

BLOCKS = frozenset(_BLOCKS_NAMES.split())
DEEPEST = 500
"""Elements open at once; deeper ones are read as if they were not nested."""


def read(text: str, book: Book) -> None:
    """Write the text of an HTML page into the book."""
    reader = _Reader(book)
    reader.feed(text)
    reader.close()
    reader.end_block()
    if not any(book.pages):
        raise Unreadable("This HTML page has no text of its own; scripts are not run.")


class _Reader(HTMLParser):
    def __init__(self, book: Book) -> None:
        super().__init__(convert_charrefs=True)
        self._book = book
        self._text: list[str] = []
        self._row: list[str] | None = None
        self._in_cell = False
        self._open: list[tuple[str, bool]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "body":  # whatever of the head was left open
            self._open.clear()
        hidden = tag in UNSEEN or _hidden(dict(attrs))
        if tag not in VOID and len(self._open) < DEEPEST:
            self._open.append((tag, hidden))
        if self._is_unseen():
            return
        if tag == "br":
            self._text.append("\n")
        elif tag == "tr":
            self.end_block()
            self._row = []
        elif tag in ("td", "th") and self._row is not None:
            self._end_cell()
            self._in_cell = True
        elif tag in BLOCKS:
            self.end_block()
            if tag == "table":
                self._book.end_table()
            if tag == "li":
                self._text.append("- ")

    def handle_endtag(self, tag: str) -> None:
        seen = not self._is_unseen()
        names = [name for name, _ in self._open]
        if tag in names:
            del self._open[len(names) - 1 - names[::-1].index(tag) :]
        if not seen:
            return
        if tag in ("td", "th") and self._row is not None:
            self._end_cell()
        elif tag == "tr" and self._row is not None:
            self._end_cell()
            row, self._row = self._row, None
            self._room(sum(map(len, row)))
            self._book.row(row)
        elif tag in BLOCKS and self._row is None:
            self.end_block()
            if tag == "table":
                self._book.end_table()

    def handle_data(self, data: str) -> None:
        if not self._is_unseen():
            pre = any(name == "pre" for name, _ in self._open)
            self._text.append(data if pre else re.sub(r"\s+", " ", data))

    def end_block(self) -> None:
        if self._row is not None:
            self._text.append(" ")
            return
        text = re.sub(r" *\n *", "\n", "".join(self._text)).strip()
        self._text = []
        if text not in ("", "-"):
            self._book.flow_paragraph(text)

    def _end_cell(self) -> None:
        """Close the cell that is open, by its own tag or by the next one's."""
        text = " ".join("".join(self._text).split())
        self._text = []
        if self._row is not None and self._in_cell:
            self._row.append(text)
        self._in_cell = False

    def _room(self, length: int) -> None:
        if self._book.pages[-1] and len(self._book.pages[-1]) + length > FLOW_CHARACTERS:
            self._book.turn_page()

    def _is_unseen(self) -> bool:
        return any(hidden for _, hidden in self._open)


def _hidden(attributes: dict[str, str | None]) -> bool:
    style = (attributes.get("style") or "").replace(" ", "").lower()
    return (
        "hidden" in attributes
        or attributes.get("aria-hidden") == "true"
        or "display:none" in style
        or "visibility:hidden" in style
    )
