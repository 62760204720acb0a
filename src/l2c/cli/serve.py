"""`l2c serve`: the server, its page, and the learner beside it."""

from __future__ import annotations

import asyncio
import ipaddress
import json
import signal
import socket
import sys
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer
import uvicorn

from l2c.cli.options import DataDir, Json, log_to_console, settings_from
from l2c.errors import InvalidInput
from l2c.runtime import Runtime
from l2c.server import protocol
from l2c.server.app import create_app
from l2c.server.security import LOOPBACK_NAMES
from l2c.server.supervisor import Supervisor


def serve(
    host: Annotated[str | None, typer.Option(help="The address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="The port; 0 takes a free one.")] = None,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Serve the page and the API, and learn in the background, until Ctrl-C."""
    settings = settings_from(host=host, port=port, data_dir=data_dir)
    _expect_loopback(settings.host)
    log_to_console("%(asctime)s %(levelname)s %(message)s")
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # ends it as Ctrl-C does
    with (
        suppress(KeyboardInterrupt),
        _listen(settings.host, settings.port) as listener,
        Runtime.open(settings, role="server") as runtime,
    ):
        shown = f"[{settings.host}]" if ":" in settings.host else settings.host
        url = f"http://{shown}:{listener.getsockname()[1]}"
        said = json.dumps({"url": url}) if as_json else f"L2C is at {url}   (Ctrl-C ends it)"
        print(said, flush=True)
        _run(runtime, listener)


def _run(runtime: Runtime, listener: socket.socket) -> None:
    """Serve until a signal; it comes again, as KeyboardInterrupt, once everything is closed."""
    settings = runtime.settings
    supervisor = Supervisor(_learner_command(runtime.data_dir)) if settings.learner else None
    hosts = {*LOOPBACK_NAMES, settings.host.lower()}
    app = create_app(runtime, supervisor=supervisor, hosts=hosts)
    asyncio.run(uvicorn.Server(protocol.config(app)).serve(sockets=[listener]))


def _learner_command(data_dir: Path) -> list[str]:
    return [sys.executable, "-m", "l2c", "learn", "--service", "--data-dir", str(data_dir)]


def _expect_loopback(host: str) -> None:
    """Without accounts nobody but this machine may come in."""
    try:
        local = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        local = False
    if not local:
        raise InvalidInput(
            f"L2C has no accounts yet and listens on this machine only: give a loopback address "
            f"such as 127.0.0.1 as host; found {host!r}."
        )


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen()
    except OSError as error:
        listener.close()
        raise InvalidInput(
            f"Port {port} of {host} cannot be used ({error.strerror}); give another with --port."
        ) from error
    return listener
