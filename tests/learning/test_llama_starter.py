"""The transformer to begin with: made by a recipe, the same bytes every time, no option abroad."""

import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest

from l2c.engines import checkpoint
from l2c.engines.doubt import read_doubts
from l2c.engines.llama.config import LlamaConfig
from l2c.engines.llama.engine import Llama
from l2c.engines.llama.files.model_file import model_file
from l2c.learning.calibration import calibrate
from l2c.learning.llama_starter import MOST_BYTES, RECIPE, TOKENS, main
from l2c.starter import LLAMA_DOUBT, LLAMA_PATH
from tests.engines.llama.files.made import from_gguf, gguf_bytes

TINY = replace(
    RECIPE,
    steps=3,
    rows=2,
    sequence=16,
    part_steps=2,
    part_conversations=20,
    practice_steps=1,
    last_steps=1,
    config={"dim": 16, "layers": 1, "heads": 2, "kv_heads": 1, "hidden": 24, "muon": 0.02},
)

with_kernels = pytest.mark.skipif(
    "kernel" not in Llama.backends(), reason="the compiled kernels are not installed"
)


@with_kernels
def test_the_recipe_gives_the_recorded_bytes_again(tmp_path: Path) -> None:
    pytest.importorskip("sentencepiece", reason='needs `pip install "l2c[sentencepiece]"`')
    file = tmp_path / "llama.safetensors"
    few: dict[str, Any] = {"size": 420, "conversations": 300, "folder": tmp_path}
    assert main(TINY, file, **few) == 0
    first, told = file.read_bytes(), json.loads(file.with_suffix(".json").read_text())
    assert told["digest"] == checkpoint.digest_of(first)
    assert main(TINY, file, **few) == 0
    assert file.read_bytes() == first
    assert list(read_doubts([tmp_path / LLAMA_DOUBT.name])) == [told["digest"]]
    assert main(replace(TINY, seed=2), file, **few) == 1


def test_the_shipped_one_is_the_file_its_record_tells_of_and_small_enough() -> None:
    told = json.loads(LLAMA_PATH.with_suffix(".json").read_text())
    model = checkpoint.load(LLAMA_PATH, digest=told["digest"])
    assert model.engine.family == "llama"
    assert LLAMA_PATH.stat().st_size == told["bytes"] <= MOST_BYTES
    assert told["recipe"] == asdict(RECIPE) | {"tokens": TOKENS}


def test_its_record_of_doubt_belongs_to_it() -> None:
    digest = checkpoint.digest_of(LLAMA_PATH.read_bytes())
    fitted = calibrate(checkpoint.load(LLAMA_PATH), digest)
    assert read_doubts([LLAMA_DOUBT]) == {digest: fitted}


def test_other_programs_can_run_it() -> None:
    assert LlamaConfig.from_mapping(RECIPE.config).extras() == []
    shipped = checkpoint.load(LLAMA_PATH)
    written = gguf_bytes(model_file(shipped), "q8_0")
    assert from_gguf(written).tokenizer.vocab_size == shipped.tokenizer.vocab_size
