"""DOCX, by python-docx: paragraphs, lists and tables in their order, pages where Word saw them.

A DOCX is a zip of XML files and has no pages; Word notes where it last broke them, and writers
put breaks of their own. A document with neither flows into pages of a few thousand characters.
Before anything is unpacked the zip's own table of contents is held against limits, and a file
that declares entities (the stuff of XML bombs and of files that read other files) is refused.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from typing import Any

import docx
from docx.oxml.ns import qn

from l2c.retrieval.formats.book import FLOW_CHARACTERS, Book, Unreadable

MOST_ENTRIES = 2_000
MOST_UNPACKED = 200 << 20
MOST_OF_ONE = 50 << 20
MOST_RATIO = 200
SMALL = 1 << 20
"""An entry below this may be compressed as well as it likes."""

BREAK = "\f"


def read(content: bytes, book: Book) -> None:
    """Write the pages of a DOCX into the book."""
    _see_that_it_is_no_bomb(content)
    try:
        body = docx.Document(io.BytesIO(content)).element.body
    except Exception as error:  # whatever python-docx and lxml meet in a broken file
        raise Unreadable(f"This DOCX is damaged and cannot be opened ({error}).") from error
    has_pages = any(True for _ in body.iter(qn("w:lastRenderedPageBreak"))) or any(
        _breaks_page(mark) for mark in body.iter(qn("w:br"), qn("w:pageBreakBefore"))
    )
    for block in body.iterchildren():
        if block.tag == qn("w:p"):
            _paragraph(block, book, has_pages=has_pages)
        elif block.tag == qn("w:tbl"):
            book.end_table()
            for row in block.iterchildren(qn("w:tr")):
                cells = [_text(cell) for cell in row.iterchildren(qn("w:tc"))]
                if not has_pages:
                    _flow(book, "\t".join(cells))
                book.row([cell.replace(BREAK, " ") for cell in cells])
            book.end_table()
    while len(book.pages) > 1 and not book.pages[-1]:
        book.pages.pop()
    if not any(book.pages):
        raise Unreadable("This DOCX has no text; perhaps it holds only pictures.")


def _paragraph(block: Any, book: Book, *, has_pages: bool) -> None:
    text = _text(block)
    if block.find(f"{qn('w:pPr')}/{qn('w:numPr')}") is not None and text.strip():
        text = f"- {text}"
    if not has_pages:
        _flow(book, text)
    for number, part in enumerate(text.split(BREAK)):
        # A break at the top of a page was noted twice: by the writer and by Word.
        if number and book.pages[-1]:
            book.turn_page()
        book.paragraph(part)


def _flow(book: Book, text: str) -> None:
    if book.pages[-1] and len(book.pages[-1]) + len(text) > FLOW_CHARACTERS:
        book.turn_page()


def _text(block: Any) -> str:
    """The text of a paragraph or a cell; what was deleted under tracked changes is not in it."""
    return "".join(_pieces(block))


def _pieces(block: Any) -> Iterator[str]:
    for mark in block.iter():
        if mark.tag == qn("w:t"):
            yield mark.text or ""
        elif mark.tag == qn("w:tab"):
            yield " "
        elif mark.tag == qn("w:lastRenderedPageBreak") or _breaks_page(mark):
            yield BREAK
        elif mark.tag in (qn("w:br"), qn("w:cr")):
            yield "\n"
        elif mark.tag == qn("w:p") and mark is not block:
            yield " "


def _breaks_page(mark: Any) -> bool:
    if mark.tag == qn("w:pageBreakBefore"):
        return mark.get(qn("w:val")) not in ("0", "false")
    return bool(mark.tag == qn("w:br") and mark.get(qn("w:type")) == "page")


def _see_that_it_is_no_bomb(content: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
            if any(entry.flag_bits & 1 for entry in entries):
                raise Unreadable("This file is encrypted. Save it without a password.")
            _see_that_it_is_small(entries)
            for entry in entries:
                if entry.filename.endswith((".xml", ".rels")):
                    _see_that_it_declares_nothing(archive.read(entry))
    except (zipfile.BadZipFile, NotImplementedError, OSError, EOFError, ValueError) as error:
        raise Unreadable(f"This DOCX is damaged and cannot be unpacked ({error}).") from error


def _see_that_it_is_small(entries: list[zipfile.ZipInfo]) -> None:
    sizes = [entry.file_size for entry in entries]
    dense = any(
        entry.file_size > max(SMALL, MOST_RATIO * max(entry.compress_size, 1)) for entry in entries
    )
    if (
        len(entries) > MOST_ENTRIES
        or sum(sizes) > MOST_UNPACKED
        or max(sizes, default=0) > MOST_OF_ONE
        or dense
    ):
        raise Unreadable(
            f"This DOCX unpacks to {sum(sizes):,} bytes in {len(entries)} files, which no ordinary "
            "document does; it was not opened."
        )


def _see_that_it_declares_nothing(part: bytes) -> None:
    plain = part.replace(b"\0", b"")  # UTF-16
    if b"<!DOCTYPE" in plain or b"<!ENTITY" in plain:
        raise Unreadable("This DOCX declares XML entities, which Word never does; not opened.")
