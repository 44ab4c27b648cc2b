"""What other programs ask: whether the engine turns, whether it is ready, and its metrics."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from fastapi import APIRouter, Response

from plant import Message

METRICS_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
"""The text format of Prometheus."""


@dataclass(frozen=True, slots=True)
class Probes:
    """The answers of an engine.

    Attributes
    ----------
    metrics : callable
        Returns all metrics in the text format of Prometheus.
    stuck : callable
        Returns why the engine does not turn; None while it does.
    unready : callable
        Returns what the engine waits for before it watches; None once it does.

    """

    metrics: Callable[[], bytes]
    stuck: Callable[[], Message | None]
    unready: Callable[[], Message | None]


def probe_routes(probes: Probes) -> APIRouter:
    """Return the routes /metrics, /-/healthy and /-/ready."""
    router = APIRouter()

    @router.get("/metrics")
    async def metrics() -> Response:
        return Response(probes.metrics(), media_type=METRICS_TYPE)

    @router.get("/-/healthy")
    async def healthy() -> Response:
        return _answer(probes.stuck())

    @router.get("/-/ready")
    async def ready() -> Response:
        return _answer(probes.unready())

    return router


def _answer(problem: Message | None) -> Response:
    text = "ok\n" if problem is None else f"{problem}\n"
    return Response(text, status_code=200 if problem is None else 503, media_type="text/plain; charset=utf-8")
