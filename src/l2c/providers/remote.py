"""What all servers of other models have in common: the wire, its failures, and words for them.

A request for an answer that was refused for the moment (429, 502, 503, 504, no connection) is
repeated a few times before the first letter arrived, with growing waits or the wait the server
asks for; after the first letter nothing is repeated, since the reader has seen it. A server that
is not there, a cut connection, a malformed line and an endless one each become one
`ProviderError` in words.
"""

from __future__ import annotations

import json
import math
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx

from l2c.errors import NotFound, ProviderError
from l2c.providers.provider import Provider

TRIES = 3
FIRST_WAIT_S, LONGEST_WAIT_S = 0.5, 20.0
AGAIN = frozenset({429, 502, 503, 504})

CONNECT_S, SILENCE_S = 5.0, 300.0
"""Seconds to reach a server, and between two pieces of an answer: large prompts take minutes."""

SHARE_S, LONGEST_PAUSE_S = 0.001, 0.25
"""How long a stream is not read after some of it came, for each stream of the server; and at most.
One processor reads them all, and what waited together costs it less."""

BELIEVED_S = 5.0
"""How long it counts what a server told of a model: of many answers at once, one asks."""

LINE_BYTES = 4 << 20
REPLY_BYTES = 32 << 20
"""The longest line of a stream, and the longest reply that is none."""

VIA = "x-l2c-via"
"""The header that says that L2C itself asks. It is offered no models of further servers, so that
servers which name each other, or themselves, ask no circle of questions."""

ANSWER_CHARACTERS = 400_000
"""Where an answer is cut that does not end."""

ASSUMED_WINDOW = 4096
"""Tokens, for a server that does not tell its window and whose owner has not said it either."""


@dataclass(frozen=True, slots=True)
class RemoteModel:
    """A model of a server. What the server does not tell is None; `window` is in tokens."""

    name: str
    family: str | None = None
    parameters: str | None = None
    size_bytes: int | None = None
    window: int | None = None


class RemoteServer(ABC):
    """A server of other models, under the name that begins its models' names."""

    def __init__(
        self,
        name: str,
        url: str,
        *,
        key: str | None = None,
        window: int | None = None,
        wait: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`key` is sent as a bearer token, `window` overrides what the server tells."""
        self.name = name
        self.url = url.rstrip("/")
        self.window = window
        self._wait = wait
        self._clock = clock
        self._told: dict[str, tuple[Provider, float]] = {}
        self._streams: set[httpx.Response] = set()
        headers = {VIA: "1"} | ({"authorization": f"Bearer {key}"} if key else {})
        self._client = httpx.Client(
            headers=headers,
            timeout=httpx.Timeout(SILENCE_S, connect=CONNECT_S),
            limits=httpx.Limits(max_connections=None, max_keepalive_connections=20),
            # A proxy of the environment is for the outside; what runs here is reached directly.
            trust_env=not _is_local(url),
        )

    @abstractmethod
    def models(self) -> list[RemoteModel]:
        """Every model the server has. Raises `ProviderError`."""

    def provider(self, model: str) -> Provider:
        """The model of this name (without the server's), ready to answer.

        What the server told of it is believed for `BELIEVED_S`. Raises `NotFound` for a model the
        server does not have, and `ProviderError`.
        """
        told = self._told.get(model)
        if told is None or self._clock() - told[1] > BELIEVED_S:
            told = self._told[model] = (self.look_up(model), self._clock())
        return told[0]

    @abstractmethod
    def look_up(self, model: str) -> Provider:
        """The same, asked of the server anew. Raises as `provider`."""

    @abstractmethod
    def absent(self) -> str:
        """What to say when nothing answers at the address."""

    def welcome(self, models: int) -> str:
        """What to say of a server that answers and has so many models."""
        return f"{self.url} answers and has {models} model{'' if models == 1 else 's'}."

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """The JSON that a request is answered with."""
        with self._sent(method, path, body, patient=False) as response:
            read = bytearray()
            for part in response.iter_bytes():
                read += part
                if len(read) > REPLY_BYTES:
                    raise ProviderError(f"{self.url} sent more than {REPLY_BYTES >> 20} MB.")
        return self._json(bytes(read))

    def lines(self, path: str, body: Any) -> Generator[bytes, None, None]:
        """The lines of a streamed answer, without their ends."""
        with self._sent("POST", path, body, patient=True) as response, self._among(response):
            rest = b""
            for part in response.iter_bytes():
                *lines, rest = (rest + part).split(b"\n")
                yield from (line.rstrip(b"\r") for line in lines)
                if len(rest) > LINE_BYTES:
                    raise ProviderError(f"{self.url} sent a line without an end.")
                time.sleep(min(SHARE_S * len(self._streams), LONGEST_PAUSE_S))
            if rest:
                yield rest

    @contextmanager
    def _among(self, response: httpx.Response) -> Iterator[None]:
        """Count a stream among the server's while this lasts."""
        self._streams.add(response)
        try:
            yield
        finally:
            self._streams.discard(response)

    def broke_off(self) -> ProviderError:
        """The error for an answer that ended without saying so."""
        return ProviderError(f"The connection to {self.url} broke off in the middle of the answer.")

    def _json(self, text: bytes) -> Any:
        try:
            return json.loads(text)
        except ValueError as error:
            start = text[:60].decode("utf-8", "replace")
            raise ProviderError(f"{self.url} sent something that is no JSON: {start!r}.") from error

    def object(self, text: bytes) -> dict[str, Any]:
        """A JSON object a line holds. Raises `ProviderError`, also for the error it may say."""
        value = self._json(text)
        if not isinstance(value, dict):
            raise ProviderError(f"{self.url} sent something that is no JSON object.")
        if value.get("error"):
            raise ProviderError(f"{self.url} says: {_error_text(value['error'])}")
        return value

    @contextmanager
    def _sent(
        self, method: str, path: str, body: Any, *, patient: bool
    ) -> Iterator[httpx.Response]:
        """A request's response, once the server accepts it; every failure in words."""
        try:
            response = self._accepted(method, path, body, patient)
            try:
                yield response
            finally:
                response.close()
        except httpx.ConnectError as error:
            raise ProviderError(self.absent()) from error
        except httpx.TimeoutException as error:
            raise ProviderError(f"{self.url} did not answer in time.") from error
        except httpx.TransportError as error:
            raise self.broke_off() from error
        except httpx.InvalidURL as error:
            raise ProviderError(f"{self.url} is no address of a server.") from error

    def _accepted(self, method: str, path: str, body: Any, patient: bool) -> httpx.Response:
        for attempt in range(TRIES):
            last = attempt == TRIES - 1
            wait = FIRST_WAIT_S * 2**attempt
            try:
                request = self._client.build_request(method, self.url + path, json=body)
                response = self._client.send(request, stream=True)
            except httpx.ConnectError:
                if last or not patient:
                    raise
                self._wait(wait)
                continue
            except (httpx.NetworkError, httpx.RemoteProtocolError):
                # A server may close a connection that was kept open just as it is used again.
                if last:
                    raise
                continue
            if response.status_code in AGAIN and patient and not last:
                wait = _retry_after(response, wait)
                response.close()
                self._wait(wait)
                continue
            if response.is_success:
                return response
            try:
                raise self._refusal(response, path, body)
            finally:
                response.close()
        raise AssertionError("the last try returns or raises")

    def _refusal(self, response: httpx.Response, path: str, body: Any) -> Exception:
        said = next(response.iter_bytes(4096), b"")
        try:
            reason = _error_text(json.loads(said)["error"])
        except (ValueError, LookupError, TypeError):
            reason = said[:200].decode("utf-8", "replace").strip() or response.reason_phrase
        if response.status_code in (401, 403):
            return ProviderError(f"{self.url} refuses the key of {self.name}: {reason}")
        if response.status_code == 404 and isinstance(body, dict) and "model" in body:
            return NotFound(self.unknown(str(body["model"])))
        return ProviderError(f"{self.url}{path} answered {response.status_code}: {reason}")

    def unknown(self, model: str) -> str:
        """What to say when the server does not have a model."""
        return f"{self.url} has no model {model!r}."


def _retry_after(response: httpx.Response, otherwise: float) -> float:
    """The wait the server asks for, in seconds, within bounds; dates are not understood."""
    try:
        asked = float(response.headers["retry-after"])
    except (KeyError, ValueError):
        return otherwise
    return min(max(asked, 0.0), LONGEST_WAIT_S) if math.isfinite(asked) else otherwise


def _error_text(error: object) -> str:
    text = error.get("message", error) if isinstance(error, dict) else error
    return str(text)[:500]


def _is_local(url: str) -> bool:
    try:
        return urlsplit(url).hostname in ("localhost", "127.0.0.1", "::1")
    except ValueError:
        return False
