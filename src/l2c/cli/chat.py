"""`l2c chat`: a conversation in the terminal, or one prompt and its answer."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from l2c.cli.options import (
    DataDir,
    Json,
    ModelName,
    console,
    open_runtime,
    print_json,
    printable,
)
from l2c.errors import ProviderError
from l2c.runtime import Runtime

ENDS = ("quit", "exit")


def chat(
    prompt: Annotated[str | None, typer.Option(help="Say this, print the answer, end.")] = None,
    model: ModelName = None,
    no_learn: Annotated[bool, typer.Option("--no-learn", help="Do not learn from this.")] = False,
    temperature: Annotated[float | None, typer.Option(min=0, max=2)] = None,
    seed: Annotated[int | None, typer.Option(min=0, help="Makes answers repeatable.")] = None,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Talk until you write `quit`. Everything is stored, and learned unless you say otherwise."""
    options: dict[str, Any] = {"model": model, "temperature": temperature, "seed": seed}
    options = {name: value for name, value in options.items() if value is not None}
    options["learn"] = not no_learn
    with open_runtime(data_dir) as runtime:
        if prompt is None:
            _talk(runtime, options)
            return
        answer = runtime.chat(prompt, **options)
        if answer.error is not None:
            raise ProviderError(answer.error)
        if as_json:
            print_json(
                {
                    "response": answer.text,
                    "conversation_id": answer.conversation_id,
                    "turn_id": answer.id,
                    "model": answer.model,
                    "checkpoint": answer.checkpoint,
                }
            )
        else:
            print(printable(answer.text))


def _talk(runtime: Runtime, options: dict[str, Any]) -> None:
    """The conversation: a line in, an answer out, until `quit` or the end of the input."""
    conversation = None
    console.print("Write to le; [bold]quit[/bold] ends the conversation.")
    while True:
        try:
            text = console.input("[bold]you:[/bold] ")
        except EOFError:
            break
        if text.strip().lower() in ENDS:
            break
        if not text.strip():
            continue
        answer = runtime.chat(text, conversation_id=conversation, **options)
        conversation = answer.conversation_id
        console.print("[dim]le:[/dim] ", end="")
        console.print(printable(answer.text or answer.error or ""), markup=False)
    waiting = runtime.learning_view().queue_size
    if waiting:
        console.print(f"{waiting} exchanges wait to be learned: `l2c learn` or `l2c serve`.")
