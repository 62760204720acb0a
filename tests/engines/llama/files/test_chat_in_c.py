"""The C side opens what Python writes: the same ids, the same text, and no way to be misled."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from l2c.engines.engine import Sampler
from l2c.engines.llama.files.model_file import ModelFile, language_model
from l2c.kernels import binding
from l2c.text.sentencepiece import SentencePieceTokenizer
from l2c.text.sentencepiece_training import train_sentencepiece
from l2c.text.tokenizer import Control
from tests.engines.llama.files.made import (
    file_of,
    from_llama2c,
    llama2c_bytes,
    put,
    sentencepiece,
    words_of,
)
from tests.text.nasty import CORPUS, strings

pytestmark = pytest.mark.skipif(not binding.available(), reason="the kernels are not compiled")


@contextmanager
def opened(folder: Path, model: bytes, words: bytes) -> Iterator[Any]:
    """The chat that C opens from these files."""
    lib, chat = binding.library(), binding.new("l2c_chat **")
    paths = put(folder / "m.bin", model), put(folder / "tokenizer.bin", words)
    status = lib.l2c_chat_open(chat, *(str(path).encode() for path in paths))
    assert status == lib.L2C_OK, status
    yield chat[0]
    lib.l2c_chat_close(chat[0])


def encode(chat: Any, text: bytes) -> list[int]:
    tokens, count = np.zeros(max(1, len(text)), np.int32), binding.new("size_t *")
    where = binding.pointer(tokens, tokens.shape, np.int32)
    binding.check(binding.library().l2c_chat_encode(where, count, chat, text, len(text)))
    ids: list[int] = tokens[: count[0]].tolist()
    return ids


def write(chat: Any, prompt: list[int], n: int) -> list[int]:
    """What C writes greedily after a prompt."""
    lib, read = binding.library(), np.array(prompt, np.int32)
    sampler = binding.new("l2c_sampler *", {"top_p": 1, "repetition_penalty": 1})
    token, stopped = binding.new("int32_t *"), binding.new("int *")
    binding.check(lib.l2c_chat_read(chat, binding.pointer(read, read.shape, np.int32), len(read)))
    written = []
    for _ in range(n):
        binding.check(lib.l2c_chat_write(token, stopped, chat, sampler, 1))
        written.append(token[0])
    return written


def test_ten_thousand_nasty_strings_get_the_ids_of_python(tmp_path: Path) -> None:
    pytest.importorskip("sentencepiece", reason="needs the SentencePiece library")
    file = file_of(train_sentencepiece([CORPUS], 420))
    with opened(tmp_path, llama2c_bytes(file), words_of(file)) as chat:
        for text in strings(10_000):
            assert encode(chat, text.encode()) == file.tokenizer.encode_for_file(text), repr(text)
        text = "the" * 50_000
        assert encode(chat, text.encode()) == file.tokenizer.encode_for_file(text)


def test_bytes_that_are_no_text_are_written_as_they_are(tmp_path: Path) -> None:
    file = file_of(sentencepiece())
    chance = random.Random(1)
    with opened(tmp_path, llama2c_bytes(file), words_of(file)) as chat:
        for length in range(200):
            text = chance.randbytes(length)
            tokens = encode(chat, text)
            spoken = b"".join(piece(chat, token) for token in tokens)
            assert spoken == text.replace("\u2581".encode(), b" ")


def piece(chat: Any, token: int) -> bytes:
    size = binding.new("size_t *")
    found = binding.library().l2c_chat_piece(size, chat, token)
    return b"".join(found[i] for i in range(size[0]))


@pytest.mark.parametrize("tied", [True, False], ids=["tied", "untied"])
@pytest.mark.parametrize("version", [0, 1, 2])
def test_c_writes_what_python_writes(version: int, tied: bool, tmp_path: Path) -> None:
    file = file_of(sentencepiece(), tied=tied, context=200)
    content, words = llama2c_bytes(file, version), words_of(file)
    with opened(tmp_path, content, words) as chat:
        written = write(chat, [1, 300 % 272, 264, 265], 150)
    assert written == by_python(from_llama2c(content, words), [1, 300 % 272, 264, 265], 150)
    assert len(set(written)) > 5


def by_python(file: ModelFile, prompt: list[int], n: int) -> list[int]:
    own = language_model(file)
    assert isinstance(own.tokenizer, SentencePieceTokenizer)
    read = np.array(own.tokenizer.from_file(prompt), np.int32)
    _, state = own.engine.advance(read)
    tokens = own.engine.generate(state, n, Sampler(temperature=0), seed=1).tokens.tolist()
    return own.tokenizer.to_file(tokens)


def test_control_tokens_are_found_by_name_and_by_no_text(tmp_path: Path) -> None:
    lib, file = binding.library(), file_of(sentencepiece())
    with opened(tmp_path, llama2c_bytes(file), words_of(file)) as chat:
        user = lib.l2c_chat_control(chat, b"<|user|>")
        assert file.tokenizer.from_file([user]) == [Control.USER]
        assert user not in encode(chat, b"<|user|>")
        assert lib.l2c_chat_control(chat, b"the") == -1


def test_a_stream_that_is_full_says_so(tmp_path: Path) -> None:
    lib, file = binding.library(), file_of(sentencepiece(), context=70)
    tokens = np.ones(71, np.int32)
    with opened(tmp_path, llama2c_bytes(file), words_of(file)) as chat:
        assert lib.l2c_chat_context(chat) == 70
        where = binding.pointer(tokens, (71,), np.int32)
        assert lib.l2c_chat_read(chat, where, 71) == lib.L2C_FULL
        assert lib.l2c_chat_read(chat, where, 70) == lib.L2C_OK
        assert lib.l2c_chat_read(chat, where, 1) == lib.L2C_FULL


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    lib, chat = binding.library(), binding.new("l2c_chat **")
    status = lib.l2c_chat_open(chat, str(tmp_path / "no.bin").encode(), b"/nowhere")
    assert status == lib.L2C_NO_FILE
    assert chat[0] == binding.nothing()
