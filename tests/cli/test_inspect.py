"""`l2c inspect`: what a model reads, word by word, and what in it is unusual."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Run

TEXT = "the old sea is wide and the little boats go out with the tide\t[so]\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "sea.txt"
    path.write_text(TEXT * 30)
    return path


def words(run: Run, *arguments: object) -> list[dict[str, Any]]:
    read: list[dict[str, Any]] = json.loads(run("inspect", *arguments, "--json").out)["words"]
    return read


@pytest.mark.parametrize("engine", ["lstm", "ngram", "htm", "mixture"])
def test_every_engine_tells_how_much_each_word_surprised_it(
    run: Run, file: Path, engine: str
) -> None:
    run("train", file, "--new", "sea", "--engine", engine, "--minutes", 0.01)
    read = words(run, "the old\t[so] sea", "--model", "sea")
    assert [word["text"] for word in read] == ["the", "old", "[so]", "sea"]
    assert all(word["bits"] > 0 for word in read)
    assert all((engine == "htm") == ("anomaly" in word["layers"]) for word in read)
    shown = run("inspect", "the old\t[so] sea", "--model", "sea")
    assert (shown.code, shown.err) == (0, "")
    assert [line.split()[0] for line in shown.out.splitlines()[1:5]] == [
        word["text"] for word in read
    ]
    assert f"({engine}, checkpoint" in shown.out


def test_the_sequence_memory_names_the_word_it_did_not_expect(run: Run, file: Path) -> None:
    run("train", file, "--engine", "htm", "--minutes", 0.01)
    read = words(run, "the old sea is wide and the wooden boats go out", "--model", "htm")
    anomaly = {word["text"]: word["layers"]["anomaly"] for word in read}
    assert anomaly["wooden"] == max(anomaly.values()) > 0.7
    assert all(anomaly[word] < 0.2 for word in ("old", "sea", "is", "wide"))
    shown = run("inspect", "the wooden sea", "--model", "htm").out.splitlines()
    assert shown[0].split() == ["word", "bits", "anomaly"]


def test_what_is_said_in_a_conversation_is_read_after_its_mark(run: Run) -> None:
    plain, said = words(run, "Hello there"), words(run, "Hello there", "--said")
    assert [word["text"] for word in plain] == [word["text"] for word in said]
    assert [word["bits"] for word in plain] != [word["bits"] for word in said]


def test_whoever_looks_leaves_no_trace(run: Run) -> None:
    before = run("stats", "--json").out
    words(run, "Hello there", "--said")
    assert run("stats", "--json").out == before


@pytest.mark.parametrize(
    "arguments", [("",), (" \n",), ("Hello", "--model", "nobody"), ("Hello " * 40_000,)]
)
def test_what_cannot_be_read_is_said_in_one_line(run: Run, arguments: tuple[str, ...]) -> None:
    ended = run("inspect", *arguments)
    assert (ended.code, ended.out) == (1, "")
    assert ended.err.startswith("l2c: ")
    assert ended.err.count("\n") == 1
