"""`l2c learn`: the learner, once over what waits, staying on, or watched while another runs."""

from __future__ import annotations

import json
import re
import signal
import sys
import threading
from contextlib import closing
from typing import Annotated

import typer

from l2c import machine
from l2c.cli.options import DataDir, Json, log_to_console, open_runtime, print_json, say
from l2c.cli.progress import LessonBar
from l2c.errors import Busy, InvalidInput
from l2c.runtime import Runtime
from l2c.runtime.consenting import HoursChange, Redacted, Threshold, clock
from l2c.runtime.learners import Learners
from l2c.runtime.residents import Residents

LOOK_S = 0.5


def learn(
    watch: Annotated[
        bool, typer.Option("--watch", help="Stay, learn what comes, show the progress.")
    ] = False,
    show: Annotated[
        bool, typer.Option("--show", help="Show the rules, and what the next lesson would teach.")
    ] = False,
    quiet: Annotated[
        str | None, typer.Option("--quiet", help="Learn nothing from and to: 22:00-07:00, or off.")
    ] = None,
    only_when_idle: Annotated[
        bool | None,
        typer.Option("--only-when-idle/--any-time", help="Wait until nobody has talked a while."),
    ] = None,
    on_battery: Annotated[
        bool | None,
        typer.Option("--on-battery/--mains-only", help="Learn on battery too, or not."),
    ] = None,
    take_out: Annotated[
        list[Redacted] | None, typer.Option("--take-out", help="Take this out before it teaches.")
    ] = None,
    let_through: Annotated[
        list[Redacted] | None, typer.Option("--let-through", help="Let this teach as it is.")
    ] = None,
    threshold: Annotated[
        list[str] | None,
        typer.Option(
            "--threshold",
            metavar="NAME=PERCENT",
            help="What the gate asks for, as --show lists it; NAME=usual takes it back.",
        ),
    ] = None,
    rebuild: Annotated[
        bool,
        typer.Option("--rebuild", help="Then learn everything once more, from the start."),
    ] = False,
    service: Annotated[bool, typer.Option("--service", hidden=True)] = False,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Learn everything that waits, then end; with --watch stay until Ctrl-C.

    With --rebuild the night's lesson follows: the model begins again at the starter and learns
    everything together. With --show, a rule or a threshold nothing is learned: they are set and
    shown.
    """
    hours, asked = _hours(quiet, only_when_idle, on_battery), _asked(threshold or [])
    kinds = dict.fromkeys(take_out or [], True) | dict.fromkeys(let_through or [], False)
    if show or hours or kinds or asked:
        with open_runtime(data_dir) as runtime:
            runtime.consenting.ask(asked)
            runtime.consenting.change(redaction=kinds, hours=hours)
            _show(runtime, as_json=as_json)
        return
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
            if rebuild:
                verdicts.append(learner.night() or "There is too little to learn it once more.")
    if as_json:
        print_json({"lessons": verdicts})
    else:
        say("\n".join(verdicts) or "Nothing waits to be learned.")


def _hours(quiet: str | None, only_when_idle: bool | None, on_battery: bool | None) -> HoursChange:
    change: HoursChange = {}
    if quiet is not None:
        change["quiet_from"], change["quiet_until"] = _span(quiet)
    if only_when_idle is not None:
        change["only_when_idle"] = only_when_idle
    if on_battery is not None:
        change["on_battery"] = on_battery
    return change


def _asked(thresholds: list[str]) -> dict[Threshold, float | None]:
    """What `general=2.5 liked=usual` asks for, in percent; None is the usual one."""
    asked: dict[Threshold, float | None] = {}
    for one in thresholds:
        name, _, percent = one.partition("=")
        if name not in list(Threshold) or not re.fullmatch(r"usual|\d{1,3}(\.\d+)?", percent):
            names = ", ".join(Threshold)
            raise InvalidInput(f"A threshold is written general=2.5; the names are {names}.")
        asked[Threshold(name)] = None if percent == "usual" else float(percent)
    return asked


def _span(quiet: str) -> tuple[int | None, int | None]:
    """Minutes since midnight of `22:00-07:00`; nothing for `off`."""
    if quiet == "off":
        return None, None
    found = re.fullmatch(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)", quiet)
    if found is None:
        raise InvalidInput(f"Quiet hours are written 22:00-07:00, or off; found {quiet!r}.")
    hour, minute, to_hour, to_minute = map(int, found.groups())
    return 60 * hour + minute, 60 * to_hour + to_minute


def _show(runtime: Runtime, *, as_json: bool) -> None:
    rules = runtime.consenting.rules()
    waiting = runtime.consenting.waiting(runtime.settings.model)
    asked = runtime.consenting.asked()
    if as_json:
        print_json({"rules": rules, "thresholds": asked, "waiting": waiting})
        return
    for kind, applied in rules.redaction.items():
        say(f"{kind}: {'taken out before it teaches' if applied else 'teaches as it is'}")
    begin, end = rules.quiet_from, rules.quiet_until
    quiet = "none" if begin is None or end is None else f"{clock(begin)} to {clock(end)}"
    say(f"quiet hours: {quiet}")
    say(f"learns: {'only when nobody talks' if rules.only_when_idle else 'at any time'}")
    say(f"on battery: {'learns' if rules.on_battery else 'rests'}")
    for name, one in asked.items():
        usual = "" if one.percent == one.usual else f" (usually {one.usual:g} %)"
        say(f"{name}: {one.percent:g} %{usual}")
    if rules.resting is not None:
        say(f"Resting. {rules.resting}")
    say("The next lesson would teach:" if waiting else "Nothing waits to be learned.")
    for text in waiting:
        say(text)


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
