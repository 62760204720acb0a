"""`/metrics`: what an operator watches, in the text format of Prometheus.

Requests are counted by route, never by address, so no id becomes a label. Figures of the store are
read when somebody asks. Format: https://prometheus.io/docs/instrumenting/exposition_formats/
"""

from __future__ import annotations

import time
from collections.abc import Iterable

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram
from prometheus_client import generate_latest as in_text
from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.registry import Collector
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from l2c import __version__
from l2c.runtime import Runtime
from l2c.server.values import ERRORS
from l2c.server.writing import Seats

router = APIRouter(tags=["metrics"], responses=ERRORS)

BUCKETS = (0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 60.0)
"""Seconds; streams of answers fall into the last ones."""


class Metrics:
    """The counters of one application, and what is read for them from its runtime."""

    def __init__(self, runtime: Runtime, seats: Seats) -> None:
        self.registry = CollectorRegistry()
        labels = ("method", "route")
        self.requests = Counter(
            "l2c_http_requests",
            "Requests answered.",
            (*labels, "status"),
            registry=self.registry,
        )
        self.seconds = Histogram(
            "l2c_http_request_seconds",
            "Seconds from a request's arrival to the end of its answer.",
            labels,
            buckets=BUCKETS,
            registry=self.registry,
        )
        self.registry.register(_Figures(runtime, seats))


class _Figures(Collector):
    """What is read when somebody asks."""

    def __init__(self, runtime: Runtime, seats: Seats) -> None:
        self._runtime = runtime
        self._seats = seats

    def collect(self) -> Iterable[Metric]:
        """Every figure, now."""
        health = self._runtime.health()
        yield InfoMetricFamily(
            "l2c",
            "Which version runs and which checkpoint answers.",
            value={
                "version": __version__,
                "model": health.model,
                "checkpoint": health.checkpoint or "",
            },
        )
        queue = self._runtime.learning.queue_size(health.model)
        figures = (
            ("l2c_healthy", "1 when every part works.", health.status == "ok"),
            ("l2c_learner_alive", "1 while a learner runs.", health.learner == "alive"),
            ("l2c_learning_queue", "Exchanges that wait to be learned.", queue),
            ("l2c_answers_open", "Answers of conversations being written.", self._open_answers()),
            ("l2c_completions_open", "Texts for programs, written or waiting.", self._seats.taken),
            ("l2c_free_bytes", "Free space in the data directory.", health.free_bytes),
        )
        for name, meaning, value in figures:
            yield GaugeMetricFamily(name, meaning, value=float(value))

    def _open_answers(self) -> int:
        return len(self._runtime.tails.all())


class Counted:
    """ASGI middleware that counts requests once they are answered. Holds back no stream."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on and count it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status = time.perf_counter(), 500

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, sending)
        finally:
            route = getattr(scope.get("route"), "path", "none")
            labels = (scope["method"] if route != "none" else "none", route)
            self._metrics.requests.labels(*labels, status).inc()
            self._metrics.seconds.labels(*labels).observe(time.perf_counter() - began)


@router.get("/metrics", response_class=Response)
def metrics(request: Request) -> Response:
    """Requests, answers, learning and space, for Prometheus."""
    registry = request.app.state.metrics.registry
    return Response(in_text(registry), media_type=CONTENT_TYPE_LATEST)
