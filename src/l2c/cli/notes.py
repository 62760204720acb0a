"""`l2c notes`: the notebook from the command line."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from l2c.cli.forget import said, see_it_through
from l2c.cli.options import DataDir, Json, cell, console, open_runtime, print_json, say
from l2c.errors import InvalidInput
from l2c.runtime.notes import title_of

app = typer.Typer(
    help="List, read, add, learn, forget and export the pages of the notebook.",
    no_args_is_help=True,
)

Name = Annotated[str, typer.Argument(metavar="NOTE", help="Its id, or the beginning of it.")]


@app.command("list")
def list_notes(data_dir: DataDir = None, as_json: Json = False) -> None:
    """List the pages, newest first."""
    with open_runtime(data_dir) as runtime:
        rows = list(runtime.notebook.pages())
    if as_json:
        print_json(rows)
        return
    table = Table("page", "written", "learned", "id", box=None)
    for row in rows:
        learned = (row.learned_at or "")[:16]
        table.add_row(cell(title_of(row.text)[0]), row.created_at[:10], learned, row.id[:8])
    console.print(table)


@app.command("show")
def show(name: Name, data_dir: DataDir = None, as_json: Json = False) -> None:
    """Print a page."""
    with open_runtime(data_dir) as runtime:
        row = runtime.notebook.get(runtime.notebook.named(name))
    if as_json:
        print_json(row)
    else:
        sys.stdout.write(f"{row.text}\n")


@app.command("add")
def add(
    file: Annotated[Path, typer.Argument(help="A text file, or - for standard input.")],
    learn: Annotated[bool, typer.Option("--learn", help="Learn from it too.")] = False,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Add a page from a file."""
    text = sys.stdin.read() if str(file) == "-" else _read(file)
    with open_runtime(data_dir) as runtime:
        row = runtime.notebook.add(text)
        if learn:
            row = runtime.notebook.learn(row.id)
            runtime.notebook.wait_measured()
    if as_json:
        print_json(row)
    else:
        say(f"Added{' and learned' if learn else ''}: {row.id[:8]}.")


@app.command("learn")
def learn(name: Name, data_dir: DataDir = None, as_json: Json = False) -> None:
    """Learn from a page as it stands."""
    with open_runtime(data_dir) as runtime:
        note_id = runtime.notebook.named(name)
        runtime.notebook.learn(note_id)
        runtime.notebook.wait_measured()
        row = runtime.notebook.get(note_id)
    if as_json:
        print_json(row)
        return
    saved, starter = (row.saved or 0.0) * 100, (row.starter_saved or 0.0) * 100
    say(
        f"Learned. Before it was, suggestions would have saved {saved:.0f} % of its keystrokes; "
        f"with the untouched starter {starter:.0f} %. A lesson teaches it to the weights: "
        "`l2c learn`, or the server when it is idle."
    )


@app.command("forget")
def forget(
    name: Name,
    keep: Annotated[bool, typer.Option("--keep", help="Keep the page itself.")] = False,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Erase a page, and teach again without it whatever learned from it."""
    with open_runtime(data_dir) as runtime:
        note_id = runtime.notebook.named(name)
        if keep:
            runtime.notebook.unlearn(note_id)
            row = runtime.forgetter.wishes.under_way()
        else:
            row = runtime.notebook.delete(note_id)
        if row is not None:
            row = see_it_through(runtime, row, quiet=as_json)
    if as_json:
        print_json({"forgotten": note_id})
        return
    say("Nothing is learned from it any more." if keep else "The page is erased.")
    if row is not None:
        say(said(row))


@app.command("export")
def export(data_dir: DataDir = None, as_json: Json = False) -> None:
    """Write all pages to standard output, oldest first: Markdown, or one JSON list."""
    with open_runtime(data_dir) as runtime:
        rows = list(runtime.notebook.all())
    if as_json:
        print_json(rows)
        return
    for row in rows:
        sys.stdout.write(f"<!-- {row.created_at} -->\n\n{row.text.strip()}\n\n")


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(f"{file} cannot be read as UTF-8 text: {error}.") from error
