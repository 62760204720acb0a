"""Answers for other programs: a conversation comes whole, nothing of it is stored.

The OpenAI and Ollama dialects are served from here. The window is the same honest one as in the
chat: what was left out is counted and told, or refused when the caller wants everything read.
Nothing is written anywhere; who wants an exchange kept and learned says so (`l2c.chat.reply`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from l2c.chat import window
from l2c.chat.live import LiveModels
from l2c.conversation import Message, Origin, Role, TurnStatus
from l2c.errors import InvalidInput, WindowExceeded
from l2c.providers.provider import Provider, Sampling, Writing
from l2c.store.conversations import Conversations

__all__ = ["Completion", "Completions"]


@dataclass(frozen=True, slots=True)
class Completion:
    """A text that is being written, by which version, and what the model read of the prompt.

    `checkpoint` is None for a remote model, which tells no version. Close `writing` to stop it.
    """

    model: str
    checkpoint: str | None
    prompt_tokens: int
    dropped_tokens: int
    writing: Writing


class Completions:
    """Writes for programs, with the models of one user."""

    def __init__(self, live: LiveModels, conversations: Conversations) -> None:
        self._live = live
        self._conversations = conversations

    def answer(
        self,
        model: str,
        messages: Sequence[Message],
        sampling: Sampling,
        *,
        may_drop: bool = True,
    ) -> Completion:
        """Answer a conversation.

        Raises `NotFound` for an unknown model, `InvalidInput` for an empty conversation,
        `WindowExceeded` when something would have to be left out and must not, `ProviderError`.
        """
        provider = self._live.current(model)
        sampling = _within(provider, sampling)
        view = window.build(
            messages, provider.tokenizer, size=provider.window, answer=sampling.length
        )
        if view.dropped_tokens and not may_drop:
            raise _exceeded(provider, view.tokens + view.dropped_tokens, sampling)
        writing = provider.answer(view.messages, sampling)
        return Completion(
            provider.name, provider.checkpoint, view.tokens, view.dropped_tokens, writing
        )

    def go_on(
        self, model: str, prompt: str | Sequence[int], sampling: Sampling, *, may_drop: bool = True
    ) -> Completion:
        """Write what follows a text, given as such or as token ids. Raises as `answer`."""
        provider = self._live.current(model)
        sampling = _within(provider, sampling)
        tokenizer = provider.tokenizer
        if isinstance(prompt, str):
            tokens = tokenizer.encode(prompt)
        else:
            tokens = list(prompt)
            _expect_ids(tokens, tokenizer.vocab_size)
        room = provider.window - sampling.length - 1
        dropped = max(0, len(tokens) - room)
        if dropped and not may_drop:
            raise _exceeded(provider, len(tokens), sampling)
        text = (
            prompt
            if isinstance(prompt, str) and not dropped
            else tokenizer.decode(tokens[dropped:])
        )
        writing = provider.complete(text, sampling)
        return Completion(
            provider.name, provider.checkpoint, len(tokens) - dropped, dropped, writing
        )

    def keep(self, messages: Sequence[Message], completion: Completion, text: str) -> str:
        """Keep the last thing said, and the answer to it, as a conversation that is learned.

        Returns its id. Raises `InvalidInput` when the last message is not the user's.
        """
        if not messages or messages[-1].role is not Role.USER:
            raise InvalidInput("Only an answer to a user's message can be learned.")
        conversation = self._conversations.create(model=completion.model)
        begun = self._conversations.begin_exchange(
            conversation.id, messages[-1].text, model=completion.model
        )
        self._conversations.finish(
            begun.answer.id,
            status=TurnStatus.COMPLETE,
            text=text,
            origin=Origin.GENERATED,
            checkpoint=completion.checkpoint,
        )
        return conversation.id


def _within(provider: Provider, sampling: Sampling) -> Sampling:
    """The same, with an answer of at most half the window, so that a prompt fits beside it."""
    return replace(sampling, length=min(sampling.length, provider.window // 2))


def _expect_ids(tokens: Sequence[int], vocab_size: int) -> None:
    for token in tokens:
        if not 0 <= token < vocab_size:
            raise InvalidInput(f"A token id must be in [0, {vocab_size}); found {token}.")


def _exceeded(provider: Provider, tokens: int, sampling: Sampling) -> WindowExceeded:
    return WindowExceeded(
        f"{provider.name} reads {provider.window - sampling.length} tokens beside an answer of "
        f"{sampling.length}; this prompt has {tokens}."
    )
