"""The glass box: what a model expected in every place of a text, and what went on inside it.

A model reads the text again, after everything it was shown before it, and every token comes out
with its surprise and with what else was likely in its place. Nothing here is stored, and nothing
changes: whoever looks through the glass leaves no trace.

An answer is read by the version that wrote it, as long as that version is kept, and otherwise by
the one that answers now; the reading says which. It is tokenised as the model reads it, which can
differ from the pieces in which it was written. What an answer's model was shown is what it would
be shown today: turns that were kept in view since then count.

Letters in shapes: T tokens read, N of them shown, V vocabulary.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from l2c.chat.live import LiveModels, answering
from l2c.chat.router import as_taken
from l2c.chat.talks import Talks
from l2c.chat.view import View
from l2c.conversation import Message, Role, TurnStatus
from l2c.engines.checkpoint_folder import CheckpointFolder
from l2c.engines.engine import Inspection, Sampler
from l2c.engines.model import LanguageModel
from l2c.engines.sampling import log_softmax
from l2c.errors import InvalidInput, NotFound, WindowExceeded
from l2c.providers.local import LocalProvider
from l2c.store.models import Models
from l2c.store.speakers import Speakers
from l2c.store.turns import TurnRow
from l2c.text.template import ROLE_TOKENS, UNWRITABLE, encode_conversation, encode_prompt
from l2c.text.tokenizer import Control

if TYPE_CHECKING:
    from jaxtyping import Float64, Int32, Shaped

LEAST_LOG_PROBABILITY = -1000.0
"""What is less likely than this is said to be this: no file holds an infinity."""

MOST_VALUES = 1 << 22
"""Numbers of one layer that are shown at once."""


@dataclass(frozen=True, slots=True)
class Token:
    """A token that was read. `text` are the characters that became whole with it.

    `control` names a mark of the template (`user`, `end`); such a mark has no text.
    """

    id: int
    text: str
    control: str | None


@dataclass(frozen=True, slots=True)
class Place:
    """What was expected where a token of the text stands, and how much the token surprised.

    `likely` are the most probable tokens that may be written, best first; `others` how many more
    there are, and `others_log_probability` what they have together (None where there is none).
    Logarithms are natural, at temperature 1 and before any sampling option.
    """

    bits: float
    likely: Int32[np.ndarray, " K"]
    log_probabilities: Float64[np.ndarray, " K"]
    others: int
    others_log_probability: float | None


@dataclass(frozen=True, slots=True)
class Layer:
    """Something inside the model after each token shown.

    `shape` is that of one token's values, () for a single number; `values` None unless they were
    asked for. `units` are the numbers of those shown, where not all of them are.
    """

    name: str
    shape: tuple[int, ...]
    low: float
    high: float
    units: tuple[int, ...] | None
    values: Shaped[np.ndarray, "N ..."] | None


@dataclass(frozen=True, slots=True)
class Reading:
    """A text as a model read it. What is shown begins at token number `begins` of `tokens`.

    `places` and the rows of every layer belong to the tokens from there on. `unread` counts the
    tokens at the end for which the window had no room. `words` are the texts of all tokens that
    are named in a place.
    """

    model: str
    engine: str
    checkpoint: str
    tokens: tuple[Token, ...]
    begins: int
    unread: int
    places: tuple[Place, ...]
    words: dict[int, str]
    layers: tuple[Layer, ...]


@dataclass(frozen=True, slots=True)
class Focus:
    """How much to show: `likely` tokens in every place, and the values of which layers.

    Of a layer with more than `units` values per token, those that change most are shown (None:
    all), in the order of how quickly they change.
    """

    likely: int = 10
    layers: Collection[str] = ()
    units: int | None = None


@dataclass(frozen=True, slots=True)
class Rewritten:
    """Another end of an answer: the text after the part that stays, and the seed it came from."""

    text: str
    seed: int
    checkpoint: str


class Glass:
    """Looks into the models of one user."""

    def __init__(
        self,
        talks: Talks,
        models: Models,
        folder: CheckpointFolder,
        speakers: Speakers,
        live: LiveModels,
    ) -> None:
        self._live = live
        self._talks = talks
        self._models = models
        self._folder = folder
        self._speakers = speakers

    def of_answer(
        self,
        turn_id: str,
        focus: Focus,
        *,
        model: str | None = None,
        checkpoint: str | None = None,
    ) -> Reading:
        """An answer, read after all that its model was shown.

        By its own version unless another model or version is named. Raises `NotFound`,
        `InvalidInput` for a turn of the user, an answer that is empty or still being written, and
        a model of another server, and `CheckpointError`.
        """
        answer = self._answer(turn_id)
        provider = self._reader(answer, model, checkpoint)
        prompt = encode_prompt(self._before(answer, provider), provider.tokenizer)
        said = provider.tokenizer.encode(answer.text)
        ended = [Control.END] if answer.status is TurnStatus.COMPLETE else []
        return _read(provider, [*prompt, *said, *ended], len(prompt), focus)

    def of_messages(
        self,
        messages: Sequence[Message],
        focus: Focus,
        *,
        model: str,
        checkpoint: str | None = None,
    ) -> Reading:
        """The last of these messages, read after the others.

        Raises as `of_answer`, and `WindowExceeded`: nothing is left out.
        """
        if not messages:
            raise InvalidInput("There must be at least one message; found none.")
        provider = self._provider(model, checkpoint)
        last = messages[-1]
        before = [
            *encode_conversation(messages[:-1], provider.tokenizer),
            ROLE_TOKENS[last.role],
        ]
        tokens = [*before, *provider.tokenizer.encode(last.text), Control.END]
        return _read(provider, _within(provider, tokens), len(before), focus)

    def of_text(
        self, text: str, focus: Focus, *, model: str, checkpoint: str | None = None
    ) -> Reading:
        """A plain text without turns. Raises as `of_messages`."""
        provider = self._provider(model, checkpoint)
        tokens = [Control.START, *provider.tokenizer.encode(text)]
        return _read(provider, _within(provider, tokens), 1, focus)

    def write_again(self, turn_id: str, *, after: int, temperature: float, seed: int) -> Rewritten:
        """What the model of an answer writes after its first `after` characters; kept nowhere.

        Raises as `of_answer`, and `InvalidInput` when the answer is shorter than that.
        """
        answer = self._answer(turn_id)
        if after > len(answer.text):
            raise InvalidInput(
                f"`after` must be at most the answer's {len(answer.text)} characters; "
                f"found {after}."
            )
        provider = self._reader(answer, None, None)
        messages = [*self._before(answer, provider)]
        if after:
            messages.append(Message(Role.ASSISTANT, answer.text[:after]))
        room = provider.window - len(encode_prompt(messages, provider.tokenizer))
        how = answer.sampling or {}
        sampler = Sampler(
            temperature=temperature,
            top_k=int(how.get("top_k", 0)),
            top_p=float(how.get("top_p", 1.0)),
            min_p=float(how.get("min_p", 0.0)),
            repetition_penalty=float(how.get("repetition_penalty", 1.0)),
        )
        pieces = provider.model.answer(
            messages, sampler, length=max(0, min(room, _length(answer, provider))), seed=seed
        )
        text = "".join(piece.text for piece in pieces)
        return Rewritten(text, seed, provider.checkpoint)

    def _answer(self, turn_id: str) -> TurnRow:
        turn = self._talks.of_turn(turn_id).turn(turn_id)
        if turn.role is not Role.ASSISTANT or not turn.text:
            raise InvalidInput("Only an answer that has words can be looked into.")
        if turn.status is TurnStatus.STREAMING:
            raise InvalidInput("This answer is still being written; look again when it is done.")
        return turn

    def _before(self, answer: TurnRow, provider: LocalProvider) -> tuple[Message, ...]:
        """What the model is shown before the answer."""
        asked = View.of_answer(self._talks.of_turn(answer.id), replace(answer, text=""))
        under = asked.under(self._live.core_prompt(answer.model or ""))
        heard = under.heard(self._speakers.rules())
        shown = heard.through(provider, answer=_length(answer, provider)).messages
        return as_taken(shown, (answer.window or {}).get("taken_for"))

    def _reader(self, answer: TurnRow, model: str | None, checkpoint: str | None) -> LocalProvider:
        """Who reads an answer; its own version where it is kept and no other is named."""
        name = model or answer.model or ""
        own = answer.checkpoint if name == answer.model else None
        if checkpoint is None and own is not None and self._keeps(name, own):
            checkpoint = own
        return self._provider(name, checkpoint)

    def _keeps(self, name: str, digest: str) -> bool:
        try:
            self._models.checkpoint(name, digest)
        except NotFound:
            return False
        return self._folder.has(digest)

    def _provider(self, name: str, checkpoint: str | None) -> LocalProvider:
        try:
            row = self._models.get(name)
        except NotFound:
            if "/" not in name:
                raise
            raise InvalidInput(
                f"{name} runs on another server; nobody here can look into it."
            ) from None
        if checkpoint is None:
            return LocalProvider(name, *answering(row, self._folder))
        self._models.checkpoint(name, checkpoint)
        return LocalProvider(name, checkpoint, self._folder.load(checkpoint))


def _length(answer: TurnRow, provider: LocalProvider) -> int:
    """The most tokens the answer was allowed, which decided how much was read before it."""
    asked = (answer.sampling or {}).get("length")
    most = provider.window // 2
    return most if asked is None else min(int(asked), most)


def _within(provider: LocalProvider, tokens: list[int]) -> list[int]:
    if len(tokens) > provider.window:
        raise WindowExceeded(
            f"{provider.name} reads {provider.window} tokens; this has {len(tokens)}."
        )
    return tokens


def _read(provider: LocalProvider, tokens: list[int], begins: int, focus: Focus) -> Reading:
    """Have the model read the tokens; show those from `begins` (≥ 1) on."""
    model, read = provider.model, tokens[: provider.window]
    seen = model.engine.inspect(np.array(read, np.int32))
    places = [_place(seen, at, focus.likely) for at in range(begins, len(read))]
    named = {int(token) for place in places for token in place.likely}
    return Reading(
        provider.name,
        model.engine.family,
        provider.checkpoint,
        tuple(_texts(model, read)),
        begins,
        len(tokens) - len(read),
        tuple(places),
        {token: _word(model, token) for token in sorted(named)},
        tuple(_layers(seen, begins, focus)),
    )


def _place(seen: Inspection, at: int, likely: int) -> Place:
    """What was expected where token `at` stands: the prediction after the one before."""
    chances = log_softmax(seen.logits[at - 1].astype(np.float64))
    bits = -float(seen.log_probabilities[at - 1]) / math.log(2)
    chances[list(UNWRITABLE)] = -np.inf
    writable = len(chances) - len(UNWRITABLE)
    order = np.argsort(-chances, kind="stable")[: min(likely, writable)]
    rest = chances.copy()
    rest[order] = -np.inf
    others = writable - len(order)
    return Place(
        min(bits, -LEAST_LOG_PROBABILITY),
        order.astype(np.int32),
        np.maximum(chances[order], LEAST_LOG_PROBABILITY),
        others,
        max(float(np.logaddexp.reduce(rest)), LEAST_LOG_PROBABILITY) if others else None,
    )


def _texts(model: LanguageModel, tokens: Sequence[int]) -> list[Token]:
    decoder = model.tokenizer.decoder()
    return [
        Token(token, decoder.push(token), None)
        if token >= len(Control) or token == Control.UNKNOWN
        else Token(token, decoder.push(token), Control(token).name.lower())
        for token in tokens
    ]


def _word(model: LanguageModel, token: int) -> str:
    """The text of a token by itself; half a character reads as U+FFFD, a mark as nothing."""
    return model.tokenizer.token_bytes(token).decode("utf-8", "replace")


def _layers(seen: Inspection, begins: int, focus: Focus) -> list[Layer]:
    unknown = set(focus.layers) - set(seen.layers)
    if unknown:
        raise InvalidInput(
            f"There is no layer {min(unknown)!r} in this model; it has "
            f"{', '.join(seen.layers) or 'none'}."
        )
    return [
        _layer(name, values[begins:], focus, shown=name in focus.layers)
        for name, values in seen.layers.items()
    ]


def _layer(name: str, rows: Shaped[np.ndarray, "N ..."], focus: Focus, *, shown: bool) -> Layer:
    finite = np.nan_to_num(
        rows.astype(np.float64), neginf=LEAST_LOG_PROBABILITY, posinf=-LEAST_LOG_PROBABILITY
    )
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 0.0)
    shape = tuple(rows.shape[1:])
    if not shown:
        return Layer(name, shape, low, high, None, None)
    units = None
    if finite.ndim == 2 and focus.units is not None and finite.shape[1] > focus.units:
        units = _liveliest(finite, focus.units)
        finite = finite[:, units]
    if finite.size > MOST_VALUES:
        raise InvalidInput(
            f"The layer {name!r} has {finite.size} values here; at most {MOST_VALUES} are shown. "
            "Ask for fewer units or a shorter text."
        )
    return Layer(name, shape, low, high, units, finite)


def _liveliest(rows: Float64[np.ndarray, "N U"], most: int) -> tuple[int, ...]:
    """The units that vary most, the quick ones before the slow ones."""
    varied = np.argsort(-rows.std(axis=0), kind="stable")[:most]
    if len(rows) < 2:
        return tuple(sorted(varied.tolist()))
    steps = np.abs(np.diff(rows[:, varied], axis=0)).mean(axis=0)
    spread = rows[:, varied].std(axis=0)
    quickness = np.divide(steps, spread, out=np.zeros_like(steps), where=spread > 0)
    return tuple(varied[np.argsort(-quickness, kind="stable")].tolist())
