"""A thin layer around every request: its duration, its route, its ``Server-Timing``.

Two routes are called so often that the stock instrumentation costs too much there; for them this
layer also makes the span.
"""

from collections.abc import Callable
from time import perf_counter

from opentelemetry import trace
from opentelemetry.propagate import extract
from opentelemetry.propagators.textmap import Getter
from opentelemetry.trace import Span, SpanKind, Status, StatusCode, format_span_id, format_trace_id
from prometheus_client import Gauge
from starlette.types import ASGIApp, Message, Receive, Scope, Send

THIN_PATHS = frozenset({"/api/events", "/api/executive-dashboard"})
UNMATCHED = "unmatched"

Observe = Callable[[str, str, int, float], None]
"""Called after each answer with route template, method, status and duration in seconds."""


class HttpTelemetry:
    """ASGI middleware; it keeps nothing between requests."""

    def __init__(
        self, app: ASGIApp, *, observe: Observe, in_flight: Gauge, provider: trace.TracerProvider
    ) -> None:
        self._app = app
        self._observe = observe
        self._in_flight = in_flight
        self._tracer = provider.get_tracer("telemetry.http")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if scope["path"] in THIN_PATHS:
            with trace.use_span(_start_span(self._tracer, scope), end_on_exit=True) as span:
                status = await self._answer(scope, receive, send)
                _finish(span, status)
        else:
            await self._answer(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> int:
        started = perf_counter()
        status = 500  # what the client gets when the application raises

        async def send_timed(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                timing = _server_timing(perf_counter() - started)
                message["headers"] = [*message.get("headers", ()), (b"server-timing", timing)]
            await send(message)

        self._in_flight.inc()
        try:
            await self._app(scope, receive, send_timed)
        finally:
            self._in_flight.dec()
            self._observe(route_template(scope), scope["method"], status, perf_counter() - started)
        return status


def route_template(scope: Scope) -> str:
    """The template of the route that answered, such as ``/api/kpis/{key}``."""
    path: str = scope["path"]
    return path if path in THIN_PATHS else getattr(scope.get("route"), "path", UNMATCHED)


def current_trace_id() -> str | None:
    """The current trace's id if the trace is kept, else None."""
    context = trace.get_current_span().get_span_context()
    return format_trace_id(context.trace_id) if context.trace_flags.sampled else None


def _server_timing(duration_seconds: float) -> bytes:
    entry = f"total;dur={duration_seconds * 1000:.1f}"
    context = trace.get_current_span().get_span_context()
    if context.is_valid:
        trace_id, span_id = format_trace_id(context.trace_id), format_span_id(context.span_id)
        entry += f', traceparent;desc="00-{trace_id}-{span_id}-{context.trace_flags:02x}"'
    return entry.encode()


class _HeaderGetter(Getter[list[tuple[bytes, bytes]]]):
    """Decodes only what propagators ask for."""

    def get(self, carrier: list[tuple[bytes, bytes]], key: str) -> list[str] | None:
        wanted = key.lower().encode("latin-1")
        return [value.decode("latin-1") for name, value in carrier if name == wanted] or None

    def keys(self, carrier: list[tuple[bytes, bytes]]) -> list[str]:
        return [name.decode("latin-1") for name, _ in carrier]


_HEADERS = _HeaderGetter()


def _start_span(tracer: trace.Tracer, scope: Scope) -> Span:
    method, path = scope["method"], scope["path"]
    return tracer.start_span(
        f"{method} {path}",
        context=extract(scope["headers"], getter=_HEADERS),
        kind=SpanKind.SERVER,
        attributes={"http.request.method": method, "http.route": path},
    )


def _finish(span: Span, status: int) -> None:
    span.set_attribute("http.response.status_code", status)
    if status >= 500:
        span.set_status(Status(StatusCode.ERROR))
