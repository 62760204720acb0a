"""Talking, as a user asks for it: what is left out comes from the conversation or the settings."""

from __future__ import annotations

import hashlib
from typing import Any, TypedDict, Unpack

from l2c.chat.catalog import Catalog
from l2c.chat.eraser import Eraser
from l2c.chat.live import LiveModels
from l2c.chat.reply import Replies, Request, Step, clean
from l2c.chat.talks import Talks
from l2c.chat.view import View
from l2c.conversation import Role
from l2c.settings import Settings
from l2c.store.conversations import BegunExchange, Conversations
from l2c.store.listing import ConversationRow
from l2c.store.places import AT_THE_END, Place
from l2c.store.shelving import Changes
from l2c.store.speakers import Speakers
from l2c.text.forgetting import is_off_the_record
from l2c.text.lexicon import plain


class How(TypedDict, total=False):
    """How an answer is to be written; what is None or left out is not asked for."""

    parent_id: str | Place | None
    model: str | None
    temperature: float | None
    top_k: int | None
    top_p: float | None
    min_p: float | None
    repetition_penalty: float | None
    length: int | None
    learn: bool | None
    seed: int | None
    key: str | None
    anyway: bool


_SAMPLED = ("temperature", "top_k", "top_p", "min_p", "repetition_penalty", "length", "seed")


class Talking:
    """Everything that happens in a conversation, kept or temporary."""

    def __init__(
        self,
        settings: Settings,
        talks: Talks,
        catalog: Catalog,
        live: LiveModels,
        replies: Replies,
        eraser: Eraser,
        speakers: Speakers,
    ) -> None:
        self._settings = settings
        self._talks = talks
        self._catalog = catalog
        self._live = live
        self.replies = replies
        self._eraser = eraser
        self._speakers = speakers

    def of(self, conversation_id: str) -> Conversations:
        """The store that holds a conversation."""
        return self._talks.of(conversation_id)

    def of_turn(self, turn_id: str) -> Conversations:
        """The store that holds a turn."""
        return self._talks.of_turn(turn_id)

    def temporary(self) -> list[ConversationRow]:
        """The temporary conversations, newest first."""
        return self._talks.temporary().list(limit=500).conversations

    def begin(
        self, *, model: str | None = None, temporary: bool = False, **how: Any
    ) -> ConversationRow:
        """A new conversation; takes what `Conversations.create` takes. Raises `NotFound`."""
        how["model"] = self._catalog.known(model)
        return self._talks.begin_temporary(**how) if temporary else self._talks.kept.create(**how)

    def change(self, conversation_id: str, **changes: Unpack[Changes]) -> ConversationRow:
        """Change what is given of a conversation. Raises `NotFound`, also for the model."""
        if "model" in changes:
            self._catalog.known(changes["model"])
        return self.of(conversation_id).update(conversation_id, **changes)

    def say(self, conversation_id: str, text: str, **how: Unpack[How]) -> BegunExchange:
        """Say something in a conversation; its answer is being written when this returns.

        Raises as `Replies.begin`.
        """
        return self._begin(Step.SAY, conversation_id, text=text, **how)

    def edit(self, turn_id: str, text: str, **how: Unpack[How]) -> BegunExchange:
        """Say a turn of the user again in other words, or correct an answer, on a new branch.

        A turn of the user is answered anew; a corrected answer is finished at once. Raises as
        `Replies.begin`.
        """
        talks = self.of_turn(turn_id)
        turn = talks.turn(turn_id)
        if turn.role is Role.ASSISTANT:
            corrected = talks.correct_answer(
                turn_id,
                clean(text),
                last_turn_id=how.get("parent_id", AT_THE_END),
                key=how.get("key"),
                request_digest=_sha256(f"correct {turn_id} {text}"),
            )
            self.replies.log(turn.conversation_id)
            return corrected
        return self._begin(Step.EDIT, turn.conversation_id, turn_id=turn_id, text=text, **how)

    def answer_again(self, turn_id: str, **how: Unpack[How]) -> BegunExchange:
        """Write another answer beside this one, or below a user's turn. Raises as `edit`."""
        conversation_id = self.of_turn(turn_id).turn(turn_id).conversation_id
        return self._begin(Step.ANSWER, conversation_id, turn_id=turn_id, **how)

    def go_on(self, turn_id: str, **how: Unpack[How]) -> BegunExchange:
        """Write another answer that begins with all of this one. Raises as `edit`."""
        conversation_id = self.of_turn(turn_id).turn(turn_id).conversation_id
        return self._begin(Step.CONTINUE, conversation_id, turn_id=turn_id, **how)

    def window(self, conversation_id: str, *, model: str | None = None) -> dict[str, Any]:
        """What a model would read if the draft of the conversation were sent now.

        Raises `NotFound`, `InvalidInput` when there is neither a turn nor a draft, and
        `ProviderError`.
        """
        talks = self.of(conversation_id)
        row = talks.get(conversation_id)
        request = self._request(Step.SAY, row, {} if model is None else {"model": model})
        provider, core_prompt = self._live.to_answer(request.model)
        under = View.of_draft(talks, conversation_id, row.draft).under(core_prompt)
        view = under.heard(self._speakers.rules())
        return view.through(provider, answer=min(request.length, provider.window // 2)).report

    def keep(self, conversation_id: str, *, learn: bool) -> ConversationRow:
        """Turn a temporary conversation into a kept one. Raises as `Talks.keep`."""
        row = self._talks.keep(conversation_id, learn=learn)
        self._eraser.note()
        self.replies.log(conversation_id)
        return row

    def delete(self, conversation_id: str) -> None:
        """Put a conversation away, and erase it when it was not restored in time."""
        self._talks.delete(conversation_id)
        self._eraser.note()

    def restore(self, conversation_id: str) -> ConversationRow:
        """Take a deletion back. Raises `NotFound` once it is too late."""
        return self._talks.restore(conversation_id)

    def _begin(
        self,
        step: Step,
        conversation_id: str,
        *,
        turn_id: str = "",
        text: str = "",
        **how: Unpack[How],
    ) -> BegunExchange:
        row = self.of(conversation_id).get(conversation_id)
        return self.replies.begin(self._request(step, row, how, turn_id=turn_id, text=text))

    def _request(
        self, step: Step, row: ConversationRow, how: How, *, turn_id: str = "", text: str = ""
    ) -> Request:
        given = {name: value for name, value in how.items() if value is not None}
        sampling = {
            "temperature": self._settings.temperature,
            "length": self._settings.answer_tokens,
        } | (row.sampling or {})
        sampling |= {name: given[name] for name in _SAMPLED if name in given}
        return Request(
            row.id,
            text,
            model=self._catalog.known(how.get("model") or row.model),
            learn=how.get("learn") is not False and not is_off_the_record(plain(text)),
            parent_id=how.get("parent_id", AT_THE_END),
            key=how.get("key"),
            anyway=how.get("anyway", False),
            step=step,
            turn_id=turn_id,
            **sampling,
        )


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
