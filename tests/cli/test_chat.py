"""`l2c chat` and `l2c generate`: one prompt, a conversation, a text."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run


def test_a_prompt_is_answered_and_stored(run: Run) -> None:
    said = json.loads(run("chat", "--prompt", "Hello", "--seed", 1, "--json").out)
    assert set(said) == {
        "response", "origin", "conversation_id", "turn_id", "model", "checkpoint", "error",
        "remembered",
    }  # fmt: skip
    assert said["response"]
    plain = run("chat", "--prompt", "Hello", "--seed", 1)
    assert (plain.code, plain.out.strip()) == (0, said["response"].strip())
    assert json.loads(run("stats", "--json").out)["queue_size"] == 2


def test_what_is_not_to_be_learned_waits_for_nothing(run: Run) -> None:
    assert run("chat", "--prompt", "A secret", "--no-learn").code == 0
    assert json.loads(run("stats", "--json").out)["queue_size"] == 0


@pytest.mark.parametrize(
    "typed", ["Hello\n\nAnd?\nquit\nnot said\n", "Hello\nAnd?\n", "Hello\n", "QUIT\n", ""]
)
def test_a_conversation_ends_with_quit_or_with_the_input(run: Run, typed: str) -> None:
    ended = run("chat", "--seed", 1, typed=typed)  # an answer by chance can be empty
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.count("le:") == typed.count("Hello") + typed.count("And?")
    assert ("1 exchange waits" in ended.out) == (typed == "Hello\n")
    assert ("2 exchanges wait" in ended.out) == ("And?" in typed)


def test_a_line_without_end_is_refused_and_nothing_of_it_is_kept(run: Run, home: Path) -> None:
    ended = run("chat", typed="x" * 100_000_000 + "\nquit\n")
    assert ended.code == 1
    assert ended.err.count("\n") == 1
    assert "100000000" in ended.err
    assert list(home.glob("logs/conversations/*")) == []


def test_a_conversation_for_programs_is_one_json_value_a_line(run: Run) -> None:
    lines = run("chat", "--json", typed="Hello\nAnd?\n").out.splitlines()
    first, second = map(json.loads, lines)
    assert first["conversation_id"] == second["conversation_id"]


def test_an_answer_cannot_steer_the_terminal(run: Run) -> None:
    for seed in range(4):
        out = run("chat", "--prompt", "\x1b[31m", "--seed", seed).out
        assert "\x1b" not in out


def test_text_is_generated_repeatably(run: Run) -> None:
    options = ("--seed-text", "Once", "--length", 20, "--temperature", 0.9, "--seed", 3)
    made = json.loads(run("generate", *options, "--json").out)
    assert made["text"].startswith("Once")
    assert run("generate", *options).out.rstrip("\n") == made["text"]
    assert run("generate", "--seed-text", "Once", "--length", 0).out == "Once\n"


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("chat", "--prompt", "Hi", "--model", "nobody"), 1),
        (("chat", "--prompt", " "), 1),
        (("chat", "--prompt", "x" * 32_769), 1),
        (("chat", "--prompt", "Hi", "--temperature", "nan"), 2),
        (("generate", "--temperature", "nan"), 2),
        (("generate", "--model", "nobody"), 1),
        (("generate", "--length", -1), 2),
        (("generate", "--temperature", 3), 2),
        (("generate", "--seed", -1), 2),
        (("generate", "--seed", 2**70), 1),
        (("nothing",), 2),
        (("chat", "--nothing"), 2),
        ((), 2),
    ],
)
def test_what_cannot_be_done_is_said_without_a_traceback(
    run: Run, arguments: tuple[object, ...], code: int
) -> None:
    ended = run(*arguments)
    assert ended.code == code
    assert "Traceback" not in ended.err
    if code == 1:
        assert ended.err.startswith("l2c: ")
        assert ended.err.count("\n") == 1


def test_an_answer_says_when_it_is_not_the_models_own(run: Run) -> None:
    assert run("chat", "--prompt", "What is 3 + 4?").out == "3 plus 4 is 7. (computed)\n"
    computed = json.loads(run("chat", "--prompt", "What is 3 + 4?", "--json").out)
    assert (computed["response"], computed["origin"]) == ("3 plus 4 is 7.", "computed")
    own = json.loads(run("chat", "--prompt", "What is 3 + 4?", "--anyway", "--json").out)
    assert own["origin"] == "generated"


def test_a_model_nobody_has_made_is_said_with_the_commands_that_make_one(run: Run) -> None:
    asked = run("chat", "--prompt", "Hello", "--model", "llama")
    assert asked.code == 1
    assert "l2c models begin" in asked.err
    assert "--new llama --engine llama" in asked.err
    begun = run("models", "begin", "basilisk")
    assert (begun.code, "htm" in begun.err) == (1, True)
