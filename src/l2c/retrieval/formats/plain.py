"""Text, Markdown and source code: bytes to characters, and Markdown's tables to rows."""

from __future__ import annotations

import codecs
import re

from l2c.retrieval.formats.book import FLOW_CHARACTERS, Book, Unreadable

BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def decode(content: bytes, book: Book) -> str:
    """The characters of a text file: Unicode where it is, else Western European.

    Raises `Unreadable` for a file that is no text.
    """
    if not content.strip():
        raise Unreadable("This file is empty.")
    encoding = next((name for mark, name in BOMS if content.startswith(mark)), "utf-8")
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        controls = sum(byte < 32 and byte not in b"\t\n\r\f" for byte in content[:65536])
        if controls * 100 > min(len(content), 65536):
            raise Unreadable(
                "This file is no text, and no kind of document that can be read: PDF, DOCX, TXT, "
                "Markdown, HTML, CSV and source code can."
            ) from error
        book.warnings.append("This file is not Unicode; it was read as Western European text.")
        return content.decode("cp1252", "replace")


def read_text(text: str, book: Book) -> None:
    """Write a text into the book."""
    book.flow(text.replace("\r\n", "\n").replace("\r", "\n"))


def read_code(text: str, book: Book) -> None:
    """Write source code into the book; its indentation stays."""
    book.flow(text.replace("\r\n", "\n").replace("\r", "\n").expandtabs(4))


def read_markdown(text: str, book: Book) -> None:
    """Write Markdown into the book: marks of headings go, tables become rows."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    paragraph: list[str] = []
    for line in [*lines, ""]:
        cells = _cells(line)
        if cells is not None:
            if paragraph:
                book.flow_paragraph("\n".join(paragraph))
                paragraph = []
            if not all(re.fullmatch(r":?-+:?", cell) for cell in cells):
                if len(book.pages[-1]) + len(line) > FLOW_CHARACTERS:
                    book.turn_page()
                book.row([_unmarked(cell) for cell in cells])
            continue
        book.end_table()
        heading = re.match(r"#{1,6}\s+(.*?)\s*#*$", line)
        if (heading or not line.strip()) and paragraph:
            book.flow_paragraph("\n".join(paragraph))
            paragraph = []
        if heading:
            book.flow_paragraph(_unmarked(heading[1]))
        elif line.strip() and not re.fullmatch(r"\s*(```.*|[-=*_]{3,})\s*", line):
            paragraph.append(_unmarked(line))


def _cells(line: str) -> list[str] | None:
    """The cells of a line of a table, `| a | b |`; None for any other line."""
    line = line.strip()
    if len(line) < 3 or not line.startswith("|") or not line.endswith("|"):
        return None
    return [cell.strip() for cell in line[1:-1].split("|")]


def _unmarked(text: str) -> str:
    """Without the marks of emphasis, code and links; the words of a link stay."""
    text = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", text)
    return re.sub(r"(\*\*|__|`)(.+?)\1", r"\2", text)
