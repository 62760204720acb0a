"""Forgetting, as a user asks for it: the text goes at once, what models learned from it follows.

When `forget` returns, the text is in no file of the store and none of its copies, it is not found
any more, and a checkpoint that never read it answers. The learner does the rest, whichever process
it is in; `progress` says how far it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from l2c.engines.checkpoint_folder import CheckpointFolder
from l2c.learning.unlearning import leftovers
from l2c.runtime.dreaming import forget_files
from l2c.store.copies import Copies
from l2c.store.database import Database
from l2c.store.forgetting import Forgettable, Forgetting, ForgettingRow

__all__ = ["Forgettable", "Forgetter", "ForgettingRow"]


class Forgetter:
    """Forgets what one user names."""

    def __init__(
        self,
        database: Database,
        user_id: str,
        *,
        folder: CheckpointFolder,
        copies: Copies,
        dreams: Path,
    ) -> None:
        self.wishes = Forgetting(database, user_id)
        self._home = database.directory
        self._folder = folder
        self._copies = copies
        self._dreams = dreams

    def forget(self, kind: Forgettable, target: str) -> ForgettingRow:
        """Erase a conversation, a turn with its answers, a document or a page; models follow.

        Raises `NotFound`, and `Busy` while an answer is being written there.
        """
        return self._carry_out(self.wishes.begin(kind, target, has=self._folder.has))

    def forget_turns(self, targets: Sequence[str]) -> ForgettingRow:
        """Erase several turns (at least one) with their answers, as one; models follow.

        Raises as `forget`; the turns before the one it raises for are forgotten.
        """
        wishes = [self.wishes.begin(Forgettable.TURN, one, has=self._folder.has) for one in targets]
        return self._carry_out(wishes[-1])

    def _carry_out(self, begun: ForgettingRow) -> ForgettingRow:
        forget_files(self._dreams, self.wishes.plan(begun.id).get("dreams", ()))
        row = self.wishes.erase(begun.id, self._copies)
        if row.finished_at is None and not self.wishes.plan(row.id)["models"]:
            return self.wishes.close(row.id, {"left": leftovers(self._home)})
        return row

    def progress(self, forgetting_id: str) -> ForgettingRow:
        """How far it has come; of one that another wish took over, how far that has."""
        row = self.wishes.get(forgetting_id)
        while (goes_on_in := row.report.get("goes_on_in")) is not None:
            row = self.wishes.get(goes_on_in)
        return row
