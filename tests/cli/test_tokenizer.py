"""`l2c tokenizer` and models that come in and go out: files for other programs, and theirs here."""

import json
from pathlib import Path

import pytest

from l2c.engines.llama.files.formats import Form, Stored
from tests.cli.conftest import Run
from tests.engines.llama.files.made import byte_level, file_of, gguf_bytes, put
from tests.text.nasty import CORPUS


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    (tmp_path / "notes.txt").write_text(CORPUS, encoding="utf-8")
    return tmp_path / "notes.txt"


@pytest.fixture
def vocabulary(run: Run, notes: Path, tmp_path: Path) -> Path:
    pytest.importorskip("sentencepiece", reason="needs the SentencePiece library")
    out = tmp_path / "tokenizer.model"
    assert run("tokenizer", "train", notes, "--out", out, "--size", 400).code == 0
    return out


def test_a_text_becomes_ids_and_comes_back(run: Run, vocabulary: Path) -> None:
    ids = run("tokenizer", "encode", "the  weather", "--tokenizer", vocabulary).out.split()
    assert run("tokenizer", "decode", *ids, "--tokenizer", vocabulary).out == "the  weather\n"
    listed = run("tokenizer", "encode", "the  weather", "--tokenizer", vocabulary, "--json")
    assert json.loads(listed.out) == [int(i) for i in ids]


def test_the_tokenizer_of_a_model_is_tried_by_its_name(run: Run) -> None:
    ids = run("tokenizer", "encode", "hello", "--model", "le").out.split()
    assert run("tokenizer", "decode", *ids, "--model", "le").out == "hello\n"


def test_an_exported_vocabulary_says_the_same(run: Run, vocabulary: Path, tmp_path: Path) -> None:
    out = tmp_path / "tokenizer.bin"
    assert run("tokenizer", "export", out, "--tokenizer", vocabulary).code == 0
    asked = "tokenizer", "encode", "Where is the weather? 你", "--tokenizer"
    assert run(*asked, out).out == run(*asked, vocabulary).out


def test_a_vocabulary_is_not_written_over(run: Run, vocabulary: Path, notes: Path) -> None:
    again = run("tokenizer", "train", notes, "--out", vocabulary)
    assert again.code == 1
    assert "exists already" in again.err


@pytest.mark.parametrize("ids", [["-1"], ["400"], ["99999999999"]])
def test_an_id_that_is_none_is_refused(run: Run, vocabulary: Path, ids: list[str]) -> None:
    ran = run("tokenizer", "decode", "--tokenizer", vocabulary, "--", *ids)
    assert ran.code == 1
    assert "tokens" in ran.err


def test_a_model_of_one_s_own_notes_goes_to_every_format_and_comes_back(
    run: Run, notes: Path, vocabulary: Path, tmp_path: Path
) -> None:
    options = "--engine", "llama", "--new", "notes", "--tokenizer", vocabulary
    assert run("train", notes, *options, "--minutes", "0.01").code == 0
    before = run("generate", "the ", "--model", "notes", "--length", 20, "--temperature", 0).out
    for form, stored in ((Form.GGUF, Stored.F32), (Form.LLAMA2C, Stored.F32),
                         (Form.SAFETENSORS, Stored.F32)):  # fmt: skip
        file = tmp_path / f"out.{form.value}"
        out = run("models", "export", "notes", file, "--format", form, "--type", stored)
        assert out.code == 0, out.err
        back = f"back-{form.value}"
        taken = run("models", "import", file, "--name", back, "--json")
        assert taken.code == 0, taken.err
        assert json.loads(taken.out)["engine"] == "llama"
        again = run("generate", "the ", "--model", back, "--length", 20, "--temperature", 0).out
        assert again == before
    listed = json.loads(run("models", "list", "--json").out)
    assert {"notes", "back-gguf", "back-llama2c"} <= {model["name"] for model in listed}


def test_a_model_of_another_program_answers_in_chat(run: Run, tmp_path: Path) -> None:
    file = put(tmp_path / "smol.gguf", gguf_bytes(file_of(byte_level(), context=512)))
    assert run("models", "import", file, "--name", "smol").code == 0
    answered = run(
        "chat", "--prompt", "Tell me of the cat and the dog.", "--model", "smol", "--anyway"
    )
    assert answered.code == 0
    assert answered.out.strip()


def test_a_checkpoint_of_l2c_comes_in_too(run: Run, starter: Path) -> None:
    assert run("models", "import", starter, "--name", "again").code == 0
    assert "again" in run("models", "list").out


@pytest.mark.parametrize("content", [b"", b"GGUF", b"GGUF\x03\0\0\0" + b"\xff" * 16, b"\0" * 64])
def test_a_broken_file_is_one_clear_error(run: Run, tmp_path: Path, content: bytes) -> None:
    file = put(tmp_path / "broken.gguf", content)
    ran = run("models", "import", file, "--name", "broken")
    assert ran.code == 1
    assert ran.err.startswith("l2c: broken.gguf")
    assert ran.err.count("\n") == 1


@pytest.mark.parametrize("name", ["le", "a/b", ""])
def test_a_name_that_is_taken_or_none_is_refused(run: Run, tmp_path: Path, name: str) -> None:
    file = put(tmp_path / "m.gguf", gguf_bytes(file_of(byte_level())))
    assert run("models", "import", file, "--name", name).code == 1


def test_what_cannot_be_exported_says_why_and_leaves_nothing(run: Run, tmp_path: Path) -> None:
    ran = run("models", "export", "le", tmp_path / "le.gguf")
    assert ran.code == 1
    assert "llama" in ran.err
    assert not (tmp_path / "le.gguf").exists()
