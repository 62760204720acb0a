"""Errors as the API says them: one JSON shape, whatever went wrong.

    {"error": {"type": "not_found", "message": "No conversation has the id 7.", "field": null}}

The two dialects, `/v1` and `/api`, have shapes of their own, which their clients expect. Here, and
in the command line, the tree of `l2c.errors` meets the outside.
"""

from __future__ import annotations

import logging
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from l2c.errors import (
    Busy,
    CheckpointError,
    Conflict,
    InvalidInput,
    L2CError,
    NotAdmitted,
    NotFound,
    ProviderError,
    StorageFull,
    TooManyAttempts,
    WindowExceeded,
)
from l2c.server.headers import HEADERS

log = logging.getLogger(__name__)

STATUS: tuple[tuple[type[L2CError], int, str], ...] = (
    (WindowExceeded, 400, "window_exceeded"),
    (InvalidInput, 400, "invalid_input"),
    (TooManyAttempts, 429, "too_many_attempts"),
    (NotAdmitted, 401, "unauthorized"),
    (NotFound, 404, "not_found"),
    (Busy, 503, "busy"),
    (Conflict, 409, "conflict"),
    (StorageFull, 507, "storage_full"),
    (ProviderError, 503, "busy"),
    (CheckpointError, 500, "internal"),
    (L2CError, 500, "internal"),
)
"""The first class an error is an instance of decides."""

RETRY_AFTER_S = 5

HTTP_TYPES = {
    404: ("not_found", "There is nothing here; /openapi.json lists what there is."),
    405: ("method_not_allowed", "This method is not for this address; see the header Allow."),
}
"""Type and message of what the router itself answers."""


OPENAI_TYPES = {
    400: "invalid_request_error",
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    405: "invalid_request_error",
    409: "conflict_error",
    413: "invalid_request_error",
    415: "invalid_request_error",
    429: "rate_limit_error",
    503: "server_error",
}
OPENAI_CODES = {"not_found": "model_not_found", "window_exceeded": "context_length_exceeded"}


class Problem(Exception):
    """An answer that is an error: status, type, and a message for people."""

    def __init__(
        self,
        status: int,
        kind: str,
        message: str,
        field: str | None = None,
        *,
        retry_after_s: int = RETRY_AFTER_S,
    ) -> None:
        super().__init__(message)
        self.status, self.kind, self.message, self.field = status, kind, message, field
        self.retry_after_s = retry_after_s


def problem_response(problem: Problem, path: str) -> Response:
    """The response that says it, as clients of `path` expect it."""
    headers = {}
    if problem.status in (429, 503):
        headers["retry-after"] = str(problem.retry_after_s)
    if problem.status == 401:
        headers["www-authenticate"] = "Bearer"
    return JSONResponse(_body(problem, path), problem.status, headers=headers)


def _body(problem: Problem, path: str) -> dict[str, Any]:
    # Half a surrogate pair in a message becomes a question mark.
    message = problem.message.encode("utf-8", "replace").decode()
    if path.startswith("/api/"):
        return {"error": message}
    if path.startswith("/v1/"):
        kind = OPENAI_TYPES.get(problem.status, "api_error")
        code = OPENAI_CODES.get(problem.kind)
        return {"error": {"message": message, "type": kind, "param": problem.field, "code": code}}
    return {"error": {"type": problem.kind, "message": message, "field": problem.field}}


def error_response(error: L2CError, path: str) -> Response:
    """The response that says an error, as clients of `path` expect it, with the usual headers."""
    response = problem_response(_problem_of(error), path)
    response.headers.update(HEADERS)
    return response


def openai_error(error: L2CError) -> dict[str, Any]:
    """An error in the middle of a stream of the OpenAI dialect."""
    return _body(_problem_of(error), "/v1/")


def install(app: FastAPI) -> None:
    """Give every error of this application that one shape."""
    app.add_exception_handler(Problem, _problem)
    app.add_exception_handler(L2CError, _l2c_error)
    app.add_exception_handler(RequestValidationError, _validation)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _bug)


class Described(FastAPI):
    """An application whose errors are described as they are: 422 is 400 here, in our shape."""

    def openapi(self) -> dict[str, Any]:
        """The OpenAPI document, without what FastAPI assumes of errors."""
        document = super().openapi()
        for path in document["paths"].values():
            for operation in path.values():
                operation["responses"].pop("422", None)
        for name in ("HTTPValidationError", "ValidationError"):
            document["components"]["schemas"].pop(name, None)
        return document


def _problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)
    return problem_response(error, request.url.path)


def _problem_of(error: L2CError) -> Problem:
    status, kind = next((s, k) for family, s, k in STATUS if isinstance(error, family))
    if status == 500:
        log.error("A request failed.", exc_info=error)
    wait_s = error.wait_s if isinstance(error, TooManyAttempts) else RETRY_AFTER_S
    return Problem(status, kind, str(error), retry_after_s=wait_s)


def _l2c_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, L2CError)
    return problem_response(_problem_of(error), request.url.path)


def _validation(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    path, first = request.url.path, error.errors()[0]
    if first["type"] == "json_invalid":
        why = f"The body is no JSON: {first['ctx']['error']}."
        return problem_response(Problem(400, "invalid_input", why), path)
    field = ".".join(str(part) for part in first["loc"][1:]) or None
    found = "nothing" if first["type"] == "missing" else repr(first.get("input"))[:60]
    message = f"`{field or 'body'}`: {first['msg']}; found {found}."
    return problem_response(Problem(400, "invalid_input", message, field), path)


def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    kind, message = HTTP_TYPES.get(error.status_code, ("invalid_input", str(error.detail)))
    response = problem_response(Problem(error.status_code, kind, message), request.url.path)
    response.headers.update(error.headers or {})
    return response


def _bug(request: Request, __: Exception) -> Response:
    """The answer to a bug, made outside of every middleware; the server logs the traceback."""
    message = "Something in L2C broke; the server's log has the details. Nothing was lost."
    response = problem_response(Problem(500, "internal", message), request.url.path)
    response.headers.update(HEADERS)
    return response
