"""Writes `docs/reference/cli.md` and `settings.md` from the program itself.

    python -m tests.cli.reference

`tests/cli/test_reference.py` fails when they are not what this would write.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer.main

from l2c.cli.main import app
from l2c.settings import Settings

FOLDER = Path(__file__).parents[2] / "docs" / "reference"
COMMAND = "python -m tests.cli.reference"
WIDTH = 88

CLI_OPENING = """# The command line

Every command takes `--help`, `--data-dir` (where everything is kept; the default is in
[settings](settings.md)) and `--json` (one JSON value on standard output, for programs).

| exit code | means |
|---|---|
| 0 | done |
| 1 | it could not be done; one line on standard error says why |
| 2 | the command line was not understood |

"""

SETTINGS_OPENING = """# Settings

Every setting is an environment variable, or a line of a file `.env` in the directory where L2C
is started. Options of the command line win over the environment.

| variable | default | what it is |
|---|---|---|
"""


def cli_page() -> str:
    """The whole of `cli.md`."""
    root = typer.main.get_command(app)
    parts = [f"## `{name}`\n\n```text\n{text}\n```\n" for name, text in _helps(root, "l2c")]
    return CLI_OPENING + "\n".join(parts)


def settings_page() -> str:
    """The whole of `settings.md`."""
    prefix = Settings.model_config["env_prefix"].upper()
    rows = [
        f"| `{prefix}{name.upper()}` | {_default(field)} | {field.description}{_range(field)} |\n"
        for name, field in Settings.model_fields.items()
    ]
    return SETTINGS_OPENING + "".join(rows)


def _helps(command: Any, name: str, parent: Any = None) -> Iterator[tuple[str, str]]:
    """The help of a command and of all below it; Typer's commands have no public type."""
    context = command.make_context(
        name.rsplit(" ", 1)[-1], [], parent=parent, resilient_parsing=True, terminal_width=WIDTH
    )
    lines = command.get_help(context).splitlines()
    yield name, "\n".join(line.rstrip() for line in lines).strip()
    for word, below in getattr(command, "commands", {}).items():
        yield from _helps(below, f"{name} {word}", context)


def _default(field: Any) -> str:
    if field.default_factory is not None:
        return "the system's place for a user's data"
    return "none" if field.default is None else f"`{str(field.default).lower()}`"


def _range(field: Any) -> str:
    words = {"ge": "at least", "gt": "more than", "le": "at most", "lt": "less than"}
    found = [
        f"{words[name]} {getattr(limit, name):g}"
        for limit in field.metadata
        for name in words
        if hasattr(limit, name)
    ]
    return f" ({', '.join(found)})" if found else ""


def main() -> None:
    """Write both pages."""
    (FOLDER / "cli.md").write_text(cli_page())
    (FOLDER / "settings.md").write_text(settings_page())


if __name__ == "__main__":
    main()
