"""A thin layer around every request: its duration, its route, its ``Server-Timing``.

All routes get their spans from the stock instrumentation, but for those that are asked so often
that it costs too much there: they are reached by a door, which makes the span itself.
"""

from collections.abc import Awaitable, Callable, Mapping
from time import perf_counter

from opentelemetry.context import attach
from opentelemetry.trace import SpanContext, get_current_span
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from telemetry.headers import Headers
from telemetry.metrics import Running
from telemetry.tracing import (
    NOT_SAMPLED,
    SAMPLED,
    TRACE_DIGITS,
    RequestSpan,
    Tracing,
    new_ids,
    tells_of_trace,
)

UNMATCHED = "unmatched"
# Most answers take less: a table costs less than writing each figure.
_TRACEPARENT = b', traceparent;desc="00-'
_TOTALS = [b"total;dur=%.1f" % (tenths / 10) for tenths in range(200)]

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
        ids = _ids_of(context) if context.is_valid else None
        flags = b'-%02x"' % context.trace_flags
        status = 500  # what the client gets when the application raises

        def send_timed(message: Message) -> Awaitable[None]:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                timing = server_timing(perf_counter() - started, ids, flags)
                message["headers"] = [*message.get("headers", ()), timing]
            return send(message)

        self._in_flight.requests += 1
        try:
            await self._app(scope, receive, send_timed)
        finally:
            self._in_flight.requests -= 1
            ended = perf_counter()
            seconds = ended - started
            is_kept = (
                context.trace_flags.sampled
                or seconds >= self._tracing.kept_from_seconds
                or status >= self._tracing.kept_from_status
            )
            trace_id = ids[:TRACE_DIGITS].decode() if is_kept and ids is not None else None
            observe = self._observer(route_template(scope), scope["method"])
            observe(status, seconds, ended, trace_id)


class DoorTelemetry:
    """The same for one route that is reached past all layers, with a span of its own.

    ``headers``, by the scheme that was asked with (http, https), are added to every answer.
    ``is_asked`` says that whoever answers may ask for the span, to log or to start another; else it
    is made only for a trace that is kept.
    """

    def __init__(
        self,
        method: str,
        route: str,
        *,
        observer: Observer,
        in_flight: Running,
        tracing: Tracing,
        headers: Mapping[str, Headers],
        is_asked: bool = True,
    ) -> None:
        self._method = method
        self._route = route
        self._name = f"{method} {route}"
        self._observe = observer(route, method)
        self._in_flight = in_flight
        self._tracing = tracing
        self._headers = headers
        self._is_asked = is_asked

    def headers(self, scope: Scope) -> Headers:
        """What every answer to this request gets, telemetry's own headers left out."""
        return self._headers["https" if scope["scheme"] == "https" else "http"]

    async def answer(self, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        """Let ``app`` answer."""
        started = perf_counter()
        tracing = self._tracing
        span = None
        if started >= tracing.pace.due or tells_of_trace(scope):
            span = tracing.begin(self._name, scope, started)
        ids = new_ids() if span is None else span.ids
        is_sampled = span is not None and span.is_sampled
        flags = SAMPLED if is_sampled else NOT_SAMPLED
        if self._is_asked and span is None:
            span = RequestSpan(ids, is_sampled=False)
        status = 500
        headers = self.headers(scope)

        def send_timed(message: Message) -> Awaitable[None]:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                timing = server_timing(perf_counter() - started, ids, flags)
                message["headers"] = [*message.get("headers", ()), *headers, timing]
            return send(message)

        self._in_flight.requests += 1
        if span is not None:
            attach(span.surroundings())  # for the rest of the task, which ends with the answer
        try:
            await app(scope, receive, send_timed)
        finally:
            self._in_flight.requests -= 1
            ended = perf_counter()
            seconds = ended - started
            trace_id = None
            if (
                is_sampled
                or seconds >= tracing.kept_from_seconds
                or status >= tracing.kept_from_status
            ):
                kept = RequestSpan(ids, is_sampled) if span is None else span
                trace_id = kept.trace_id
                kept.write(tracing, self._method, self._route, status, seconds)
            self._observe(status, seconds, ended, trace_id)


def route_template(scope: Scope) -> str:
    """The template of the route that answered, such as ``/api/kpis/{key}``."""
    return getattr(scope.get("route"), "path", UNMATCHED)


def server_timing(seconds: float, ids: bytes | None, flags: bytes) -> tuple[bytes, bytes]:
    """The header that tells browsers how long the answer took, and what its span is called.

    ``ids`` are the trace's and the span's; with ``flags`` they stand in it as W3C Trace Context
    writes them (``traceparent``).
    """
    tenths = int(seconds * 10_000 + 0.5)
    total = _TOTALS[tenths] if tenths < len(_TOTALS) else b"total;dur=%.1f" % (tenths / 10)
    if ids is None:
        return b"server-timing", total
    return b"server-timing", total + _TRACEPARENT + ids + flags


def _ids_of(context: SpanContext) -> bytes:
    return b"%032x-%016x" % (context.trace_id, context.span_id)
