"""Who answers: the model, the code that computes, or nobody, honestly.

Before a local model's answer is shown, the router looks at what was asked. Sums and dates are
computed, exactly. Where the model shows that it does not know (`l2c.engines.doubt`), one frank
sentence says so and what would help. Everything else the model answers. Every answer carries its
origin, and whoever wants the model's words all the same asks for them with `anyway`.

A small model understands a wording it has practised far better than another one for the same
thing. So what is said in other words is put to it in the practised wording it is most like
(`l2c.text.likeness`), where that leaves less doubt; the turn keeps the user's words, and its record
says what they were taken for.

A remote model is never routed. What was told is remembered before anything is doubted
(`l2c.chat.memory`). Where documents are attached `l2c.chat.quoting` goes before.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Generator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from l2c.chat import dates, sums
from l2c.conversation import Message, Origin, Role
from l2c.engines.doubt import Doubt, words_of
from l2c.providers.local import LocalProvider
from l2c.providers.provider import Provider, Sampling
from l2c.text.likeness import Likeness

CANNOT_WRITE = (
    "I cannot write that well enough: I am a very small model. A larger model can, "
    "if you connect one."
)
CANNOT_DO = "I cannot do that: I only read and write words here. A larger model may know how."
DOES_NOT_KNOW = (
    "I do not know that. You can tell me, add a document about it, or connect a larger model."
)
TAKEN_FOR = 0.5
"""How like a practised wording has to be, at least, to be taken for it."""

_PARTICULAR = re.compile(r"(?<=[^.!?\s] )[A-Z][\w']+|\d+")
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


@dataclass(frozen=True, slots=True)
class Route:
    """How a message is answered; without a text the model writes it.

    `citations` are the quotes it rests on, see `l2c.chat.quoting`, `remembered` the turns, see
    `l2c.chat.memory`. `taken_for` is the practised wording that the model reads in place of what
    was said.
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
NOTHING_PRACTISED = Likeness(())


class Router:
    """Chooses for one user. `known` gives the words a checkpoint of a model was taught."""

    def __init__(
        self,
        *,
        doubt: Callable[[str], Doubt | None] = lambda name: None,
        known: Callable[[str, str], Collection[str]] = lambda name, digest: (),
        practised: Callable[[], Likeness] = lambda: NOTHING_PRACTISED,
        clock: Callable[[], datetime] = datetime.now,
    ) -> None:
        self._doubt = doubt
        self._known = known
        self._practised = practised
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

        `told` is asked whether something told answers it, after what can be computed.
        """
        if anyway or not isinstance(provider, LocalProvider) or not messages:
            return GENERATE
        last = messages[-1]
        if last.role is not Role.USER:
            return GENERATE
        computed = sums.answer(last.text) or dates.answer(last.text, self._clock())
        if computed is not None:
            return Route(Origin.COMPUTED, computed)
        if (remembered := told()) is not None:
            return remembered
        doubt = self._doubt(provider.name)
        return GENERATE if doubt is None else self._by_doubt(doubt, provider, messages)

    def _by_doubt(
        self, doubt: Doubt, provider: LocalProvider, messages: Sequence[Message]
    ) -> Route:
        """Decline, answer, or answer what was probably meant."""
        *before, last = messages
        near = self._practised().nearest(last.text)
        said = self._known(provider.name, provider.checkpoint or "")

        def probability(text: str) -> float:
            asked = [*before, Message(Role.USER, text)]
            evidence = doubt.evidence(provider.model, asked, said, similarity=near.similarity)
            return doubt.probability(evidence)

        doubts = probability(last.text)
        if doubts >= doubt.threshold:
            return Route(Origin.DECLINED, declining(last.text))
        if (
            near.similarity >= TAKEN_FOR
            and words_of(near.line) != words_of(last.text)
            and _particulars(near.line) == _particulars(last.text)
            and probability(near.line) < doubts
        ):
            return Route(Origin.GENERATED, taken_for=near.line)
        return GENERATE


def _particulars(text: str) -> set[str]:
    """The names and numbers in a text, which no other wording may lose or bring."""
    return set(_PARTICULAR.findall(text)) - {"I", "I'm", "I've", "I'll", "I'd"}


def declining(asked: str) -> str:
    """One honest sentence that says what would help."""
    if _DOING.search(asked):
        return CANNOT_DO
    if _WRITING.search(asked):
        return CANNOT_WRITE
    return DOES_NOT_KNOW
