"""`l2c chat`: a conversation in the terminal, or one prompt and its answer."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Annotated, Any

import typer

from l2c.cli.options import (
    DataDir,
    Json,
    ModelName,
    Temperature,
    console,
    open_runtime,
    print_json,
    printable,
    say,
)
from l2c.conversation import Origin
from l2c.errors import ProviderError
from l2c.runtime import Runtime, TurnRow

ENDS = ("quit", "exit")


def chat(
    prompt: Annotated[str | None, typer.Option(help="Say this, print the answer, end.")] = None,
    model: ModelName = None,
    no_learn: Annotated[bool, typer.Option("--no-learn", help="Do not learn from this.")] = False,
    temperature: Temperature = None,
    seed: Annotated[int | None, typer.Option(min=0, help="Makes answers repeatable.")] = None,
    anyway: Annotated[
        bool, typer.Option("--anyway", help="The model answers what would be declined or computed.")
    ] = False,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Talk until you write `quit`. Everything is stored, and learned unless you say otherwise."""
    options: dict[str, Any] = {"model": model, "temperature": temperature, "seed": seed}
    options = {name: value for name, value in options.items() if value is not None}
    options |= {"learn": not no_learn, "anyway": anyway}
    with open_runtime(data_dir) as runtime:
        if prompt is None:
            (_talk_to_program if as_json else _talk)(runtime, options)
            return
        answer = runtime.chat(prompt, **options)
        if answer.error is not None:
            raise ProviderError(answer.error)
        if as_json:
            print_json(_described(answer))
        else:
            print(printable(answer.text + _origin(answer)))


def _talk(runtime: Runtime, options: dict[str, Any]) -> None:
    """The conversation: a line in, an answer out, until `quit` or the end of the input."""
    conversation = None
    console.print("Write to le; [bold]quit[/bold] ends the conversation.")
    for text in _lines("[bold]you:[/bold] "):
        answer = runtime.chat(text, conversation_id=conversation, **options)
        conversation = answer.conversation_id
        console.print("[dim]le:[/dim] ", end="")
        say((answer.text or answer.error or "") + _origin(answer))
    _say_what_waits(runtime)


def _talk_to_program(runtime: Runtime, options: dict[str, Any]) -> None:
    """The same without a word beside it: each answer is one line of JSON."""
    conversation = None
    for text in _lines(""):
        answer = runtime.chat(text, conversation_id=conversation, **options)
        conversation = answer.conversation_id
        print(json.dumps(_described(answer), ensure_ascii=False), flush=True)


def _lines(prompt: str) -> Iterator[str]:
    while True:
        try:
            text = console.input(prompt)
        except EOFError:
            return
        if text.strip().lower() in ENDS:
            return
        if text.strip():
            yield text


def _origin(answer: TurnRow) -> str:
    """How the answer was made, where it was not the model's own."""
    if answer.origin in (None, Origin.GENERATED):
        return ""
    if answer.remembered:
        return f" (you told me on {answer.remembered[0]['told_at'][:10]})"
    return f" ({answer.origin})"


def _described(answer: TurnRow) -> dict[str, Any]:
    return {
        "response": answer.text,
        "origin": answer.origin,
        "conversation_id": answer.conversation_id,
        "turn_id": answer.id,
        "model": answer.model,
        "checkpoint": answer.checkpoint,
        "error": answer.error,
        "remembered": answer.remembered,
    }


def _say_what_waits(runtime: Runtime) -> None:
    waiting = runtime.learning_view().queue_size
    if waiting:
        waits = "1 exchange waits" if waiting == 1 else f"{waiting} exchanges wait"
        say(f"{waits} to be learned: `l2c learn` or `l2c serve`.")
