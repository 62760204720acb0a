"""Who answers: the model, the code that computes, or nobody, honestly.

Before a local model's answer is shown, the router looks at what was asked. Sums and dates are
computed, exactly. Where the model shows that it does not know (`l2c.engines.doubt`), one frank
sentence says so and what would help. Everything else the model answers. Every answer carries its
origin, and whoever wants the model's words all the same asks for them with `anyway`.

A small model understands a wording it has practised far better than another one for the same
thing, and of what it has practised once among thousands it can only stammer. So where it is not
sure of what it would write, the practised wording that a message means is looked for
(`l2c.text.practice`), and of the answers that belong to it the one is given that the model finds
likeliest; the turn keeps the user's words, and its record says what they were taken for. What is
asked about `le` and the program is answered by the program, in sentences written by hand, because
it must be true. And where nothing is known and nothing was meant, it declines.

A remote model is never routed. What was told is remembered before anything is doubted
(`l2c.chat.memory`). Where documents are attached `l2c.chat.quoting` goes before.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Generator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from random import Random
from typing import Any
from zlib import crc32

import numpy as np

from l2c.chat import (
    bills,
    chances,
    dates,
    following,
    journeys,
    reciting,
    shares,
    sums,
    time_zones,
    units,
    word_problems,
)
from l2c.conversation import Message, Origin, Role
from l2c.engines.doubt import Doubt, Evidence
from l2c.engines.model import LanguageModel
from l2c.engines.sampling import log_softmax
from l2c.providers.local import LocalProvider
from l2c.providers.provider import Provider, Sampling
from l2c.text.correcting import is_correction
from l2c.text.kinds import WEATHER, is_remark, kind_of
from l2c.text.likeness import asks
from l2c.text.manner import Manner
from l2c.text.practice import UNCLEAR, Meant, Practice, replies_to
from l2c.text.repertoire import Repertoire
from l2c.text.template import encode_prompt

CANNOT_WRITE = (
    "I cannot write that well enough: I am a very small model. A larger model can, "
    "if you connect one."
)
CANNOT_DO = "I cannot do that: I only read and write words here. A larger model may know how."
DOES_NOT_KNOW = (
    "I do not know that. You can tell me, add a document about it, or connect a larger model."
)
DOES_NOT_UNDERSTAND = "I did not understand that: I only read simple English."
SURE = 0.05
"""Nats per token of a draft below which the model's own words are good."""

UNSURE = 0.12
"""Above which they are hardly ever sense."""

STRANGE = 0.75
"""The share of words nobody has ever said above which a message is hardly English."""

DRAFTED = Sampling(temperature=0.0, length=40, seed=0)

ABOUT_ITSELF = 0.64
"""How like a question about `le` a message has to be, at least, for the program to answer it."""

ASKED = 0.85
"""How like a practised question to `le` a message has to be to be none about what was told."""

_TO_LE = re.compile(
    r"\b(?:are|can|will|would|could|do|did) you\b(?! (?:know|remember))", re.IGNORECASE
)
_OF_A_DEED = re.compile(
    r"\b(?:know|remember|recall) (?:what|where|who|when|which \w+) (?:I|we) "
    r"(?!talk|spoke|chat|discuss)",
    re.IGNORECASE,
)
"""What asks for what its speaker did or said, and not what `le` does."""
_TO_BE_MADE = re.compile(
    r"^(?:please |can you |could you |would you |will you |help me (?:to )?)*(?:write|draft|"
    r"compose|translate|summari[sz]e|rewrite|design|create|plan|proofread|fix|calculate|order|book|"
    r"suggest|recommend|find|invent|come up with|think of)\b",
    re.IGNORECASE,
)
_WRITING = re.compile(
    r"\b(?:write|translate|summari[sz]e|draft|compose|rewrite|code|program|essay|poem|letter|"
    r"e-?mail|recipe|plan|speech|story|song|script|design|create|proofread|correct)\b",
    re.IGNORECASE,
)
_DOING = re.compile(
    r"^(?:please |can you |could you |would you )*(?:call|send|order|book|play|turn|switch|open|"
    r"close|set|buy|search|look up|draw|remind|start|stop|download|install|pay)\b",
    re.IGNORECASE,
)
_DATED = re.compile(r"\d|\bborn\b")
"""What was told to the number, of which nothing is asked on."""


@dataclass(frozen=True, slots=True)
class Route:
    """How a message is answered; without a text the model writes it.

    `citations` are the quotes it rests on, see `l2c.chat.quoting`, `remembered` the turns, see
    `l2c.chat.memory`. `taken_for` is the practised wording that the message is read as, where it
    is another than the message's own; a text beside it is the answer practised for it.
    """

    origin: Origin
    text: str | None = None
    taken_for: str | None = None
    citations: tuple[dict[str, Any], ...] = ()
    remembered: tuple[str, ...] = ()

    def pieces(
        self, provider: Provider, messages: Sequence[Message], sampling: Sampling
    ) -> Generator[str, None, None]:
        """The answer as it is written. Closing the generator stops the writing."""
        if self.text is not None:
            yield self.text
            return
        yield from provider.stream(as_taken(messages, self.taken_for), sampling)


def as_taken(messages: Sequence[Message], taken_for: str | None) -> tuple[Message, ...]:
    """The messages as the model reads them: the last in its practised wording, if there is one."""
    if taken_for is None:
        return tuple(messages)
    return (*messages[:-1], Message(Role.USER, taken_for))


GENERATE = Route(Origin.GENERATED)
NOTHING_PRACTISED = Practice(Repertoire.of())


class Router:
    """Chooses for one user. `known` gives the words a checkpoint of a model was taught.

    What is put together here follows the core prompt, or the conversation's own system prompt, as
    far as `l2c.text.manner` understands it.
    """

    def __init__(
        self,
        *,
        doubt: Callable[[str], Doubt | None] = lambda name: None,
        known: Callable[[str, str], Collection[str]] = lambda name, digest: (),
        practised: Callable[[], Practice] = lambda: NOTHING_PRACTISED,
        core_prompt: Callable[[], str] = lambda: "",
        clock: Callable[[], datetime] = datetime.now,
    ) -> None:
        self._doubt = doubt
        self._known = known
        self._practised = practised
        self._core_prompt = core_prompt
        self._clock = clock

    def route(
        self,
        provider: Provider,
        messages: Sequence[Message],
        *,
        anyway: bool,
        told: Callable[[], Route | None] = lambda: None,
    ) -> Route:
        """How the last of `messages`, the user's, is answered; `anyway` by the model alone.

        That is its own words, or what it recites of what it was told (`l2c.chat.reciting`).
        `told` is asked whether something told answers it, after what can be computed.
        """
        if not isinstance(provider, LocalProvider) or not messages:
            return GENERATE
        last = messages[-1]
        if last.role is not Role.USER:
            return GENERATE
        if anyway:
            recited = reciting.recite(provider.model, messages)
            return GENERATE if recited is None else Route(Origin.GENERATED, recited)
        computed = following.answer(messages) or self._computed(messages)
        if computed is not None:
            return Route(Origin.COMPUTED, computed)
        remembered, doubt = told(), self._doubt(provider.name)
        if doubt is None:
            return remembered or GENERATE
        before = messages[-2].text if len(messages) > 1 else ""
        meant = self._practised().meant(last.text, before)
        if remembered is not None and not _is_more_than_told(remembered, last.text, meant):
            asks_on = remembered.origin is Origin.REMEMBERED and self._manner(messages).questions
            asks_on = asks_on and not _DATED.search(remembered.text or "")
            question = self._practised().question(last.text) if asks_on else None
            if question is None:
                return remembered
            return replace(remembered, text=f"{remembered.text} {question}")
        if meant is not None and meant.itself and meant.similarity >= ABOUT_ITSELF:
            return Route(Origin.COMPUTED, meant.answers[0])
        return self._by_doubt(doubt, provider, messages, meant)

    def _computed(self, messages: Sequence[Message]) -> str | None:
        """The result of what the last message asks to compute, by itself or of the turn before."""
        for asked in following.in_full(messages):
            now = self._clock()
            found = sums.answer(asked) or dates.answer(asked, now) or units.answer(asked)
            found = found or time_zones.answer(asked, now) or shares.answer(asked)
            found = found or bills.answer(asked) or journeys.answer(asked)
            found = found or word_problems.answer(asked)
            found = found or chances.answer(asked, Random(now.timestamp()))
            if found is not None:
                return found
        return None

    def _by_doubt(
        self,
        doubt: Doubt,
        provider: LocalProvider,
        messages: Sequence[Message],
        meant: Meant | None,
    ) -> Route:
        """The model's own words, what it practised for what was meant, or an honest sentence."""
        asked = messages[-1].text
        evidence = self._evidence(doubt, provider, messages)
        doubts = doubt.doubts(evidence)
        taught = provider.checkpoint != doubt.starter
        beside = taught and reciting.is_beside(_drafted(provider, messages), messages)
        sure = evidence.unsure <= SURE and evidence.beyond <= 0 and not doubts and not beside
        before = messages[-2].text if len(messages) > 1 else ""
        kind = kind_of(asked, replying=replies_to(asked, before))
        tone, manner = kind.tone if kind is not None else None, self._manner(messages)
        feels = kind is not None and kind.own
        better = meant is not None and (meant.told_by_heart or meant.by_heart or feels)
        if sure and not better and not self._says_little(provider, messages):
            return GENERATE
        perhaps_itself = meant
        if meant is None or meant.itself:
            meant = self._practised().remark(asked, before)
        if meant is None and not doubts:
            meant = self._practised().guess(asked)
            of_itself = meant is not None and meant.itself
            fluent = evidence.unsure <= UNSURE and evidence.beyond <= 0 and not beside
            if fluent and not of_itself:
                return GENERATE
        meant = meant or perhaps_itself
        if meant is None:
            return Route(Origin.DECLINED, declining(asked, strange=evidence.strange_share))
        if meant.itself:
            return Route(Origin.COMPUTED, meant.answers[0])
        knowing = tuple(one for one in meant.answers if not one.startswith(doubt.declines))
        meant = replace(meant, answers=manner.fitting(knowing or meant.answers, tone))
        route = _as_practised(provider.model, messages, meant)
        assert route.text is not None
        if route.text.startswith(doubt.declines):
            return Route(Origin.DECLINED, declining(asked, strange=evidence.strange_share))
        if tone is not None and manner.sympathy:
            return replace(route, text=tone.of(route.text))
        done = not manner.questions or kind is not None or meant.passing or _asks_back(route.text)
        question = None if done else self._practised().asked_about(asked)
        if question is not None:
            return replace(route, text=f"{route.text} {question}")
        return route

    def _manner(self, messages: Sequence[Message]) -> Manner:
        """How this conversation wants to be answered."""
        own = messages[0].role is Role.SYSTEM
        return Manner.wanted(messages[0].text if own else self._core_prompt())

    def _says_little(self, provider: LocalProvider, messages: Sequence[Message]) -> bool:
        """Whether the model would answer as to anything, where there is something to ask."""
        if self._practised().asked_about(messages[-1].text) is None:
            return False
        return self._practised().is_general(_drafted(provider, messages))

    def _evidence(
        self, doubt: Doubt, provider: LocalProvider, messages: Sequence[Message]
    ) -> Evidence:
        near = self._practised().nearest(messages[-1].text)
        said = self._known(provider.name, provider.checkpoint or "")
        return doubt.evidence(provider.model, messages, said, similarity=near.similarity)


def _is_more_than_told(remembered: Route, said: str, meant: Meant | None) -> bool:
    """Whether a message wants another answer than what was told, or that it was not told.

    A sorrow wants sympathy and a farewell a farewell, not a receipt. A question about `le`, or for
    something to be made, is no question about what was told, though it says "my".
    """
    if meant is not None and (meant.told_by_heart or meant.line == UNCLEAR):
        return True
    if remembered.origin is Origin.COMPUTED or (is_correction(said) and not asks(said)):
        return False
    if remembered.origin is not Origin.DECLINED:
        in_passing = meant is not None and meant.passing and meant.similarity >= ASKED
        kind = kind_of(said)
        return in_passing or (kind is not None and kind.line != WEATHER and not asks(said))
    if _OF_A_DEED.search(said):
        return False
    if meant is not None and meant.similarity >= (ABOUT_ITSELF if meant.itself else ASKED):
        return meant.itself or _TO_LE.search(said) is not None
    return is_remark(said) or _TO_BE_MADE.search(said) is not None


def _drafted(provider: Provider, messages: Sequence[Message]) -> str:
    """What the model would answer, greedily."""
    return "".join(GENERATE.pieces(provider, messages, DRAFTED))


def _asks_back(answer: str) -> bool:
    """Whether an answer wants one itself."""
    return "?" in answer or "tell me" in answer.lower()


def _as_practised(model: LanguageModel, messages: Sequence[Message], meant: Meant) -> Route:
    """The answer that belongs to what was meant, one not given before if there is one."""
    given = {message.text for message in messages if message.role is Role.ASSISTANT}
    fresh = [answer for answer in meant.answers if answer not in given] or list(meant.answers)
    read = as_taken(messages, meant.line)
    chosen = meant.similarity > 0 and len(fresh) > 1
    said = messages[-1].text.encode()
    answer = likeliest(model, read, fresh) if chosen else fresh[crc32(said) % len(fresh)]
    as_said = meant.line == messages[-1].text
    return Route(Origin.PRACTISED, answer, taken_for=None if as_said else meant.line)


def likeliest(model: LanguageModel, messages: Sequence[Message], answers: Sequence[str]) -> str:
    """The answer with the fewest nats a token after these messages, the first of equals."""
    asked = encode_prompt(messages, model.tokenizer)
    ahead, state = model.engine.advance(np.array(asked, np.int32))

    def nats(answer: str) -> float:
        tokens = np.array(model.tokenizer.encode(answer), np.int32)
        rows = np.vstack([ahead, model.engine.logits(tokens[:-1], state)])
        log_p = log_softmax(rows.astype(np.float64))[np.arange(len(tokens)), tokens]
        return -float(log_p.mean())

    return min(answers, key=nats)


def declining(asked: str, *, strange: float) -> str:
    """One honest sentence that says what would help; `strange` is the share of unknown words."""
    letters = [one for one in asked if one.isalpha()]
    latin = sum(one.isascii() for one in letters)
    if strange > STRANGE or 2 * latin <= len(letters):
        return DOES_NOT_UNDERSTAND
    if _DOING.search(asked):
        return CANNOT_DO
    if _WRITING.search(asked):
        return CANNOT_WRITE
    return DOES_NOT_KNOW
