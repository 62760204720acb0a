"""Models that come from files of other programs, go out to them, and go for good.

What comes in becomes a model of the user's own beside the others, a checkpoint like any other. It
does not learn from conversations until it is told to. Over the network a model is one file: where
a format has several, they are packed into a tar, in which nothing but plain names counts.
"""

from __future__ import annotations

import shutil
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from l2c.engines.checkpoint_folder import CheckpointFolder
from l2c.engines.llama.files import formats
from l2c.engines.llama.files.formats import Form, Stored
from l2c.engines.model import LanguageModel
from l2c.errors import CheckpointError, Conflict, InvalidInput
from l2c.learning.text_school import NAME
from l2c.runtime import dreaming
from l2c.runtime.house import House
from l2c.store.models import Models
from l2c.store.removal import remove_model

__all__ = ["Form", "Stored", "delete_model", "export_model", "import_model", "packed", "unpacked"]

MOST_PARTS, LONGEST_NAME = 16, 100
"""Files a packed model may have, and bytes of the name of one."""

SUFFIXES = {Form.GGUF: ".gguf", Form.LLAMA2C: ".bin", Form.CHECKPOINT: ".safetensors"}


def import_model(
    models: Models, folder: CheckpointFolder, file: Path, *, name: str, tokenizer: Path | None
) -> None:
    """Make the model in a file one of the user's own, called `name`.

    Raises `InvalidInput` for a name that is none, `Conflict` when it is taken, `NotFound` when
    there is no such file and `CheckpointError` when it is none of a model.
    """
    see_that_it_is_free(models, name)
    model = formats.read_model(file, tokenizer=tokenizer)
    with folder.adding():
        digest, size = folder.save(model, optimizer=False)
        models.begin_from(name, engine=model.engine.family, checkpoint=digest, size_bytes=size)


def see_that_it_is_free(models: Models, name: str) -> None:
    """Raise `InvalidInput` for a name that is none, and `Conflict` when it is taken."""
    if not NAME.fullmatch(name):
        raise InvalidInput(
            f"A model's name has 1 to 64 letters, digits, dots, dashes or underscores; found "
            f"{name!r}."
        )
    if any(row.name == name for row in models.list()):
        raise Conflict(f"There is a model {name!r} already; choose another name.")


def export_model(
    model: LanguageModel, file: Path, *, form: Form, stored: Stored, name: str
) -> list[Path]:
    """Write a model to a file; everything that was made. Raises as `formats.write_model`."""
    return formats.write_model(model, file, form=form, stored=stored, name=name)


def delete_model(house: House, user_id: str, name: str) -> None:
    """Erase a model, its checkpoints, lessons and dreams, and their files.

    Raises `NotFound`, and `Conflict` for the model that learns here, which everything else rests
    on, and for one that is forgetting something.
    """
    if name == house.settings.model:
        raise Conflict(f"{name} is the model that learns here and cannot be deleted.")
    with house.folder.adding():
        gone = remove_model(house.database, user_id, name)
        house.folder.remove(gone.digests)
    dreaming.forget_files(house.own_folder(dreaming.FOLDER, user_id), gone.dreams)


def packed(
    model: LanguageModel, folder: Path, *, form: Form, stored: Stored, name: str
) -> tuple[Path, str]:
    """A model as one new file in `folder`, and what a person would call it.

    Raises as `formats.write_model`.
    """
    written = folder / f"{name}{SUFFIXES.get(form, '')}"
    made = export_model(model, written, form=form, stored=stored, name=name)
    if made == [written] and written.is_file():
        return written, written.name
    whole = folder / f"{name}.tar"
    with tarfile.open(whole, "w") as pack:
        for path in made:
            pack.add(path, path.name)
    return whole, whole.name


@contextmanager
def unpacked(file: Path) -> Iterator[Path]:
    """What `import_model` takes, from a file that is one or a tar of several, while this lasts.

    Raises `CheckpointError` for a tar that holds anything but a few plain files.
    """
    with tempfile.TemporaryDirectory(dir=file.parent) as place:
        folder = Path(place)
        if not _is_tar(file):
            yield Path(file.rename(folder / "model"))
            return
        try:
            with tarfile.open(file, "r:") as pack:
                _take_parts(pack, folder, room=file.stat().st_size)
        except (tarfile.TarError, EOFError, ValueError) as error:
            raise CheckpointError(f"The packed model is damaged: {error}.") from error
        yield _main_part(folder)


def _is_tar(file: Path) -> bool:
    with file.open("rb") as stream:
        return stream.read(512)[257:262] == b"ustar"


def _take_parts(pack: tarfile.TarFile, folder: Path, *, room: int) -> None:
    for number, part in enumerate(pack):
        name = Path(part.name).name
        if part.isdir():
            continue
        content = pack.extractfile(part) if part.isreg() else None
        room -= part.size
        plain = content is not None and 0 < len(name.encode()) <= LONGEST_NAME and name[0] != "."
        if content is None or not plain or number >= MOST_PARTS or room < 0:
            raise CheckpointError(f"A packed model has at most {MOST_PARTS} plain files.")
        if (folder / name).exists():
            raise CheckpointError(f"A packed model has {name!r} twice.")
        with (folder / name).open("xb") as written:
            shutil.copyfileobj(content, written)


def _main_part(folder: Path) -> Path:
    """The file of a model among those that belong to it; the folder for one of Hugging Face."""
    if (folder / formats.CONFIG).is_file():
        return folder
    words = {".tokenizer.bin", "tokenizer.bin"}
    parts = [path for path in sorted(folder.iterdir()) if not path.name.endswith(tuple(words))]
    if len(parts) != 1:
        raise CheckpointError(
            f"A packed model has one file of weights; found {len(parts)} besides vocabularies."
        )
    return parts[0]
