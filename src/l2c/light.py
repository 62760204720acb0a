"""The light server, `l2c serve --light`: the standard library's HTTP, one model, one page.

For a small machine, or a quick look: it answers with the live checkpoint, computes and declines
as the whole server does, and logs what is said to `logs/conversations/`, from where `l2c train
--auto` or `l2c import` takes it. It has no store and no learner, and neither FastAPI, SQLAlchemy
nor pydantic is loaded for it. It looks into the store for one thing, reading only: which
checkpoint is live.

It serves this machine alone, and nobody signs in, so it refuses to run where people do. As with
the whole server, the Host header must name this machine (DNS rebinding), a request that changes
something must be JSON and must not come from another page, and what is sent has bounds: a body,
a turn, the time a request may take to arrive, the connections at once.

Because pydantic alone would take longer than all of this to load, it reads its few settings from
the environment itself; it is the only module beside `l2c.settings` that does.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import os
import re
import socket
import sys
import threading
from functools import cache, partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import platformdirs

from l2c import machine, starter
from l2c.chat.light_talk import Talker, people_sign_in
from l2c.errors import InvalidInput, L2CError, NotFound, StorageFull
from l2c.learning.practice_file import kept_practice, made_elsewhere

NAMES = ("127.0.0.1", "localhost", "::1")
MAX_BODY_BYTES = 64 << 10
MAX_CONNECTIONS = 32
ARRIVE_S = 20.0
"""A request must have arrived whole after so long."""

PAGE = Path(__file__).with_name("light.html")


class LightServer(ThreadingHTTPServer):
    """Listens on this machine alone, with a bound of connections at once."""

    daemon_threads = True

    def __init__(self, host: str, port: int, talker: Talker) -> None:
        self.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.talker = talker
        self.page = PAGE.read_bytes()
        self.policy = _policy(self.page.decode())
        self._free = threading.BoundedSemaphore(MAX_CONNECTIONS)
        super().__init__((host, port), Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Give a connection a thread of its own, or close it where there are too many."""
        if self._free.acquire(blocking=False):
            super().process_request(request, client_address)
        else:
            self.shutdown_request(request)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Answer, and make room for the next."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._free.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of connections that broke off; whoever was there is gone."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


class Handler(BaseHTTPRequestHandler):
    """One request, one answer, and the connection is closed."""

    server: LightServer
    timeout = ARRIVE_S
    server_version = "L2C"
    sys_version = ""

    def setup(self) -> None:
        """Cut whoever sends too slowly."""
        super().setup()
        self._cut = threading.Timer(ARRIVE_S, self._close)
        self._cut.daemon = True
        self._cut.start()

    def finish(self) -> None:
        """The request is answered."""
        self._cut.cancel()
        super().finish()

    def do_GET(self) -> None:
        """`/` and `/health`."""
        self._cut.cancel()
        if not self._is_ours():
            self._refuse(403, "This server answers only under its own name.")
        elif self.path == "/":
            self._send(200, self.server.page, "text/html; charset=utf-8")
        elif self.path == "/health":
            self._say(200, self.server.talker.health())
        else:
            self._refuse(404, "There are `/`, `/chat` and `/health` here.")

    def do_POST(self) -> None:
        """`/chat`."""
        if not self._is_ours() or self._is_foreign():
            self._refuse(403, "Another web page tried to call this server.")
        elif self.path != "/chat":
            self._refuse(404, "There are `/`, `/chat` and `/health` here.")
        else:
            self._chat()

    def _chat(self) -> None:
        media = self.headers.get("content-type", "").split(";")[0].strip().lower()
        declared = self.headers.get("content-length", "")
        if media != "application/json" and not self._is_untold_curl():
            return self._refuse(415, "Send `application/json`.")
        if not re.fullmatch(r"\d{1,9}", declared) or int(declared) > MAX_BODY_BYTES:
            return self._refuse(413, f"A body may have {MAX_BODY_BYTES} bytes, and must say so.")
        try:
            wanted = json.loads(self.rfile.read(int(declared)))
        except (ValueError, RecursionError):
            return self._refuse(400, "This is no JSON.")
        self._cut.cancel()
        prompt = wanted.get("prompt", wanted.get("message")) if isinstance(wanted, dict) else None
        talk = wanted.get("conversation_id") if isinstance(wanted, dict) else None
        if not isinstance(prompt, str) or not isinstance(talk, str | None):
            return self._refuse(400, 'Expected {"prompt": "…", "conversation_id": "…" or null}.')
        try:
            return self._say(200, self.server.talker.answer(prompt, talk))
        except InvalidInput as error:
            return self._refuse(400, str(error))
        except NotFound as error:
            return self._refuse(404, str(error))
        except StorageFull as error:
            return self._refuse(507, str(error))
        except L2CError as error:
            return self._refuse(503, str(error))

    def _is_ours(self) -> bool:
        """Whether the Host header names this machine."""
        match = re.fullmatch(
            r"(?:\[([0-9a-f:]+)\]|([a-z0-9.-]+))(?::\d{1,5})?", self.headers.get("host", "").lower()
        )
        return match is not None and (match[1] or match[2]) in NAMES

    def _is_foreign(self) -> bool:
        """Whether a page of another origin made the browser send this."""
        origin = self.headers.get("origin")
        if origin is not None and urlsplit(origin).netloc.lower() != self.headers["host"].lower():
            return True
        return self.headers.get("sec-fetch-site", "none") not in ("same-origin", "none")

    def _is_untold_curl(self) -> bool:
        """Whether this is curl with `-d` and no type: no header that only browsers add is there."""
        names = {name.lower() for name in self.headers}
        return (
            self.headers.get("content-type") == "application/x-www-form-urlencoded"
            and self.headers.get("user-agent", "").startswith("curl/")
            and not any(name.startswith("sec-") for name in names)
            and not names & {"origin", "referer", "cookie", "accept-language"}
        )

    def _say(self, status: int, value: dict[str, Any]) -> None:
        content = json.dumps(value, ensure_ascii=False).encode("utf-8", "replace")
        self._send(status, content, "application/json")

    def _refuse(self, status: int, reason: str) -> None:
        self._say(status, {"error": {"message": reason}})

    def _send(self, status: int, content: bytes, media: str) -> None:
        self.send_response(status)
        for name, value in {
            "content-type": media,
            "content-length": f"{len(content)}",
            "content-security-policy": self.server.policy,
            "x-content-type-options": "nosniff",
            "referrer-policy": "no-referrer",
            "cross-origin-resource-policy": "same-origin",
            "cache-control": "no-store",
            "connection": "close",
        }.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def _close(self) -> None:
        try:
            self.connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            return

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: who said what is nobody's business."""


def serve(data_dir: Path, *, host: str, port: int, model: str, starter_file: Path) -> None:
    """Serve until Ctrl-C. Raises `InvalidInput` where people sign in, or for another address."""
    if host not in NAMES:
        raise InvalidInput(f"The light server serves this machine alone ({NAMES[0]}), not {host}.")
    if people_sign_in(data_dir):
        raise InvalidInput("People sign in here; the light server cannot ask them to. Use `serve`.")
    machine.spare_memory()
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    starters = (starter_file, starter.HTM_PATH, starter.LLAMA_PATH)
    talker = Talker(
        data_dir,
        model=model,
        starters=starters,
        doubt_files=starter.DOUBTS,
        practised=cache(partial(kept_practice, data_dir / "cache", make=made_elsewhere)),
    )
    try:
        server = LightServer(host, port, talker)
    except OSError as error:
        raise InvalidInput(f"Port {port} of {host} cannot be used: {error.strerror}.") from error
    with server:
        shown = f"[{host}]" if ":" in host else host
        print(f"L2C is at http://{shown}:{server.server_port}   (Ctrl-C ends it)", flush=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        talker.provider()
        threading.Event().wait()


def main(arguments: list[str]) -> int:
    """`l2c serve --light`, with the exit code it ends with."""
    parser = argparse.ArgumentParser(prog="l2c serve --light", description="The light server.")
    environment = os.environ.get
    data_dir = environment("L2C_DATA_DIR") or platformdirs.user_data_dir("l2c", appauthor=False)
    parser.add_argument("--data-dir", type=Path, default=Path(data_dir))
    parser.add_argument("--host", default=environment("L2C_HOST", NAMES[0]))
    parser.add_argument("--port", type=int, default=environment("L2C_PORT", "8000"))
    parser.add_argument("--model", default=environment("L2C_MODEL", "le"))
    first = environment("L2C_STARTER") or starter.PATH
    parser.add_argument("--starter", type=Path, default=Path(first))
    given = parser.parse_args(arguments)
    try:
        if environment("L2C_REQUIRE_KEY", "").lower() in ("1", "true", "yes", "on"):
            raise InvalidInput("The light server cannot ask for a key. Use `serve`.")
        serve(
            given.data_dir,
            host=given.host,
            port=given.port,
            model=given.model,
            starter_file=given.starter,
        )
    except L2CError as error:
        print(f"l2c: {' '.join(str(error).split())}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 0
    return 0


def _policy(page: str) -> str:
    """Load nothing, run and style with what stands in the page and nothing else."""
    rules = [
        "default-src 'none'",
        "connect-src 'self'",
        "img-src data:",
        "base-uri 'none'",
        "form-action 'none'",
    ]
    for element, rule in (("script", "script-src"), ("style", "style-src")):
        (text,) = re.findall(f"<{element}>(.*?)</{element}>", page, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        rules.append(f"{rule} 'sha256-{digest}'")
    return "; ".join([*rules, "frame-ancestors 'none'"])
