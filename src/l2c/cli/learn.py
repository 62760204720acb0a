"""`l2c learn`: the learner, once over what waits, staying on, or watched while another runs."""

from __future__ import annotations

import json
import signal
import sys
import threading
from contextlib import closing
from typing import Annotated

import typer

from l2c import machine
from l2c.cli.options import DataDir, Json, log_to_console, open_runtime, print_json, say
from l2c.cli.progress import LessonBar
from l2c.errors import Busy
from l2c.runtime import Runtime
from l2c.runtime.learners import Learners
from l2c.runtime.residents import Residents

LOOK_S = 0.5


def learn(
    watch: Annotated[
        bool, typer.Option("--watch", help="Stay, learn what comes, show the progress.")
    ] = False,
    service: Annotated[bool, typer.Option("--service", hidden=True)] = False,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Learn everything that waits, then end; with --watch stay until Ctrl-C."""
    stop = threading.Event()
    for ending in (signal.SIGINT, signal.SIGTERM):
        signal.signal(ending, lambda *_: stop.set())
    machine.lower_priority()
    with open_runtime(data_dir) as runtime:
        if service:
            _serve(runtime, stop)
            return
        try:
            learner = runtime.learner(stop)
        except Busy as other:
            if not watch:
                raise
            _watch(runtime, stop, str(other), as_json=as_json)
            return
        with closing(learner), LessonBar(quiet=as_json) as bar:
            learner.watch(bar.show)
            verdicts = learner.run() if watch else learner.run_until_idle()
    if as_json:
        print_json({"lessons": verdicts})
    else:
        say("\n".join(verdicts) or "Nothing waits to be learned.")


def _serve(runtime: Runtime, stop: threading.Event) -> None:
    """Learn as the server's child, until it says so or is gone: then standard input ends."""
    log_to_console("%(asctime)s learner: %(message)s")

    def wait_for_the_end() -> None:
        sys.stdin.buffer.read()
        stop.set()

    threading.Thread(target=wait_for_the_end, name="parent", daemon=True).start()
    with closing(Learners(Residents(runtime), stop)) as learners:
        learners.run()


def _watch(runtime: Runtime, stop: threading.Event, why: str, *, as_json: bool) -> None:
    """Show what the learner of another process does, until Ctrl-C; for programs a line each."""
    seen = None
    if not as_json:
        say(why)
    with LessonBar(quiet=as_json) as bar:
        while not stop.wait(LOOK_S):
            view = runtime.learning_view()
            if view.now is not None:
                loss = "" if view.now.loss is None else f"loss {view.now.loss:.3f}"
                bar.show(view.now.doing, view.now.step or 0, view.now.steps or 1, loss)
            newest = view.lessons[0] if view.lessons else None
            if newest is None or not newest.verdict or newest.number == seen:
                continue
            seen = newest.number
            if as_json:
                print(json.dumps({"lesson": seen, "verdict": newest.verdict}), flush=True)
            else:
                say(f"Lesson {seen}: {newest.verdict}")
