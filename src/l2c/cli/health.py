"""`l2c health`: whether L2C can do its work, for people, and by exit code for programs."""

from __future__ import annotations

import typer
from rich.table import Table

from l2c.cli.options import DataDir, Json, cell, console, open_runtime, print_json, say
from l2c.errors import L2CError
from l2c.runtime import Health

EXIT_CODES = {"ok": 0, "degraded": 1, "failed": 2}


def health(data_dir: DataDir = None, as_json: Json = False) -> None:
    """Say how it is. Exit code: 0 all is well, 1 somebody should look, 2 it cannot work."""
    try:
        with open_runtime(data_dir) as runtime:
            found = runtime.health()
    except L2CError as broken:
        if as_json:
            print_json({"status": "failed", "problems": [str(broken)]})
        else:
            say(f"status failed\n{broken}")
        raise typer.Exit(EXIT_CODES["failed"]) from broken
    if as_json:
        print_json(found)
    else:
        _show(found)
    raise typer.Exit(EXIT_CODES[found.status])


def _show(found: Health) -> None:
    table = Table(show_header=False, box=None, pad_edge=False)
    rows = {
        "status": found.status,
        "model": f"{found.model}, checkpoint {found.checkpoint[:12]}",
        "made": f"{found.checkpoint_age_s / 3600:.1f} hours ago",
        "learner": found.learner,
        "store": found.store,
        "free": f"{found.free_bytes / 1e9:.1f} GB",
    }
    writing = found.vitals
    if writing is not None:
        rows |= {
            "characters": f"{writing.character_entropy:.2f} bits each, "
            f"of {writing.most_character_entropy:.2f} possible",
            "tokens": f"{writing.token_entropy:.2f} bits of doubt each, "
            f"of {writing.most_token_entropy:.2f} possible",
            "speed": f"{writing.tokens_per_s:,.0f} tokens/s",
        }
        if writing.familiar_bits is not None:
            rows["held-out talk"] = f"{writing.familiar_bits:.2f} bits per byte"
    for name, value in rows.items():
        table.add_row(f"[dim]{name}[/dim]", cell(value))
    console.print(table)
    for problem in found.problems:
        say(problem)
