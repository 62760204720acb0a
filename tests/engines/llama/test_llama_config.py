"""What a Llama may be: settings and what they make of its tensors."""

import json
from typing import Any

import pytest

from l2c.engines.llama.config import LlamaConfig, shapes
from l2c.errors import InvalidConfig


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("dim", 0),
        ("dim", 2.5),
        ("dim", True),
        ("dim", 10**9),
        ("dim", 100),
        ("layers", 129),
        ("heads", 0),
        ("kv_heads", 0),
        ("kv_heads", 3),
        ("hidden", 0),
        ("context", 0),
        ("rope_theta", 0.5),
        ("norm_epsilon", 0),
        ("norm_epsilon", float("nan")),
        ("tied", 1),
        ("qk_norm", 0),
        ("softcap", -1),
        ("ngram_rows", -1),
        ("reading", "q5_0"),
        ("reading", 8),
        ("learning_rate", 0),
        ("learning_rate", "fast"),
        ("warmup", 1.5),
        ("clip_norm", float("inf")),
        ("beta1", 1.0),
        ("beta2", -0.1),
        ("weight_decay", 2),
    ],
)
def test_a_setting_out_of_range_is_refused_by_name(key: str, value: Any) -> None:
    values = {"dim": 96, "heads": 8, "kv_heads": 4} | {key: value}
    with pytest.raises(InvalidConfig, match=key):
        LlamaConfig.from_mapping(values)


def test_an_unknown_setting_is_refused_by_name() -> None:
    with pytest.raises(InvalidConfig, match="no_such_key"):
        LlamaConfig.from_mapping({"no_such_key": 1})


def test_blocks_of_32_need_whole_blocks() -> None:
    assert LlamaConfig(dim=48, hidden=40, reading="bf16").reading == "bf16"
    for dim, hidden in ((48, 64), (64, 48)):
        with pytest.raises(InvalidConfig, match="reading"):
            LlamaConfig(dim=dim, hidden=hidden, reading="q8_0")


def test_a_configuration_survives_json() -> None:
    config = LlamaConfig(dim=48, heads=6, kv_heads=2, tied=False, softcap=15.0)
    assert LlamaConfig.from_mapping(json.loads(json.dumps(config.to_dict()))) == config


def test_only_options_in_use_are_extras() -> None:
    assert LlamaConfig().extras() == []
    assert LlamaConfig(qk_norm=True, ngram_rows=64).extras() == ["qk_norm", "ngram_rows"]


def test_tensors_have_the_shapes_that_other_programs_know() -> None:
    config = LlamaConfig(dim=48, layers=2, heads=6, kv_heads=2, hidden=64, tied=False)
    made = shapes(config, 100)
    assert made["embedding"] == made["output"] == (100, 48)
    assert made["layers.1.wq"] == made["layers.1.wo"] == (48, 48)
    assert made["layers.1.wk"] == made["layers.1.wv"] == (16, 48)
    assert made["layers.1.w1"] == made["layers.1.w3"] == (64, 48)
    assert made["layers.1.w2"] == (48, 64)
    assert made["layers.0.attention_norm"] == made["layers.0.ffn_norm"] == made["norm"] == (48,)
    assert len(made) == 3 + 2 * 9


def test_a_tied_model_has_no_output_and_extras_have_tensors_of_their_own() -> None:
    assert "output" not in shapes(LlamaConfig(), 100)
    made = shapes(LlamaConfig(qk_norm=True, ngram_rows=64), 100)
    assert made["ngram"] == (64, 128)
    assert made["layers.3.q_norm"] == made["layers.3.k_norm"] == (32,)
