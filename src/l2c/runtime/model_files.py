"""Models that come from files of other programs and go out to them.

What comes in becomes a model of the user's own beside the others, a checkpoint like any other. It
does not learn from conversations until it is told to.
"""

from __future__ import annotations

from pathlib import Path

from l2c.engines.checkpoint_folder import CheckpointFolder
from l2c.engines.llama.files import formats
from l2c.engines.llama.files.formats import Form, Stored
from l2c.engines.model import LanguageModel
from l2c.errors import Conflict, InvalidInput
from l2c.learning.text_school import NAME
from l2c.store.models import Models

__all__ = ["Form", "Stored", "export_model", "import_model"]


def import_model(
    models: Models, folder: CheckpointFolder, file: Path, *, name: str, tokenizer: Path | None
) -> None:
    """Make the model in a file one of the user's own, called `name`.

    Raises `InvalidInput` for a name that is none, `Conflict` when it is taken, `NotFound` when
    there is no such file and `CheckpointError` when it is none of a model.
    """
    if not NAME.fullmatch(name):
        raise InvalidInput(
            f"A model's name has 1 to 64 letters, digits, dots, dashes or underscores; found "
            f"{name!r}."
        )
    if any(row.name == name for row in models.list()):
        raise Conflict(f"There is a model {name!r} already; choose another name.")
    model = formats.read_model(file, tokenizer=tokenizer)
    digest, size = folder.save(model, optimizer=False)
    models.begin_from(name, engine=model.engine.family, checkpoint=digest, size_bytes=size)


def export_model(
    model: LanguageModel, file: Path, *, form: Form, stored: Stored, name: str
) -> list[Path]:
    """Write a model to a file; everything that was made. Raises as `formats.write_model`."""
    return formats.write_model(model, file, form=form, stored=stored, name=name)
