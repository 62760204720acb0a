"""`l2c train --auto`: what is new is learned once, the rest is left out by name."""

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from l2c.errors import InvalidInput
from l2c.learning import datasets
from l2c.runtime import Runtime
from l2c.settings import Settings
from l2c.store.material import Material
from l2c.text.characters import CharacterTokenizer
from tests.cli.conftest import Run

NOTES = "The broad bean grows in May, and Pim the cat sits beneath it.\n" * 30
QUICK = ("--minutes", 0.02, "--json")


@pytest.fixture
def folder(home: Path) -> Path:
    path = home / "datasets"
    path.mkdir(parents=True)
    return path


def auto(run: Run, *more: Any) -> Any:
    ended = run("train", "--auto", *QUICK, *more)
    assert ended.code == 0, ended.err
    return json.loads(ended.out)


def names(found: Any) -> list[str]:
    return [one["name"] for one in found["new"]]


def test_what_is_new_is_learned_and_a_second_run_trains_nothing(
    run: Run, folder: Path, home: Path
) -> None:
    (folder / "beans.txt").write_text(NOTES)
    checked = json.loads(run("train", "--check", "--json").out)
    assert names(checked) == ["beans.txt"]
    first = auto(run)
    assert (names(first["check"]), first["finished"]) == (["beans.txt"], True)
    assert run("chat", "--prompt", "Bean?", "--model", "notes").code == 0
    second = auto(run)
    assert (second["check"]["new"], second["steps"], second["checkpoint"]) == ([], 0, "")
    assert second["check"]["known"] == 1
    (folder / "more.md").write_text("Something else entirely.")
    third = auto(run)
    assert names(third["check"]) == ["more.md"]
    (folder / "beans.txt").write_text(NOTES + "And one more line.")
    assert names(json.loads(run("train", "--check", "--json").out)) == ["beans.txt"]


def test_the_train_log_and_the_store_s_ledger_agree_also_after_the_log_was_lost(
    run: Run, folder: Path, home: Path
) -> None:
    (folder / "beans.txt").write_text(NOTES)
    done = auto(run)
    log = home / "log" / "train_log.json"
    (line,) = json.loads(log.read_text())["read"]
    with Runtime.open(Settings()) as runtime:
        (row,) = Material(runtime.house.database, runtime.user_id).read_by("notes")
    assert (line["sha256"], line["checkpoint"]) == (row.sha256, row.checkpoint)
    assert row.checkpoint == done["checkpoint"]
    before = log.read_bytes()
    log.write_text("{")
    assert auto(run)["check"]["new"] == []
    assert log.read_bytes() == before


def test_what_is_no_material_is_left_out_by_name_and_the_others_are_learned(
    run: Run, folder: Path, tmp_path: Path
) -> None:
    (folder / "good.py").write_text("print('The broad bean grows in May')\n" * 9)
    (folder / "LICENSE").write_text("Do what you like.")
    (folder / "terms.txt").write_text("Permission is hereby granted, free of charge, to any")
    (folder / ".env").write_text("KEY=1")
    (folder / "server.pem").write_text("x")
    (folder / "letter.txt").write_text("-----BEGIN RSA PRIVATE KEY-----\nabc")
    (folder / "picture.txt").write_bytes(b"\x89PNG\0\1")
    (folder / "latin.txt").write_bytes("Bäume".encode("latin-1"))
    (folder / "large.txt").write_bytes(b"a" * ((5 << 20) + 1))
    (folder / "table.csv").write_text("a,b")
    (folder / "empty.md").write_text(" \n")
    os.mkfifo(folder / "pipe.txt")
    (tmp_path / "outside.txt").write_text("not to be read")
    (folder / "link.txt").symlink_to(tmp_path / "outside.txt")
    (folder / ".git").mkdir()
    (folder / ".git" / "config.txt").write_text("hidden")
    done = auto(run)
    assert names(done["check"]) == ["good.py"]
    left = {one["name"]: one["reason"] for one in done["check"]["left_out"]}
    assert left == {
        "LICENSE": "a licence",
        "terms.txt": "a licence",
        ".env": "may hold a secret",
        "server.pem": "may hold a secret",
        "letter.txt": "may hold a secret",
        "picture.txt": "binary",
        "latin.txt": "no UTF-8 text",
        "large.txt": "larger than 5 MB",
        "table.csv": "not one of .c, .md, .py, .txt",
        "empty.md": "empty",
        "pipe.txt": "no file",
        "link.txt": "a link",
    }


def logged(home: Path, name: str, *exchanges: tuple[str, str], **fields: Any) -> None:
    """A session log that came from elsewhere."""
    turns: list[dict[str, Any]] = []
    for user, answer in exchanges:
        for role, text in (("user", user), ("assistant", answer)):
            parent = turns[-1]["id"] if turns else None
            turns.append(
                {"id": f"{name}{len(turns)}", "parent_id": parent, "role": role, "text": text}
            )
    talk = {"id": name, "turns": turns, "active_turn_id": turns[-1]["id"]} | fields
    path = home / "logs" / "conversations" / f"{name}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"conversations": [talk]}))


def test_logs_from_elsewhere_teach_once_and_logs_of_the_store_are_the_learner_s(
    run: Run, folder: Path, home: Path
) -> None:
    assert run("chat", "--prompt", "My cat is called Pim.").code == 0
    logged(home, "light", ("I live in Bergen.", "I see."), ("It rains.", "It does."))
    logged(home, "private", ("Do not learn this.", "No."), learn=False)
    (home / "logs" / "conversations" / "broken.json").write_text("{")
    (home / "logs" / "conversations" / "other").mkdir()
    (home / "logs" / "conversations" / "other" / "eve.json").write_text("{}")
    done = auto(run)
    assert names(done["check"]) == ["light.json", "light.json"]
    assert done["check"]["for_the_learner"] == 1
    assert [one["name"] for one in done["check"]["left_out"]] == ["broken.json"]
    again = auto(run)
    assert (again["check"]["new"], again["check"]["known"]) == ([], 2)


def test_what_a_lesson_has_learned_is_not_new_in_a_log(run: Run, home: Path) -> None:
    assert run("chat", "--prompt", "My cat is called Pim.").code == 0
    assert run("learn").code == 0
    (path,) = (home / "logs" / "conversations").glob("*.json")
    whole = json.loads(path.read_text())
    whole["conversations"][0]["id"] = "as if from elsewhere"
    path.write_text(json.dumps(whole))
    found = json.loads(run("train", "--check", "--json").out)
    assert (found["new"], found["known"], found["for_the_learner"]) == ([], 1, 0)


def test_beginning_anew_forgets_what_is_not_there_any_more(
    run: Run, folder: Path, home: Path
) -> None:
    (folder / "beans.txt").write_text(NOTES)
    (folder / "diary.md").write_text("Zyzzyva. " * 60)
    auto(run)
    (folder / "diary.md").unlink()
    anew = auto(run, "--anew")
    assert names(anew["check"]) == ["beans.txt"]
    (only,) = folder.glob("*.bin")
    assert only.name == anew["dataset"]
    log = json.loads((home / "log" / "train_log.json").read_text())
    assert [line["name"] for line in log["read"]] == ["beans.txt"]


def test_a_new_model_of_an_engine_begins_from_nothing(run: Run, folder: Path) -> None:
    (folder / "beans.txt").write_text(NOTES)
    done = auto(run, "--new", "bean", "--engine", "lstm", "--seed", 3)
    assert done["finished"]
    assert done["general_before"] is None
    (folder / "more.md").write_text("Something else entirely.")
    assert run("train", "--auto", "--new", "bean", "--engine", "lstm").code == 1
    assert auto(run, "--new", "counts", "--engine", "ngram")["finished"]
    assert run("train", "--auto", "--new", "memory", "--engine", "htm").code == 1


def test_a_new_llama_begins_with_the_starter_and_can_go_elsewhere(
    run: Run, folder: Path, tmp_path: Path
) -> None:
    (folder / "beans.txt").write_text(NOTES)
    done = auto(run, "--new", "bean", "--engine", "llama")
    assert done["finished"]
    assert done["general_before"] < 2
    file = tmp_path / "bean.gguf"
    assert run("models", "export", "bean", str(file)).code == 0
    assert file.read_bytes()[:4] == b"GGUF"


@pytest.mark.parametrize(
    "options",
    [
        ("--auto", "file.txt"),
        ("--check", "--new", "a", "--model", "b"),
        ("--auto", "--model", "../x"),
        (),
    ],
)
def test_options_that_make_no_sense_are_one_line(run: Run, options: tuple[str, ...]) -> None:
    ended = run("train", *options)
    assert ended.code == 1
    assert ended.err.count("\n") == 1


def test_a_dataset_is_mapped_and_one_that_lies_is_refused(tmp_path: Path) -> None:
    tokenizer = CharacterTokenizer("abc")
    ids = np.array(tokenizer.encode("abcabc"))
    path = datasets.write(
        tmp_path, "x", tokenizer, tokens=[ids], weights=[ids * 0 + 1], sources=["0" * 64]
    )
    known = datasets.load(path)
    assert known.tokens.tolist() == ids.tolist()
    assert known.tokenizer == datasets.tokenizer_digest(tokenizer)
    content = path.read_bytes()
    for broken in (
        b"",
        content[:-1],
        content + b"x",
        b"L2Cdata1",
        b"L2Cdata1\xff\xff\xff\xff" + content[12:],
        content.replace(b'"tokens": 6', b'"tokens": 9'),
        content.replace(b'"<u2"', b'"<u8"'),
    ):
        path.write_bytes(broken)
        with pytest.raises(InvalidInput, match="no dataset"):
            datasets.load(path)
