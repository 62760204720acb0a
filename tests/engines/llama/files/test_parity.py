"""Files written here run in llama.cpp as they run here; files of the `gguf` package load here."""

import gc
import json
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from l2c.conversation import Message, Role
from l2c.engines.engine import Sampler
from l2c.engines.llama.files.gguf import read_gguf
from l2c.engines.llama.files.model_file import language_model, model_file
from l2c.engines.model import LanguageModel
from l2c.engines.sampling import log_softmax
from l2c.text.byte_level import ALPHABET
from l2c.text.filed import FileTokenizer
from l2c.text.sentencepiece_training import train_sentencepiece
from l2c.text.tokenizer import Control
from tests.engines.llama.files.made import byte_level, gguf_bytes, model, put, sentencepiece
from tests.text.nasty import CORPUS, strings

TOLERANCE = 1e-3
"""Nats: f32 on both sides, sums in another order."""

WRITTEN = 200


class LlamaCpp:
    """A GGUF file in llama.cpp: one thread, all caches f32."""

    def __init__(self, path: Path) -> None:
        xllamacpp = pytest.importorskip("xllamacpp", reason="needs llama.cpp, `xllamacpp`")
        parameters = xllamacpp.CommonParams()
        parameters.model.path = str(path)
        parameters.n_ctx = 256
        parameters.cpuparams.n_threads = 1
        parameters.n_gpu_layers = 0
        parameters.cache_type_k = parameters.cache_type_v = xllamacpp.ggml_type.GGML_TYPE_F32
        # Its other attention computes in halves.
        attention = xllamacpp.llama_flash_attn_type.LLAMA_FLASH_ATTN_TYPE_DISABLED
        parameters.flash_attn_type = attention
        parameters.warmup = False
        parameters.verbosity = 0
        self.server = xllamacpp.Server(parameters)

    def go_on(
        self, prompt: list[int], length: int, places: int, banned: Sequence[int] = ()
    ) -> list[dict[str, Any]]:
        """What it writes greedily: for every token its id and the log probabilities of the best."""
        asked: dict[str, Any] = {"prompt": prompt, "n_predict": length, "n_probs": places}
        asked |= {"temperature": 0.0, "logit_bias": [[i, False] for i in banned]}
        logprobs = self.server.handle_completions(asked)["choices"][0]["logprobs"]
        return list(logprobs["content"])

    def tokens(self, text: str) -> list[int]:
        """How it cuts a text."""
        asked = {"content": text, "add_special": False, "parse_special": False}
        request = urllib.request.Request(
            f"{self.server.listening_address}/tokenize",
            json.dumps(asked).encode(),
            {"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request) as response:
            return list(json.load(response)["tokens"])


@pytest.fixture
def llama_cpp() -> Iterator[Callable[[Path], LlamaCpp]]:
    opened: list[LlamaCpp] = []

    def opens(path: Path) -> LlamaCpp:
        opened.append(LlamaCpp(path))
        return opened[-1]

    yield opens
    opened.clear()
    gc.collect()


VOCABULARIES: dict[str, Callable[[], FileTokenizer]] = {
    "trained": lambda: train_sentencepiece([CORPUS], 400),
    "sentencepiece": lambda: sentencepiece(ours=False),
    "smollm": byte_level,
}


@pytest.mark.parametrize("vocabulary", VOCABULARIES)
@pytest.mark.parametrize("tied", [True, False], ids=["tied", "untied"])
def test_a_gguf_file_writes_the_same_in_llama_cpp(
    vocabulary: str, tied: bool, llama_cpp: Callable[[Path], LlamaCpp], tmp_path: Path
) -> None:
    if vocabulary == "trained":
        pytest.importorskip("sentencepiece", reason="needs the SentencePiece library")
    tokenizer = VOCABULARIES[vocabulary]()
    own = language_model(model_file(model(tokenizer, tied=tied, context=256)))
    other = llama_cpp(put(tmp_path / "m.gguf", gguf_bytes(model_file(own))))
    prompt = [Control.START, *tokenizer.encode("The cat and the dog")]
    # llama.cpp says nothing of the parts of a character, so both write ASCII only.
    banned = [t for t in range(tokenizer.vocab_size) if not _is_ascii(tokenizer.token_bytes(t))]
    rows = tokenizer.rows()
    state = own.engine.advance(np.array(prompt, np.int32))[1]
    greedy = Sampler(temperature=0, banned=tuple(banned))
    mine = own.engine.generate(state, WRITTEN, greedy, seed=0).tokens.tolist()
    banned_there = {rows[token] for token in banned} - {-1}
    theirs = other.go_on(tokenizer.to_file(prompt), WRITTEN, len(rows), sorted(banned_there))
    assert tokenizer.to_file(mine) == [place["id"] for place in theirs]
    assert len(set(mine)) > 5
    logits = own.engine.logits(np.array([*prompt, *mine], np.int32))[len(prompt) - 1 : -1]
    chances = log_softmax(logits[:, _once(rows)].astype(np.float64))
    for place, row in zip(theirs, chances, strict=True):
        found = {one["id"]: one["logprob"] for one in place["top_logprobs"]}
        assert len(found) == row.size
        assert max(abs(found[i] - row[i]) for i in found) < TOLERANCE


@pytest.mark.parametrize("kind", ["f16", "q8_0", "q4_0"])
def test_smaller_types_run_in_llama_cpp_too(
    kind: str, llama_cpp: Callable[[Path], LlamaCpp], tmp_path: Path
) -> None:
    own = model(sentencepiece(), context=256)
    path = put(tmp_path / "m.gguf", gguf_bytes(model_file(own), kind))
    read = language_model(read_gguf(path))
    prompt = [Control.START, *read.tokenizer.encode("and the")]
    bytes_of_none = [i for i in range(272) if not 34 <= i < 128]
    (place,) = llama_cpp(path).go_on(sentencepiece().to_file(prompt), 1, 50, bytes_of_none)
    row = log_softmax(read.engine.advance(np.array(prompt, np.int32))[0].astype(np.float64))
    chances = {file_id: row[token] for token, file_id in enumerate(sentencepiece().rows())}
    # Both round what goes into a matrix of bytes to bytes, llama.cpp with a scale of 16 bits.
    slack = 0.01 if kind == "f16" else 0.2
    assert max(abs(one["logprob"] - chances[one["id"]]) for one in place["top_logprobs"]) < slack


@pytest.mark.parametrize("vocabulary", ["trained", "smollm", "gpt-2", "llama-bpe"])
def test_nasty_strings_are_cut_as_llama_cpp_cuts_them(
    vocabulary: str, llama_cpp: Callable[[Path], LlamaCpp], tmp_path: Path
) -> None:
    if vocabulary == "trained":
        pytest.importorskip("sentencepiece", reason="needs the SentencePiece library")
        tokenizer: FileTokenizer = train_sentencepiece([CORPUS], 400)
    else:
        tokenizer = byte_level(vocabulary)
    own = model(tokenizer)
    other = llama_cpp(put(tmp_path / "m.gguf", gguf_bytes(model_file(own))))
    for text in strings(300):
        assert tokenizer.encode_for_file(text) == other.tokens(text), repr(text)


def smollm(path: Path, *, template: str | None = None) -> LanguageModel:
    """A file of SmolLM's shape, written by the `gguf` package as its converter does it."""
    gguf = pytest.importorskip("gguf", reason="needs the `gguf` package")
    own = model(byte_level(), heads=3, kv_heads=1, dim=48, hidden=128, rope_theta=1e4)
    file = model_file(own)
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_name("SmolLM of no size")
    writer.add_vocab_size(len(file.tokenizer.vocabulary.pieces))
    writer.add_context_length(64)
    writer.add_embedding_length(48)
    writer.add_block_count(2)
    writer.add_feed_forward_length(128)
    writer.add_head_count(3)
    writer.add_head_count_kv(1)
    writer.add_rope_freq_base(1e4)
    writer.add_rope_dimension_count(16)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_file_type(0)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("smollm")
    pieces = file.tokenizer.vocabulary.pieces
    writer.add_token_list(pieces)
    writer.add_token_types([int(sort) for sort in file.tokenizer.vocabulary.sorts])
    writer.add_token_merges([" ".join(pair) for pair in byte_level().merges])
    for add in (writer.add_bos_token_id, writer.add_eos_token_id, writer.add_unk_token_id):
        add(0)
    writer.add_add_space_prefix(False)
    if template is not None:
        writer.add_chat_template(template)
    names = gguf.get_tensor_name_map(gguf.MODEL_ARCH.LLAMA, 2)
    foreign = {
        "embedding": "model.embed_tokens",
        "norm": "model.norm",
        "attention_norm": "input_layernorm",
        "wq": "self_attn.q_proj",
        "wk": "self_attn.k_proj",
        "wv": "self_attn.v_proj",
        "wo": "self_attn.o_proj",
        "ffn_norm": "post_attention_layernorm",
        "w1": "mlp.gate_proj",
        "w2": "mlp.down_proj",
        "w3": "mlp.up_proj",
    }
    for name, tensor in file.tensors.items():
        *layer, part = name.split(".")
        theirs = f"model.layers.{layer[1]}.{foreign[part]}" if layer else foreign[part]
        writer.add_tensor(names.get_name(f"{theirs}.weight", try_suffixes=(".weight",)), tensor)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return own


def test_a_file_like_smollm_s_becomes_a_chat_model(tmp_path: Path) -> None:
    template = "{{ raise_exception('a template is never run') }}"
    own = smollm(tmp_path / "smollm.gguf", template=template)
    read = language_model(read_gguf(tmp_path / "smollm.gguf"))
    assert read.tokenizer.describe() == byte_level().describe()
    text = np.array([Control.START, *read.tokenizer.encode("and the")], np.int32)
    known = _once(byte_level().rows())
    # The row of begin, end and unknown is one in the file: the first of them gives it.
    text[0] = Control.END
    assert np.array_equal(read.engine.logits(text)[:, known], own.engine.logits(text)[:, known])
    pieces = list(read.answer([Message(Role.USER, "and?")], Sampler(), length=12, seed=1))
    assert sum(piece.tokens for piece in pieces) > 0
    assert len(ALPHABET) == 256


def test_a_file_of_the_gguf_package_says_the_same_in_llama_cpp(
    llama_cpp: Callable[[Path], LlamaCpp], tmp_path: Path
) -> None:
    smollm(tmp_path / "smollm.gguf")
    read = language_model(read_gguf(tmp_path / "smollm.gguf"))
    prompt = read.tokenizer.encode("The cat and the dog and the")
    (place,) = llama_cpp(tmp_path / "smollm.gguf").go_on(byte_level().to_file(prompt), 1, 20)
    logits = read.engine.advance(np.array(prompt, np.int32))[0][_once(byte_level().rows())]
    row = log_softmax(logits.astype(np.float64))
    assert all(abs(one["logprob"] - row[one["id"]]) < TOLERANCE for one in place["top_logprobs"])


def _is_ascii(token: bytes) -> bool:
    return bool(token) and token.isascii() and b"\0" not in token


def _once(rows: list[int]) -> list[int]:
    """For every row of the file the first id here that has it."""
    return [rows.index(row) for row in range(max(rows) + 1)]
