"""Small models and vocabularies for the tests of files."""

import functools
import io
from pathlib import Path

import numpy as np

from l2c.engines.llama.files.gguf import read_from as read_gguf_from
from l2c.engines.llama.files.gguf import write_gguf
from l2c.engines.llama.files.llama2c import read_from as read_llama2c_from
from l2c.engines.llama.files.llama2c import write_llama2c
from l2c.engines.llama.files.model_file import ModelFile, model_file
from l2c.engines.llama.files.reading import Reader
from l2c.engines.llama.files.tokenizer_bin import write_tokenizer_bin
from l2c.engines.model import LanguageModel
from l2c.text.byte_level import ALPHABET, ByteLevelTokenizer
from l2c.text.filed import FileTokenizer
from l2c.text.sentencepiece import SPACE, SentencePieceTokenizer
from l2c.text.vocabulary import CONTROL_PIECES, Sort, Vocabulary, controls_of, layout_of

CONFIG = {"dim": 32, "layers": 2, "heads": 4, "kv_heads": 2, "hidden": 64, "context": 64}
PIECES = [SPACE, "t", "h", "e", "a", "th", "the", SPACE + "the", "he", "an", "n", "d", "and"]


@functools.cache
def sentencepiece(*, ours: bool = True) -> SentencePieceTokenizer:
    """A vocabulary of 256 bytes and a few pieces, with the control tokens of L2C or without."""
    extra = list(CONTROL_PIECES.values()) if ours else []
    pieces = ["<unk>", "<s>", "</s>", *[f"<0x{byte:02X}>" for byte in range(256)], *PIECES, *extra]
    sorts = [Sort.UNKNOWN, Sort.CONTROL, Sort.CONTROL, *[Sort.BYTE] * 256]
    sorts += [Sort.NORMAL] * len(PIECES) + [Sort.CONTROL] * len(extra)
    layout = layout_of(pieces, sorts, 2)
    controls = controls_of(pieces, sorts, layout, begin=1, end=2, unknown=0)
    scores = [0.0] * 259 + [-float(i) for i in range(len(PIECES))] + [0.0] * len(extra)
    vocabulary = Vocabulary(tuple(pieces), tuple(sorts), controls, layout)
    return SentencePieceTokenizer(vocabulary, scores, space_first=not ours)


@functools.cache
def byte_level(pattern: str = "smollm") -> ByteLevelTokenizer:
    """A vocabulary like SmolLM's, with a few merges."""
    merges = [("t", "h"), ("th", "e"), ("Ġ", "the"), ("a", "n"), ("an", "d"), ("Ġ", "and")]
    marks = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
    pieces = [*marks, *ALPHABET, *map("".join, merges)]
    sorts = [Sort.CONTROL] * 3 + [Sort.NORMAL] * (len(pieces) - 3)
    controls = controls_of(pieces, sorts, "plain", begin=0, end=0, unknown=0)
    vocabulary = Vocabulary(tuple(pieces), tuple(sorts), controls, "plain")
    return ByteLevelTokenizer(vocabulary, merges, pattern=pattern)


def model(tokenizer: FileTokenizer, **config: object) -> LanguageModel:
    """A model with random weights, large enough that it prefers some tokens to others."""
    made = LanguageModel.create("llama", CONFIG | config, tokenizer, seed=3)
    chance = np.random.default_rng(4)
    tensors = made.engine.tensors(optimizer=False)
    for name, tensor in tensors.items():
        size = 0.3 if tensor.ndim == 1 else 2 / np.sqrt(tensor.shape[1])
        noise = chance.normal(scale=size, size=tensor.shape).astype(np.float32)
        tensors[name] = tensor + noise
    engine = type(made.engine).from_tensors(made.engine.config, tensors)
    return LanguageModel(engine, tokenizer)


def gguf_bytes(file: ModelFile, kind: str = "f32") -> bytes:
    """The file as GGUF."""
    stream = io.BytesIO()
    write_gguf(file, stream, kind=kind, name="test")
    return stream.getvalue()


def llama2c_bytes(file: ModelFile, version: int = 0) -> bytes:
    """The file as llama2.c has it."""
    stream = io.BytesIO()
    write_llama2c(file, stream, version=version)
    return stream.getvalue()


def from_gguf(content: bytes) -> ModelFile:
    """The model in these bytes."""
    return read_gguf_from(Reader(io.BytesIO(content), "it"))


def from_llama2c(content: bytes, words: bytes) -> ModelFile:
    """The model in these bytes, with a tokenizer."""
    return read_llama2c_from(Reader(io.BytesIO(content), "it"), Reader(io.BytesIO(words), "words"))


def words_of(file: ModelFile) -> bytes:
    """Its `tokenizer.bin`."""
    return write_tokenizer_bin(file.tokenizer)


def put(path: Path, content: bytes) -> Path:
    """A file with this content."""
    path.write_bytes(content)
    return path


def file_of(tokenizer: FileTokenizer, **config: object) -> ModelFile:
    """A model as files have it."""
    return model_file(model(tokenizer, **config))
