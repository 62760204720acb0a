"""One school for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.learning.school import School


@pytest.fixture
def school(tmp_path: Path, store_at: str | None) -> Iterator[School]:
    opened = School.open(tmp_path, url=store_at)
    yield opened
    opened.close()
