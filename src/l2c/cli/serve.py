"""`l2c serve`: the server, its page, and the learner beside it."""

from __future__ import annotations

import json
import logging
import signal
import socket
from contextlib import suppress
from typing import Annotated

import typer

from l2c import light as light_server
from l2c.cli.options import DataDir, Json, log_to_console, settings_from
from l2c.errors import InvalidInput
from l2c.runtime import Runtime
from l2c.settings import Settings

log = logging.getLogger(__name__)


def serve(
    host: Annotated[str | None, typer.Option(help="The address to listen on.")] = None,
    require_key: Annotated[
        bool, typer.Option("--require-key", help="Have people sign in on this machine too.")
    ] = False,
    port: Annotated[int | None, typer.Option(help="The port; 0 takes a free one.")] = None,
    light: Annotated[
        bool, typer.Option("--light", help="A small server: one page, /chat and /health, no store.")
    ] = False,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Serve the page and the API, and learn in the background, until Ctrl-C."""
    settings = settings_from(
        host=host, port=port, data_dir=data_dir, require_key=require_key or None
    )
    if light:
        raise typer.Exit(_serve_light(settings))
    log_to_console("%(asctime)s %(levelname)s %(message)s")
    from l2c.server.running import serve_until_told  # noqa: PLC0415 (no other command loads it)

    signal.signal(signal.SIGTERM, signal.default_int_handler)  # ends it as Ctrl-C does
    with (
        suppress(KeyboardInterrupt),
        _listen(settings.host, settings.port) as listener,
        Runtime.open(settings, role="server") as runtime,
    ):
        shown = f"[{settings.host}]" if ":" in settings.host else settings.host
        url = f"http://{shown}:{listener.getsockname()[1]}"
        _say_where(runtime, url, as_json=as_json)
        serve_until_told(runtime, listener)


def _serve_light(settings: Settings) -> int:
    """The light server, for whoever comes by this way; the command `l2c` takes a shorter one."""
    beginning = [] if settings.starter is None else ["--starter", str(settings.starter)]
    where = ["--data-dir", str(settings.data_dir), "--host", settings.host]
    return light_server.main([*where, "--port", str(settings.port), *beginning])


def _say_where(runtime: Runtime, url: str, *, as_json: bool) -> None:
    """Say where the server is, and with which code it is set up, if it has to be."""
    door = runtime.house.door
    code = door.code if door.needs_set_up else None
    if as_json:
        print(json.dumps({"url": url} | ({} if code is None else {"code": code})), flush=True)
        return
    print(f"L2C is at {url}   (Ctrl-C ends it)", flush=True)
    if code is not None:
        print(f"Open {url}/setup and give this code: {code}", flush=True)
    if not runtime.settings.on_loopback:
        log.warning("Others can reach this server; let only an encrypting proxy be in between.")


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
