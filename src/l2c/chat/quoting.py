"""Answers from the documents of a conversation, in place of the model's.

A question asked where documents are attached is answered in their words, or declined: "That is not
in your documents." What is no question goes to the model as ever, and `anyway` asks the model all
the same. A model on another server may put the answer into words; every sentence of it is checked
(`l2c.retrieval.wording`), and if none holds, or the server fails, the quote stands alone.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Generator, Sequence
from dataclasses import asdict, dataclass

from l2c.chat.router import Route
from l2c.conversation import Message, Origin, Role
from l2c.errors import NotFound, ProviderError
from l2c.providers.local import LocalProvider
from l2c.providers.provider import Provider, Sampling
from l2c.retrieval import wording
from l2c.retrieval.answer import DECLINED, Answer, Quote
from l2c.retrieval.shelf import Shelf
from l2c.store.attachments import Attachments
from l2c.store.documents import DocumentRow

log = logging.getLogger(__name__)

SHOWN = 4
"""Passages a model is shown to put an answer into words."""

_ASKS = re.compile(
    r"\?\s*$|？\s*$|^\s*(?:who|whom|whose|what|which|when|where|why|how|is|are|was|were|do|does|did|can|"
    r"could|may|must|should|has|have|will|list|name|show|find|tell|give|count|summari[sz]e|explain|"
    r"wer|wen|wem|was|welche\w*|wann|wo|warum|wie|ist|sind|darf|kann|muss|gibt|nenne|zeige)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Worded(Route):
    """A quoted answer that a capable model may put into words. `passages` are what it is shown."""

    question: str = ""
    passages: tuple[Quote, ...] = ()

    def pieces(
        self, provider: Provider, messages: Sequence[Message], sampling: Sampling
    ) -> Generator[str, None, None]:
        """The model's checked sentences, then the quote itself; or the quote alone."""
        assert self.text is not None
        try:
            asked = wording.prompt(self.question, self.passages)
            said = "".join(provider.stream(asked, sampling))
        except ProviderError as error:
            log.warning("%s could not put an answer into words: %s", provider.name, error)
            said = ""
        checked = wording.check(said, self.question, self.passages)
        if checked.text:
            left_out = (
                f" {checked.left_out} of its sentences stand in no passage and were left out."
                if checked.left_out
                else ""
            )
            yield f"{checked.text}\n\n"
            yield f"{self.text}\n(In words by {provider.name}, checked.{left_out})"
        else:
            yield self.text


class Quoting:
    """Answers from the documents that are attached to conversations."""

    def __init__(self, attachments: Attachments, shelf: Shelf) -> None:
        self._attachments = attachments
        self._shelf = shelf

    def instead_of(
        self,
        route: Route,
        conversation_id: str,
        provider: Provider,
        messages: Sequence[Message],
    ) -> Route:
        """How the last message is answered where documents are attached; else `route` as it is.

        What the router computes goes before "not in your documents", and after a quote.
        """
        if not messages or messages[-1].role is not Role.USER:
            return route
        documents = self._of(conversation_id)
        if not documents:
            return route
        question = messages[-1].text
        answer = self._shelf.ask(question, among=[row.id for row in documents])
        if answer.origin is not Origin.DECLINED:
            return _routed(answer, provider)
        if _ASKS.search(question) and route.origin is not Origin.COMPUTED:
            return Route(Origin.DECLINED, DECLINED)
        return route

    def _of(self, conversation_id: str) -> list[DocumentRow]:
        try:
            return self._attachments.of_conversation(conversation_id)
        except NotFound:  # a temporary conversation, or one deleted meanwhile
            return []


def _routed(answer: Answer, provider: Provider) -> Route:
    citations = tuple(asdict(quote) for quote in answer.quotes)
    if answer.origin is Origin.COMPUTED or isinstance(provider, LocalProvider):
        return Route(answer.origin, answer.text, citations=citations)
    shown = (*answer.quotes, *(one.quote for one in answer.considered[:SHOWN]))
    return Worded(
        answer.origin,
        answer.text,
        citations=citations,
        question=answer.question,
        passages=shown,
    )
