"""What a model is shown of a stored conversation, and what the answer's record says about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from l2c.chat import window
from l2c.conversation import Message, Role
from l2c.providers.provider import Provider
from l2c.store.conversations import Conversations
from l2c.store.schema.accounts import Speaker
from l2c.store.speakers import Rule
from l2c.store.turns import Said, TurnRow


@dataclass(frozen=True, slots=True)
class Seen:
    """The messages a model reads, and the report of what it does not."""

    messages: tuple[Message, ...]
    report: dict[str, Any]


@dataclass(frozen=True, slots=True)
class View:
    """Everything of a conversation a model could be shown, oldest first.

    `turn_ids` names the turn of each message, None for the system prompt and what is only drafted.
    """

    messages: tuple[Message, ...]
    turn_ids: tuple[str | None, ...]
    pinned: frozenset[int]

    @classmethod
    def of_answer(cls, talks: Conversations, answer: TurnRow) -> View:
        """What was said before an answer, and what it begins with when it goes on from another."""
        prompt, said = talks.said_through(answer.conversation_id, answer.parent_id)
        return cls._of(prompt, [*said, answer])

    @classmethod
    def of_draft(cls, talks: Conversations, conversation_id: str, draft: str) -> View:
        """What was said so far, with a draft at its end."""
        prompt = talks.get(conversation_id).system_prompt
        view = cls._of(prompt, talks.turns(conversation_id))
        if not draft:
            return view
        message = Message(Role.USER, draft)
        return cls((*view.messages, message), (*view.turn_ids, None), view.pinned)

    @classmethod
    def _of(cls, prompt: str, said: Sequence[Said | TurnRow]) -> View:
        system = [(Message(Role.SYSTEM, prompt), None, False)] if prompt else []
        # Answers that never came are left out.
        turns = [
            (Message(turn.role, turn.text), turn.id, turn.pinned) for turn in said if turn.text
        ]
        shown = [*system, *turns]
        return cls(
            tuple(message for message, _, _ in shown),
            tuple(turn_id for _, turn_id, _ in shown),
            frozenset(number for number, (_, _, pinned) in enumerate(shown) if pinned),
        )

    def under(self, core_prompt: str) -> View:
        """The same under the core prompt, unless it has a system prompt of its own."""
        if not core_prompt or (self.messages and self.messages[0].role is Role.SYSTEM):
            return self
        return View(
            (Message(Role.SYSTEM, core_prompt), *self.messages),
            (None, *self.turn_ids),
            frozenset(number + 1 for number in self.pinned),
        )

    def heard(self, rules: Mapping[Speaker, Rule]) -> View:
        """What of it may stand in a window at all; the last question and its answer always may."""
        asked = max(
            (i for i, message in enumerate(self.messages) if message.role is Role.USER), default=0
        )
        kept = [
            number
            for number, message in enumerate(self.messages)
            if number >= asked or rules[Speaker(message.role)].window
        ]
        return View(
            tuple(self.messages[number] for number in kept),
            tuple(self.turn_ids[number] for number in kept),
            frozenset(now for now, number in enumerate(kept) if number in self.pinned),
        )

    def through(
        self, provider: Provider, *, answer: int, documents: str = "", memory: str = ""
    ) -> Seen:
        """What of it fits a model's window beside an answer of `answer` tokens."""
        seen = window.build(
            self.messages,
            provider.tokenizer,
            size=provider.window,
            answer=answer,
            pinned=self.pinned,
            documents=documents,
            memory=memory,
        )
        return Seen(seen.messages, self._report(seen, provider.window))

    def _report(self, seen: window.Window, size: int) -> dict[str, Any]:
        return {
            "size": size,
            "budget": seen.budget,
            "tokens": seen.tokens,
            "system_tokens": seen.system_tokens,
            "document_tokens": seen.document_tokens,
            "memory_tokens": seen.memory_tokens,
            "pinned_tokens": seen.pinned_tokens,
            "dropped_turns": seen.dropped_turns,
            "dropped_tokens": seen.dropped_tokens,
            "begins_at": self.turn_ids[seen.first],
            "begins_offset": seen.offset,
            "pinned_out": [self.turn_ids[number] for number in seen.pinned_out],
        }
