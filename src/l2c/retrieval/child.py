"""The process in which a file is opened: `python -m l2c.retrieval.child NAME < file > reading`.

It confines itself before it looks at a byte: bounded memory and processor time, no network, no
files written, no other programs. Then it finds out what the file is, reads it into a book and
prints that as JSON. Whatever a hostile file does to it, does it to this process alone.
"""

from __future__ import annotations

import contextlib
import json
import sys
import warnings
from dataclasses import asdict

from l2c import machine
from l2c.retrieval.formats.book import Book, Full, Unreadable

MEMORY_BYTES = 1 << 30
CPU_S = 60

MARKDOWN = frozenset({"md", "markdown", "mdown"})
HTML = frozenset({"html", "htm", "xhtml"})
CSV = frozenset({"csv", "tsv"})
_CODE_NAMES = """
asm awk bash bat c cc cfg clj cmake conf cpp cs css cxx dart diff el erl ex f90 go gradle h
hpp hs ini java jl js json jsx kt lisp lua m make mk ml nim patch php pl proto ps1 py r rb
rs s scala sh sql svelte swift tcl tex toml ts tsx v vb vhd vue xml yaml yml zig
"""

CODE = frozenset(_CODE_NAMES.split())


def main() -> None:
    """Read standard input as the file called by the first argument; print what is in it."""
    isolation = machine.confine(memory_bytes=MEMORY_BYTES, cpu_s=CPU_S)
    try:
        book = read(sys.stdin.buffer.read(), sys.argv[1])
        answer = asdict(book) | {"isolation": isolation}
    except Unreadable as refusal:
        answer = {"refused": str(refusal)}
    except MemoryError:
        answer = {"refused": "Reading this file takes more memory than a document may."}
    except RecursionError:
        answer = {"refused": "This file is nested too deeply to be read."}
    sys.stdout.write(json.dumps(answer))


def read(content: bytes, name: str) -> Book:
    """The book a file becomes. Raises `Unreadable`."""
    book = Book(kind_of(content, name))
    with contextlib.suppress(Full), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        _fill(book, content, name)
    book.pages[-1] = book.pages[-1].rstrip(" \n")
    if not any(page.strip() for page in book.pages):
        raise Unreadable("There is no text in this file.")
    return book


def kind_of(content: bytes, name: str) -> str:
    """What a file is: by its first bytes where they tell, else by its name."""
    if content[:1024].lstrip().startswith(b"%PDF-"):
        return "pdf"
    if content.startswith(b"PK\3\4"):
        return "docx"
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        raise Unreadable(
            "This is an encrypted document, or one of an old Word. Save it as DOCX without a "
            "password and upload it again."
        )
    extension = name.rpartition(".")[2].lower() if "." in name else ""
    if extension in ("pdf", "docx"):
        raise Unreadable(f"This file is called .{extension} but is none; perhaps it is damaged.")
    opening = content[:256].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if extension in HTML or opening.startswith((b"<!doctype html", b"<html")):
        return "html"
    for kind, extensions in (("markdown", MARKDOWN), ("csv", CSV), ("code", CODE)):
        if extension in extensions:
            return kind
    return "text"


def _fill(book: Book, content: bytes, name: str) -> None:
    """Let the module of this kind write the book; only that one is loaded, before its libraries."""
    if book.kind == "pdf":
        from l2c.retrieval.formats import pdf  # noqa: PLC0415 (a child loads one format)

        pdf.read(content, book)
    elif book.kind == "docx":
        from l2c.retrieval.formats import docx  # noqa: PLC0415

        docx.read(content, book)
    else:
        from l2c.retrieval.formats import html, plain, tables  # noqa: PLC0415

        readers = {
            "html": html.read,
            "csv": tables.read,
            "markdown": plain.read_markdown,
            "code": plain.read_code,
            "text": plain.read_text,
        }
        readers[book.kind](plain.decode(content, book), book)


if __name__ == "__main__":
    main()
