"""How a route gets at who calls, and at that user's side of the house; and whether it may run.

What is looked up here waits for nothing, so it is asynchronous: a thread for each would cost more.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request
from starlette.concurrency import run_in_threadpool

from l2c.runtime import Catalog, Runtime
from l2c.runtime.door import AccountRole, Caller, Door
from l2c.runtime.residents import Residents
from l2c.runtime.servers import VIA
from l2c.server.policy import POLICIES
from l2c.server.problems import Problem

OF_THE_PAGE = "/app/v1/"
"""What only the page calls on a machine where nobody signs in."""


async def _anybody(request: Request) -> Caller | None:
    return caller_of(request)


def caller_of(request: Request) -> Caller | None:
    """Who calls, as the entrance found out."""
    caller = request.state.caller
    assert caller is None or isinstance(caller, Caller)
    return caller


async def authorise(request: Request) -> None:
    """Raise the `Problem` that says why this caller may not use this route, if that is so."""
    policy = POLICIES.get((request.method, request.scope["route"].path))
    if policy is None:
        raise Problem(403, "forbidden", "Nobody may use this address.")
    if policy.scope is None:
        return
    caller = caller_of(request)
    if caller is None:
        raise sign_in_first()
    if not caller.at_the_page and request.url.path.startswith(OF_THE_PAGE):
        raise Problem(
            401,
            "unauthorized",
            "This address is for the page. Programs use /chat, /v1 or /api, or a key of their own.",
        )
    if policy.scope not in caller.scopes:
        raise Problem(403, "forbidden", f"This key lacks the scope {policy.scope.value!r}.")
    if policy.administrator and caller.role is not AccountRole.ADMINISTRATOR:
        raise Problem(403, "forbidden", "Only an administrator may do this.")


def sign_in_first() -> Problem:
    """What a stranger is told."""
    return Problem(
        401, "unauthorized", "Sign in at /login, or send a key: `Authorization: Bearer l2c_…`."
    )


async def _residents(request: Request) -> Residents:
    residents = request.app.state.residents
    assert isinstance(residents, Residents)
    return residents


async def _caller(request: Request) -> Caller:
    caller = caller_of(request)
    if caller is None:
        raise sign_in_first()
    return caller


async def _door(residents: Annotated[Residents, Depends(_residents)]) -> Door:
    return residents.door


async def _side(
    residents: Annotated[Residents, Depends(_residents)],
    caller: Annotated[Caller, Depends(_caller)],
) -> Runtime:
    side = residents.here(caller.user_id)
    if side is None:
        side = await run_in_threadpool(residents.of, caller.user_id)
    return side


async def _address(request: Request) -> str:
    return request.client.host if request.client is not None else ""


Access = Annotated[Runtime, Depends(_side)]
"""The caller's side of the house, as a parameter of a route."""


async def _catalog(request: Request, runtime: Access) -> Catalog:
    return runtime.catalog.own() if VIA in request.headers else runtime.catalog


Offered = Annotated[Catalog, Depends(_catalog)]
"""The models another program is offered: to another L2C only those that are ours."""

Somebody = Annotated[Caller, Depends(_caller)]
"""Who calls, as a parameter of a route."""

Anybody = Annotated[Caller | None, Depends(_anybody)]
"""Who calls, also when nobody in particular does."""

House = Annotated[Residents, Depends(_residents)]
"""Everybody's sides."""

TheDoor = Annotated[Door, Depends(_door)]
"""Who lets people in."""

Address = Annotated[str, Depends(_address)]
"""Where the request came from."""
