"""Models of any server that speaks the OpenAI dialect: llama.cpp, vLLM, LM Studio, a cloud's.

The dialect has no field for the window. Several servers tell it all the same, each under its own
name, in the list of models; where nobody tells and the owner has not said it either, a short one
is assumed, which costs old turns but never the newest ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from typing import Any

from l2c.conversation import Message
from l2c.errors import NotFound
from l2c.providers.provider import Outcome, Provider, Said, Sampling, Writing
from l2c.providers.remote import ANSWER_CHARACTERS, ASSUMED_WINDOW, RemoteModel, RemoteServer
from l2c.text.rough import RoughTokenizer

WINDOW_FIELDS = ("context_window", "max_model_len", "context_length", "max_context_length")


class OpenAI(RemoteServer):
    """A server with the OpenAI dialect; its address ends where `/chat/completions` begins."""

    def models(self) -> list[RemoteModel]:
        """What the server lists."""
        listed = self.ask("GET", "/models")
        data = listed.get("data") if isinstance(listed, dict) else None
        return [_model(entry) for entry in data or () if isinstance(entry, dict) and "id" in entry]

    def look_up(self, model: str) -> Provider:
        """A model of the server, with the window it tells."""
        for known in self.models():
            if known.name == model:
                return OpenAIModel(self, model, self.window or known.window or ASSUMED_WINDOW)
        raise NotFound(self.unknown(model))

    def absent(self) -> str:
        """That nothing answers there."""
        return f"Nothing answers at {self.url}; is the server of {self.name} running?"


class OpenAIModel(Provider):
    """One model of such a server."""

    checkpoint = None

    def __init__(self, server: OpenAI, model: str, window: int) -> None:
        self.name = f"{server.name}/{model}"
        self.tokenizer = RoughTokenizer()
        self.window = window
        self._server = server
        self._model = model

    def answer(self, messages: Sequence[Message], sampling: Sampling) -> Writing:
        """The model's answer, as the server sends it."""
        said = [{"role": message.role.value, "content": message.text} for message in messages]
        return self._writing("/chat/completions", {"messages": said}, sampling)

    def complete(self, text: str, sampling: Sampling) -> Writing:
        """What the model writes after a text; not every server can."""
        return self._writing("/completions", {"prompt": text}, sampling)

    def _writing(self, path: str, what: dict[str, Any], sampling: Sampling) -> Writing:
        body = what | {
            "model": self._model,
            "stream": True,
            "stream_options": {"include_usage": True},
            "temperature": sampling.temperature,
            "max_tokens": sampling.length,
            "seed": sampling.seed % 2**31,
            "top_p": sampling.top_p,
        }
        if sampling.stop:
            body["stop"] = list(sampling.stop)
        reason, tokens, characters = None, None, 0
        with closing(self._server.lines(path, body)) as lines:
            for line in lines:
                if not line.startswith(b"data:"):
                    continue  # comments, names of events, empty lines
                payload = line[5:].strip()
                if payload == b"[DONE]":
                    break
                chunk = self._server.object(payload)
                tokens = _tokens(chunk) or tokens
                text, ended = _read(chunk)
                reason = ended or reason
                if text:
                    characters += len(text)
                    yield Said(text)
                if characters > ANSWER_CHARACTERS:
                    return Outcome("length", tokens)
        if reason is None:
            raise self._server.broke_off()
        return Outcome("length" if reason == "length" else "stop", tokens)


def _read(chunk: dict[str, Any]) -> tuple[str, str | None]:
    """The text of a chunk's first choice, and why it ended if it did."""
    choices = chunk.get("choices")
    choice = choices[0] if isinstance(choices, list) and choices else None
    if not isinstance(choice, dict):
        return "", None
    delta = choice.get("delta")
    text = delta.get("content") if isinstance(delta, dict) else choice.get("text")
    reason = choice.get("finish_reason")
    return text if isinstance(text, str) else "", reason if isinstance(reason, str) else None


def _tokens(chunk: dict[str, Any]) -> int | None:
    usage = chunk.get("usage")
    count = usage.get("completion_tokens") if isinstance(usage, dict) else None
    return count if isinstance(count, int) else None


def _model(entry: dict[str, Any]) -> RemoteModel:
    meta = entry.get("meta")
    told = [entry.get(field) for field in WINDOW_FIELDS]
    told.append(meta.get("n_ctx_train") if isinstance(meta, dict) else None)
    windows = [window for window in told if isinstance(window, int) and window > 0]
    return RemoteModel(name=str(entry["id"]), window=windows[0] if windows else None)
