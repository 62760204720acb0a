"""`l2c dream`: what a model writes when nobody asks it anything."""

from __future__ import annotations

from typing import Annotated

import typer

from l2c.cli.options import DataDir, Json, ModelName, open_runtime, print_json, say


def dream(
    count: Annotated[int, typer.Option(min=1, max=20, help="How many dreams.")] = 1,
    length: Annotated[int, typer.Option(min=1, max=2000, help="About how many tokens.")] = 200,
    temperature: Annotated[
        float, typer.Option(min=0, max=2, help="How daring; 0 always takes the likeliest.")
    ] = 0.7,
    seed: Annotated[int | None, typer.Option(min=0, help="Makes dreams repeatable.")] = None,
    model: ModelName = None,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Let a model write on its own. Dreams are stored, and lie as files in `dreams/`."""
    with open_runtime(data_dir) as runtime:
        views = runtime.dreaming.dream(
            model=model, count=count, length=length, temperature=temperature, seed=seed
        )
    if as_json:
        print_json(views)
        return
    for view in views:
        row = view.row
        say(f"{view.text}\n")
        say(
            f"{row.model}, checkpoint {row.checkpoint[:12]}, seed {row.seed}: "
            f"{row.entropy:.2f} bits per token, repetition {row.repetition:.2f}\n"
        )
