"""How likely it is that a model does not know what it is asked: before its answer is shown.

A small model answers everything, in the same calm voice. But it can be seen whether a question is
like those it has learned: how surprising its letters are, whether there are words nobody ever
said, what kind of request it is, and how sure the model is of the answer it would begin to write.
Those few figures are the `Evidence`; `Doubt` weighs them (logistic regression) into a probability,
and says from where on declining is more honest than answering.

The weights are fitted where the starter is made (`l2c.learning.calibration`), stored beside it and
valid for it and its descendants alone. What is measured is always the live model, so that what a
lesson taught is no longer surprising; words that somebody has said count as known.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Collection, Iterable, Sequence, Set
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Self

import numpy as np

from l2c.conversation import Message, Role
from l2c.engines.engine import Sampler, State
from l2c.engines.model import LanguageModel
from l2c.engines.sampling import log_softmax
from l2c.errors import CheckpointError
from l2c.text.pooled import PooledSet
from l2c.text.template import UNWRITABLE, encode_conversation, encode_message, encode_prompt
from l2c.text.tokenizer import Control

if TYPE_CHECKING:
    from jaxtyping import Float32

DRAFT_TOKENS = 32
"""How much of its answer the model drafts to be judged by."""

WHOLE_TOKENS = 80
"""How much of an answer is drafted that is to be said as it stands: odd names take many pieces."""

ODDS = 3.0
"""Nats of log odds that count as one."""

LEAST_CHANCE = math.log(0.005)
"""Below it a sentence is not considered, and nothing is drafted."""

MOST_UNSURE = 6.0
"""Nats from which on one token of a draft cannot be more improbable."""

_WORD = re.compile(r"[a-z]+(?:'[a-z]+)*", re.IGNORECASE)
_MAKING = re.compile(
    r"^(?:please |can you |could you |would you |will you |i need (?:you to |an? )|i want you to |"
    r"help me(?: to)? |now )*(?:write|translate|explain|summari[sz]e|describe|recommend|suggest|"
    r"plan|design|draft|create|compose|generate|build|fix|debug|compare|list|give|make|show|find|"
    r"look up|search|book|order|call|send|convert|solve|prove|review|check|correct|rewrite|edit|"
    r"draw|play|set|open|turn|teach|help|calculate|discuss|outline|analy[sz]e|organi[sz]e)\b",
    re.IGNORECASE,
)
_ASKING = re.compile(
    r"\b(?:why|how (?:do|does|did|can|could|should|to|many|much|long|far|big|tall|old|is|are)|"
    r"who|when|where|which)\b",
    re.IGNORECASE,
)
_OWN = re.compile(r"\b(?:i|i'm|im|me|my|mine|we|our|us)\b", re.IGNORECASE)
_YOU = re.compile(r"\b(?:you|your|yours|u|le)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for and against knowing the answer; every figure is about 0 to 3.

    `unlike`: 1 for a question that has nothing in common with any that was practised, 0 for one of
    these. `surprise`: bits per character of what was said. `strange`: words nobody has said
    before, at most three; `strange_share` of all its words. `unsure`: nats per token of the
    draft; `weakest` its least probable token. `beyond`: the log odds that the model says that it
    cannot, one for every `ODDS` nats. The others are the shape: a request to make something, a
    question for facts, words about the user, words to the model.
    """

    unlike: float
    surprise: float
    strange: float
    strange_share: float
    unsure: float
    weakest: float
    beyond: float
    making: float
    asking: float
    own: float
    you: float

    def vector(self) -> np.ndarray:
        """The figures in their order, float64 (11,)."""
        return np.array([getattr(self, field.name) for field in fields(self)])


@dataclass(frozen=True, slots=True)
class Doubt:
    """A fitted judgement for one starter and its descendants."""

    starter: str
    words: Set[str]
    """What has been said before in small letters; a `PooledSet` where it was read from a file."""
    declines: tuple[str, ...]
    weights: tuple[float, ...]
    bias: float
    threshold: float

    def evidence(
        self,
        model: LanguageModel,
        messages: Sequence[Message],
        said: Collection[str] = (),
        *,
        similarity: float,
    ) -> Evidence:
        """What the model shows when it is asked the last of these messages.

        `said` are words that count as known beside those of the corpus and the conversation;
        `similarity`, in [0, 1], is that of the most similar line that was practised.
        """
        asked = messages[-1].text
        surprise, ahead, state = _read(model, messages)
        nats = _draft(model, state)
        strange, words = self._strange(messages, said)
        return Evidence(
            unlike=1 - similarity,
            surprise=min(surprise, 8.0) / 2,
            strange=float(min(strange, 3)),
            strange_share=strange / max(words, 1),
            unsure=float(np.mean(nats)) if len(nats) else 0.0,
            weakest=min(float(max(nats, default=0.0)), MOST_UNSURE) / 2,
            beyond=self._beyond(model, ahead, state),
            making=float(bool(_MAKING.search(asked))),
            asking=float(bool(_ASKING.search(asked))),
            own=float(bool(_OWN.search(asked))),
            you=float(bool(_YOU.search(asked))),
        )

    def probability(self, evidence: Evidence) -> float:
        """How likely it is, in [0, 1], that the model does not know."""
        return 1 / (1 + math.exp(-self.bias - float(evidence.vector() @ np.array(self.weights))))

    def doubts(self, evidence: Evidence) -> bool:
        """Whether declining is the honest answer."""
        return self.probability(evidence) >= self.threshold

    def to_json(self) -> str:
        """The text of the file beside the starter."""
        values = asdict(replace(self, words=frozenset()))
        values["words"] = " ".join(sorted(self.words))
        return json.dumps(values, indent=1) + "\n"

    @classmethod
    def from_json(cls, text: str) -> Self:
        """The judgement in such a file. Raises `CheckpointError` when it is none."""
        try:
            values = json.loads(text)
            doubt = cls(
                starter=str(values["starter"]),
                words=PooledSet(values["words"].split()),
                declines=tuple(map(str, values["declines"])),
                weights=tuple(map(float, values["weights"])),
                bias=float(values["bias"]),
                threshold=float(values["threshold"]),
            )
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise CheckpointError(f"The starter's record of doubt is damaged: {error}") from error
        if len(doubt.weights) != len(fields(Evidence)):
            raise CheckpointError(
                f"The starter's record of doubt weighs {len(doubt.weights)} figures; this version "
                f"of L2C measures {len(fields(Evidence))}. Run `make starter`."
            )
        return doubt

    def _beyond(self, model: LanguageModel, ahead: np.ndarray, state: State) -> float:
        """The log odds that the model answers with one of the sentences that decline."""
        chance = 0.0
        for sentence in self.declines:
            chance += math.exp(_log_chance(model, ahead, state, sentence))
        chance = min(max(chance, 1e-6), 1 - 1e-6)
        return math.log(chance / (1 - chance)) / ODDS

    def _strange(self, messages: Sequence[Message], said: Collection[str]) -> tuple[int, int]:
        """How many words of the last message nobody has said, and how many it has.

        A name inside a sentence is nothing strange: every conversation brings new ones.
        """
        before = {word for message in messages[:-1] for word in words_of(message.text)}
        asked = messages[-1].text
        shouted = asked.isupper()
        strange = number = 0
        for found in _WORD.finditer(asked):
            word, number = found[0], number + 1
            name = word[0].isupper() and found.start() > 0 and not shouted
            known = any(word.lower() in place for place in (self.words, before, said))
            strange += not name and not known
        return strange, number


def read_doubts(files: Iterable[Path]) -> dict[str, Doubt]:
    """The records in these files, by the digest of the starter each was fitted for.

    A file that is not there is passed over. Raises `CheckpointError` for a damaged one.
    """
    read = (Doubt.from_json(file.read_text(encoding="utf-8")) for file in files if file.exists())
    return {doubt.starter: doubt for doubt in read}


def rather(model: LanguageModel, messages: Sequence[Message], sentence: str) -> bool:
    """Whether the model finds a sentence likelier than the answer it would write.

    Greedy writing decides at the first token, where many answers that begin alike outweigh one
    that is likelier than each of them. So a whole answer is held against a whole answer.
    """
    asked = np.array(encode_prompt(messages, model.tokenizer), np.int32)
    ahead, state = model.engine.advance(asked)
    instead = _log_chance(model, ahead, state, sentence)
    return instead > LEAST_CHANCE and -sum(_draft(model, state)) < instead


def likelier(
    model: LanguageModel, messages: Sequence[Message], sentence: str, *, than: str
) -> float:
    """Nats by which one answer is likelier than another, each as a whole; below 0 it is less."""
    asked = np.array(encode_prompt(messages, model.tokenizer), np.int32)
    ahead, state = model.engine.advance(asked)
    return _log_chance(model, ahead, state, sentence) - _log_chance(model, ahead, state, than)


@dataclass(frozen=True, slots=True)
class Draft:
    """An answer a model would write, and how likely the whole of it is (natural logarithm)."""

    text: str
    log_probability: float


def drafts(
    model: LanguageModel, messages: Sequence[Message], number: int, *, instead: str
) -> tuple[list[Draft], float]:
    """What a model would answer: greedily, after each of the `number` likeliest first tokens.

    The likeliest beginning comes first; with them how likely `instead` is, as a whole.
    """
    engine, tokenizer = model.engine, model.tokenizer
    ahead, state = engine.advance(np.array(encode_prompt(messages, tokenizer), np.int32))
    chances = log_softmax(ahead.astype(np.float64)[None])[0]
    greedy = Sampler(temperature=0.0, banned=UNWRITABLE, stop=tokenizer.ends)
    no_beginning = {*UNWRITABLE, *tokenizer.ends}
    found = []
    for first in np.argsort(-chances, kind="stable")[:number].tolist():
        if first in no_beginning:
            continue
        _, begun = engine.advance(np.array([first], np.int32), state)
        written = engine.generate(begun, WHOLE_TOKENS, greedy, seed=0)
        nats = chances[first] + float(written.log_probabilities.sum())
        found.append(Draft(tokenizer.decode([first, *written.tokens.tolist()]), float(nats)))
    return found, _log_chance(model, ahead, state, instead)


def words_of(text: str) -> list[str]:
    """The words of a text in small letters.

    >>> words_of("No, I don't!")
    ['no', 'i', "don't"]
    """
    return [word.lower() for word in _WORD.findall(text)]


def _read(
    model: LanguageModel, messages: Sequence[Message]
) -> tuple[float, Float32[np.ndarray, " V"], State]:
    """Bits per character of the last message, after those before it; then where an answer begins.

    That is the logits of its first token, and the state. A conversation is read only once.
    """
    *before, last = messages
    assert last.role is Role.USER
    engine, tokenizer = model.engine, model.tokenizer
    _, state = engine.advance(np.array(encode_conversation(before, tokenizer), np.int32))
    own = np.array(encode_message(last, tokenizer), np.int32)
    rows = log_softmax(engine.logits(own[:-1], state).astype(np.float64))
    # The mark of who speaks is given; what was said, and its end, is the model's to guess.
    bits = -float(rows[np.arange(len(own) - 1), own[1:]].sum()) / math.log(2)
    answering = np.array([*own, *tokenizer.mark(Control.ASSISTANT)], np.int32)
    return bits / (len(last.text) + 1), *engine.advance(answering, state)


def _log_chance(
    model: LanguageModel, ahead: Float32[np.ndarray, " V"], state: State, sentence: str
) -> float:
    """Nats of log probability that an answer which begins here is this sentence."""
    tokens = np.array(model.tokenizer.encode(sentence), np.int32)
    rows = np.vstack([ahead, model.engine.logits(tokens[:-1], state)])
    return float(log_softmax(rows.astype(np.float64))[np.arange(len(tokens)), tokens].sum())


def _draft(model: LanguageModel, state: State) -> list[float]:
    """The nats of every token of what the model would answer, as far as it is drafted."""
    greedy = Sampler(temperature=0.0, banned=UNWRITABLE, stop=model.tokenizer.ends)
    drafted = model.engine.generate(state, DRAFT_TOKENS, greedy, seed=0)
    return [-nats for nats in drafted.log_probabilities.tolist()]
