"""The application: routes, guard, error shape and page put together around one runtime.

FastAPI's own documentation pages load scripts from elsewhere, so they are off; the OpenAPI
document itself is served at `/openapi.json`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import Depends, FastAPI
from fastapi.telemetry import TelemetryConfig
from starlette.concurrency import run_in_threadpool

from l2c import __version__
from l2c.runtime import Runtime
from l2c.runtime.residents import Residents
from l2c.server import doors, metrics, page, problems, uploads
from l2c.server.access import authorise
from l2c.server.entrance import Entrance
from l2c.server.routes import (
    accounts,
    conversations,
    documents,
    dreams,
    exports,
    folders,
    forgetting,
    inspect,
    learning,
    memory,
    models,
    notes,
    ollama,
    openai,
    plain,
    providers,
    roles,
    session,
    storage,
    trainings,
    turns,
    voice,
)
from l2c.server.security import LOOPBACK_NAMES, Guard
from l2c.server.supervisor import Supervisor
from l2c.server.writing import Seats

NO_TELEMETRY: TelemetryConfig = {
    "auto_configure": False,
    "tracing": False,
    "metrics": False,
    "logs": False,
}
"""FastAPI can report to a collector that the environment names; L2C reports to nobody."""

WEB = Path(__file__).parent.parent / "web"


def create_app(
    runtime: Runtime,
    *,
    supervisor: Supervisor | None = None,
    hosts: Iterable[str] | None = LOOPBACK_NAMES,
    web: Path = WEB,
) -> FastAPI:
    """The ASGI application over the house of a runtime, which it closes when it ends.

    `hosts` are the names it answers under, None for any: where everybody signs in. With a
    `supervisor` the learner process lives and ends with the application.
    """

    residents = Residents(runtime)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await run_in_threadpool(uploads.forget_all, runtime.data_dir)
        if supervisor is not None:
            supervisor.start()
        yield
        if supervisor is not None:
            await run_in_threadpool(supervisor.stop)
        await run_in_threadpool(residents.close)

    app = problems.Described(
        title="L2C",
        version=__version__,
        description="A private chat whose own small language models learn from you.",
        docs_url=None,
        redirect_slashes=False,
        telemetry=NO_TELEMETRY,
        redoc_url=None,
        lifespan=lifespan,
    )
    app.state.residents = residents
    app.state.seats = Seats()
    app.state.metrics = metrics.Metrics(runtime, app.state.seats)
    problems.install(app)
    for noun in (
        plain,
        session,
        accounts,
        roles,
        storage,
        memory,
        conversations,
        turns,
        inspect,
        folders,
        forgetting,
        documents,
        dreams,
        notes,
        exports,
        learning,
        voice,
        models,
        trainings,
        providers,
        openai,
        ollama,
        metrics,
    ):
        app.include_router(noun.router, dependencies=[Depends(authorise)])
    doors.install(app, residents.door)
    page.install(app, web)
    app.add_middleware(Guard, hosts=hosts)
    app.add_middleware(Entrance, door=residents.door)
    app.add_middleware(metrics.Counted, metrics=app.state.metrics)  # outermost
    return app
