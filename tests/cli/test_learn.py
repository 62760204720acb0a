"""`l2c learn`, `stats`, `eval` and `models`: what was learned, by what, and going back."""

import json
from pathlib import Path

import pytest

from l2c.machine import RoleLock
from tests.cli.conftest import Run


@pytest.fixture
def taught(run: Run) -> Run:
    """A command line on a model that has kept a lesson."""
    run("chat", "--prompt", "My cat is called Pim.", "--seed", 1)
    assert run("learn").code == 0
    return run


def test_what_waits_is_learned_and_told(run: Run) -> None:
    assert "Nothing waits" in run("learn").out
    run("chat", "--prompt", "My cat is called Pim.", "--seed", 1)
    verdicts = json.loads(run("learn", "--json").out)["lessons"]
    assert verdicts
    stats = json.loads(run("stats", "--json").out)
    assert (stats["queue_size"], stats["lessons"][0]["verdict"]) == (0, verdicts[-1])
    assert verdicts[-1].split(".")[0] in run("stats").out


def test_what_counting_alone_makes_of_the_newest_text_is_told(run: Run) -> None:
    assert row(run("stats").out, "counting alone") == "none yet"
    run("chat", "--prompt", "My cat is called Pim.", "--seed", 1)
    run("learn")
    [[_, *model, before, after]] = json.loads(run("stats", "--json").out)["bits_curve"]
    told = run("stats").out
    assert row(told, "counting alone") == f"{before:.2f} → {after:.2f} bits per byte"
    assert row(told, "newest text") == f"{model[0]:.2f} → {model[1]:.2f} bits per byte"


def row(table: str, name: str) -> str:
    """What stands beside this name."""
    (line,) = (line for line in table.splitlines() if line.startswith(name))
    return line.removeprefix(name).strip()


def test_a_second_learner_is_refused_with_the_pid_of_the_first(run: Run, home: Path) -> None:
    run("stats")
    (home / "learner.lock").touch()
    with RoleLock(home / "learner.lock") as first:
        for command in (("learn",), ("models", "rebuild")):
            refused = run(*command)
            assert refused.code == 1
            assert f"pid {first.holder()}" in refused.err
            assert refused.err.count("\n") == 1


def test_models_are_listed_and_shown(taught: Run) -> None:
    [model] = json.loads(taught("models", "list", "--json").out)
    shown = json.loads(taught("models", "show", "le", "--json").out)
    assert shown["model"] == model
    assert [version["live"] for version in shown["checkpoints"]] == [True, False]
    assert model["live"][:12] in taught("models", "list").out
    assert "answers now" in taught("models", "show", "le").out


def test_an_older_version_can_answer_again(taught: Run) -> None:
    [model] = json.loads(taught("models", "list", "--json").out)
    back = taught("models", "promote", "le", model["starter"][:10], "--json")
    assert json.loads(back.out)["live"] == model["starter"]
    assert model["live"][:12] in taught("models", "promote", "le", model["live"]).out


def test_a_rebuild_gives_the_same_version_bit_for_bit(taught: Run, home: Path) -> None:
    [model] = json.loads(taught("models", "list", "--json").out)
    file = home / "checkpoints" / f"{model['live']}.safetensors"
    before = file.read_bytes()
    file.unlink()
    rebuilt = taught("models", "rebuild", "--json")
    assert rebuilt.code == 0
    assert json.loads(rebuilt.out)["exact"] is True
    assert file.read_bytes() == before


@pytest.mark.parametrize(
    "arguments",
    [
        ("models", "show", "nobody"),
        ("models", "promote", "le", "ffff"),
        ("models", "promote", "le", ""),
        ("models", "promote", "nobody", "0"),
        ("models", "rebuild", "nobody"),
    ],
)
def test_an_unknown_model_or_version_is_named(taught: Run, arguments: tuple[str, ...]) -> None:
    ended = taught(*arguments)
    assert ended.code == 1
    assert ended.err.startswith("l2c: ")
    assert ended.err.count("\n") == 1


def test_a_text_is_measured(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "[red]text.txt"
    file.write_text("Hello, how are you?\n" * 20)
    measured = json.loads(run("eval", file, "--json").out)
    assert (measured["text"], measured["bytes"]) == (file.name, 400)
    assert 0 < measured["bits_per_byte"] < 20
    plain = run("eval", file).out
    assert f"{measured['bits_per_byte']:.3f} bits per byte of [red]text.txt" in plain


@pytest.mark.slow
def test_the_model_is_examined(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "text.txt"
    file.write_text("Hello.")
    held = json.loads(run("eval", file, "--chat", "--json").out)["chat"]
    assert (held["questions"], len(held["uncovered"])) == (200, 100)
    plain = run("eval", file, "--chat").out
    assert f"{held['right']} of 200 right; a look-up in the corpus: " in plain
    assert json.loads(run("eval", file, "--json").out)["chat"] is None


def test_the_rules_and_the_exact_next_text_are_shown(run: Run) -> None:
    run("chat", "--prompt", "Write to a@example.org about the boat.", "--seed", 1)
    shown = json.loads(run("learn", "--show", "--json").out)
    assert shown["waiting"][0].startswith("you: Write to (e-mail) about the boat.")
    told = run("learn", "--quiet", "22:00-07:00", "--mains-only", "--let-through", "email").out
    for line in ("email: teaches as it is", "quiet hours: 22:00 to 07:00", "on battery: rests"):
        assert line in told
    assert "a@example.org" in told
    assert "quiet hours: none" in run("learn", "--quiet", "off", "--any-time").out
    assert run("learn", "--quiet", "22-7").code == 1


def test_a_checkpoint_is_pinned_and_let_go(taught: Run) -> None:
    live = json.loads(taught("models", "list", "--json").out)[0]["live"]
    assert "is pinned" in taught("models", "pin", "le", live[:10]).out
    assert "answers now, pinned" in taught("models", "show", "le").out
    assert "not pinned any more" in taught("models", "pin", "le", live[:10], "--off").out


def test_thresholds_are_set_and_what_was_judged_before_still_verifies(taught: Run) -> None:
    shown = json.loads(taught("learn", "--threshold", "general=2", "--json").out)["thresholds"]
    assert shown["general"] == {"percent": 2.0, "usual": 3.0, "least": 0.5, "most": 10.0}
    assert "general: 2 % (usually 3 %)" in taught("learn", "--show").out
    assert taught("models", "verify").code == 0
    usual = taught("learn", "--threshold", "general=usual", "--json").out
    assert json.loads(usual)["thresholds"]["general"]["percent"] == 3.0
    for wrong in ("general", "general=x", "kindness=3", "general=50"):
        refused = taught("learn", "--threshold", wrong)
        assert (refused.code, refused.err.count("\n")) == (1, 1)
