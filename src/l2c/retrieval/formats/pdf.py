"""PDF, by PDFium: the text layer of each page, with its paragraphs and tables found by distance.

A PDF holds no words, lines or tables, only letters at places. PDFium puts them in reading order
with a space or a line end between; what is added here comes from the size of the gaps: a wide one
between two lines ends a paragraph, a wide one within a line is the border of two cells. At least
two lines below each other with the same number of cells, two or more, are a table.
"""

from __future__ import annotations

import ctypes
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

import pypdfium2
import pypdfium2.raw as pdfium

from l2c.retrieval.formats.book import Book, Unreadable

WIDE = 1.1
"""A gap of so many letter heights separates two cells; a space has about a third of one."""

APART = 0.9
"""Lines with so many line heights between them belong to different paragraphs."""

MOST_LETTERS = 200_000
"""Letters of one page that are read."""


@dataclass(frozen=True, slots=True)
class _Letter:
    """A character and its box, in points from the lower left corner of the page."""

    left: float
    right: float
    bottom: float
    top: float

    @property
    def height(self) -> float:
        return max(self.top - self.bottom, 1.0)


def read(content: bytes, book: Book) -> None:
    """Write the pages of a PDF into the book."""
    try:
        document = pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError as error:
        if "password" in str(error).lower() or "security" in str(error).lower():
            raise Unreadable(
                "This PDF is encrypted. Save it without a password and upload it again."
            ) from error
        raise Unreadable(f"This PDF is damaged and cannot be opened ({error}).") from error
    for number in range(len(document)):
        if number:
            book.turn_page()
        try:
            page = document[number]
            text = page.get_textpage()
            _write(_lines(text), book)
        except pypdfium2.PdfiumError:
            book.warnings.append(f"Page {number + 1} is damaged and was left out.")
            continue
        text.close()
        page.close()
    if not any(page.strip() for page in book.pages):
        raise Unreadable(
            "This PDF has no text: its pages are pictures, probably scanned. Run it through text "
            "recognition (OCR) and upload the result."
        )
    book.name_empty_pages("it may be a picture")


def _lines(text: pypdfium2.PdfTextPage) -> Iterator[str]:
    """The lines of a page, tabs between cells, an empty one between paragraphs."""
    line: list[str] = []
    last: _Letter | None = None
    pending = ""
    for index in range(min(text.count_chars(), MOST_LETTERS)):
        character = chr(pdfium.FPDFText_GetUnicode(text.raw, index) or 0xFFFD)
        if character in " \u00a0\r\n\0\x02\ufffe":
            pending += character
            continue
        if pending or last is None:
            letter = _box(text, index)
            if last is not None and _broken(pending, last, letter):
                if not ("\x02" in pending or "\ufffe" in pending):
                    yield _joined(line)
                    line = []
                    if last.bottom - letter.top > APART * max(last.height, letter.height):
                        yield ""
            elif line and last is not None:
                wide = letter.left - last.right > WIDE * last.height
                line.append("\t" if wide else " ")
        line.append(character)
        pending = ""
        following = index + 1 < text.count_chars()
        if not following or _is_space(text, index + 1):
            last = _box(text, index)
    yield _joined(line)


def _joined(line: list[str]) -> str:
    """The characters of a line as text; pairs of surrogates become one character."""
    return "".join(line).encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _broken(pending: str, last: _Letter, letter: _Letter) -> bool:
    """Whether a new line begins: PDFium says so, and the letter does not stand beside the last."""
    if "\n" not in pending and "\r" not in pending and "\x02" not in pending:
        return False
    same_height = min(last.top, letter.top) - max(last.bottom, letter.bottom)
    return not (same_height > 0.5 * last.height and letter.left > last.right)


def _is_space(text: pypdfium2.PdfTextPage, index: int) -> bool:
    return pdfium.FPDFText_GetUnicode(text.raw, index) in (0, 2, 10, 13, 32, 0xA0, 0xFFFE)


def _box(text: pypdfium2.PdfTextPage, index: int) -> _Letter:
    """From the base line up: letters of one line have boxes of different heights, but one font."""
    left, right, bottom, top, x, y = (ctypes.c_double() for _ in range(6))
    pdfium.FPDFText_GetCharBox(text.raw, index, left, right, bottom, top)
    pdfium.FPDFText_GetCharOrigin(text.raw, index, x, y)
    height = max(pdfium.FPDFText_GetFontSize(text.raw, index), top.value - bottom.value)
    return _Letter(left.value, right.value, y.value, y.value + height)


def _write(lines: Iterator[str], book: Book) -> None:
    """Put the lines of a page into the book: paragraphs, and tables where cells line up."""
    for cells, group in groupby(lines, key=lambda line: line.count("\t") + 1):
        block = list(group)
        if cells >= 2 and len(block) >= 2:
            book.end_table()
            for line in block:
                book.row(line.split("\t"))
        else:
            for paragraph in re.split(r"\n\n+", "\n".join(block)):
                book.paragraph(paragraph)
