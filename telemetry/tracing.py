"""The process's tracer provider, and server spans that cost nothing until they are kept."""

from collections.abc import Iterable, Sequence
from time import time_ns

from opentelemetry.context import Context
from opentelemetry.propagate import extract, get_global_textmap
from opentelemetry.propagators.textmap import Getter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import (
    ReadableSpan,
    SpanProcessor,
    SynchronousMultiSpanProcessor,
    TracerProvider,
)
from opentelemetry.sdk.trace.sampling import Decision, Sampler
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import (
    NonRecordingSpan,
    SpanContext,
    SpanKind,
    Status,
    StatusCode,
    TraceFlags,
    get_current_span,
    set_span_in_context,
)

from telemetry.sampling import HeldBack, Keeping

Headers = Sequence[tuple[bytes, bytes]]

_SCOPE = InstrumentationScope("telemetry.http")
_OK, _ERROR = Status(StatusCode.UNSET), Status(StatusCode.ERROR)
_ROOT = Context()
_NOT_SAMPLED = TraceFlags(TraceFlags.RANDOM_TRACE_ID)
_SAMPLED = TraceFlags(TraceFlags.RANDOM_TRACE_ID | TraceFlags.SAMPLED)
_TOLD = frozenset(name.encode("latin-1") for name in get_global_textmap().fields)


class Tracing(TracerProvider):
    """The SDK's provider; it also takes spans that were written down after the fact.

    With ``keeping`` it keeps failed and slow requests beside those that ``sampler`` keeps.
    """

    def __init__(
        self,
        processors: Iterable[SpanProcessor] = (),
        *,
        sampler: Sampler | None = None,
        keeping: Keeping | None = None,
        resource: Resource | None = None,
        shutdown_on_exit: bool = True,
    ) -> None:
        self._spans = SynchronousMultiSpanProcessor()  # type: ignore[no-untyped-call]  # has no annotations
        super().__init__(
            sampler=sampler,
            resource=resource,
            shutdown_on_exit=shutdown_on_exit,
            active_span_processor=self._spans,
        )
        self._keeping = keeping
        for processor in processors:
            self.add_span_processor(HeldBack(processor, keeping) if keeping else processor)

    def keeps(self, context: SpanContext, *, failed: bool, seconds: float) -> bool:
        """Whether the trace of a request that has ended can be looked at later."""
        if context.trace_flags.sampled:
            return True
        return self._keeping is not None and self._keeping.is_remarkable(
            failed=failed, seconds=seconds
        )

    def write(self, span: ReadableSpan) -> None:
        """Take a span that has ended."""
        self._spans.on_end(span)


class RequestSpan:
    """The span of one request: its ids at once, the rest if it is kept."""

    __slots__ = ("_parent", "_started_ns", "context", "surroundings")

    def __init__(self, tracing: Tracing, name: str, headers: Headers) -> None:
        self._started_ns = time_ns()
        caller = _caller(headers)
        self._parent = get_current_span(caller).get_span_context()
        trace_id = self._parent.trace_id or tracing.id_generator.generate_trace_id()
        sampled = tracing.sampler.should_sample(caller, trace_id, name, SpanKind.SERVER)
        self.context = SpanContext(
            trace_id,
            tracing.id_generator.generate_span_id(),
            is_remote=False,
            trace_flags=_SAMPLED
            if sampled.decision is Decision.RECORD_AND_SAMPLE
            else _NOT_SAMPLED,
            trace_state=sampled.trace_state,
        )
        self.surroundings = set_span_in_context(NonRecordingSpan(self.context), caller)

    def write(self, tracing: Tracing, method: str, route: str, status: int) -> None:
        """Hand the span over, as an error where it is one."""
        tracing.write(
            ReadableSpan(
                f"{method} {route}",
                context=self.context,
                parent=self._parent if self._parent.is_valid else None,
                resource=tracing.resource,
                attributes={
                    "http.request.method": method,
                    "http.route": route,
                    "http.response.status_code": status,
                },
                kind=SpanKind.SERVER,
                status=_ERROR if status >= 500 else _OK,
                start_time=self._started_ns,
                end_time=time_ns(),
                instrumentation_scope=_SCOPE,
            )
        )


class _HeaderGetter(Getter[Headers]):
    """Decodes only what propagators ask for."""

    def get(self, carrier: Headers, key: str) -> list[str] | None:
        wanted = key.lower().encode("latin-1")
        return [value.decode("latin-1") for name, value in carrier if name == wanted] or None

    def keys(self, carrier: Headers) -> list[str]:
        return [name.decode("latin-1") for name, _ in carrier]


_HEADERS = _HeaderGetter()


def _caller(headers: Headers) -> Context:
    """What the caller says of its trace; most say nothing."""
    for name, _ in headers:
        if name in _TOLD:
            return extract(headers, _ROOT, _HEADERS)
    return _ROOT
