"""Models of an Ollama server. Format: https://docs.ollama.com/api, and what servers really send.

The window is the smaller of what the model was made for (`/api/show`) and what is asked for with
`num_ctx`, which is always sent: Ollama's own default is shorter than most models' and would cut
the conversation without a word.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import closing
from typing import Any

from l2c.conversation import Message
from l2c.providers.provider import Outcome, Provider, Said, Sampling, Writing
from l2c.providers.remote import ANSWER_CHARACTERS, ASSUMED_WINDOW, RemoteModel, RemoteServer
from l2c.text.rough import RoughTokenizer

LARGEST_WINDOW = 8192
"""Tokens asked for when nobody says more: a window costs the server memory."""


class Ollama(RemoteServer):
    """An Ollama server."""

    def models(self) -> list[RemoteModel]:
        """What `ollama list` shows, without models that only embed."""
        listed = self.ask("GET", "/api/tags")
        models = listed.get("models") if isinstance(listed, dict) else None
        return [_model(entry) for entry in models or () if isinstance(entry, dict)]

    def look_up(self, model: str) -> Provider:
        """A model of the server, with the window it has."""
        shown = self.ask("POST", "/api/show", {"model": model})
        return OllamaModel(self, model, min(_made_for(shown), self._asked(shown)))

    def absent(self) -> str:
        """That it is not running, and what helps."""
        return f"Ollama is not running at {self.url}; start it with `ollama serve`."

    def unknown(self, model: str) -> str:
        """That it must be fetched first."""
        return f"Ollama at {self.url} has no model {model!r}; get it with `ollama pull {model}`."

    def _asked(self, shown: Any) -> int:
        """The window of the settings, else of the model file, else a moderate one."""
        if self.window is not None:
            return self.window
        parameters = shown.get("parameters") if isinstance(shown, dict) else None
        found = re.search(r"^num_ctx\s+(\d+)", str(parameters or ""), re.MULTILINE)
        return int(found.group(1)) if found else LARGEST_WINDOW


class OllamaModel(Provider):
    """One model of an Ollama server."""

    checkpoint = None

    def __init__(self, server: Ollama, model: str, window: int) -> None:
        self.name = f"{server.name}/{model}"
        self.tokenizer = RoughTokenizer()
        self.window = window
        self._server = server
        self._model = model

    def answer(self, messages: Sequence[Message], sampling: Sampling) -> Writing:
        """The model's answer, as the server sends it."""
        said = [{"role": message.role.value, "content": message.text} for message in messages]
        return self._writing("/api/chat", {"messages": said}, sampling)

    def complete(self, text: str, sampling: Sampling) -> Writing:
        """What the model writes after a text, without its chat template."""
        return self._writing("/api/generate", {"prompt": text, "raw": True}, sampling)

    def _writing(self, path: str, what: dict[str, Any], sampling: Sampling) -> Writing:
        body = what | {"model": self._model, "stream": True, "options": self._options(sampling)}
        characters = 0
        with closing(self._server.lines(path, body)) as lines:
            for line in filter(None, lines):
                value = self._server.object(line)
                message = value.get("message")
                said = message if isinstance(message, dict) else {"content": value.get("response")}
                text = said.get("content")
                if isinstance(text, str) and text:
                    characters += len(text)
                    yield Said(text)
                if value.get("done") is True:
                    cut = value.get("done_reason") == "length"
                    return Outcome("length" if cut else "stop", _count(value.get("eval_count")))
                if characters > ANSWER_CHARACTERS:
                    return Outcome("length", None)
        raise self._server.broke_off()

    def _options(self, sampling: Sampling) -> dict[str, Any]:
        options: dict[str, Any] = {
            "temperature": sampling.temperature,
            "num_predict": sampling.length,
            "num_ctx": self.window,
            "seed": sampling.seed % 2**31,
        }
        if sampling.top_k:
            options["top_k"] = sampling.top_k
        if sampling.top_p < 1:
            options["top_p"] = sampling.top_p
        if sampling.min_p:
            options["min_p"] = sampling.min_p
        if sampling.repetition_penalty != 1:
            options["repeat_penalty"] = sampling.repetition_penalty
        if sampling.stop:
            options["stop"] = list(sampling.stop)
        return options


def _model(entry: dict[str, Any]) -> RemoteModel:
    details = entry.get("details")
    details = details if isinstance(details, dict) else {}
    return RemoteModel(
        name=str(entry.get("model") or entry.get("name") or ""),
        family=_text(details.get("family")),
        parameters=_text(details.get("parameter_size")),
        size_bytes=_count(entry.get("size")),
    )


def _made_for(shown: Any) -> int:
    """The longest window the model was made for, by its own description."""
    info = shown.get("model_info") if isinstance(shown, dict) else None
    lengths = [
        int(value)
        for key, value in (info or {}).items()
        if key.endswith(".context_length") and isinstance(value, int) and value > 0
    ]
    return lengths[0] if lengths else ASSUMED_WINDOW


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _count(value: object) -> int | None:
    return value if isinstance(value, int) and value >= 0 else None
