"""The core prompt is a file of the user's, and models that were taught under it answer by it."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from l2c.conversation import Message, Role
from l2c.engines.model import LanguageModel
from l2c.errors import InvalidInput, StoreError
from l2c.learning.examples import Example, evenly
from l2c.learning.replay import batches
from l2c.learning.trainer import train
from l2c.runtime import Runtime
from l2c.runtime.voice import DEFAULT, MAX_CHARACTERS, CorePrompt
from l2c.settings import Settings
from l2c.starter import PATH
from l2c.store.models import HEARS_CORE_PROMPT, TALKS
from l2c.text.characters import CharacterTokenizer
from tests.server.serving import settings

WARM, DRY = "Be warm.", "Be dry."
TONES = {WARM: "gladly, my dear friend", DRY: "noted"}
QUESTIONS = ("hello", "help me", "are you there", "what now", "good day", "thank you")


def test_it_is_made_again_when_it_is_missing_or_empty(tmp_path: Path) -> None:
    prompt = CorePrompt(tmp_path)
    path = tmp_path / "prompt" / "core_prompt.txt"
    assert prompt.read() == DEFAULT
    assert path.read_text().strip() == DEFAULT
    path.unlink()
    assert prompt.read() == DEFAULT
    path.write_text(" \n")
    assert prompt.read() == DEFAULT
    path.write_text("Be kind.\n")
    assert prompt.read() == "Be kind."
    assert prompt.write("") == DEFAULT


def test_what_is_no_text_or_too_long_is_refused_and_left_alone(tmp_path: Path) -> None:
    prompt = CorePrompt(tmp_path)
    prompt.write(WARM)
    with pytest.raises(InvalidInput):
        prompt.write("x" * (MAX_CHARACTERS + 1))
    assert prompt.read() == WARM
    (tmp_path / "prompt" / "core_prompt.txt").write_bytes(b"\xff\xfe")
    with pytest.raises(StoreError, match="delete it"):
        prompt.read()


ENGINES: dict[str, dict[str, Any]] = {
    "lstm": {"hidden_size": 64},
    "llama": {"dim": 48, "layers": 2, "hidden": 96, "context": 128, "learning_rate": 4e-3},
}


def taught(engine: str) -> LanguageModel:
    """A small model that was taught the same questions under two core prompts."""
    said = "".join([*TONES, *TONES.values(), *QUESTIONS])
    model = LanguageModel.create(engine, ENGINES[engine], CharacterTokenizer(said), seed=1)
    examples: list[Example] = [
        evenly(
            (
                Message(Role.SYSTEM, prompt),
                Message(Role.USER, question),
                Message(Role.ASSISTANT, tone),
            ),
            model.tokenizer,
        )
        for prompt, tone in TONES.items()
        for question in QUESTIONS
    ]
    rows = [examples] * 8
    for _ in train(model.engine, batches(rows, steps=400, sequence=48, seed=3), 400):
        pass
    return model


@pytest.mark.parametrize("engine", ENGINES)
def test_two_core_prompts_give_the_same_question_two_tones(home: Settings, engine: str) -> None:
    with Runtime.open(home) as runtime:
        digest, size = runtime.folder.save(taught(engine))
        runtime.models.begin_from(
            "voice",
            engine=engine,
            checkpoint=digest,
            size_bytes=size,
            summary={TALKS: True, HEARS_CORE_PROMPT: True},
        )
        answers = {}
        for prompt in TONES:
            runtime.house.core_prompt.write(prompt)
            talk = runtime.talking.begin(model="voice")
            # It was shown this question with both answers: only the prompt can decide.
            answers[prompt] = runtime.chat(
                QUESTIONS[0], conversation_id=talk.id, model="voice", temperature=0.0, anyway=True
            ).text
        assert "friend" in answers[WARM]
        assert "noted" not in answers[WARM]
        assert answers[DRY] == TONES[DRY]
        own = runtime.talking.begin(model="voice", system_prompt=WARM)
        said = runtime.chat(
            QUESTIONS[0], conversation_id=own.id, model="voice", temperature=0.0, anyway=True
        )
        assert said.text == answers[WARM]  # a conversation's own system prompt goes before


def test_a_model_that_was_not_taught_under_it_does_not_read_it(home: Settings) -> None:
    with Runtime.open(home) as runtime:
        answers = []
        for prompt in TONES:
            runtime.house.core_prompt.write(prompt)
            answers.append(runtime.chat("Hello", temperature=0.0))
        assert answers[0].text == answers[1].text
        assert answers[0].window is not None
        assert answers[0].window["system_tokens"] == 0


def test_le_as_it_comes_along_keeps_two_wishes_of_the_core_prompt(tmp_path: Path) -> None:
    with Runtime.open(settings(tmp_path / "data", PATH)) as runtime:
        answers = {}
        for prompt in ("Speak warmly.", "Be dry.", "Never ask me anything."):
            runtime.house.core_prompt.write(prompt)
            talk = runtime.talking.begin(model="le")
            said = "I feel so sad today."
            answers[prompt] = runtime.chat(said, conversation_id=talk.id, temperature=0.0).text
    warm, dry, silent = answers.values()
    assert "sorry" in warm
    assert "?" in warm
    assert "sorry" not in dry
    assert "sorry" in silent
    assert "?" not in silent


def test_what_the_window_says_counts_the_core_prompt(home: Settings) -> None:
    with Runtime.open(home) as runtime:
        digest, size = runtime.folder.save(taught_nothing())
        how = {HEARS_CORE_PROMPT: True}
        runtime.models.begin_from(
            "voice", engine="lstm", checkpoint=digest, size_bytes=size, summary=how
        )
        runtime.house.core_prompt.write(WARM)
        answer = runtime.chat("hello", model="voice", anyway=True)
        assert answer.window is not None
        assert answer.window["system_tokens"] == len(WARM) + 2


def taught_nothing() -> LanguageModel:
    alphabet = CharacterTokenizer("".join(map(chr, range(32, 127))))
    model = LanguageModel.create("lstm", {"hidden_size": 8}, alphabet, seed=0)
    assert np.isfinite(model.engine.logits(np.array([1], np.int32))).all()
    return model
