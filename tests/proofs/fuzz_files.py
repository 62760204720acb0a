"""Feeds the readers of other programs' files with files that lie: `make fuzz`.

A sound file of every format is changed where it hurts: counts, lengths, offsets, shapes, types and
ids become 0, -1, 2³¹, 2⁶³ and their neighbours, fields are left out or said twice, tensors overlap,
the end is cut off, bytes flip. Whatever a file says, its reader may answer with a model or with
`CheckpointError`, and nothing else, within a second.

    python -m tests.proofs.fuzz_files [--format F] [--seconds S] [--files N] [--seed N]
"""

from __future__ import annotations

import argparse
import io
import json
import random
import struct
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from l2c.engines.llama.files import gguf, llama2c
from l2c.engines.llama.files.huggingface import WEIGHTS, read_huggingface, write_huggingface
from l2c.engines.llama.files.model_file import language_model
from l2c.engines.llama.files.reading import Reader, one_error
from l2c.engines.llama.files.tokenizer_bin import read_tokenizer_from
from l2c.errors import CheckpointError
from l2c.text.sentencepiece_file import read_sentencepiece, write_sentencepiece
from tests.engines.llama.files.made import (
    byte_level,
    file_of,
    from_gguf,
    from_llama2c,
    gguf_bytes,
    llama2c_bytes,
    sentencepiece,
    words_of,
)
from tests.proofs.fuzz_checkpoint import SLOWEST_S, mutate_json, use

SMALL = {"dim": 8, "layers": 1, "heads": 2, "kv_heads": 1, "hidden": 8, "context": 8}
WHOLE = (0, 1, 2, 3, 7, 31, 33, 255, 256, 2**15, 2**20, 2**31 - 1, 2**31, 2**32 - 1, 2**63 - 1,
         2**63, 2**64 - 1)  # fmt: skip
Mutate = Callable[[random.Random], bytes]
Target = tuple[list[Mutate], Callable[[bytes], object]]
"""How to make broken files of a format, and what reads them."""


def lie(content: bytes, at: int, size: int, chance: random.Random) -> bytes:
    """The bytes with another whole number, or the old one a little changed, at a place."""
    old = int.from_bytes(content[at : at + size], "little")
    new = chance.choice((*WHOLE, old - 1, old + 1, old * 2, old + 32, chance.getrandbits(64)))
    written = (new % (1 << 8 * size)).to_bytes(size, "little")
    return content[:at] + written + content[at + size :]


def roughly(content: bytes, chance: random.Random) -> bytes:
    """The bytes cut, lengthened, with a piece moved or some flipped."""
    kind = chance.randrange(4)
    at, to = sorted((chance.randrange(len(content)), chance.randrange(len(content))))
    if kind == 0:
        return content[:at]
    if kind == 1:
        return content[:at] + content[to:]
    if kind == 2:
        return content[:to] + content[at:]
    changed = bytearray(content)
    for _ in range(chance.randrange(1, 8)):
        changed[chance.randrange(len(changed))] = chance.randrange(256)
    return bytes(changed)


def numbered(content: bytes, places: list[tuple[int, int]]) -> Mutate:
    """A mutation that mostly lies at one of these places: offset and size of a number."""

    def mutate(chance: random.Random) -> bytes:
        if chance.random() < 0.2:
            return roughly(content, chance)
        changed = content
        for _ in range(chance.choice((1, 1, 1, 2, 3))):
            changed = lie(changed, *chance.choice(places), chance)
        return changed

    return mutate


class Places(Reader):
    """A reader that remembers where it read numbers: those are the places to lie at."""

    def __init__(self, content: bytes) -> None:
        super().__init__(io.BytesIO(content), "it")
        self.found: list[tuple[int, int]] = []

    def number(self, layout: str) -> int | float:
        self.found.append((self.at, struct.calcsize("<" + layout)))
        return super().number(layout)


def places_of(content: bytes, read: Callable[[Reader], Any]) -> list[tuple[int, int]]:
    """Where a reader reads its numbers in a sound file."""
    reader = Places(content)
    read(reader)
    return reader.found


Field = tuple[int, int, bytes]
"""A field of a protocol buffer: number, wire type and what stands behind the tag."""


def varint(value: int) -> bytes:
    """A whole number as protocol buffers write it, seven bits a byte."""
    written = bytearray()
    while value > 127:
        written.append(value & 127 | 128)
        value >>= 7
    return bytes([*written, value])


def fields_of(content: bytes) -> list[Field]:
    """The fields of a sound message."""
    found, at = [], 0

    def number() -> int:
        nonlocal at
        value = shift = 0
        while True:
            byte = content[at]
            at += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    while at < len(content):
        tag = number()
        began, wire = at, tag & 7
        if wire == 0:
            number()
        else:
            size = number() if wire == 2 else 4
            began, at = at, at + size
        found.append((tag >> 3, wire, content[began:at]))
    return found


def message(fields: list[Field]) -> bytes:
    """The message with these fields, every length said right."""
    return b"".join(
        varint(number << 3 | wire) + (varint(len(value)) if wire == 2 else b"") + value
        for number, wire, value in fields
    )


def lying_field(field: Field, chance: random.Random) -> Field:
    """A field with another number or type, another value, or a field changed within it."""
    number, wire, value = field
    kind = chance.randrange(5)
    if kind == 0:
        return number, wire, varint(chance.choice(WHOLE)) if wire == 0 else chance.randbytes(4)
    if kind == 1:
        return chance.choice((0, 1, 2, 3, 4, 24, 35, 41, 2**28)), wire, value
    if kind == 2:
        return number, chance.randrange(8), value
    if wire != 2 or len(value) < 2:
        return number, wire, value + value
    if kind == 3:
        return number, wire, roughly(value, chance)
    try:
        return number, wire, message(lying(fields_of(value), chance))
    except IndexError:  # text and no message
        return number, wire, value[::-1]


def lying(fields: list[Field], chance: random.Random) -> list[Field]:
    """Fields left out, said twice, in another order, or with other values."""
    at, other = chance.randrange(len(fields)), chance.randrange(len(fields))
    kind = chance.randrange(6)
    if kind == 0:
        return fields[:at] + fields[at + 1 :]
    if kind == 1:
        return [*fields[:at], fields[other], *fields[at:]]
    if kind == 2:
        first, last = fields[at], fields[other]
        changed = fields.copy()
        changed[at], changed[other] = last, first
        return changed
    return [*fields[:at], lying_field(fields[at], chance), *fields[at + 1 :]]


def messages(content: bytes) -> Mutate:
    """A mutation of a protocol buffer: of its fields, or now and then of its bytes."""
    fields = fields_of(content)

    def mutate(chance: random.Random) -> bytes:
        if chance.random() < 0.2:
            return roughly(content, chance)
        changed = fields
        for _ in range(chance.choice((1, 1, 2))):
            changed = lying(changed, chance)
        return message(changed)

    return mutate


def gguf_target() -> Target:
    """GGUF with vocabularies of both kinds."""
    ours, theirs = file_of(sentencepiece(), **SMALL), file_of(byte_level(), **SMALL, tied=False)
    made = [gguf_bytes(ours), gguf_bytes(ours, "f16")]
    made.append(gguf_bytes(file_of(byte_level(), **SMALL | {"dim": 32, "hidden": 32}), "q8_0"))
    made.append(gguf_bytes(theirs))
    mutations = [numbered(content, places_of(content, gguf.read_from)) for content in made]
    return mutations, lambda content: use(language_model(from_gguf(content)))


def llama2c_target() -> Target:
    """All versions of llama2.c's models."""
    ours = file_of(sentencepiece(), **SMALL)
    words = words_of(ours)
    mutations = []
    for version in llama2c.VERSIONS:
        content = llama2c_bytes(ours, version)
        places = Places(content)
        llama2c.read_from(places, Reader(io.BytesIO(words), "words"))
        mutations.append(numbered(content, places.found))
    return mutations, lambda content: use(language_model(from_llama2c(content, words)))


def tokenizer_bin_target() -> Target:
    """llama2.c's vocabularies."""
    content = words_of(file_of(sentencepiece(), **SMALL))

    def read(content: bytes) -> object:
        return read_tokenizer_from(Reader(io.BytesIO(content), "it"), None)

    places = places_of(content, lambda reader: read_tokenizer_from(reader, None))
    return [numbered(content, places)], read


def tokenizer_model_target() -> Target:
    """SentencePiece's vocabularies."""
    return [messages(write_sentencepiece(sentencepiece()))], read_sentencepiece


def huggingface_target(folder: Path) -> Target:
    """Folders of Hugging Face: the JSON files, and the header of the tensors."""
    parts = write_huggingface(file_of(byte_level(), **SMALL), kind="f16")
    for name, content in parts.items():
        (folder / name).write_bytes(content)
    names = ["config.json", "tokenizer.json", WEIGHTS]

    def mutate(chance: random.Random) -> bytes:
        name = chance.choice(names)
        content = parts[name]
        if name == WEIGHTS:
            (size,) = struct.unpack("<Q", content[:8])
            header = json.dumps(mutate_json(json.loads(content[8 : 8 + size]), chance)).encode()
            changed = struct.pack("<Q", len(header)) + header + content[8 + size :]
            changed = changed if chance.random() < 0.7 else roughly(content, chance)
        elif chance.random() < 0.9:
            changed = json.dumps(mutate_json(json.loads(content), chance)).encode()
        else:
            changed = roughly(content, chance)
        return name.encode() + b"\0" + changed

    def read(content: bytes) -> None:
        name, _, changed = content.partition(b"\0")
        try:
            (folder / name.decode()).write_bytes(changed)
            use(language_model(read_huggingface(folder)))
        finally:
            (folder / name.decode()).write_bytes(parts[name.decode()])

    return [mutate], read


def fuzz(form: str, folder: Path, *, seconds: float, files: int, seed: int) -> dict[str, Any]:
    """Feed files of a format until `seconds` of processor time or `files` are over.

    How many were loaded, how many refused; raises on anything else.
    """
    mutations, read = huggingface_target(folder) if form == FOLDER else TARGETS[form]()
    counts = {"files": 0, "loaded": 0, "refused": 0}
    deadline = time.process_time() + seconds
    while time.process_time() < deadline and counts["files"] < files:
        chance = random.Random(f"{seed} {form} {counts['files']}")
        content = chance.choice(mutations)(chance)
        counts["files"] += 1
        began = time.process_time()
        try:
            with one_error("it"):
                read(content)
            counts["loaded"] += 1
        except CheckpointError:
            counts["refused"] += 1
        except BaseException:
            print(f"{form}: file {counts['files'] - 1} of seed {seed}", file=sys.stderr)
            raise
        if time.process_time() - began > SLOWEST_S:
            raise AssertionError(f"{form}: file {counts['files'] - 1} of seed {seed} was slow")
    return {"format": form, **counts}


FOLDER = "huggingface"
TARGETS: dict[str, Callable[[], Target]] = {
    "gguf": gguf_target,
    "llama2c": llama2c_target,
    "tokenizer.bin": tokenizer_bin_target,
    "tokenizer.model": tokenizer_model_target,
}
FORMS = (*TARGETS, FOLDER)


def main() -> None:
    """Fuzz every format, and print one JSON line for each."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--format", choices=FORMS)
    parser.add_argument("--seconds", type=float, default=60, help="of processor time, each format")
    parser.add_argument("--files", type=int, default=10**9)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    for form in [given.format] if given.format else FORMS:
        with tempfile.TemporaryDirectory() as folder:
            counts = fuzz(
                form, Path(folder), seconds=given.seconds, files=given.files, seed=given.seed
            )
        print(json.dumps(counts), flush=True)


if __name__ == "__main__":
    main()
