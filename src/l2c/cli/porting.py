"""`l2c export` and `l2c import`: conversations leave and come back, also from other programs."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from l2c.cli.options import DataDir, Json, open_runtime, print_json, say
from l2c.errors import Conflict, NotFound
from l2c.runtime import Format


def export(
    file: Annotated[Path, typer.Argument(help="The file to write; `-` writes to the output.")],
    form: Annotated[
        Format, typer.Option("--format", help="Only json keeps every branch and every field.")
    ] = Format.JSON,
    conversation: Annotated[
        str | None, typer.Option(help="The id of one conversation, instead of all.")
    ] = None,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Write conversations to a file. Everything at once, models included, is `l2c backup`."""
    with open_runtime(data_dir) as runtime:
        pieces = runtime.export(form, conversation_id=conversation)
        if str(file) == "-":
            for piece in pieces:
                sys.stdout.write(piece)
            return
        try:
            with open(file, "x", encoding="utf-8", newline="") as target:
                target.writelines(pieces)
        except FileExistsError as error:
            raise Conflict(f"{file} exists already; choose another name.") from error
    size = file.stat().st_size
    if as_json:
        print_json({"file": str(file), "format": form.value, "size_bytes": size})
    else:
        say(f"Written: {size / 1e6:.1f} MB in {file}")


def import_(
    file: Annotated[
        Path,
        typer.Argument(help="An export of L2C or ChatGPT (ZIP or JSON), OpenAI or ShareGPT lines."),
    ],
    learn: Annotated[bool, typer.Option("--learn", help="Learn from what is imported.")] = False,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Take in the conversations of a file; doing it twice adds nothing."""
    if not file.is_file():
        raise NotFound(f"There is no file {file}.")
    with open_runtime(data_dir) as runtime:
        importing = runtime.importing(learn=learn)
        lines = []
        for line in importing.lines(file):
            if as_json:
                lines.append(line.described())
            else:
                reason = f": {line.reason}" if line.reason else f", {line.turns} turns"
                say(f"{line.outcome.value:9} {line.title or '(without a title)'}{reason}")
        totals = importing.totals()
    if as_json:
        print_json({"conversations": lines, **totals})
    else:
        say(", ".join(f"{count} {name}" for name, count in totals.items()))
        if totals["added"] and not learn:
            say("Nothing of it is learned; `l2c import --learn` again would begin to.")
