"""`l2c documents`: add files, see what was read from them, ask them, erase them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from l2c.cli.options import DataDir, Json, cell, console, open_runtime, print_json, printable, say
from l2c.errors import InvalidInput, NotFound
from l2c.runtime import Runtime

app = typer.Typer(
    help="Add documents, see what was read, ask them, erase them.", no_args_is_help=True
)

Name = Annotated[str, typer.Argument(metavar="DOCUMENT", help="Its id, or its name.")]


@app.command("add")
def add(
    files: Annotated[list[Path], typer.Argument(help="PDF, DOCX, text, Markdown, HTML, CSV.")],
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Read files and keep what is in them."""
    added = []
    with open_runtime(data_dir) as runtime:
        for path in files:
            try:
                with open(path, "rb") as file:
                    row, is_new = runtime.library.add(file, name=path.name)
            except OSError as error:
                raise InvalidInput(f"{path} cannot be read: {error.strerror}.") from error
            added.append(row)
            if not as_json:
                what = "" if is_new else "There already: "
                pages = "1 page" if row.page_count == 1 else f"{row.page_count} pages"
                say(f"{what}{row.name}: {pages}, {row.characters:,} characters.")
                for warning in row.warnings:
                    say(f"  {warning}")
    if as_json:
        print_json(added)


@app.command("list")
def list_documents(data_dir: DataDir = None, as_json: Json = False) -> None:
    """List the documents, newest first."""
    with open_runtime(data_dir) as runtime:
        rows = runtime.library.list(limit=500).documents
    if as_json:
        print_json(rows)
        return
    table = Table("document", "id", "kind", "pages", "characters", box=None)
    for row in rows:
        sizes = f"{row.page_count}", f"{row.characters:,}"
        table.add_row(cell(row.name), row.id[:8], row.kind, *sizes)
    console.print(table)


@app.command("show")
def show(
    name: Name,
    page: Annotated[int | None, typer.Option(min=1, help="Show this page as it was read.")] = None,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Show what a document is about, or a page of it as it was read."""
    with open_runtime(data_dir) as runtime:
        row = _named(runtime, name)
        if page is not None:
            found = runtime.library.page(row, page)
            if as_json:
                print_json(found)
            else:
                print(printable(found.text))
            return
        document = runtime.library.get(row)
        summary = runtime.library.summary(document)
    if as_json:
        print_json({"document": document, "summary": summary})
        return
    say(f"{document.name}: {document.kind}, {document.page_count} pages")
    for quote in summary:
        say(f"  “{quote.text}” (page {quote.page})")
    if document.abstract is not None:
        say(f"  {_by(document.abstract.model, document.abstract.text)}")
    for warning in document.warnings:
        say(f"  {warning}")


@app.command("summarize")
def summarize(
    name: Name,
    model: Annotated[str, typer.Option(help="A model of another server: ollama/llama3:8b.")],
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Have a model of another server write what a document says, and keep it."""
    with open_runtime(data_dir) as runtime:
        row = runtime.library.summarize(_named(runtime, name), model=model)
    if as_json:
        print_json(row)
    elif row.abstract is not None:
        say(_by(row.abstract.model, row.abstract.text))


@app.command("ask")
def ask(
    question: Annotated[str, typer.Argument(help="What you want to know.")],
    document: Annotated[
        list[str] | None, typer.Option("--document", help="Ask only this one; can be repeated.")
    ] = None,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Answer from the documents: quoted, computed from a table, or not in there."""
    with open_runtime(data_dir) as runtime:
        among = None if not document else tuple(_named(runtime, one) for one in document)
        answer = runtime.library.ask(question, documents=among)
    if as_json:
        print_json(answer)
    else:
        say(answer.text)


@app.command("delete")
def delete(name: Name, data_dir: DataDir = None, as_json: Json = False) -> None:
    """Erase a document for good."""
    with open_runtime(data_dir) as runtime:
        row = runtime.library.get(_named(runtime, name))
        runtime.library.delete(row.id)
    if as_json:
        print_json({"deleted": row.id})
    else:
        say(f"{row.name} is erased.")


def _by(model: str, text: str) -> str:
    return f"{text} (In words by {model}, checked.)"


def _named(runtime: Runtime, name: str) -> str:
    """The id of the document of that id, beginning of an id, or name. Raises `NotFound`."""
    before = None
    while True:
        rows, before = runtime.library.list(limit=500, before=before)
        for row in rows:
            if name in (row.id, row.name) or (len(name) >= 6 and row.id.startswith(name)):
                return row.id
        if before is None:
            raise NotFound(f"There is no document {name!r}; `l2c documents list` shows them.")
