"""Makes real files (PDF, DOCX, HTML, CSV, text) of the documents in `benchmarks/library`.

A document is one text file: `= name` first; `~~~` turns the page; `# heading`; lines between bars
are rows of a table; anything else is a paragraph. `?? question => answer @ page` are the questions
asked of it: `/` separates answers that are all right, `@ computed` wants a value computed from a
table, and `=> none` means that no document says it.
"""

from __future__ import annotations

import csv
import html
import io
import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import docx
from docx.document import Document as Docx
from docx.enum.text import WD_BREAK

LIBRARY = Path(__file__).parent / "library"
FURTHER = LIBRARY / "further"
"""Other documents and questions that may be tuned on, written when the halves had been cut."""

LATER = LIBRARY / "later"
"""Eight more that may be tuned on, written when the rules for those had been found."""

CHECK = LIBRARY / "check"
"""Four more, for counting only."""

LATER_CHECK = LIBRARY / "later_check"
"""Two written with `later`, not read until its rules were there."""

LINE_CHARACTERS = 88


@dataclass(frozen=True, slots=True)
class Asked:
    """A question; `answers` is empty when nothing answers it, `page` None when it is computed."""

    question: str
    answers: tuple[str, ...]
    document: str
    page: int | None


@dataclass(frozen=True, slots=True)
class Written:
    """A document as it was written: its name, its pages of source lines, its questions."""

    name: str
    pages: tuple[tuple[str, ...], ...]
    questions: tuple[Asked, ...]


Block = str | list[list[str]]


def library(folder: Path = LIBRARY) -> list[Written]:
    """Every document of a folder, in the order of their files' names."""
    return [written(path.read_text("utf-8")) for path in sorted(folder.glob("*.md"))]


def more_questions() -> list[Asked]:
    """Questions about the same documents, for tuning only."""
    lines = (LIBRARY / "more_questions.txt").read_text("utf-8").split("\n")
    asked = []
    for line in lines:
        if line.startswith("?? "):
            before, _, where = line.rpartition(" @ ")
            name, _, page = where.rpartition(" ")
            asked.append(_asked(f"{before} @ {page}" if before else line, name if before else ""))
    return asked


def written(source: str) -> Written:
    """A document from its text file."""
    first, *lines = source.split("\n")
    name = first.removeprefix("= ").strip()
    questions = [_asked(line, name) for line in lines if line.startswith("?? ")]
    pages: list[list[str]] = [[]]
    for line in lines:
        if line == "~~~":
            pages.append([])
        elif not line.startswith("?? "):
            pages[-1].append(line)
    return Written(name, tuple(map(tuple, pages)), tuple(questions))


def bound(document: Written) -> bytes:
    """The document as a file of the kind its name says."""
    kind = document.name.rpartition(".")[2]
    lines = [line for page in document.pages for line in page]
    if kind == "pdf":
        return pdf([list(_blocks(page)) for page in document.pages])
    if kind == "docx":
        return word([list(_blocks(page)) for page in document.pages])
    if kind == "html":
        return page(list(_blocks(lines))).encode()
    if kind == "csv":
        out = io.StringIO()
        for block in _blocks(lines):
            csv.writer(out).writerows(block if isinstance(block, list) else [])
        return out.getvalue().encode()
    return "\n".join(lines).strip().encode()


def _asked(line: str, name: str) -> Asked:
    question, _, answer = line.removeprefix("?? ").partition(" => ")
    if answer.strip() == "none":
        return Asked(question, (), name, None)
    text, _, where = answer.rpartition(" @ ")
    page = None if where == "computed" else int(where)
    answers = (text,) if page is None else tuple(re.split(r" ?/ ", text))
    return Asked(question, answers, name, page)


def _blocks(lines: list[str] | tuple[str, ...]) -> Iterator[Block]:
    """Headings (with their `#`), paragraphs, and tables as rows of cells."""
    rows: list[list[str]] = []
    for line in [*lines, ""]:
        if line.startswith("|"):
            cells = [cell.strip() for cell in line.strip("|").split("|")]
            if not all(set(cell) <= {"-"} for cell in cells):
                rows.append(cells)
            continue
        if rows:
            yield rows
            rows = []
        if line.strip():
            yield line


def word(pages: list[list[Block]]) -> bytes:
    """A DOCX."""
    made: Docx = docx.Document()
    for number, blocks in enumerate(pages):
        if number:
            made.add_paragraph().add_run().add_break(WD_BREAK.PAGE)
        for block in blocks:
            if isinstance(block, list):
                table = made.add_table(rows=len(block), cols=len(block[0]))
                for row, cells in enumerate(block):
                    for column, cell in enumerate(cells):
                        table.cell(row, column).text = cell
            elif block.startswith("#"):
                made.add_heading(block.lstrip("# "), 1)
            else:
                made.add_paragraph(block)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def page(blocks: list[Block]) -> str:
    """An HTML page, with a script and a menu around its text as pages have them."""
    parts = []
    for block in blocks:
        if isinstance(block, list):
            rows = "".join(
                "<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>\n"
                for row in block
            )
            parts.append(f"<table>\n{rows}</table>")
        elif block.startswith("#"):
            parts.append(f"<h2>{html.escape(block.lstrip('# '))}</h2>")
        else:
            parts.append(f"<p>{html.escape(block)}</p>")
    body = "\n".join(parts)
    return (
        "<!doctype html><html><head><title>Page</title><script>var x = '<p>no</p>';</script></head>"
        f"<body><nav><a href='/'>Home</a> <a href='/us'>About us</a></nav>\n{body}\n</body></html>"
    )


def pdf(pages: list[list[Block]]) -> bytes:
    """A PDF with a text layer: Helvetica, wrapped lines, tables set in columns, no ruling."""
    objects = [b"", b"", b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica "
               b"/Encoding /WinAnsiEncoding >>"]  # fmt: skip
    kids = []
    for blocks in pages:
        drawn = _drawn(blocks)
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(drawn), drawn))
        contents = len(objects)
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents %d 0 R "
            b"/Resources << /Font << /F1 3 0 R >> >> >>" % contents
        )
        kids.append(b"%d 0 R" % len(objects))
    objects[0] = b"<< /Type /Catalog /Pages 2 0 R >>"
    objects[1] = b"<< /Type /Pages /Kids [%s] /Count %d >>" % (b" ".join(kids), len(kids))
    out = bytearray(b"%PDF-1.4\n")
    places = []
    for number, one in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, one)
    table = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (
        len(objects) + 1, table,
    )  # fmt: skip
    return bytes(out)


def _drawn(blocks: list[Block]) -> bytes:
    y = 780.0
    out = []
    for block in blocks:
        if isinstance(block, list):
            for row in block:
                for column, cell in enumerate(row):
                    out.append(_text(cell, 60 + 130 * column, y, 11))
                y -= 15
        else:
            size = 15 if block.startswith("#") else 11
            for line in textwrap.wrap(block.lstrip("# "), LINE_CHARACTERS):
                out.append(_text(line, 60, y, size))
                y -= 15
        y -= 14
    return b"\n".join(out)


def _text(line: str, x: float, y: float, size: int) -> bytes:
    shown = line.encode("cp1252").replace(b"\\", rb"\\").replace(b"(", rb"\(").replace(b")", rb"\)")
    return b"BT /F1 %d Tf %.1f %.1f Td (%s) Tj ET" % (size, x, y, shown)
