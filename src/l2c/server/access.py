"""How a route gets at the runtime."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request

from l2c.runtime import Runtime


def _runtime(request: Request) -> Runtime:
    runtime = request.app.state.runtime
    assert isinstance(runtime, Runtime)
    return runtime


Access = Annotated[Runtime, Depends(_runtime)]
"""The runtime of the application, as a parameter of a route."""
