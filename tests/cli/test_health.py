"""`l2c health`: how it is, in words and as an exit code."""

import json
from pathlib import Path

import numpy as np
import pytest

from l2c import starter
from l2c.engines import checkpoint
from l2c.engines.model import LanguageModel
from tests.cli.conftest import Run


def filled(path: Path, value: float) -> Path:
    """The starter that came along, all its weights made the same."""
    model = checkpoint.load(starter.PATH)
    tensors = {
        name: np.full_like(tensor, value)
        for name, tensor in model.engine.tensors(optimizer=False).items()
    }
    engine = type(model.engine).from_tensors(model.engine.config, tensors)
    content = checkpoint.to_bytes(LanguageModel(engine, model.tokenizer), optimizer=False)
    path.write_bytes(content)
    return path


def test_the_starter_that_came_along_is_well(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("L2C_STARTER")
    ended = run("health", "--json")
    assert ended.code == 0
    found = json.loads(ended.out)
    assert (found["status"], found["problems"]) == ("ok", [])
    assert found["checkpoint_age_s"] < 3600
    assert found["vitals"]["familiar_bits"] < 4.5


def test_a_model_that_was_never_trained_has_somebody_look(run: Run) -> None:
    ended = run("health")
    assert ended.code == 1
    assert "degraded" in ended.out
    assert "It writes noise" in ended.out


def test_a_model_of_zeros_has_somebody_look(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("L2C_STARTER", str(filled(tmp_path / "zeros.safetensors", 0.0)))
    ended = run("health", "--json")
    assert ended.code == 1
    assert "It writes noise" in json.loads(ended.out)["problems"][0]


def test_a_model_that_cannot_write_has_failed(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("L2C_STARTER", str(filled(tmp_path / "huge.safetensors", 3e38)))
    ended = run("health", "--json")
    assert ended.code == 2
    assert json.loads(ended.out)["status"] == "failed"


def test_a_damaged_starter_has_failed(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    broken = tmp_path / "broken.safetensors"
    broken.write_bytes(starter.PATH.read_bytes()[:-1000])
    monkeypatch.setenv("L2C_STARTER", str(broken))
    ended = run("health", "--json")
    assert ended.code == 2
    assert json.loads(ended.out)["problems"]
