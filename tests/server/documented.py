"""What `docs/reference/api.md` promises, read from the page itself."""

import json
import re
from pathlib import Path

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "api.md").read_text()


def keys(value: str) -> set[str]:
    """The fields of a value: those of the example under its name."""
    found = re.search(rf"^\*\*{value}\*\*\n```json\n(.*?)```", PAGE, re.DOTALL | re.MULTILINE)
    assert found is not None, value
    return set(json.loads(found[1]))


def routes() -> set[tuple[str, str]]:
    """Method and path of every route in the tables, parameters named as they are there."""
    rows = re.findall(r"^\| `(GET|POST|PUT|PATCH|DELETE) (/[^ ?`]*)", PAGE, re.MULTILINE)
    return {(method, path) for method, path in rows}


def error_types() -> dict[int, str]:
    """Status and type of every error."""
    rows = re.findall(r"^\| (\d{3}) \| `(\w+)`", PAGE, re.MULTILINE)
    return {int(status): kind for status, kind in rows}
