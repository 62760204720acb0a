"""What of a conversation fits the model, in exact tokens, and what was left out.

A prompt is put together in this order, until the budget is used up:

1. the system prompt, of which at most a quarter of the budget is read;
2. what documents say to the question, and what the user told of it in other conversations, each
   at most a third of what is left;
3. the newest turn; only when it alone is longer than what is left is it cut, at its beginning;
4. pinned turns, the newest first, at most half of what is left;
5. the other turns, the newest first and whole, up to the first that does not fit.

So the model's view begins at one place, and before it stand only pinned turns. What was dropped is
part of the answer's record, and the page can draw the line there.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from l2c.conversation import Message, Role
from l2c.errors import InvalidInput
from l2c.text.template import encode_message
from l2c.text.tokenizer import Control, Tokenizer

SYSTEM_SHARE = 4
DOCUMENT_SHARE = 3
PINNED_SHARE = 2
"""One part in so many is the most that may go to each."""


@dataclass(frozen=True, slots=True)
class Window:
    """The messages a model reads, and what they cost. Tokens include role and end marks.

    The view begins at character `offset` of message number `first` of those that were given;
    `pinned_out` are the numbers of pinned messages that found no room.
    """

    messages: tuple[Message, ...]
    tokens: int
    budget: int
    dropped_turns: int
    dropped_tokens: int
    first: int
    offset: int
    system_tokens: int
    document_tokens: int
    memory_tokens: int
    pinned_tokens: int
    pinned_out: tuple[int, ...]


def build(
    messages: Sequence[Message],
    tokenizer: Tokenizer,
    *,
    size: int,
    answer: int,
    pinned: Collection[int] = (),
    documents: str = "",
    memory: str = "",
) -> Window:
    """The messages that fit `size` tokens when `answer` tokens stay free for the reply.

    A first message of the system is the system prompt; `pinned` are numbers of messages. When the
    last message is an answer, it is one to go on with. Raises `InvalidInput` when nothing is left
    for the conversation, or there is none.
    """
    budget = size - answer
    frame = _frame(messages, tokenizer)
    if budget <= frame + 4:
        raise InvalidInput(f"A window of {size} tokens is too small for answers of {answer}.")
    if not messages or messages[-1].role is Role.SYSTEM:
        raise InvalidInput("A prompt needs at least one message; found none.")
    return _Filling(messages, tokenizer, budget - frame).window(
        budget, frame, frozenset(pinned), documents, memory
    )


class _Filling:
    """A window while it is filled."""

    def __init__(self, messages: Sequence[Message], tokenizer: Tokenizer, room: int) -> None:
        self._messages = messages
        self._tokenizer = tokenizer
        self._room = room
        self._costs = [self._cost(message) for message in messages]
        self._kept: dict[int, Message] = {}

    def window(
        self, budget: int, frame: int, pinned: frozenset[int], documents: str, memory: str
    ) -> Window:
        head = 1 if self._messages[0].role is Role.SYSTEM else 0
        newest = len(self._messages) - 1
        system = [self._beginning(self._messages[0], self._room // SYSTEM_SHARE)] if head else []
        system_tokens = self._take(system)
        whole_read = [Message(Role.SYSTEM, text) for text in (documents, memory) if text]
        from_documents = self._beside(documents)
        document_tokens = self._take([from_documents])
        from_memory = self._beside(memory)
        memory_tokens = self._take([from_memory])
        offset = self._keep_newest(newest)
        pinned = pinned & frozenset(range(head, newest))
        pinned_tokens = self._keep_pinned(sorted(pinned, reverse=True))
        first = self._keep_others(newest, head)
        turns = tuple(self._kept[number] for number in sorted(self._kept))
        kept = (*_present(system), *_present([from_documents, from_memory]), *turns)
        tokens = budget - self._room
        whole = frame + sum(self._costs) + sum(map(self._cost, whole_read))
        return Window(
            messages=kept,
            tokens=tokens,
            budget=budget,
            dropped_turns=newest + 1 - head - len(self._kept),
            dropped_tokens=whole - tokens,
            first=first,
            offset=offset,
            system_tokens=system_tokens,
            document_tokens=document_tokens,
            memory_tokens=memory_tokens,
            pinned_tokens=pinned_tokens,
            pinned_out=tuple(sorted(pinned - self._kept.keys())),
        )

    def _beside(self, text: str) -> Message | None:
        """As much of a text beside the conversation as its share has room for."""
        whole = Message(Role.SYSTEM, text)
        return self._beginning(whole, self._room // DOCUMENT_SHARE) if text else None

    def _keep_newest(self, newest: int) -> int:
        """Keep the newest message, as much of its end as there is room for; what was cut off."""
        whole = self._messages[newest]
        kept = whole if self._costs[newest] <= self._room else self._end(whole, self._room)
        self._kept[newest] = kept
        self._room -= self._cost(kept)
        return len(whole.text) - len(kept.text)

    def _keep_pinned(self, numbers: Sequence[int]) -> int:
        share, taken = self._room // PINNED_SHARE, 0
        for number in numbers:
            if taken + self._costs[number] <= share:
                self._kept[number] = self._messages[number]
                taken += self._costs[number]
        self._room -= taken
        return taken

    def _keep_others(self, newest: int, head: int) -> int:
        """Keep the turns before the newest one, as far as there is room; the first in one piece."""
        first = newest
        while first > head:
            if first - 1 not in self._kept:
                if self._costs[first - 1] > self._room:
                    break
                self._room -= self._costs[first - 1]
                self._kept[first - 1] = self._messages[first - 1]
            first -= 1
        return first

    def _take(self, messages: Sequence[Message | None]) -> int:
        taken = sum(self._cost(message) for message in _present(messages))
        self._room -= taken
        return taken

    def _beginning(self, message: Message, room: int) -> Message | None:
        """The longest beginning of a message that costs at most `room` tokens, if there is one."""
        length = self._longest(message, room, lambda text, length: text[:length])
        return Message(message.role, message.text[:length]) if length else None

    def _end(self, message: Message, room: int) -> Message:
        """The longest end of a message that costs at most `room` tokens."""
        length = self._longest(message, room, lambda text, length: text[len(text) - length :])
        return Message(message.role, message.text[len(message.text) - length :])

    def _longest(self, message: Message, room: int, part: Callable[[str, int], str]) -> int:
        low, high = 0, len(message.text)
        while low < high:
            middle = (low + high + 1) // 2
            if self._cost(Message(message.role, part(message.text, middle))) <= room:
                low = middle
            else:
                high = middle - 1
        return low

    def _cost(self, message: Message) -> int:
        return len(encode_message(message, self._tokenizer))


def _frame(messages: Sequence[Message], tokenizer: Tokenizer) -> int:
    """Tokens of a prompt that belong to no message.

    They are the start and the word given to the model. An answer to go on with has the word
    already, and is not closed.
    """
    goes_on = bool(messages) and messages[-1].role is Role.ASSISTANT
    if goes_on:
        return 1 - len(tokenizer.mark(Control.END))
    return 1 + len(tokenizer.mark(Control.ASSISTANT))


def _present(messages: Sequence[Message | None]) -> list[Message]:
    return [message for message in messages if message is not None]
