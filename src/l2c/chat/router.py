"""Who answers: the model, the code that computes, or nobody, honestly.

Before a local model's answer is shown, the router looks at what was asked. Sums and dates are
computed, exactly. Where the model shows that it does not know (`l2c.engines.doubt`), one frank
sentence says so and what would help. Everything else the model answers. Every answer carries its
origin, and whoever wants the model's words all the same asks for them with `anyway`.

Remembering will be one more way here; a remote model is never routed. Where documents are attached
`l2c.chat.quoting` goes before.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Generator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from l2c.chat import dates, sums
from l2c.conversation import Message, Origin, Role
from l2c.engines.doubt import Doubt
from l2c.providers.local import LocalProvider
from l2c.providers.provider import Provider, Sampling

CANNOT_WRITE = (
    "I cannot write that well enough: I am a very small model. A larger model can, "
    "if you connect one."
)
CANNOT_DO = "I cannot do that: I only read and write words here. A larger model may know how."
DOES_NOT_KNOW = (
    "I do not know that. You can tell me, add a document about it, or connect a larger model."
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


@dataclass(frozen=True, slots=True)
class Route:
    """How a message is answered; without a text the model writes it.

    `citations` are the quotes it rests on, see `l2c.chat.quoting`.
    """

    origin: Origin
    text: str | None = None
    citations: tuple[dict[str, Any], ...] = ()

    def pieces(
        self, provider: Provider, messages: Sequence[Message], sampling: Sampling
    ) -> Generator[str, None, None]:
        """The answer as it is written. Closing the generator stops the writing."""
        if self.text is not None:
            yield self.text
        else:
            yield from provider.stream(messages, sampling)


GENERATE = Route(Origin.GENERATED)


class Router:
    """Chooses for one user. `known` gives the words a checkpoint of a model was taught."""

    def __init__(
        self,
        *,
        doubt: Callable[[str], Doubt | None] = lambda name: None,
        known: Callable[[str, str], Collection[str]] = lambda name, digest: (),
        clock: Callable[[], datetime] = datetime.now,
    ) -> None:
        self._doubt = doubt
        self._known = known
        self._clock = clock

    def route(self, provider: Provider, messages: Sequence[Message], *, anyway: bool) -> Route:
        """How the last of `messages`, the user's, is answered; `anyway` by the model alone."""
        if anyway or not isinstance(provider, LocalProvider) or not messages:
            return GENERATE
        last = messages[-1]
        if last.role is not Role.USER:
            return GENERATE
        computed = sums.answer(last.text) or dates.answer(last.text, self._clock())
        if computed is not None:
            return Route(Origin.COMPUTED, computed)
        doubt = self._doubt(provider.name)
        if doubt is not None:
            said = self._known(provider.name, provider.checkpoint or "")
            if doubt.doubts(doubt.evidence(provider.model, messages, said)):
                return Route(Origin.DECLINED, declining(last.text))
        return GENERATE


def declining(asked: str) -> str:
    """One honest sentence that says what would help."""
    if _DOING.search(asked):
        return CANNOT_DO
    if _WRITING.search(asked):
        return CANNOT_WRITE
    return DOES_NOT_KNOW
