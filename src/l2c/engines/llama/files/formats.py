"""Which format a file has, and models in and out of all of them: the door of this folder.

A file is known by what it begins with, a folder by its `config.json`. What is written appears whole
or not at all, and nothing that is there is written over.
"""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO

from l2c import machine
from l2c.engines import checkpoint
from l2c.engines.llama.files.gguf import MAGIC, read_gguf, write_gguf
from l2c.engines.llama.files.huggingface import read_huggingface, write_huggingface
from l2c.engines.llama.files.llama2c import read_llama2c, write_llama2c
from l2c.engines.llama.files.model_file import ModelFile, language_model, model_file
from l2c.engines.llama.files.reading import Reader, one_error
from l2c.engines.llama.files.tokenizer_bin import read_tokenizer_bin, write_tokenizer_bin
from l2c.engines.model import LanguageModel
from l2c.errors import CheckpointError, Conflict, InvalidInput, NotFound, StorageFull
from l2c.text.sentencepiece import SentencePieceTokenizer
from l2c.text.sentencepiece_file import MAX_FILE_BYTES, read_sentencepiece

CONFIG = "config.json"
LLAMA2C_VERSIONS = {"f32": 0, "q8_0": 2}


class Form(StrEnum):
    """A format that models are written in; a checkpoint is our own, for every engine."""

    CHECKPOINT = "checkpoint"
    GGUF = "gguf"
    LLAMA2C = "llama2c"
    SAFETENSORS = "safetensors"


class Stored(StrEnum):
    """How the numbers of a model are stored in a file."""

    F32 = "f32"
    F16 = "f16"
    Q8_0 = "q8_0"
    Q4_0 = "q4_0"


def read_model(path: Path, *, tokenizer: Path | None = None) -> LanguageModel:
    """The model in a GGUF file, a `.bin` of llama2.c, a folder of Hugging Face, or a checkpoint.

    The `tokenizer.bin` of a llama2.c file is taken from beside it unless it is named. Raises
    `NotFound` when nothing is there and `CheckpointError` for whatever is wrong with it.
    """
    if not path.exists():
        raise NotFound(f"There is no file {path}.")
    if path.is_dir():
        return _model(read_huggingface(path), path)
    with one_error(path.name), Reader.open(path) as reader:
        beginning = reader.bytes(min(16, reader.size))
    if beginning.startswith(MAGIC):
        return _model(read_gguf(path), path)
    if beginning[8:9] == b"{":
        if (path.parent / CONFIG).exists():
            return _model(read_huggingface(path.parent), path)
        return checkpoint.load(path)
    words = tokenizer or _words_beside(path)
    return _model(read_llama2c(path, words), path)


def read_tokenizer(path: Path) -> SentencePieceTokenizer:
    """The vocabulary in a `tokenizer.model` or a `tokenizer.bin`.

    Raises `NotFound` or `CheckpointError`.
    """
    if not path.is_file():
        raise NotFound(f"There is no file {path}.")
    if path.suffix == ".bin":
        return read_tokenizer_bin(path)
    with one_error(path.name), Reader.open(path) as reader:
        return read_sentencepiece(reader.bytes(min(reader.size, MAX_FILE_BYTES + 1)))


def write_model(
    model: LanguageModel, path: Path, *, form: Form, stored: Stored, name: str
) -> list[Path]:
    """Write the model to `path`, a folder for safetensors; every file or folder that was made.

    A checkpoint holds the numbers as they are, whatever `stored` says. A llama2.c file gets its
    vocabulary beside it, `NAME.tokenizer.bin`. Raises `InvalidInput` for what the format cannot
    hold, `Conflict` when something is there already, `StorageFull`.
    """
    if form is Form.CHECKPOINT:
        write_new(path, checkpoint.to_bytes(model, optimizer=False))
        return [path]
    file = model_file(model)
    if form is Form.SAFETENSORS:
        content = write_huggingface(file, kind=stored.value)
        with _new_folder(path) as folder:
            for part, written in content.items():
                (folder / part).write_bytes(written)
        return [path]
    if form is Form.GGUF:
        with _new_file(path) as stream:
            write_gguf(file, stream, kind=stored.value, name=name)
        return [path]
    if stored.value not in LLAMA2C_VERSIONS:
        raise InvalidInput(f"llama2.c's files are written as f32 or q8_0; found {stored.value}.")
    words = write_tokenizer_bin(model.tokenizer)
    beside = path.with_suffix(".tokenizer.bin")
    with _new_file(path) as stream, _new_file(beside) as words_stream:
        write_llama2c(file, stream, version=LLAMA2C_VERSIONS[stored.value])
        words_stream.write(words)
    return [path, beside]


def write_new(path: Path, content: bytes) -> None:
    """Write a file that is not there yet. Raises `Conflict` and `StorageFull`."""
    with _new_file(path) as stream:
        stream.write(content)


def _model(file: ModelFile, path: Path) -> LanguageModel:
    with one_error(path.name):
        return language_model(file)


def _words_beside(path: Path) -> Path:
    found = [path.with_suffix(".tokenizer.bin"), path.with_name("tokenizer.bin")]
    for words in found:
        if words.is_file():
            return words
    raise CheckpointError(
        f"{path.name} is no GGUF file, and to be one of llama2.c it needs its tokenizer.bin beside "
        "it, or named with --tokenizer."
    )


@contextmanager
def _new_file(path: Path) -> Iterator[BinaryIO]:
    """A file that is not there yet; it appears under its name when everything is written."""
    temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex}.tmp")
    with _told(path):
        try:
            with temporary.open("xb") as stream:
                yield stream
                stream.flush()
                os.fsync(stream.fileno())
            temporary.rename(_free(path))
        finally:
            temporary.unlink(missing_ok=True)


@contextmanager
def _new_folder(path: Path) -> Iterator[Path]:
    """A folder that is not there yet; it appears under its name when everything is written."""
    temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex}.tmp")
    with _told(path):
        try:
            temporary.mkdir()
            yield temporary
            temporary.rename(_free(path))
        finally:
            shutil.rmtree(temporary, ignore_errors=True)


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """Errors of the disk as ours. Raises `Conflict` at once when something is at `path`."""
    _free(path)
    try:
        yield
    except OSError as error:
        if error.errno in machine.NO_SPACE:
            raise StorageFull(f"No space is left to write {path}.") from error
        raise InvalidInput(f"{path} cannot be written: {error.strerror}.") from error


def _free(path: Path) -> Path:
    if path.exists():
        raise Conflict(f"{path} exists already; choose another name.")
    return path
