"""`l2c forget`: what somebody wants forgotten, out of every file and out of what models learned."""

from __future__ import annotations

import signal
import threading
from contextlib import closing
from typing import Annotated

import typer

from l2c.cli.options import DataDir, Json, open_runtime, print_json, say
from l2c.cli.progress import LessonBar
from l2c.errors import Busy, InvalidInput
from l2c.runtime import Runtime
from l2c.runtime.forgetting import Forgettable, ForgettingRow

LOOK_S = 0.5


def forget(
    conversation: Annotated[
        str | None, typer.Argument(help="A conversation; nothing goes on with what is under way.")
    ] = None,
    turn: Annotated[
        str | None, typer.Option("--turn", help="A turn, its versions, and the answers to it.")
    ] = None,
    document: Annotated[
        str | None, typer.Option("--document", help="A document, and what was learned from it.")
    ] = None,
    note: Annotated[
        str | None, typer.Option("--note", help="A page of the notebook, and what it taught.")
    ] = None,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Erase something for good, and teach again without it whatever learned from it."""
    named = {
        Forgettable.CONVERSATION: conversation,
        Forgettable.TURN: turn,
        Forgettable.DOCUMENT: document,
        Forgettable.NOTE: note,
    }
    wanted = {kind: target for kind, target in named.items() if target is not None}
    if len(wanted) > 1:
        raise InvalidInput(
            "Name one thing to forget: a conversation, --turn, --document or --note."
        )
    with open_runtime(data_dir) as runtime:
        row = runtime.forgetter.wishes.under_way()
        for kind, target in wanted.items():
            page = kind is Forgettable.NOTE
            row = runtime.forgetter.forget(kind, runtime.notebook.named(target) if page else target)
        if row is not None:
            row = see_it_through(runtime, row, quiet=as_json)
    if as_json:
        print_json(row)
    else:
        say("Nothing is to be forgotten." if row is None else said(row))


def said(row: ForgettingRow) -> str:
    """How far forgetting has come, in words."""
    if row.finished_at is None:
        return (
            f"The text is gone. {row.done} of {row.steps} lessons were carried out again; a "
            "checkpoint that never read it answers. `l2c forget` goes on."
        )
    lines = ["Forgotten."]
    if checkpoints := row.report.get("checkpoints"):
        lines.append(f"{checkpoints} checkpoints knew of it; they are gone.")
    if row.steps:
        lines.append(f"{row.steps} lessons were carried out again without it.")
    if lost := row.report.get("lessons_lost"):
        lines.append(f"The gate did not keep {lost} of them.")
    if removed := row.report.get("copies_removed"):
        lines.append(f"Copies that could not be cleaned were removed: {', '.join(removed)}.")
    for left in row.report.get("left", []):
        lines.append(f"It may still be in {left['name']} of {left['date']}; remove that yourself.")
    lines.append("Files written by `l2c backup` or `l2c export` are yours to remove.")
    return "\n".join(lines)


def see_it_through(runtime: Runtime, row: ForgettingRow, *, quiet: bool) -> ForgettingRow:
    """Wait until it is forgotten, as the learner where there is none; until Ctrl-C at most."""
    stop = threading.Event()
    for ending in (signal.SIGINT, signal.SIGTERM):
        signal.signal(ending, lambda *_: stop.set())
    with LessonBar(quiet=quiet) as bar:
        while row.finished_at is None and not stop.is_set():
            try:
                with closing(runtime.learner(stop)) as learner:
                    learner.watch(bar.show)
                    learner.forget()
            except Busy:
                bar.show("forgetting", row.done, row.steps)
                stop.wait(LOOK_S)
            row = runtime.forgetter.progress(row.id)
    return row
