"""`l2c providers`: servers of other models, such as Ollama, and whether they can be used."""

from __future__ import annotations

from typing import Annotated, Literal

import typer
from rich.table import Table

from l2c.cli.options import DataDir, Json, cell, console, open_runtime, print_json, say
from l2c.runtime import ServerEntry

app = typer.Typer(
    help="List, name, check and forget servers of other models.", no_args_is_help=True
)

Name = Annotated[str, typer.Argument(help="The server's name, which begins its models' names.")]


@app.command("list")
def list_providers(data_dir: DataDir = None, as_json: Json = False) -> None:
    """List every server; none of them is asked anything."""
    with open_runtime(data_dir) as runtime:
        entries = runtime.servers.entries()
    if as_json:
        print_json(entries)
        return
    table = Table("name", "kind", "address", "key", "window", box=None)
    for entry in entries:
        window = "" if entry.window is None else f"{entry.window}"
        table.add_row(entry.name, entry.kind, cell(entry.url), entry.key, window)
    console.print(table)


@app.command("add")
def add(
    name: Name,
    url: Annotated[str, typer.Argument(help="Its address; for openai up to and with /v1.")],
    kind: Annotated[
        Literal["ollama", "openai"], typer.Option(help="The dialect it speaks.")
    ] = "openai",
    key_variable: Annotated[
        str | None, typer.Option(help="The environment variable of its key, L2C_KEY_….")
    ] = None,
    ask_key: Annotated[
        bool, typer.Option("--ask-key", help="Ask for the key and put it into the keyring.")
    ] = False,
    window: Annotated[int | None, typer.Option(help="Tokens of its models' window.")] = None,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Name a server."""
    entry = ServerEntry(name, kind, url.rstrip("/"), key_variable or "none", window).checked()
    key = typer.prompt("Key", hide_input=True) if ask_key else None
    with open_runtime(data_dir) as runtime:
        entry = runtime.servers.add(entry, key=key)
    if as_json:
        print_json(entry)
        return
    say(f"{name} is named; `l2c providers check {name}` asks it for its models.")


@app.command("check")
def check(name: Name, data_dir: DataDir = None, as_json: Json = False) -> None:
    """Ask a server for its models."""
    with open_runtime(data_dir) as runtime:
        server = runtime.servers.named(name)
        models = server.models()
    if as_json:
        print_json(models)
        return
    say(server.welcome(len(models)))
    for model in models:
        say(f"  {name}/{model.name}")


@app.command("remove")
def remove(name: Name, data_dir: DataDir = None, as_json: Json = False) -> None:
    """Forget a server and its key."""
    with open_runtime(data_dir) as runtime:
        runtime.servers.remove(name)
    if as_json:
        print_json({"removed": name})
        return
    say(f"{name} is forgotten.")
