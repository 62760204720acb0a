"""Errors as the API says them: one JSON shape, whatever went wrong.

    {"error": {"type": "not_found", "message": "No conversation has the id 7.", "field": null}}

Here, and in the command line, the tree of `l2c.errors` meets the outside.
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
    NotFound,
    ProviderError,
    StorageFull,
)
from l2c.server.headers import HEADERS

log = logging.getLogger(__name__)

STATUS: tuple[tuple[type[L2CError], int, str], ...] = (
    (InvalidInput, 400, "invalid_input"),
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


class Problem(Exception):
    """An answer that is an error: status, type, and a message for people."""

    def __init__(self, status: int, kind: str, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.status, self.kind, self.message, self.field = status, kind, message, field


def problem_response(problem: Problem) -> Response:
    """The response that says it. Half a surrogate pair in a message becomes a question mark."""
    message = problem.message.encode("utf-8", "replace").decode()
    error = {"type": problem.kind, "message": message, "field": problem.field}
    headers = {"retry-after": str(RETRY_AFTER_S)} if problem.status == 503 else None
    return JSONResponse({"error": error}, problem.status, headers=headers)


def install(app: FastAPI) -> None:
    """Give every error of this application that one shape."""
    app.add_exception_handler(Problem, _problem)
    app.add_exception_handler(L2CError, _l2c_error)
    app.add_exception_handler(RequestValidationError, _validation)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _bug)


def describe(app: FastAPI) -> None:
    """Leave out of the OpenAPI document what FastAPI assumes: here 422 is 400, in our shape."""
    generate = app.openapi

    def openapi() -> dict[str, Any]:
        document = generate()
        for path in document["paths"].values():
            for operation in path.values():
                operation["responses"].pop("422", None)
        for name in ("HTTPValidationError", "ValidationError"):
            document["components"]["schemas"].pop(name, None)
        return document

    app.openapi = openapi  # type: ignore[method-assign]


def _problem(_: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)
    return problem_response(error)


def _l2c_error(_: Request, error: Exception) -> Response:
    status, kind = next((s, k) for family, s, k in STATUS if isinstance(error, family))
    if status == 500:
        log.error("A request failed.", exc_info=error)
    return problem_response(Problem(status, kind, str(error)))


def _validation(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    if first["type"] == "json_invalid":
        why = f"The body is no JSON: {first['ctx']['error']}."
        return problem_response(Problem(400, "invalid_input", why))
    field = ".".join(str(part) for part in first["loc"][1:]) or None
    found = "nothing" if first["type"] == "missing" else repr(first.get("input"))[:60]
    message = f"`{field or 'body'}`: {first['msg']}; found {found}."
    return problem_response(Problem(400, "invalid_input", message, field))


def _http(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    kind, message = HTTP_TYPES.get(error.status_code, ("invalid_input", str(error.detail)))
    response = problem_response(Problem(error.status_code, kind, message))
    response.headers.update(error.headers or {})
    return response


def _bug(_: Request, __: Exception) -> Response:
    """The answer to a bug, made outside of every middleware; the server logs the traceback."""
    message = "Something in L2C broke; the server's log has the details. Nothing was lost."
    response = problem_response(Problem(500, "internal", message))
    response.headers.update(HEADERS)
    return response
