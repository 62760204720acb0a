"""The server as a process: the application on its socket, and the learner beside it."""

from __future__ import annotations

import asyncio
import gc
import socket
import sys
from pathlib import Path

import uvicorn

from l2c.runtime import Runtime
from l2c.server import protocol
from l2c.server.app import create_app
from l2c.server.security import LOOPBACK_NAMES
from l2c.server.supervisor import Supervisor

SWITCH_S = 0.001
"""How long a thread may compute before another gets its turn; the one that tells all readers what
is new waits for it."""


def serve_until_told(runtime: Runtime, listener: socket.socket) -> None:
    """Serve until a signal; it comes again, as KeyboardInterrupt, once everything is closed."""
    settings = runtime.settings
    supervisor = Supervisor(_learner_command(runtime.data_dir)) if settings.learner else None
    hosts = {*LOOPBACK_NAMES, settings.host.lower()} if settings.on_loopback else None
    app = create_app(runtime, supervisor=supervisor, hosts=hosts)
    sys.setswitchinterval(SWITCH_S)
    gc.freeze()  # what is loaded stays; looking through it for garbage keeps everybody waiting
    asyncio.run(uvicorn.Server(protocol.config(app)).serve(sockets=[listener]))


def _learner_command(data_dir: Path) -> list[str]:
    return [sys.executable, "-m", "l2c", "learn", "--service", "--data-dir", str(data_dir)]
