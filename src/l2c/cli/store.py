"""`l2c store migrate`: the store into PostgreSQL, or back into a folder."""

from __future__ import annotations

from typing import Annotated

import typer

from l2c.cli.options import DataDir, Json, print_json, say, settings_from
from l2c.runtime import moving

app = typer.Typer(help="Where everything is kept.", no_args_is_help=True)


@app.command()
def migrate(
    to: Annotated[
        str, typer.Option("--to", help="postgresql://name:password@host/database, or a folder.")
    ],
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Copy everything to another store, which must be empty. Stop the server first.

    Rows are verified by count and digest, and arrive all or not at all; the present store stays
    as it is. Afterwards set L2C_DATABASE_URL (or --data-dir) to the new one.
    """

    def tell(name: str, count: int) -> None:
        if count and not as_json:
            say(f"{name}: {count}")

    moved = moving.move(settings_from(data_dir=data_dir), to, on_part=tell)
    if as_json:
        print_json(moved)
    else:
        say(
            f"Copied {moved.rows} rows and {moved.checkpoints} checkpoint files from "
            f"{moved.source} to {moved.target}, and every row is there."
        )
