"""What goes out to a file of another program comes back as it was."""

from pathlib import Path

import numpy as np
import pytest

from l2c.engines.llama.files.huggingface import read_huggingface, write_huggingface
from l2c.engines.llama.files.llama2c import group_size
from l2c.engines.llama.files.model_file import ModelFile, language_model, model_file
from l2c.engines.llama.files.tokenizer_bin import read_tokenizer_bin
from l2c.engines.llama.rounding import stored
from l2c.engines.model import LanguageModel
from l2c.errors import CheckpointError, InvalidInput
from l2c.text.byte_level import ByteLevelTokenizer
from l2c.text.characters import CharacterTokenizer
from l2c.text.sentencepiece import SentencePieceTokenizer
from l2c.text.tokenizer import Control
from tests.engines.llama.files.made import (
    CONFIG,
    byte_level,
    file_of,
    from_gguf,
    from_llama2c,
    gguf_bytes,
    llama2c_bytes,
    model,
    put,
    sentencepiece,
    words_of,
)

TOKENIZERS = [sentencepiece(), sentencepiece(ours=False), byte_level(), byte_level("llama-bpe")]
NAMES = ["ours", "sentencepiece", "smollm", "llama-bpe"]
TIED = pytest.mark.parametrize("tied", [True, False], ids=["tied", "untied"])
KINDS = pytest.mark.parametrize("tokenizer", TOKENIZERS, ids=NAMES)

Tokenizer = SentencePieceTokenizer | ByteLevelTokenizer


def assert_same(found: ModelFile, file: ModelFile, *, tolerance: float = 0.0) -> None:
    """The same model, vocabulary and tensors, those to a share of the largest number."""
    beside = {"norm_epsilon": 0, "reading": ""}
    assert found.config.to_dict() | beside == file.config.to_dict() | beside
    assert np.isclose(found.config.norm_epsilon, file.config.norm_epsilon)
    assert found.tokenizer.describe() == file.tokenizer.describe()
    assert found.tensors.keys() == file.tensors.keys()
    for name, tensor in file.tensors.items():
        assert np.abs(found.tensors[name] - tensor).max() <= tolerance * np.abs(tensor).max(), name


@KINDS
@TIED
def test_gguf_comes_back_to_the_bit(tokenizer: Tokenizer, tied: bool) -> None:
    file = file_of(tokenizer, tied=tied)
    assert_same(from_gguf(gguf_bytes(file)), file)


@pytest.mark.parametrize(("kind", "tolerance"), [("f16", 5e-4), ("q8_0", 5e-3), ("q4_0", 0.13)])
def test_gguf_comes_back_as_near_as_its_type_allows(kind: str, tolerance: float) -> None:
    file = file_of(sentencepiece())
    found = from_gguf(gguf_bytes(file, kind))
    assert_same(found, file, tolerance=tolerance)
    assert found.config.reading == ("f32" if kind == "f16" else kind)


@pytest.mark.parametrize("kind", ["q8_0", "q4_0"])
def test_a_file_of_whole_numbers_is_read_as_it_is(kind: str) -> None:
    """What is read are the file's own blocks: packing them again changes no number."""
    found = from_gguf(gguf_bytes(file_of(sentencepiece()), kind))
    for name, tensor in stored(found.tensors, found.config.reading).items():
        np.testing.assert_array_equal(tensor, found.tensors[name], err_msg=name)


def test_rows_that_are_no_whole_blocks_stay_float32() -> None:
    file = file_of(sentencepiece(), dim=24, hidden=40)
    assert_same(from_gguf(gguf_bytes(file, "q4_0")), file)


@TIED
@pytest.mark.parametrize(("version", "tolerance"), [(0, 0.0), (1, 0.0), (2, 5e-3)])
@pytest.mark.parametrize("ours", [True, False], ids=["ours", "theirs"])
def test_llama2c_comes_back(ours: bool, version: int, tolerance: float, tied: bool) -> None:
    file = file_of(sentencepiece(ours=ours), tied=tied)
    content = llama2c_bytes(file, version)
    assert_same(from_llama2c(content, words_of(file)), file, tolerance=tolerance)


def test_the_tokenizer_bin_comes_back(tmp_path: Path) -> None:
    file = file_of(sentencepiece())
    again = read_tokenizer_bin(put(tmp_path / "tokenizer.bin", words_of(file)))
    assert again.describe() == file.tokenizer.describe()


def test_groups_are_as_large_as_the_rows_allow() -> None:
    assert group_size(file_of(sentencepiece(), dim=128, hidden=192).config) == 64
    assert group_size(file_of(sentencepiece(), dim=24, hidden=40).config) == 8


@KINDS
@TIED
def test_a_folder_of_hugging_face_comes_back_to_the_bit(
    tokenizer: Tokenizer, tied: bool, tmp_path: Path
) -> None:
    file = file_of(tokenizer, tied=tied)
    for name, content in write_huggingface(file, kind="f32").items():
        put(tmp_path / name, content)
    found = read_huggingface(tmp_path)
    if isinstance(file.tokenizer, SentencePieceTokenizer):
        assert_same(found, file)
    else:
        assert found.tokenizer.encode("The cat and the dog") == file.tokenizer.encode(
            "The cat and the dog"
        )
        assert_same(ModelFile(found.config, found.tensors, file.tokenizer), file)


@KINDS
def test_a_model_says_the_same_after_the_way_out_and_in(tokenizer: Tokenizer) -> None:
    before = model(tokenizer)
    after = language_model(from_gguf(gguf_bytes(model_file(before))))
    text = "and the cat, and then some"
    assert after.tokenizer.encode(text) == before.tokenizer.encode(text)
    tokens = np.array(before.tokenizer.encode(text), np.int32)
    known = [t for t, row in enumerate(tokenizer.rows()) if row >= 0]
    mine, again = before.engine.logits(tokens), after.engine.logits(tokens)
    assert np.array_equal(mine[:, known[8:]], again[:, known[8:]])


def test_a_control_token_the_file_lacks_is_no_more_probable_than_the_mean() -> None:
    imported = language_model(file_of(byte_level()))
    tokens = np.array(imported.tokenizer.encode("and the"), np.int32)
    logits = imported.engine.logits(tokens)
    theirs = [t for t, row in enumerate(byte_level().rows()) if row >= 0]
    mean_chance = np.exp(logits[:, theirs]).mean(axis=1)
    assert (np.exp(logits[:, Control.USER]) <= mean_chance * 1.01).all()


def test_a_model_of_another_family_is_refused() -> None:
    lstm = LanguageModel.create("lstm", {"hidden_size": 4}, CharacterTokenizer("ab"), seed=0)
    with pytest.raises(InvalidInput, match="lstm"):
        model_file(lstm)


def test_a_vocabulary_no_other_program_has_is_refused() -> None:
    llama = LanguageModel.create("llama", CONFIG, CharacterTokenizer("ab"), seed=0)
    with pytest.raises(InvalidInput, match="characters"):
        model_file(llama)


@pytest.mark.parametrize(
    ("option", "value"), [("qk_norm", True), ("softcap", 30.0), ("ngram_rows", 16)]
)
def test_an_option_no_other_program_knows_is_refused_by_name(option: str, value: object) -> None:
    with pytest.raises(InvalidInput, match=option):
        file_of(sentencepiece(), **{option: value})


def test_llama2c_refuses_what_it_could_not_run() -> None:
    with pytest.raises(InvalidInput, match="rope_theta"):
        llama2c_bytes(file_of(sentencepiece(), rope_theta=500_000.0))
    with pytest.raises(InvalidInput, match="SentencePiece"):
        llama2c_bytes(file_of(byte_level()))


def test_a_tensor_with_a_number_that_is_none_is_refused() -> None:
    file = file_of(sentencepiece())
    file.tensors["norm"] = np.full_like(file.tensors["norm"], np.nan)
    with pytest.raises(CheckpointError, match="finite"):
        from_gguf(gguf_bytes(file))
