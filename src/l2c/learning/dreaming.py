"""Dreams: what a model writes when nobody asks it anything.

A model that was taught conversations dreams a conversation: it says the user's part too, turn
after turn, through the same template in which it was taught. A model that was taught plain text
goes on and on. Either way it is a picture of what it has learned, seen from inside, and material
with which it can rehearse what it knows (generative replay: Shin et al. 2017, "Continual learning
with deep generative replay").
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from l2c.conversation import Message, Role
from l2c.engines.engine import Sampler, State
from l2c.engines.model import LanguageModel
from l2c.text.measures import repetition
from l2c.text.template import UNWRITABLE
from l2c.text.tokenizer import Control

LONGEST_TURN = 96
"""Tokens after which a turn of a dreamt conversation ends, when the model does not end it."""


@dataclass(frozen=True, slots=True)
class Dream:
    """What was dreamt: turns with their role, or plain text, whose role is None.

    `entropy` is how many bits each token could not be foreseen by the model itself, on average;
    `repetition` the share of the text that stood in it before.
    """

    said: tuple[tuple[str | None, str], ...]
    tokens: int
    entropy: float
    repetition: float

    @property
    def text(self) -> str:
        """All of it, a line for each turn."""
        return text_of(self.said)

    @property
    def messages(self) -> tuple[Message, ...]:
        """The turns of a dreamt conversation; none of a plain text."""
        return tuple(Message(Role(role), text) for role, text in self.said if role is not None)


def text_of(said: tuple[tuple[str | None, str], ...]) -> str:
    """What a dream says, a line for each turn."""
    names = {Role.USER: "you: ", Role.ASSISTANT: "le: "}
    return "\n".join(("" if role is None else names[Role(role)]) + text for role, text in said)


def dream(
    model: LanguageModel, *, talks: bool, length: int, temperature: float, seed: int
) -> Dream:
    """A dream of about `length` tokens (1 or more); the same seed dreams the same.

    With `talks` it is a conversation. Raises `L2CError` when the model computes nonsense.
    """
    writing = _Writing(model, temperature, seed)
    if not talks:
        said: tuple[tuple[str | None, str], ...] = ((None, writing.plain(length)),)
    else:
        said = ()
        while writing.tokens < length:
            role = Role.ASSISTANT if len(said) % 2 else Role.USER
            said = (*said, (str(role), writing.turn(role, min(LONGEST_TURN, length))))
    whole = " ".join(text for _, text in said)
    bits = -writing.log_probability / math.log(2) / max(writing.tokens, 1)
    return Dream(said, writing.tokens, bits, repetition(whole))


class _Writing:
    """A text on its way, and what it has come to."""

    def __init__(self, model: LanguageModel, temperature: float, seed: int) -> None:
        self._model = model
        self._seed = seed
        self._temperature = temperature
        self._state: State = model.engine.initial_state()
        self._read(Control.START)
        self.tokens, self.log_probability = 0, 0.0

    def plain(self, length: int) -> str:
        """Text without turns."""
        return self._write(length, Sampler(self._temperature, banned=tuple(Control)))[0]

    def turn(self, role: Role, longest: int) -> str:
        """The next turn, to its end."""
        self._read(Control.USER if role is Role.USER else Control.ASSISTANT)
        sampler = Sampler(self._temperature, banned=UNWRITABLE, stop=(Control.END,))
        text, ended = self._write(longest, sampler)
        if not ended:
            self._read(Control.END)
        return text

    def _write(self, length: int, sampler: Sampler) -> tuple[str, bool]:
        wrote = self._model.engine.generate(self._state, length, sampler, seed=self._seed)
        self._state = wrote.state
        self.tokens += len(wrote.tokens) + wrote.stopped
        self.log_probability += float(wrote.log_probabilities.sum())
        return self._model.tokenizer.decode(wrote.tokens.tolist()), wrote.stopped

    def _read(self, token: int) -> None:
        _, self._state = self._model.engine.advance(np.array([token], np.int32), self._state)
