"""`l2c generate`: text that goes on from a seed text."""

from __future__ import annotations

from typing import Annotated

import typer

from l2c.cli.options import (
    DataDir,
    Json,
    ModelName,
    Temperature,
    open_runtime,
    print_json,
    printable,
)


def generate(
    seed_text: Annotated[str, typer.Option(help="The beginning.")] = "Hello",
    length: Annotated[int, typer.Option(min=0, max=100_000, help="Characters to add.")] = 100,
    temperature: Temperature = None,
    seed: Annotated[int | None, typer.Option(min=0, help="Makes the text repeatable.")] = None,
    model: ModelName = None,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Write on from a seed text. New text, letter by letter, not a stored answer."""
    with open_runtime(data_dir) as runtime:
        text, checkpoint = runtime.generate(
            seed_text, length=length, temperature=temperature, seed=seed, model=model
        )
    if as_json:
        print_json({"text": text, "checkpoint": checkpoint})
    else:
        print(printable(text))
