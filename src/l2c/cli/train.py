"""`l2c train`: teach a model text files of your own, interrupted and continued at will."""

from __future__ import annotations

import signal
import threading
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from l2c.cli import auto_training
from l2c.cli.options import (
    DataDir,
    Json,
    log_to_console,
    log_to_file,
    open_runtime,
    print_json,
    say,
)
from l2c.cli.progress import LessonBar
from l2c.errors import InvalidInput
from l2c.runtime import Runtime, vocabularies


def train(
    files: Annotated[list[Path] | None, typer.Argument(help="Text files.", dir_okay=False)] = None,
    auto: Annotated[
        bool, typer.Option("--auto", help="Learn what is new in datasets/ and the session logs.")
    ] = False,
    check: Annotated[bool, typer.Option("--check", help="Only say what is new there.")] = False,
    anew: Annotated[
        bool, typer.Option("--anew", help="With --auto: begin again, with what is there now.")
    ] = False,
    engine: Annotated[
        str | None, typer.Option(help="The engine of a new model (lstm); alone, also its name.")
    ] = None,
    new: Annotated[str | None, typer.Option(help="Train a new model of this name.")] = None,
    model: Annotated[str | None, typer.Option(help="Go on with this model.")] = None,
    minutes: Annotated[float, typer.Option(min=0.01, max=10_000, help="How long.")] = 2.0,
    seed: Annotated[int, typer.Option(min=0, help="The start of a new model's weights.")] = 0,
    tokenizer: Annotated[
        Path | None, typer.Option(help="A new model's vocabulary, of `l2c tokenizer train`.")
    ] = None,
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="Say nothing but errors.")] = False,
    verbose: Annotated[
        int, typer.Option("-v", "--verbose", count=True, help="Log each second; -vv each step.")
    ] = 0,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Train on text files. Ctrl-C keeps what is done; the same command goes on from there.

    What -v shows is written to a file of logs/training either way.
    """
    if verbose:
        log_to_console("%(asctime)s %(message)s", level="DEBUG" if verbose > 1 else "INFO")
    stop = threading.Event()
    signal.signal(signal.SIGINT, lambda *_: stop.set())
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    if auto or check or anew:
        if files or tokenizer is not None or (new is not None and model is not None):
            raise InvalidInput("--auto, --check and --anew take no files, and one name at most.")
        bar = LessonBar(quiet=as_json or quiet)
        with open_runtime(data_dir) as runtime, _log(runtime), bar:
            if not auto:
                auto_training.check(runtime, model=new or model, as_json=as_json)
                return
            wanted: dict[str, Any] = {"engine": engine, "minutes": minutes, "seed": seed}
            name = new or model
            found = auto_training.train(runtime, bar, stop, model=name, anew=anew, **wanted)
        if as_json:
            print_json(found)
        elif not quiet:
            auto_training.show(found)
        return
    if not files:
        raise InvalidInput("Give text files to train on, or --auto.")
    new = engine if new is None and model is None else new
    if (new is None) == (model is None):
        raise InvalidInput(
            "Give either --new NAME for a new model or --model NAME to go on with one."
        )
    vocabulary = None if tokenizer is None else vocabularies.read(tokenizer)
    bar = LessonBar(quiet=as_json or quiet or verbose > 0)
    with open_runtime(data_dir) as runtime, _log(runtime), bar:
        outcome = runtime.train_text(
            files,
            name=new or model or "",
            engine=None if new is None else engine or "lstm",
            minutes=minutes,
            seed=seed,
            tokenizer=vocabulary,
            stop=stop,
            on_progress=bar.show,
        )
    if as_json:
        print_json(outcome)
    elif quiet:
        return
    elif outcome.finished:
        say(
            f"{outcome.model} read {outcome.characters:,} characters in {outcome.steps} steps; "
            f"loss {outcome.loss:.3f} nats per token. It answers with {outcome.checkpoint[:12]}."
        )
    else:
        say(f"Stopped after step {outcome.step} of {outcome.steps}. The same command goes on.")


def _log(runtime: Runtime) -> AbstractContextManager[None]:
    """A file of this training's own, named by the time it began."""
    began = f"{datetime.now(UTC):%Y%m%dT%H%M%S%fZ}"
    return log_to_file(runtime.data_dir / "logs" / "training" / f"{began}.log")
