"""A thin layer around every request: its duration, its route, its ``Server-Timing``.

All routes get their spans from the stock instrumentation, but for those that are asked so often
that it costs too much there: they are reached by a door, which makes the span itself.
"""

from collections.abc import Awaitable, Callable
from time import perf_counter

from opentelemetry.context import attach
from opentelemetry.trace import format_trace_id, get_current_span
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from telemetry.headers import Headers
from telemetry.metrics import Running
from telemetry.tracing import RequestSpan, Tracing, traceparent_of

UNMATCHED = "unmatched"

Observe = Callable[[int, float, float, str | None], None]
"""Called after each answer of a route with status, duration in seconds, its end as told by
``perf_counter``, and the id of its trace if that is kept."""

Observer = Callable[[str, str], Observe]
"""Gives what is called for a route's template and a method."""


class HttpTelemetry:
    """ASGI middleware; it keeps nothing between requests."""

    def __init__(
        self, app: ASGIApp, *, observer: Observer, in_flight: Running, tracing: Tracing
    ) -> None:
        self._app = app
        self._observer = observer
        self._in_flight = in_flight
        self._tracing = tracing

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = perf_counter()
        context = get_current_span().get_span_context()
        traceparent = traceparent_of(context) if context.is_valid else None
        status = 500  # what the client gets when the application raises

        def send_timed(message: Message) -> Awaitable[None]:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                timing = server_timing(perf_counter() - started, traceparent)
                message["headers"] = [*message.get("headers", ()), timing]
            return send(message)

        self._in_flight.requests += 1
        try:
            await self._app(scope, receive, send_timed)
        finally:
            self._in_flight.requests -= 1
            ended = perf_counter()
            seconds = ended - started
            kept = self._tracing.keeps(context.trace_flags.sampled, status, seconds)
            trace_id = format_trace_id(context.trace_id) if kept else None
            observe = self._observer(route_template(scope), scope["method"])
            observe(status, seconds, ended, trace_id)


class DoorTelemetry:
    """The same for one route that is reached past all layers, with a span of its own.

    ``headers`` are added to every answer.
    """

    def __init__(
        self,
        method: str,
        route: str,
        *,
        observer: Observer,
        in_flight: Running,
        tracing: Tracing,
        headers: Headers = (),
    ) -> None:
        self._method = method
        self._route = route
        self._name = f"{method} {route}"
        self._observe = observer(route, method)
        self._in_flight = in_flight
        self._tracing = tracing
        self._headers = tuple(headers)

    async def answer(self, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        """Let ``app`` answer."""
        started = perf_counter()
        tracing = self._tracing
        span = RequestSpan(tracing, self._name, scope)
        status = 500

        def send_timed(message: Message) -> Awaitable[None]:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [
                    *message.get("headers", ()),
                    *self._headers,
                    server_timing(perf_counter() - started, span.traceparent),
                ]
            return send(message)

        self._in_flight.requests += 1
        attach(span.surroundings())  # for the rest of the task, which ends with the answer
        try:
            await app(scope, receive, send_timed)
        finally:
            self._in_flight.requests -= 1
            ended = perf_counter()
            seconds = ended - started
            trace_id = None
            if tracing.keeps(span.is_sampled, status, seconds):
                trace_id = format_trace_id(span.context.trace_id)
                span.write(tracing, self._method, self._route, status, seconds)
            self._observe(status, seconds, ended, trace_id)


def route_template(scope: Scope) -> str:
    """The template of the route that answered, such as ``/api/kpis/{key}``."""
    return getattr(scope.get("route"), "path", UNMATCHED)


def server_timing(seconds: float, traceparent: str | None) -> tuple[bytes, bytes]:
    """The header that tells browsers how long the answer took, and what it is called."""
    total = f"total;dur={seconds * 1000:.1f}"
    if traceparent is not None:
        total = f'{total}, traceparent;desc="{traceparent}"'
    return b"server-timing", total.encode()
