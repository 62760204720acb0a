"""Options that several commands share, and how their values become settings and output."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, is_dataclass
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape

from l2c.runtime import Runtime
from l2c.settings import Settings

DataDir = Annotated[
    Path | None,
    typer.Option("--data-dir", help="Where everything is kept.", file_okay=False),
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON value for programs.")]
ModelName = Annotated[
    str | None, typer.Option("--model", help="The model; `l2c models list` shows them.")
]

Temperature = Annotated[
    float | None,
    typer.Option(min=0, max=2, help="How daring; 0 always takes the likeliest letter."),
]

console = Console(highlight=False, soft_wrap=True)


def settings_from(**given: Any) -> Settings:
    """Settings from the environment, with what was given on the command line in front."""
    return Settings(**{name: value for name, value in given.items() if value is not None})


def open_runtime(data_dir: Path | None) -> Runtime:
    """The runtime of a command; a context manager."""
    return Runtime.open(settings_from(data_dir=data_dir))


def log_to_console(line: str, *, level: str = "INFO") -> None:
    """Write L2C's log to standard error from this level on, each entry formatted as `line`."""
    logging.basicConfig(level=logging.INFO, format=line)
    logging.getLogger("l2c").setLevel(level)
    logging.getLogger("alembic").setLevel(logging.WARNING)


@contextmanager
def log_to_file(path: Path) -> Iterator[None]:
    """Write L2C's log to this file too, each entry with its time, from `INFO` on.

    The console stays as it is. There is no file before the first entry.
    """
    logger, root = logging.getLogger("l2c"), logging.getLogger()
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = logging.FileHandler(path, encoding="utf-8", delay=True)
    file.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
    handlers: list[logging.Handler] = [file]
    if not root.handlers and logging.lastResort is not None:
        handlers.append(logging.lastResort)  # warnings, as without any handler
    level = logger.level
    logger.setLevel(min(level or logging.INFO, logging.INFO))
    for handler in handlers:
        logger.addHandler(handler)
    try:
        yield
    finally:
        for handler in handlers:
            logger.removeHandler(handler)
        logger.setLevel(level)
        file.close()


def print_json(value: Any) -> None:
    """One JSON value on standard output; dataclasses become objects."""
    print(json.dumps(_plain(value), ensure_ascii=False, indent=2))


def say(text: str, *, end: str = "\n") -> None:
    """Print a line for people as it is, whatever names or brackets are in it."""
    console.print(printable(text), markup=False, end=end)


def cell(text: str) -> str:
    """Text as a cell of a table, as it is."""
    return escape(printable(text))


def printable(text: str) -> str:
    """Text without control characters, so that nothing said can steer the terminal."""
    return "".join(c if c.isprintable() or c in "\n\t" else "\ufffd" for c in text)


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return _plain(asdict(value))
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value
