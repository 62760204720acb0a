"""`l2c train`: texts of one's own, interrupted and continued, and files that are none."""

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from l2c.engines import checkpoint
from l2c.engines.model import LanguageModel
from l2c.learning.texts import ROWS, SEQUENCE, rounds
from l2c.learning.trainer import train
from l2c.text.characters import CharacterTokenizer
from l2c.text.tokenizer import Control
from tests.cli.conftest import Run
from tests.journeys.household import eventually

TEXT = "The broad bean grows in May, and Pim the cat sits beneath it. äöü\n" * 60


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "beans.txt"
    path.write_text(TEXT, encoding="utf-8")
    return path


@pytest.mark.parametrize("engine", ["lstm", "ngram", "mixture"])
def test_a_new_model_reads_a_file_and_can_be_gone_on_with(
    run: Run, file: Path, engine: str
) -> None:
    command = ["train", file, "--new", "bean", "--engine", engine, "--minutes", 0.01, "--json"]
    first = json.loads(run(*command).out)
    assert first["finished"]
    assert first["step"] == first["steps"]
    assert first["characters"] == len(TEXT)
    names = [model["name"] for model in json.loads(run("models", "list", "--json").out)]
    assert names == ["le", "bean"]
    again = run("train", file, "--model", "bean", "--minutes", 0.01)
    assert again.code == 0
    assert "bean read" in again.out
    versions = json.loads(run("models", "show", "bean", "--json").out)["checkpoints"]
    assert first["checkpoint"] in [version["digest"] for version in versions]
    assert run("chat", "--prompt", "Bean?", "--model", "bean").code == 0


def test_counts_read_a_file_once_however_long_they_are_given(
    run: Run, file: Path, home: Path
) -> None:
    command = ["train", file, "--new", "bean", "--engine", "ngram", "--minutes", 0.02, "--json"]
    trained = json.loads(run(*command).out)
    (path,) = home.glob(f"**/{trained['checkpoint']}.safetensors")
    counts = checkpoint.load(path).engine.tensors()["ngrams.counts"]
    assert len(TEXT) - 2 * ROWS < counts.sum() <= len(TEXT)


def uninterrupted(steps: int, *, seed: int) -> str:
    """The digest of the model that read the text so long, in one go."""
    model = LanguageModel.create("lstm", {}, CharacterTokenizer(), seed=seed)
    model.grow(TEXT)
    tokens = np.array([Control.START, *model.tokenizer.encode(TEXT)], np.int32)
    for _ in train(model.engine, rounds(tokens, ROWS, SEQUENCE), steps):
        pass
    return checkpoint.digest_of(checkpoint.to_bytes(model))


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_an_interrupted_training_goes_on_to_the_same_result(
    run: Run, file: Path, home: Path, how: signal.Signals
) -> None:
    command = ["train", str(file), "--new", "bean", "--minutes", "0.06", "--seed", "7", "--json"]
    process = subprocess.Popen(
        [sys.executable, "-m", "l2c", *command],
        env=os.environ | {"L2C_AUTOSAVE_S": "0.05"},
        stdout=subprocess.PIPE,
        text=True,
    )
    eventually(lambda: list(home.glob("learner/text-*")), "the first resume point")
    process.send_signal(how)
    said, _ = process.communicate()
    if how is not signal.SIGKILL:
        assert process.returncode == 0
        stopped = json.loads(said)
        assert not stopped["finished"]
        assert 0 < stopped["step"] < stopped["steps"]
    finished = json.loads(run(*command).out)
    assert finished["finished"]
    assert finished["checkpoint"] == uninterrupted(finished["steps"], seed=7)
    assert list(home.glob("learner/text-*")) == []


def write_nothing(path: Path) -> None:
    path.write_bytes(b"")


def write_latin(path: Path) -> None:
    path.write_bytes("Bäume".encode("latin-1"))


def write_binary(path: Path) -> None:
    path.write_bytes(bytes(range(256)) * 16)


def write_directory(path: Path) -> None:
    path.mkdir()


def write_pipe(path: Path) -> None:
    os.mkfifo(path)


def write_not(path: Path) -> None:
    pass


@pytest.mark.parametrize(
    "write", [write_nothing, write_latin, write_binary, write_directory, write_pipe, write_not]
)
def test_what_is_no_text_file_is_refused_by_name(run: Run, tmp_path: Path, write: object) -> None:
    path = tmp_path / "odd[1].txt"
    assert callable(write)
    write(path)
    for command in (("train", path, "--new", "odd"), ("eval", path)):
        ended = run(*command)
        assert ended.code in (1, 2)
        assert "Traceback" not in ended.err
        assert (path.name in ended.err) or write is write_nothing
        assert ended.code == 2 or ended.err.count("\n") == 1
    assert [model["name"] for model in json.loads(run("models", "list", "--json").out)] == ["le"]


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ((), 1),
        (("--new", "a", "--model", "le"), 1),
        (("--new", "le"), 1),
        (("--new", ""), 1),
        (("--model", "nobody"), 1),
        (("--new", "a", "--engine", "nothing"), 1),
        (("--new", "a", "--minutes", "nan"), 2),
        (("--new", "a", "--minutes", 0), 2),
        (("--new", "a", "--seed", -1), 2),
    ],
)
def test_options_that_make_no_sense_are_refused(
    run: Run, file: Path, options: tuple[object, ...], code: int
) -> None:
    ended = run("train", file, *options)
    assert ended.code == code
    assert "Traceback" not in ended.err


@pytest.mark.parametrize("how", ["", "-q"])
def test_how_a_training_went_stands_in_a_file_with_the_time(
    run: Run, file: Path, home: Path, how: str
) -> None:
    options = [how] if how else []
    ended = run("train", file, "--engine", "htm", "--minutes", 0.01, *options)
    assert (ended.code, bool(ended.out)) == (0, how != "-q")
    (log,) = home.glob("logs/training/*.log")
    *_, last = log.read_text().splitlines()
    said = r"training htm: step (\d+) of \1, loss .*bits/token, .* tokens/s, anomaly .* segments"
    assert re.fullmatch(rf"\d{{4}}-\d\d-\d\d \d\d:\d\d:\d\d,\d{{3}} {said}", last)


def test_who_asks_twice_sees_the_inner_state_of_every_step(file: Path, environment: None) -> None:
    command = ["train", str(file), "--engine", "htm", "--minutes", "0.01", "-vv"]
    said = subprocess.run(
        [sys.executable, "-m", "l2c", *command], capture_output=True, text=True, check=True
    ).stderr
    state = r"[\d.]+ of 20 columns expected, [\d.]+ burst; \d+ cells active, \d+ won; .\d+ segments"
    assert re.search(rf"^\d{{4}}-\d\d-\d\d [\d:,]+ \d+ tokens: {state}", said, re.MULTILINE)
