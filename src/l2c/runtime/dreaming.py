"""Dreams as a user asks for them: written by the live checkpoint, in the store and as files.

The store is the truth; the file in `dreams/` is for looking at. A model dreams of what it
learned, so when a conversation that taught it is erased, its dreams go too, and a new one is a
command away.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from l2c import machine
from l2c.chat.catalog import Catalog
from l2c.errors import InvalidInput
from l2c.learning.dreaming import Dream, dream, text_of
from l2c.store import dreams as stored
from l2c.store.database import Database
from l2c.store.dreams import DreamPage, DreamRow, Dreams
from l2c.store.models import Models

FOLDER = Path("dreams")
_FILE = re.compile(r"(?P<when>\d{8}T\d{6})-(?P<id>[0-9a-f]{32})\.txt")
MOST, LONGEST = 20, 2_000
"""Dreams at once, and tokens of each."""


@dataclass(frozen=True, slots=True)
class DreamView:
    """A dream, and its text in one piece."""

    row: DreamRow
    text: str


class Dreaming:
    """The dreams of one user's models."""

    def __init__(self, dreams: Dreams, models: Models, catalog: Catalog, folder: Path) -> None:
        self.kept = dreams.kept
        self._dreams = dreams
        self._models = models
        self._catalog = catalog
        self._folder = folder

    def dream(
        self,
        *,
        model: str | None = None,
        count: int = 1,
        length: int = 200,
        temperature: float = 0.7,
        seed: int | None = None,
    ) -> list[DreamView]:
        """Let a model dream, newest last; with `seed` the first dream has it, the next the next.

        Raises `InvalidInput` for a figure out of range, and `NotFound` for an unknown model.
        """
        if not 1 <= count <= MOST or not 1 <= length <= LONGEST:
            raise InvalidInput(
                f"There can be 1 to {MOST} dreams of 1 to {LONGEST} tokens at once; found {count} "
                f"of {length}."
            )
        row = self._catalog.get(model)
        checkpoint, dreamer = self._catalog.answering(row.name)
        first = secrets.randbits(53) if seed is None else seed
        return [
            self._add(
                row.name,
                checkpoint,
                dream(dreamer, talks=row.talks, length=length, temperature=temperature, seed=one),
                seed=one,
                temperature=temperature,
            )
            for one in range(first, first + count)
        ]

    def page(self, *, limit: int, before: int | None) -> tuple[list[DreamView], int | None]:
        """Dreams, newest first, and where the next page begins."""
        found: DreamPage = self._dreams.page(limit=limit, before=before)
        return [_view(row) for row in found.dreams], found.next

    def keep(self, dream_id: str, *, kept: bool) -> DreamView:
        """Say whether a dream is kept. Raises `NotFound`."""
        return _view(self._dreams.keep(dream_id, kept=kept))

    def discard(self, dream_id: str) -> None:
        """Erase a dream and its file. Raises `NotFound`."""
        forget_files(self._folder, [self._dreams.get(dream_id).id])
        self._dreams.discard(dream_id)

    def _add(
        self, model: str, checkpoint: str, found: Dream, *, seed: int, temperature: float
    ) -> DreamView:
        row = self._dreams.add(
            model,
            checkpoint=checkpoint,
            said=found.said,
            seed=seed,
            temperature=temperature,
            tokens=found.tokens,
            entropy=found.entropy,
            repetition=found.repetition,
        )
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        when = _compact(row.created_at)
        head = (
            f"# {model}, checkpoint {checkpoint}, seed {seed}, temperature {temperature:g}\n"
            f"# {row.entropy:.2f} bits per token, repetition {row.repetition:.2f}\n\n"
        )
        content = f"{head}{text_of(row.said)}\n".encode("utf-8", "replace")
        machine.write_durably(self._folder / f"{when}-{row.id}.txt", content)
        return _view(row)


def forget(
    database: Database, folder: Path, conversations: Sequence[str], turns: Sequence[str]
) -> None:
    """Erase the dreams of models that these have taught, and their files in `folder`."""
    gone = stored.of_taught(database, conversations, turns)
    if gone:
        forget_files(folder, gone)
        stored.erase(database, gone)


def forget_gone(database: Database, folder: Path, *, older_than: str) -> None:
    """Erase the files of dreams that the store no longer has, those dreamt before a moment.

    Whoever had something forgotten on another machine erased its dreams there and in the store.
    """
    old = {
        found["id"]: path
        for path in folder.rglob("*.txt")
        if (found := _FILE.fullmatch(path.name)) and found["when"] <= _compact(older_than)
    }
    for dream_id in set(old) - stored.among(database, old):
        old[dream_id].unlink(missing_ok=True)
        machine.fsync_directory(old[dream_id].parent)


def forget_files(folder: Path, dream_ids: Sequence[str]) -> None:
    """Remove the files of these dreams, from folders below this one too."""
    for dream_id in dream_ids:
        for path in [*folder.rglob(f"*-{dream_id}.txt"), *folder.rglob(f".*-{dream_id}.txt.*.tmp")]:
            path.unlink(missing_ok=True)
            machine.fsync_directory(path.parent)


def _compact(moment: str) -> str:
    """A moment as the name of a dream's file begins with it."""
    return moment[:19].replace(":", "").replace("-", "")


def _view(row: DreamRow) -> DreamView:
    return DreamView(row, text_of(row.said))
