"""Files that lie: every one is refused in one sentence, before anything it claims is believed."""

import json
import os
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from l2c.engines.llama.files import formats
from l2c.engines.llama.files.gguf_header import GgufHeader
from l2c.engines.llama.files.huggingface import WEIGHTS, read_huggingface, write_huggingface
from l2c.engines.llama.files.reading import one_error
from l2c.errors import CheckpointError
from tests.engines.llama.files.made import (
    byte_level,
    file_of,
    from_gguf,
    from_llama2c,
    gguf_bytes,
    llama2c_bytes,
    put,
    sentencepiece,
    words_of,
)
from tests.proofs.fuzz_files import FORMS, fuzz

FUZZ_SECONDS = float(os.environ.get("FUZZ_SECONDS", "20"))
"""Processor time spent on each format (2 in `make test`). `make fuzz` feeds a million."""


@pytest.mark.parametrize("form", FORMS)
def test_whatever_a_file_says_the_answer_is_a_model_or_one_error(form: str, tmp_path: Path) -> None:
    counts = fuzz(form, tmp_path, seconds=FUZZ_SECONDS, files=1_000_000, seed=1)
    assert counts["files"] > 0
    assert counts["refused"] > counts["files"] // 2


def gguf_of(change: Callable[[GgufHeader], None]) -> bytes:
    """A GGUF file of values alone."""
    header = GgufHeader()
    header.text("general.architecture", "llama")
    change(header)
    return header.written(32)


def refused(content: bytes) -> str:
    """What is said of a GGUF file that is refused."""
    with pytest.raises(CheckpointError) as found, one_error("it"):
        from_gguf(content)
    return str(found.value)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "cut short"),
        (b"GGML" + bytes(40), "no GGUF"),
        (b"GGUF" + struct.pack("<IQQ", 9, 0, 0), "version 9"),
        (b"GGUF" + struct.pack("<IQQ", 3, 2**63, 0), "tensors"),
        (b"GGUF" + struct.pack("<IQQ", 3, 0, 2**64 - 1), "values"),
        (b"GGUF" + struct.pack("<IQQQ", 3, 0, 1, 2**63), "text of"),
        (b"GGUF" + struct.pack("<IQQQ", 3, 0, 1, 1) + b"k" + struct.pack("<I", 77), "kind 77"),
        (
            b"GGUF" + struct.pack("<IQQQ", 3, 0, 1, 1) + b"k" + struct.pack("<IIQ", 9, 6, 2**61),
            "list of",
        ),
        (
            b"GGUF" + struct.pack("<IQQQ", 3, 0, 1, 1) + b"k" + struct.pack("<IIQ", 9, 9, 1),
            "kind 9",
        ),
        (b"GGUF" + struct.pack("<IQQQ", 3, 0, 1, 2) + b"\xff\xfe", "no UTF-8"),
    ],
)
def test_a_header_that_lies_is_refused(content: bytes, said: str) -> None:
    assert said in refused(content)


def test_a_value_said_twice_is_refused() -> None:
    assert "twice" in refused(gguf_of(lambda header: header.text("general.architecture", "x")))


def test_a_vocabulary_of_another_kind_is_refused_by_name() -> None:
    said = refused(gguf_of(lambda header: header.text("tokenizer.ggml.model", "t5")))
    assert "'t5'" in said


def with_value(key: str, written: Callable[[GgufHeader, str], None]) -> bytes:
    """A sound file's values with one of them said in another way."""
    sound = gguf_bytes(file_of(byte_level()))
    header = GgufHeader()
    written(header, key)
    value = header.written(1)[24:]
    at = sound.index(key.encode()) - 8
    size = len(value)
    return sound[:at] + value + sound[at + size :]


@pytest.mark.parametrize(
    ("key", "number", "said"),
    [
        ("llama.block_count", 1, "unknown tensor"),
        ("llama.block_count", 100, "no tensor"),
        ("llama.block_count", 2**32 - 1, "layers"),
        ("llama.feed_forward_length", 65, "shape"),
        ("llama.attention.head_count", 0, "heads"),
        ("llama.attention.head_count_kv", 3, "kv_heads"),
        ("llama.rope.dimension_count", 4, "width of a head"),
        ("general.alignment", 3, "alignment"),
        ("general.alignment", 2**31, "alignment"),
        ("tokenizer.ggml.bos_token_id", 100_000, "bos_token_id"),
    ],
)
def test_a_configuration_that_does_not_fit_is_refused(key: str, number: int, said: str) -> None:
    assert said in refused(with_value(key, lambda header, key: header.whole(key, number)))


def tensor_entry(content: bytes, name: bytes) -> int:
    """Where the dimensions of a tensor are written."""
    at = content.rindex(struct.pack("<Q", len(name)) + name)
    return at + 8 + len(name)


@pytest.mark.parametrize(
    ("behind", "layout", "number", "said"),
    [
        (0, "<I", 0, "0 dimensions"),
        (0, "<I", 9, "9 dimensions"),
        (4, "<Q", 0, "cannot be"),
        (4, "<Q", 2**63, "does not lie"),
        (12, "<I", 12, "type 12"),
        (16, "<Q", 8, "does not lie"),
        (16, "<Q", 2**63, "does not lie"),
        (16, "<Q", 0, "does not lie"),
    ],
)
def test_a_tensor_that_lies_is_refused(behind: int, layout: str, number: int, said: str) -> None:
    sound = gguf_bytes(file_of(byte_level()))
    at = tensor_entry(sound, b"output_norm.weight") + behind
    changed = struct.pack(layout, number)
    assert said in refused(sound[:at] + changed + sound[at + len(changed) :])


def test_a_tensor_under_two_names_is_refused() -> None:
    sound = gguf_bytes(file_of(byte_level()))
    assert "one name" in refused(sound.replace(b"blk.0.attn_q.w", b"blk.1.attn_q.w"))


@pytest.mark.parametrize("size", [0, 1, 24, 100, 5_000])
def test_a_gguf_file_cut_short_is_refused(size: int) -> None:
    assert refused(gguf_bytes(file_of(byte_level()))[:size])


def test_a_byte_too_many_at_the_end_of_llama2c_is_refused() -> None:
    file = file_of(sentencepiece())
    with pytest.raises(CheckpointError, match="bytes of weights"):
        from_llama2c(llama2c_bytes(file) + b"\0", words_of(file))


@pytest.mark.parametrize("version", [0, 1, 2])
@pytest.mark.parametrize("place", range(7))
@pytest.mark.parametrize("number", [0, -1, 2**31 - 1, -(2**31)])
def test_a_number_of_llama2c_that_lies_is_refused(version: int, place: int, number: int) -> None:
    file = file_of(sentencepiece())
    content = llama2c_bytes(file, version)
    at = 4 * place + (8 if version else 0)
    changed = content[:at] + struct.pack("<i", number) + content[at + 4 :]
    with pytest.raises(CheckpointError), one_error("it"):
        from_llama2c(changed, words_of(file))


@pytest.mark.parametrize("group", [0, -1, 3, 2**31 - 1])
def test_a_group_that_does_not_divide_is_refused(group: int) -> None:
    file = file_of(sentencepiece())
    content = llama2c_bytes(file, 2)
    changed = content[:37] + struct.pack("<i", group) + content[41:]
    with pytest.raises(CheckpointError, match="groups"):
        from_llama2c(changed, words_of(file))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, content in write_huggingface(file_of(byte_level()), kind="f32").items():
        put(tmp_path / name, content)
    return tmp_path


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("model_type", "mistral", "model_type"),
        ("rope_scaling", {"type": "linear", "factor": 2}, "rope_scaling"),
        ("rope_parameters", {"rope_type": "yarn"}, "stretched"),
        ("attention_bias", True, "attention_bias"),
        ("hidden_act", "gelu", "hidden_act"),
        ("head_dim", 64, "head_dim"),
        ("vocab_size", 7, "7 tokens"),
        ("hidden_size", "large", "dim"),
        ("num_hidden_layers", 10**30, "layers"),
        ("tie_word_embeddings", False, "output"),
        ("rms_norm_eps", float("inf"), "norm_epsilon"),
    ],
)
def test_a_config_json_of_no_plain_llama_is_refused(
    folder: Path, key: str, value: Any, said: str
) -> None:
    values = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(values | {key: value}))
    with pytest.raises(CheckpointError, match=said):
        read_huggingface(folder)


@pytest.mark.parametrize("name", ["../away.safetensors", "/etc/passwd", "", "a\0b", 7, None])
def test_an_index_cannot_name_files_elsewhere(folder: Path, name: object) -> None:
    (folder / WEIGHTS).unlink()
    listed = {"weight_map": {"model.norm.weight": name}}
    (folder / f"{WEIGHTS}.index.json").write_text(json.dumps(listed))
    with pytest.raises(CheckpointError, match="same folder"):
        read_huggingface(folder)


def test_a_model_in_several_files_comes_in_whole(folder: Path) -> None:
    whole = read_huggingface(folder)
    (folder / WEIGHTS).rename(folder / "model-1.safetensors")
    listed = {"weight_map": {"model.norm.weight": "model-1.safetensors"}}
    (folder / f"{WEIGHTS}.index.json").write_text(json.dumps(listed))
    again = read_huggingface(folder)
    for name, tensor in whole.tensors.items():
        assert np.array_equal(again.tensors[name], tensor)


@pytest.mark.parametrize("content", ["[" * 100_000, "{", "[]", "null", '"x"'])
def test_a_config_json_that_is_none_is_refused(folder: Path, content: str) -> None:
    (folder / "config.json").write_text(content)
    with pytest.raises(CheckpointError, match=r"config\.json"):
        read_huggingface(folder)


def test_a_tokenizer_json_with_other_rules_is_refused(folder: Path) -> None:
    values = json.loads((folder / "tokenizer.json").read_text())
    for changed in ({"normalizer": {"type": "NFKC"}}, {"pre_tokenizer": {"type": "Whitespace"}}):
        (folder / "tokenizer.json").write_text(json.dumps(values | changed))
        with pytest.raises(CheckpointError, match="cuts texts"):
            read_huggingface(folder)


def test_a_pickle_is_no_model(tmp_path: Path) -> None:
    file = put(tmp_path / "pytorch_model.bin", b"\x80\x04\x95\x1f\x00\x00\x00\x00\x00\x00\x00" * 9)
    put(tmp_path / "tokenizer.bin", words_of(file_of(sentencepiece())))
    with pytest.raises(CheckpointError, match=r"pytorch_model\.bin"):
        formats.read_model(file)
