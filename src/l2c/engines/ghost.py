"""Ghost text: how a text goes on, by a language model and by counts of what its author wrote.

The counts (`CountingMemory`) are those of the n-gram engine over bytes, with contexts of up to
eight. They learn a page in milliseconds and forget it exactly. Under them lies a language model:

    P(x) = c P_counts(x) + (1 - c) P_model(x)

where c is the share of the prediction that contexts of at least two bytes decide, as smoothing
found it. So where the author never wrote anything like it the model speaks, where they did the
counts do, and no weight is learned that forgetting would have to undo. Where c is at least
`DECIDED` the model would change nothing that is shown, and is not asked.

What is suggested is the likeliest byte, then the likeliest after that, in whole words, as long as
its bytes are `SURE` in the mean. So a suggestion spells a text's own next word exactly if every
byte of the word was the likeliest at its place. `keystrokes_saved` rests on this: one reading of a
text tells what suggestions would have spared at every place in it, without writing any.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from l2c.engines.engine import Batch
from l2c.engines.mixture.spelling import Spelled, SpelledState
from l2c.engines.model import LanguageModel
from l2c.engines.ngram.engine import NGram
from l2c.engines.sampling import log_softmax
from l2c.text.tokenizer import Control

if TYPE_CHECKING:
    from jaxtyping import Bool, Float64, UInt8

CONTEXT = 8
FEWEST = 2
"""Bytes of the longest context that counts, and of the shortest that outweighs the model."""

DECIDED = 0.9
SURE = 0.4
"""From which share on the counts speak alone, and how probable a byte of a suggestion is at least,
in the geometric mean."""

MOST_WORDS = 4
MOST_BYTES = 48
"""How far a suggestion reaches."""

MOST_READ = 240
"""Bytes of an unknown text that a model reads before it goes on with it."""

BYTES = 256
NEWLINE = 10

Distribution: TypeAlias = 'Float64[np.ndarray, " 256"]'


@dataclass(frozen=True, slots=True)
class Counted:
    """The probabilities of the next byte at T places, and how much contexts decided of them."""

    p: Float64[np.ndarray, "T 256"]
    shares: Float64[np.ndarray, " T"]

    def mixed(self, place: int, read: Distribution) -> Distribution:
        """The distribution at a place, with what a model says there."""
        share = self.shares[place]
        mixed: Distribution = share * self.p[place] + (1 - share) * read
        return mixed


class CountingMemory:
    """What somebody wrote, counted."""

    def __init__(self) -> None:
        self._counts = NGram.create({"context": CONTEXT}, BYTES, seed=0)

    def learn(self, text: str) -> None:
        """Count a text."""
        self._counts.train(_batch(text))

    def forget(self, text: str) -> None:
        """Take back exactly what `learn` counted. Raises `InvalidInput` if it never did."""
        self._counts.remove(_batch(text))

    def read(self, text: bytes) -> Counted:
        """What was counted after each byte of `text` (T ≥ 1)."""
        seen = self._counts.inspect(np.frombuffer(text, np.uint8).astype(np.int32))
        p = np.exp(log_softmax(seen.logits.astype(np.float64)))
        # One share for the uniform distribution, then one for each length from 0 on.
        return Counted(p, seen.layers["shares"][:, 1 + FEWEST :].sum(axis=1, dtype=np.float64))

    def expected(self, text: str) -> Counted:
        """What is expected at each byte of a text and behind it, by what was counted before."""
        return self.read(f"\n{text}".encode("utf-8", "replace"))


class ByteReader:
    """A language model read byte by byte, whatever its own tokens are."""

    def __init__(self, model: LanguageModel) -> None:
        tokenizer, engine = model.tokenizer, model.engine
        spellings = [list(tokenizer.token_bytes(token)) for token in range(engine.vocab_size)]
        for control in Control:
            spellings[control] = []
        self._engine = Spelled(engine, spellings, BYTES)
        started = engine.advance(np.array([Control.START], np.int32))[1]
        self._beginning = SpelledState(started)
        self._text, self._state = b"", self._beginning

    def read(self, text: bytes) -> SpelledState:
        """The state after `text`.

        Going on with the text of the call before costs what was added; of another one only the
        last `MOST_READ` bytes are read.
        """
        goes_on = bool(self._text) and text.startswith(self._text)
        new = text[len(self._text) :] if goes_on else text[-MOST_READ:]
        self._state = self.read_on(self._state if goes_on else self._beginning, new)
        self._text = text
        return self._state

    def read_on(self, state: SpelledState, text: bytes) -> SpelledState:
        """The state after `text` more; `state` stays as it was."""
        return self._engine.read(np.frombuffer(text, np.uint8).astype(np.int32), state)

    def chances(self, state: SpelledState) -> Distribution:
        """The probabilities of the next byte."""
        logits = self._engine.advance(np.zeros(0, np.int32), state)[0]
        p: Distribution = np.exp(log_softmax(logits.astype(np.float64)))
        return p


@dataclass(frozen=True, slots=True)
class Ghost:
    """Words that would go on, each with what stands before it; none where nobody is sure."""

    words: tuple[str, ...]

    @property
    def text(self) -> str:
        """All of it."""
        return "".join(self.words)


def suggest(before: str, memory: CountingMemory, reader: ByteReader) -> Ghost:
    """How `before` goes on, in at most `MOST_WORDS` whole words of its paragraph."""
    context = b"\n" + before.encode("utf-8", "replace")
    written, words, surprise, ends = b"", 0, 0.0, 0
    state, unread = reader.read(context.rpartition(b"\n")[2]), b""
    while len(written) < MOST_BYTES:
        counted = memory.read((context + written)[-CONTEXT:])
        chances = counted.p[-1]
        if counted.shares[-1] < DECIDED:
            state, unread = reader.read_on(state, unread), b""
            chances = counted.mixed(-1, reader.chances(state))
        best = int(chances.argmax())
        if written and _in_word(written[-1]) and not _in_word(best):
            if surprise > -math.log(SURE) * len(written):
                break
            words, ends = words + 1, len(written)
        if best == NEWLINE or words == MOST_WORDS:
            break
        surprise -= math.log(chances[best])
        written, unread = written + bytes([best]), unread + bytes([best])
    return Ghost(_words(written[:ends]))


def keystrokes_saved(text: str, counted: Counted | None, reader: ByteReader) -> float:
    """The share of keystrokes that suggestions spare whoever writes `text`, per byte.

    They take, with one key, every suggestion of a word whose rest is at least two bytes and right.
    `counted` is `CountingMemory.expected` of the text; without it the model suggests alone.
    """
    content = text.encode("utf-8", "replace")
    truth = np.frombuffer(content, np.uint8)
    best, surprise = _expected(content, counted, reader)
    spared = at = 0
    while at < len(content):
        end = _end_of_word(content, at)
        right = end - at >= 2 and bool((best[at:end] == truth[at:end]).all())
        if right and not _in_word(int(best[end])) and surprise[at:end].mean() <= -math.log(SURE):
            spared += end - at - 1
            at = end
        else:
            at += 1
    return spared / max(len(content), 1)


def _expected(
    content: bytes, counted: Counted | None, reader: ByteReader
) -> tuple[UInt8[np.ndarray, " T+1"], Float64[np.ndarray, " T+1"]]:
    """The likeliest byte at every place of a text and behind it, and its surprise in nats."""
    best = np.empty(len(content) + 1, np.uint8)
    surprise = np.empty(len(content) + 1)
    begins = 0
    for place in range(len(content) + 1):
        if place and content[place - 1] == NEWLINE:
            begins = place
        if counted is not None and counted.shares[place] >= DECIDED:
            chances = counted.p[place]
        else:
            chances = reader.chances(reader.read(content[begins:place]))
            if counted is not None:
                chances = counted.mixed(place, chances)
        best[place] = chances.argmax()
        surprise[place] = -math.log(chances[best[place]])
    return best, surprise


def _batch(text: str) -> Batch:
    content = f"\n{text}\n".encode("utf-8", "replace")
    tokens = np.frombuffer(content, np.uint8).astype(np.int32)[None]
    fresh: Bool[np.ndarray, " 1"] = np.ones(1, bool)
    return Batch(tokens, np.ones((1, len(content) - 1), np.float32), fresh)


def _in_word(byte: int) -> bool:
    """Whether a byte belongs to a word: letters, digits, apostrophes and all that is not ASCII."""
    return byte >= 128 or byte == 39 or 48 <= byte <= 57 or 65 <= (byte & ~32) <= 90


_TO_THE_END = re.compile(rb"[^\nA-Za-z0-9'\x80-\xff]*[A-Za-z0-9'\x80-\xff]+")


def _end_of_word(content: bytes, at: int) -> int:
    """Where the word ends that stands at a place, or comes next on its line; `at` for none."""
    found = _TO_THE_END.match(content, at)
    return found.end() if found else at


def _words(written: bytes) -> tuple[str, ...]:
    """The words of a suggestion, up to the first that is no text."""
    words = []
    for found in _TO_THE_END.finditer(written):
        try:
            words.append(found.group().decode())
        except UnicodeDecodeError:
            break
    return tuple(words)
