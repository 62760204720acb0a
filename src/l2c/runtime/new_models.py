"""New models of one user's: asked for, trained by the learner in the background, watched, paused.

`l2c train` does the same at once, in the foreground; both go through `l2c.learning.texts`.
"""

from __future__ import annotations

import builtins
from dataclasses import dataclass

from l2c.engines.checkpoint_folder import CheckpointFolder
from l2c.engines.registry import families
from l2c.errors import InvalidInput
from l2c.learning.learner import rests
from l2c.learning.text_school import NAME
from l2c.learning.workshop import Workshop
from l2c.runtime.house import House
from l2c.store.learning import Learning
from l2c.store.models import Models
from l2c.store.trainings import TrainingRow, Trainings, TrainingState

__all__ = ["NewModels", "TrainingRow", "TrainingView"]

MOST_BYTES = 8 << 20
"""How large a text may be; `l2c train` takes larger ones."""

FEWEST_CHARACTERS = 200
LONGEST_MINUTES = 10_000.0


@dataclass(frozen=True, slots=True)
class TrainingView:
    """A training, and why nothing happens to it just now, in words; None when something does."""

    row: TrainingRow
    waits: str | None


class NewModels:
    """The trainings of one user."""

    def __init__(
        self,
        trainings: Trainings,
        models: Models,
        learning: Learning,
        folder: CheckpointFolder,
        *,
        house: House,
        user_id: str,
    ) -> None:
        self._trainings = trainings
        self._models = models
        self._learning = learning
        self._folder = folder
        self._house = house
        self._user_id = user_id

    def ask(self, name: str, text: str, *, engine: str, minutes: float, seed: int) -> TrainingView:
        """Ask for a new model that reads this text, trained for so many minutes.

        Raises `InvalidInput` for a name that is none, an unknown engine, minutes out of range or a
        text too short, and `Conflict` when the name is taken.
        """
        if not NAME.fullmatch(name):
            raise InvalidInput(
                "A model's name has 1 to 64 letters, digits, dots, dashes or underscores; found "
                f"{name!r}."
            )
        if engine not in families():
            raise InvalidInput(f"An engine is one of {', '.join(families())}; found {engine!r}.")
        if not 0 < minutes <= LONGEST_MINUTES:
            raise InvalidInput(f"Minutes are more than 0 and at most {LONGEST_MINUTES:g}.")
        if len(text) < FEWEST_CHARACTERS or "\0" in text:
            raise InvalidInput(
                f"A new model needs a plain text of at least {FEWEST_CHARACTERS} characters; "
                f"found {len(text)}."
            )
        row = self._trainings.add(name, engine=engine, text=text, minutes=minutes, seed=seed)
        return self._view(row)

    def list(self) -> builtins.list[TrainingView]:
        """Every training, newest first."""
        return [self._view(row) for row in self._trainings.list()]

    def pause(self, training_id: str) -> TrainingView:
        """Have a training rest where it stands. Raises `NotFound`, `Conflict` when it is done."""
        return self._view(self._trainings.pause(training_id))

    def go_on(self, training_id: str) -> TrainingView:
        """Have a training go on. Raises `NotFound`, and `Conflict` when it is done."""
        return self._view(self._trainings.go_on(training_id))

    def delete(self, training_id: str) -> None:
        """Erase a training and its text, in the store's copies first. Raises `NotFound`."""
        self._house.copies.forget_training(self._trainings.get(training_id).id)
        self._trainings.delete(training_id)

    def why_rest(self) -> str | None:
        """Why nothing is trained for this user now; None when it may be."""
        return "Learning is paused." if self._learning.control().paused else rests(self._learning)

    def workshop(self) -> Workshop:
        """Where the learner works on them."""
        settings = self._house.settings
        return Workshop(
            self._trainings,
            self._models,
            folder=self._folder,
            resume_folder=settings.data_dir / "learner" / f"new-{self._user_id}",
            copies=self._house.copies,
            autosave_s=settings.autosave_s,
        )

    def _view(self, row: TrainingRow) -> TrainingView:
        if row.state is not TrainingState.RUNNING:
            return TrainingView(row, None)
        first = self._trainings.next()
        if not self._house.learner_is_alive():
            waits: str | None = "The learner is not running; `l2c serve` starts it."
        elif first is not None and first.id != row.id:
            waits = f"{first.model} is trained first."
        else:
            waits = self.why_rest()
        return TrainingView(row, waits)
