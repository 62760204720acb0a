"""`l2c eval`: how surprised a model is by text, and what it answers to plain questions."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from l2c.cli.options import DataDir, Json, ModelName, console, open_runtime, print_json, say


def evaluate(
    file: Annotated[Path | None, typer.Argument(help="A text file.", dir_okay=False)] = None,
    chat: Annotated[
        bool, typer.Option("--chat", help="Ask plain questions, show answers.")
    ] = False,
    model: ModelName = None,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Bits per byte of FILE, or of held-out conversations; lower is better."""
    with open_runtime(data_dir) as runtime:
        outcome = runtime.evaluate(file, chat=chat, model=model)
    if as_json:
        print_json(outcome)
        return
    for question, answer in outcome.answers:
        console.print(f"[dim]you:[/dim] {question}\n[dim]le:[/dim]  ", end="")
        say(answer)
    say(
        f"{outcome.model}: {outcome.bits_per_byte:.3f} bits per byte of {outcome.text} "
        f"({outcome.bytes:,} bytes, checkpoint {outcome.checkpoint[:12]})"
    )
