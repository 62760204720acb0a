"""Hugging Face's layout of a Llama: a folder with `config.json`, safetensors and a tokenizer.

The tokenizer is `tokenizer.model` (SentencePiece) or `tokenizer.json` (byte-level). Tensors may lie
in several files that `model.safetensors.index.json` names. Queries and keys turn (i, i + head/2)
there and neighbouring pairs here, so their rows are put in order on the way in and out.
Layout: https://huggingface.co/docs/transformers/model_doc/llama
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import safetensors
import safetensors.numpy

from l2c.engines.engine import Tensors
from l2c.engines.llama.config import LlamaConfig
from l2c.engines.llama.files import tokenizer_json
from l2c.engines.llama.files.model_file import (
    ModelFile,
    expect_finite,
    expect_shapes,
    expected_shapes,
)
from l2c.engines.llama.files.reading import one_error
from l2c.engines.number_types import to_float32
from l2c.errors import CheckpointError, InvalidInput
from l2c.text.byte_level import ByteLevelTokenizer
from l2c.text.filed import FileTokenizer
from l2c.text.sentencepiece import SentencePieceTokenizer
from l2c.text.sentencepiece_file import read_sentencepiece, write_sentencepiece
from l2c.text.tokenizer import Control

MAX_JSON_BYTES = 64 << 20
MAX_FILE_BYTES = 8 << 30
WEIGHTS = "model.safetensors"
INDEX = "model.safetensors.index.json"

_TYPES = {"F32": "f32", "F16": "f16", "BF16": "bf16"}
_ANGLES = ".rotary_emb.inv_freq"
"""Older files hold the angles of positions, which are computed here."""

_GLOBAL = {"embedding": "model.embed_tokens", "norm": "model.norm", "output": "lm_head"}
_LAYER = {
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
_WHOLE = {
    "dim": "hidden_size",
    "layers": "num_hidden_layers",
    "heads": "num_attention_heads",
    "hidden": "intermediate_size",
    "context": "max_position_embeddings",
}
_PLAIN: dict[str, tuple[Any, ...]] = {
    "model_type": ("llama",),
    "hidden_act": ("silu", None),
    "attention_bias": (False, None),
    "mlp_bias": (False, None),
    "rope_scaling": (None,),
}
"""Values a plain Llama may have; anything else is refused by name."""


def read_huggingface(folder: Path) -> ModelFile:
    """The model in a folder. Raises `CheckpointError`, saying what is wrong with it."""
    with one_error(folder.name):
        values = json_object(folder / "config.json")
        config = _config(values)
        tokens = values.get("vocab_size")
        tokenizer = _tokenizer(folder, values)
        pieces = len(tokenizer.vocabulary.pieces)
        if tokens != pieces:
            raise CheckpointError(f"its model has {tokens!r:.20} tokens, its tokenizer {pieces}")
        expected = expected_shapes(config, pieces)
        tensors = _tensors(folder, {_foreign(name): name for name in expected})
        if config.tied:
            # Some files hold a copy of the embedding under the output's name.
            tensors.pop("lm_head.weight", None)
        expect_shapes({name: tensor.shape for name, tensor in tensors.items()}, expected)
        expect_finite(tensors)
        for name in tensors:
            if name.endswith((".wq", ".wk")):
                tensors[name] = in_pairs(tensors[name], config.head)
        return ModelFile(config, tensors, tokenizer)


def write_huggingface(file: ModelFile, *, kind: str) -> dict[str, bytes]:
    """The files of the folder by name, tensors as `kind`: f32 or f16."""
    if kind not in ("f32", "f16"):
        raise InvalidInput(f"safetensors are written as f32 or f16; found {kind!r}.")
    head, made = file.config.head, {}
    for name, tensor in file.tensors.items():
        own = in_halves(tensor, head) if name.endswith((".wq", ".wk")) else tensor
        made[_foreign(name)] = np.ascontiguousarray(own, np.float32 if kind == "f32" else "<f2")
    values = _values(file, "float32" if kind == "f32" else "float16")
    files = {
        WEIGHTS: safetensors.numpy.save(made, metadata={"format": "pt"}),
        "config.json": json.dumps(values, indent=2).encode(),
    }
    return files | _tokenizer_files(file.tokenizer)


def in_pairs(tensor: np.ndarray, head: int) -> np.ndarray:
    """Rows as L2C has them from rows as Hugging Face has them, (heads head, D)."""
    halves = tensor.reshape(-1, 2, head // 2, tensor.shape[1])
    return np.ascontiguousarray(halves.swapaxes(1, 2).reshape(tensor.shape))


def in_halves(tensor: np.ndarray, head: int) -> np.ndarray:
    """The way back from `in_pairs`."""
    pairs = tensor.reshape(-1, head // 2, 2, tensor.shape[1])
    return np.ascontiguousarray(pairs.swapaxes(1, 2).reshape(tensor.shape))


def json_object(path: Path) -> dict[str, Any]:
    """The JSON object in a file. Raises `CheckpointError`."""
    try:
        if path.stat().st_size > MAX_JSON_BYTES:
            raise CheckpointError(f"its {path.name} has more than {MAX_JSON_BYTES} bytes")
        found = json.loads(path.read_bytes())
    except OSError as error:
        raise CheckpointError(f"its {path.name} cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise CheckpointError(f"its {path.name} is no JSON") from error
    if not isinstance(found, dict):
        raise CheckpointError(f"its {path.name} must be a JSON object")
    return found


def _config(values: Mapping[str, Any]) -> LlamaConfig:
    for key, plain in _PLAIN.items():
        if values.get(key) not in plain:
            raise CheckpointError(f"its {key} is {values.get(key)!r:.60}, which is no plain Llama")
    whole = {name: values.get(key) for name, key in _WHOLE.items()}
    turning = values.get("rope_parameters") or {}
    if not isinstance(turning, dict) or turning.get("rope_type", "default") != "default":
        raise CheckpointError("it has stretched rotary positions, which are not read")
    theta = turning.get("rope_theta", values.get("rope_theta", 10_000.0))
    made: dict[str, Any] = whole | {
        "kv_heads": values.get("num_key_value_heads") or values.get("num_attention_heads"),
        "rope_theta": theta,
        "norm_epsilon": values.get("rms_norm_eps", 1e-6),
        "tied": values.get("tie_word_embeddings", False),
    }
    config = LlamaConfig.from_mapping(made)
    if (values.get("head_dim") or config.head) != config.head:
        raise CheckpointError(f"its head_dim must be {config.head}")
    return config


def _values(file: ModelFile, dtype: str) -> dict[str, Any]:
    """`config.json` of a model."""
    config, controls = file.config, file.tokenizer.vocabulary.controls
    values = {key: getattr(config, name) for name, key in _WHOLE.items()}
    return values | {
        "architectures": ["LlamaForCausalLM"],
        "model_type": "llama",
        "num_key_value_heads": config.kv_heads,
        "head_dim": config.head,
        "rms_norm_eps": config.norm_epsilon,
        "rope_theta": config.rope_theta,
        "tie_word_embeddings": config.tied,
        "vocab_size": len(file.tokenizer.vocabulary.pieces),
        "bos_token_id": controls.get(Control.START),
        "eos_token_id": controls.get(Control.END),
        "hidden_act": "silu",
        "attention_bias": False,
        "mlp_bias": False,
        "torch_dtype": dtype,
    }


def _foreign(name: str) -> str:
    if name in _GLOBAL:
        return f"{_GLOBAL[name]}.weight"
    _, layer, part = name.split(".")
    return f"model.layers.{layer}.{_LAYER[part]}.weight"


def _tensors(folder: Path, ours: Mapping[str, str]) -> Tensors:
    """Every tensor of the folder in float32 by its name here, unknown ones by their own."""
    files = [WEIGHTS]
    if not (folder / WEIGHTS).exists() and (folder / INDEX).exists():
        listed = json_object(folder / INDEX).get("weight_map")
        if not isinstance(listed, dict) or not all(map(_is_file_name, listed.values())):
            raise CheckpointError(f"its {INDEX} must name files of the same folder")
        files = sorted(set(listed.values()))
    found: Tensors = {}
    for name in files:
        for foreign, tensor in _stored(folder / name):
            own = ours.get(foreign, foreign)
            if own in found:
                raise CheckpointError(f"it has the tensor {foreign!r:.80} twice")
            found[own] = tensor
    return found


def _is_file_name(name: object) -> bool:
    return isinstance(name, str) and name != "" and Path(name).name == name and "\0" not in name


def _stored(path: Path) -> list[tuple[str, np.ndarray]]:
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise CheckpointError(f"its {path.name} has more than {MAX_FILE_BYTES} bytes")
        stored = safetensors.deserialize(path.read_bytes())
    except OSError as error:
        raise CheckpointError(f"its {path.name} cannot be read: {error.strerror}") from error
    except safetensors.SafetensorError as error:
        raise CheckpointError(f"its {path.name} is damaged: {error}") from error
    found = []
    for name, tensor in stored:
        if name.endswith(_ANGLES):
            continue
        if tensor["dtype"] not in _TYPES:
            raise CheckpointError(f"its tensor {name!r:.80} is {tensor['dtype']}, not F32 or half")
        numbers = to_float32(_TYPES[tensor["dtype"]], bytes(tensor["data"]))
        found.append((name, numbers.reshape(tensor["shape"])))
    return found


def _tokenizer(folder: Path, values: Mapping[str, Any]) -> FileTokenizer:
    model = folder / "tokenizer.model"
    if model.exists():
        try:
            return read_sentencepiece(model.read_bytes())
        except OSError as error:
            raise CheckpointError(f"its {model.name} cannot be read: {error.strerror}") from error
    ends = values.get("eos_token_id")
    ids = {
        "begin": values.get("bos_token_id"),
        "end": ends[0] if isinstance(ends, list) and ends else ends,
    }
    return tokenizer_json.read(json_object(folder / "tokenizer.json"), ids)


def _tokenizer_files(tokenizer: FileTokenizer) -> dict[str, bytes]:
    pieces, controls = tokenizer.vocabulary.pieces, tokenizer.vocabulary.controls
    named = {"bos_token": Control.START, "eos_token": Control.END, "unk_token": Control.UNKNOWN}
    settings: dict[str, Any] = {
        key: pieces[controls[control]] for key, control in named.items() if control in controls
    }
    if isinstance(tokenizer, SentencePieceTokenizer):
        settings |= {
            "tokenizer_class": "LlamaTokenizer",
            "add_bos_token": True,
            "add_prefix_space": tokenizer.space_first,
            "legacy": False,
        }
        files = {"tokenizer.model": write_sentencepiece(tokenizer)}
    else:
        assert isinstance(tokenizer, ByteLevelTokenizer)
        settings["tokenizer_class"] = "PreTrainedTokenizerFast"
        files = {"tokenizer.json": json.dumps(tokenizer_json.write(tokenizer)).encode()}
    return files | {"tokenizer_config.json": json.dumps(settings, indent=2).encode()}
