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
from telemetry.tracing import RequestSpan, Tracing

UNMATCHED = "unmatched"
TIMING = b'total;dur=%.1f, traceparent;desc="00-%032x-%016x-%02x"'  # milliseconds, and the span

Observe = Callable[[str, str, int, float, str | None], None]
"""Called after each answer with route template, method, status, duration in seconds, and the id of
its trace if that is kept."""


class HttpTelemetry:
    """ASGI middleware; it keeps nothing between requests."""

    def __init__(
        self, app: ASGIApp, *, observe: Observe, in_flight: Running, tracing: Tracing
    ) -> None:
        self._app = app
        self._observe = observe
        self._in_flight = in_flight
        self._tracing = tracing

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = perf_counter()
        context = get_current_span().get_span_context()
        status = 500  # what the client gets when the application raises

        def send_timed(message: Message) -> Awaitable[None]:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                timing = _server_timing(
                    perf_counter() - started,
                    context.trace_id,
                    context.span_id,
                    context.trace_flags,
                )
                message["headers"] = [*message.get("headers", ()), timing]
            return send(message)

        self._in_flight.requests += 1
        try:
            await self._app(scope, receive, send_timed)
        finally:
            self._in_flight.requests -= 1
            seconds = perf_counter() - started
            kept = self._tracing.keeps(context.trace_flags.sampled, status, seconds)
            trace_id = format_trace_id(context.trace_id) if kept else None
            self._observe(route_template(scope), scope["method"], status, seconds, trace_id)


class DoorTelemetry:
    """The same for one route that is reached past all layers, with a span of its own.

    ``headers`` are added to every answer.
    """

    def __init__(
        self,
        method: str,
        route: str,
        *,
        observe: Observe,
        in_flight: Running,
        tracing: Tracing,
        headers: Headers = (),
    ) -> None:
        self._method = method
        self._route = route
        self._name = f"{method} {route}"
        self._observe = observe
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
                    (
                        b"server-timing",
                        TIMING
                        % (
                            (perf_counter() - started) * 1000,
                            span.trace_id,
                            span.span_id,
                            span.flags,
                        ),
                    ),
                ]
            return send(message)

        self._in_flight.requests += 1
        attach(span.surroundings())  # for the rest of the task, which ends with the answer
        try:
            await app(scope, receive, send_timed)
        finally:
            self._in_flight.requests -= 1
            seconds = perf_counter() - started
            trace_id = None
            if tracing.keeps(span.is_sampled, status, seconds):
                trace_id = format_trace_id(span.trace_id)
                span.write(tracing, self._method, self._route, status, seconds)
            self._observe(self._route, self._method, status, seconds, trace_id)


def route_template(scope: Scope) -> str:
    """The template of the route that answered, such as ``/api/kpis/{key}``."""
    return getattr(scope.get("route"), "path", UNMATCHED)


def _server_timing(seconds: float, trace_id: int, span_id: int, flags: int) -> tuple[bytes, bytes]:
    if not trace_id:
        return b"server-timing", b"total;dur=%.1f" % (seconds * 1000)
    return b"server-timing", TIMING % (seconds * 1000, trace_id, span_id, flags)
