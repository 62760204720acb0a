"""`l2c recall`: does it learn from what it is told? The protocol, on anybody's facts."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from l2c.cli.options import DataDir, Json, console, print_json, say
from l2c.errors import InvalidInput
from l2c.runtime import recalling
from l2c.runtime.recalling import read_facts

BAR = 10


def recall(
    facts: Annotated[
        Path,
        typer.Option("--facts", help="JSON Lines; or hundred, odd, corrections, which came along."),
    ] = Path("hundred"),
    rounds: Annotated[
        int, typer.Option(min=0, help="Tell and learn in so many rounds; 0 learns nothing.")
    ] = 1,
    first: Annotated[
        int | None, typer.Option(min=1, help="Only so many facts, from the beginning of the file.")
    ] = None,
    swap: Annotated[
        bool, typer.Option("--swap", help="Tell a second world the same with exchanged answers.")
    ] = False,
    seeds: Annotated[int, typer.Option(min=1, help="Repeat in so many orders.")] = 1,
    bound: Annotated[
        list[str] | None,
        typer.Option(help="memory.taught=0.99 and the like; exit code 1 below. Can be repeated."),
    ] = None,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Tell facts, ask for them, learn, ask again, in data directories of its own. Takes minutes."""
    del data_dir  # what is measured never touches anybody's data
    bounds = dict(_bound(one) for one in bound or ())
    told = read_facts(facts)[:first]
    say_step = (lambda _: None) if as_json else say
    figures = recalling.run(
        told, rounds=rounds, seeds=range(seeds), on_step=say_step, swap=swap and rounds > 0
    )
    missed = [name for name, least in bounds.items() if not _value(figures, name) >= least]
    if as_json:
        print_json(figures | {"bounds": bounds, "missed": missed})
    else:
        _show(figures)
        for name in missed:
            say(f"Below its bound: {name} is {_value(figures, name):.3f}, not {bounds[name]:g}.")
    if missed:
        raise typer.Exit(1)


def _bound(text: str) -> tuple[str, float]:
    name, _, least = text.partition("=")
    column, _, kind = name.partition(".")
    known = column in ("before", "weights", "memory", "both") and kind in (
        "taught",
        "paraphrased",
        "honest",
    )
    try:
        value = float(least)
    except ValueError:
        value = math.nan
    if not known or not 0 <= value <= 1:
        raise InvalidInput(
            f"A bound is a column, a figure and a share, as in memory.taught=0.99; found {text!r}."
        )
    return name, value


def _value(figures: dict[str, Any], name: str) -> float:
    column, _, kind = name.partition(".")
    value = figures[column][kind]["value"]
    return math.nan if value is None else float(value)


def _show(figures: dict[str, Any]) -> None:
    table = Table(
        "", "as taught", "in other words", "never told, honest", "told, refused", box=None
    )
    for column in ("before", "weights", "memory", "both"):
        cells = (_cell(figures[column][kind]) for kind in ("taught", "paraphrased", "honest"))
        table.add_row(column, *cells, _cell(figures[column]["refused"], bar=False))
    console.print(table)
    if figures["older"]["of"]:
        say(f"facts of the first round, after all: {_cell(figures['older'])} (weights)")
    if figures["swap"]["own"]["of"]:
        own, others = _cell(figures["swap"]["own"]), _cell(figures["swap"]["others"])
        say(f"two worlds with exchanged answers: {own} of the own ones, {others} of the other's")
    say(f"told with learning off: {_cell(figures['control'], bar=False)}")
    say(f"the finder: recall {_cell(figures['finder']['recall'], bar=False)}, ", end="")
    say(f"precision {_cell(figures['finder']['precision'], bar=False)}")
    for bits, seconds in zip(figures["bits_per_byte"], figures["seconds"], strict=False):
        change = 100 * (bits["after"] / bits["before"] - 1)
        say(
            f"seed {bits['seed']}: held-out bits per byte {bits['before']:.3f} → "
            f"{bits['after']:.3f} ({change:+.1f} %), {seconds['lessons']} lessons "
            f"({seconds['refused_lessons']} refused) in {seconds['learning']:.0f} s, "
            f"{seconds['learning_cpu']:.0f} CPU s; the slowest remembered answer took "
            f"{seconds['slowest_remembered_answer']:.2f} s"
        )


def _cell(share: dict[str, Any], *, bar: bool = True) -> str:
    """A share with its interval, and as a bar."""
    if share["value"] is None:
        return "–"
    full = round(BAR * share["value"])
    drawn = f"{'█' * full}{'░' * (BAR - full)} " if bar else ""
    return f"{drawn}{share['value']:.3f} ({share['low']:.2f}–{share['high']:.2f})"
