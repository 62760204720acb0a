"""`l2c eval`: how surprised a model is by text, and how it passes its examination."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from l2c.cli.options import DataDir, Json, ModelName, console, open_runtime, print_json, say
from l2c.runtime import ChatExamination


def evaluate(
    file: Annotated[Path | None, typer.Argument(help="A text file.", dir_okay=False)] = None,
    chat: Annotated[
        bool, typer.Option("--chat", help="Hold the examination of 200 questions, show answers.")
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
    if outcome.chat is not None:
        _say_examination(outcome.chat)
    say(
        f"{outcome.model}: {outcome.bits_per_byte:.3f} bits per byte of {outcome.text} "
        f"({outcome.bytes:,} bytes, checkpoint {outcome.checkpoint[:12]})"
    )


def _say_examination(held: ChatExamination) -> None:
    for one in held.answers:
        mark = "right" if one.right else "WRONG"
        console.print(f"[dim]{one.kind}, {mark}, you:[/dim] ", end="")
        say(one.said)
        console.print(f"[dim]le ({one.origin}):[/dim] ", end="")
        say(one.answer)
    for kind, (right, of) in held.kinds.items():
        say(f"{kind}: {right} of {of}")
    say(
        f"{held.right} of {held.questions} right; a look-up in the corpus: {held.looked_up_right}; "
        f"{held.word_for_word} stand in the corpus word for word"
    )
    say(
        f"declined: {held.declined:.0%} of what it cannot know, "
        f"{held.declined_covered:.0%} of what it can"
    )
    ordinary = "no word list found" if held.ordinary is None else f"{held.ordinary:.1%}"
    say(f"ordinary words: {ordinary}; answers with the mark of a role: {held.role_markers}")
