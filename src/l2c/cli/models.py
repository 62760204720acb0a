"""`l2c models`: which models there are, which checkpoint answers, and going back to another."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from l2c.cli.options import DataDir, Json, cell, console, open_runtime, print_json, say
from l2c.cli.progress import LessonBar
from l2c.runtime.model_files import Form, Stored, delete_model, export_model, import_model
from l2c.runtime.smaller import in_words, make_smaller

app = typer.Typer(
    help="List models, take them in and out, go back to checkpoints, pin, check, rebuild.",
    no_args_is_help=True,
)

Name = Annotated[str, typer.Argument(help="The model.")]


@app.command("list")
def list_models(data_dir: DataDir = None, as_json: Json = False) -> None:
    """List every model."""
    with open_runtime(data_dir) as runtime:
        views = runtime.catalog.views()
    if as_json:
        print_json(views)
        return
    table = Table("model", "engine", "parameters", "vocabulary", "checkpoints", "live", box=None)
    for view in views:
        numbers = f"{view.parameters:,}", f"{view.vocabulary_size}", f"{view.checkpoints}"
        table.add_row(cell(view.name), view.engine, *numbers, view.live[:12])
    console.print(table)


@app.command("begin")
def begin(name: Name, data_dir: DataDir = None, as_json: Json = False) -> None:
    """Begin with another starter that came with the program: `htm`, a sequence memory."""
    with open_runtime(data_dir) as runtime:
        runtime.begin_model(name)
        view = runtime.catalog.view(name)
    if as_json:
        print_json(view)
        return
    say(f"{name} is there: `l2c chat --model {name}`.")


@app.command("import")
def import_(
    file: Annotated[
        Path,
        typer.Argument(help="GGUF, llama2.c's .bin, a folder of Hugging Face, or a checkpoint."),
    ],
    name: Annotated[str, typer.Option("--name", help="What the model is called here.")],
    tokenizer: Annotated[
        Path | None, typer.Option(help="The tokenizer.bin of a .bin, where it is not beside it.")
    ] = None,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Take in a model from a file of another program; it answers like any other."""
    with open_runtime(data_dir) as runtime:
        import_model(runtime.models, runtime.folder, file, name=name, tokenizer=tokenizer)
        view = runtime.catalog.view(name)
    if as_json:
        print_json(view)
        return
    say(f"{name} is there, {view.parameters:,} weights: `l2c chat --model {name}`.")


@app.command("export")
def export(
    name: Name,
    file: Annotated[Path, typer.Argument(help="The file to write; a folder for safetensors.")],
    form: Annotated[Form, typer.Option("--format", help="The program it is for.")] = Form.GGUF,
    stored: Annotated[Stored, typer.Option("--type", help="How weights are stored.")] = Stored.F32,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Write a llama model for llama.cpp, llama2.c or transformers, or any as a checkpoint."""
    with open_runtime(data_dir) as runtime:
        model = runtime.catalog.answering(name)[1]
        made = export_model(model, file, form=form, stored=stored, name=name)
    if as_json:
        print_json({"files": [str(path) for path in made], "format": form.value})
    else:
        say(f"Written: {', '.join(map(str, made))}")


@app.command("quantise")
def quantise(
    name: Name,
    new: Annotated[
        str | None, typer.Option("--name", help="What the copy is called; NAME-TYPE unless given.")
    ] = None,
    stored: Annotated[
        Stored, typer.Option("--type", help="How its numbers are stored.")
    ] = Stored.Q8_0,
    checkpoint: Annotated[
        str | None, typer.Option("--checkpoint", help="Of another than the one that answers.")
    ] = None,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Make a smaller copy, a model of its own, and say how much worse it predicts."""
    called = new or f"{name}-{stored.value}"
    with open_runtime(data_dir) as runtime:
        digest = checkpoint and runtime.catalog.checkpoint_named(name, checkpoint)
        made = make_smaller(
            runtime.models, runtime.folder, of=name, digest=digest, stored=stored, name=called
        )
    if as_json:
        print_json(made)
        return
    say(
        f"{called} is there: {made.size_after / 1e6:.1f} MB instead of "
        f"{made.size_before / 1e6:.1f}. It predicts {made.read} held-out conversations "
        f"{in_words(made)}: {made.bits_after:.3f} bits a byte, {name} {made.bits_before:.3f}."
    )


@app.command("delete")
def delete(
    name: Name,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Erase a model with its checkpoints, lessons and dreams; what it answered stays."""
    with open_runtime(data_dir) as runtime:
        runtime.models.get(name)
        if not yes and not typer.confirm(f"Erase {name} for good?"):
            raise typer.Exit(1)
        delete_model(runtime.house, runtime.user_id, name)
    if as_json:
        print_json({"deleted": name})
    else:
        say(f"{name} is gone.")


@app.command("show")
def show(name: Name, data_dir: DataDir = None, as_json: Json = False) -> None:
    """Show a model and its checkpoints, newest first."""
    with open_runtime(data_dir) as runtime:
        view, checkpoints = runtime.catalog.view(name), runtime.catalog.checkpoints(name)
    if as_json:
        print_json({"model": view, "checkpoints": checkpoints})
        return
    table = Table("checkpoint", "lesson", "made", "size", "", box=None)
    for row in checkpoints:
        lesson = "starter" if row.lesson is None else f"{row.lesson}"
        told = {"answers now": row.live, "pinned": row.pinned, "no file": not row.available}
        remark = ", ".join(words for words, true in told.items() if true)
        size = f"{row.size_bytes / 1e6:.1f} MB"
        table.add_row(row.digest[:12], lesson, row.created_at[:19], size, remark)
    console.print(table)


@app.command("promote")
def promote(
    name: Name,
    checkpoint: Annotated[str, typer.Argument(help="Its digest, or the beginning of it.")],
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Make a checkpoint answer from now on; an older one is a rollback."""
    with open_runtime(data_dir) as runtime:
        view = runtime.catalog.promote(name, runtime.catalog.checkpoint_named(name, checkpoint))
    if as_json:
        print_json(view)
    else:
        say(f"{view.name} now answers with {view.live[:12]}.")


@app.command("pin")
def pin(
    name: Name,
    checkpoint: Annotated[str, typer.Argument(help="Its digest, or the beginning of it.")],
    off: Annotated[bool, typer.Option("--off", help="Let it go with the others again.")] = False,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Keep the file of a checkpoint however old it becomes."""
    with open_runtime(data_dir) as runtime:
        digest = runtime.catalog.checkpoint_named(name, checkpoint)
        row = runtime.models.pin(name, digest, not off)
    if as_json:
        print_json(row)
    else:
        say(f"{digest[:12]} is {'pinned' if row.pinned else 'not pinned any more'}.")


@app.command("rebuild")
def rebuild(name: Name = "le", data_dir: DataDir = None, as_json: Json = False) -> None:
    """Compute the live checkpoint again from the starter and the ledger, and compare."""
    with open_runtime(data_dir) as runtime, LessonBar(quiet=as_json) as bar:
        outcome = runtime.rebuild(name, on_progress=bar.show, stop=threading.Event())
    if as_json:
        print_json(outcome)
    else:
        say(outcome.reason)
    if not outcome.exact:
        raise typer.Exit(1)


@app.command("verify")
def verify(
    name: Name = "le",
    checkpoint: Annotated[
        str | None, typer.Option("--checkpoint", help="Another than the one that answers.")
    ] = None,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Compute a checkpoint from its ledger and compare digests; nothing is changed."""
    with open_runtime(data_dir) as runtime, LessonBar(quiet=as_json) as bar:
        found = runtime.checkpoints.verify(name, checkpoint, on_progress=bar.show)
    if as_json:
        print_json(found)
    else:
        say(found.reason)
    if not found.exact:
        raise typer.Exit(1)
