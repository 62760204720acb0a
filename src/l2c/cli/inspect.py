"""`l2c inspect`: how a model reads a text, word by word, and what in it is unusual.

The terminal's view through the glass box. Every engine tells how much each word surprised it;
what an engine says in one number a token, as the sequence memory's anomaly, stands beside it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated

import numpy as np
import typer
from rich.table import Table

from l2c.cli.options import DataDir, Json, ModelName, cell, console, open_runtime, print_json, say
from l2c.conversation import Message, Role
from l2c.errors import InvalidInput
from l2c.runtime import Focus, Reading, Runtime

BAR, DIGITS = 12, 4


@dataclass(frozen=True, slots=True)
class Word:
    """A word as it was read: its surprise in bits, and the means of `layers` over its tokens.

    Those are what the engine says in one number a token. The blank after a word belongs to it.
    """

    text: str
    bits: float
    layers: dict[str, float]


def inspect(
    text: Annotated[str, typer.Argument(help="What to read.")],
    said: Annotated[
        bool, typer.Option("--said", help="Read it as the first message of a conversation.")
    ] = False,
    model: ModelName = None,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Have a model read TEXT, and show which words surprised it. Nothing is learned or kept."""
    if not text.strip():
        raise InvalidInput("There must be at least one word to read; found none.")
    with open_runtime(data_dir) as runtime:
        reading = _read(runtime, text, model, said=said)
    words = tuple(_words(reading))
    if as_json:
        print_json(
            {
                "model": reading.model,
                "engine": reading.engine,
                "checkpoint": reading.checkpoint,
                "words": words,
            }
        )
    else:
        _show(reading, words)


def _read(runtime: Runtime, text: str, model: str | None, *, said: bool) -> Reading:
    """The reading, with the values of every layer that has one number a token."""
    glass, name = runtime.glass, runtime.catalog.known(model)

    def read(focus: Focus) -> Reading:
        if said:
            return glass.of_messages([Message(Role.USER, text)], focus, model=name)
        return glass.of_text(text, focus, model=name)

    found = read(Focus(likely=0))
    single = [layer.name for layer in found.layers if not layer.shape]
    return read(Focus(likely=0, layers=single)) if single else found


def _words(reading: Reading) -> Iterator[Word]:
    """The tokens together up to the blank after a word, or before the next one."""
    tokens, begin = reading.tokens[reading.begins :], 0
    for at in range(1, len(tokens) + 1):
        before = "".join(token.text for token in tokens[begin:at])
        ends = at == len(tokens) or tokens[at].control is not None
        if not ends:
            after = tokens[at].text
            parted = before[-1:].isspace() or after[:1].isspace()
            ends = parted and bool(before.strip()) and bool(after.strip())
        if ends and before.strip():
            yield _word(reading, before.strip(), slice(begin, at))
        begin = at if ends else begin


def _word(reading: Reading, text: str, at: slice) -> Word:
    shown = {layer.name: layer.values for layer in reading.layers if layer.values is not None}
    return Word(
        text,
        round(sum(place.bits for place in reading.places[at]), DIGITS),
        {name: round(float(np.mean(values[at])), DIGITS) for name, values in shown.items()},
    )


def _show(reading: Reading, words: tuple[Word, ...]) -> None:
    names = list(words[0].layers) if words else []
    table = Table(box=None, pad_edge=False)
    for title in ("word", "bits", *names):
        table.add_column(title, justify="left" if title == "word" else "right")
    table.add_column("")
    most = max((math.log1p(word.bits) for word in words), default=0.0)
    for word in words:
        figures = [f"{word.bits:.1f}", *(f"{word.layers[name]:.2f}" for name in names)]
        bar = "#" * round(BAR * math.log1p(word.bits) / most) if most else ""
        table.add_row(cell(word.text), *figures, bar)
    console.print(table)
    say(f"Read by {reading.model} ({reading.engine}, checkpoint {reading.checkpoint[:12]}).")
