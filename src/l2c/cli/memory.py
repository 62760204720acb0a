"""`l2c memory`: what you told and le remembers, to read, mend and forget."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from rich.table import Table

from l2c.cli.options import DataDir, Json, cell, console, open_runtime, print_json, say
from l2c.errors import NotFound
from l2c.runtime import Runtime

app = typer.Typer(
    help="See what le remembers of what you told, mend it, forget it.", no_args_is_help=True
)

Name = Annotated[str, typer.Argument(metavar="FACT", help="Its id, or the beginning of it.")]


@app.command("list")
def list_facts(data_dir: DataDir = None, as_json: Json = False) -> None:
    """List what is remembered, newest first."""
    with open_runtime(data_dir) as runtime:
        facts = [_described(one) for one in runtime.memory.all()]
    if as_json:
        print_json(facts)
        return
    table = Table("about", "what", "value", "before", "told", "id", box=None)
    for fact in facts:
        before = ", ".join(fact["history"])
        about = (fact["subject"] or "you", fact["relation"], fact["value"], before)
        table.add_row(*(cell(text) for text in about), fact["told_at"][:10], fact["id"][:8])
    console.print(table)


@app.command("edit")
def edit(
    name: Name,
    value: Annotated[str, typer.Argument(help="What is right.")],
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Give a fact another value: it is said anew in the conversation it was told in."""
    with open_runtime(data_dir) as runtime:
        changed = _described(runtime.memory.change(_named(runtime, name), value))
    if as_json:
        print_json(changed)
    else:
        say(f"Remembered: {changed['said']}.")
        if changed["edited"]:
            say("Only this list changed: tell it in a conversation to have it learned, too.")


@app.command("forget")
def forget(name: Name, data_dir: DataDir = None, as_json: Json = False) -> None:
    """Forget a fact; the conversation it was told in stays."""
    with open_runtime(data_dir) as runtime:
        memory_id = _named(runtime, name)
        runtime.memory.delete(memory_id)
    if as_json:
        print_json({"forgotten": memory_id})
    else:
        say("Forgotten. The conversation still says it; delete that too if it should be gone.")


def _named(runtime: Runtime, name: str) -> str:
    """The id of the fact of that id or beginning of an id. Raises `NotFound`."""
    ids = [one.row.id for one in runtime.memory.all() if one.row is not None]
    for memory_id in ids:
        if memory_id == name or (len(name) >= 6 and memory_id.startswith(name)):
            return memory_id
    raise NotFound(f"There is no memory {name!r}; `l2c memory list` shows them.")


def _described(one: Any) -> dict[str, Any]:
    return {
        "id": one.row.id,
        "subject": one.fact.subject,
        "relation": one.fact.relation,
        "value": one.fact.value,
        "said": one.fact.said,
        "history": list(one.history),
        "edited": one.row.edited,
        "told_at": one.row.told_at,
        "turn_id": one.row.turn_id,
        "conversation_id": one.row.conversation_id,
    }
