"""What a data directory says, for tests that compare it before and after."""

from pathlib import Path
from typing import Any

from l2c.runtime import Runtime
from l2c.store import sqlite


def said(runtime: Runtime) -> list[str]:
    return [turn.text for turn in runtime.conversations.history(99) if turn.role == "user"]


def state(directory: Path) -> dict[str, Any]:
    """Everything the data directory says, but the copies of itself."""
    connection = sqlite.driver.connect(str(directory / "l2c.db"))
    try:
        tables = [
            row[0]
            for row in connection.execute(
                "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE '%fts%'"
            )
        ]
        rows = {name: connection.execute(f'SELECT * FROM "{name}"').fetchall() for name in tables}
    finally:
        connection.close()
    return rows | {
        path.name: path.read_bytes() for path in (directory / "checkpoints").glob("*.safetensors")
    }
