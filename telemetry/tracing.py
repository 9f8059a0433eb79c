"""The process's tracer provider, and server spans that cost nothing until they are kept."""

import atexit
import math
from collections.abc import Iterable
from functools import cached_property
from random import Random
from threading import Thread
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
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
from opentelemetry.sdk.trace.sampling import Decision, Sampler
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import (
    INVALID_SPAN_CONTEXT,
    NonRecordingSpan,
    SpanContext,
    SpanKind,
    Status,
    StatusCode,
    TraceFlags,
    TraceState,
    format_trace_id,
    get_current_span,
    set_span_in_context,
)
from starlette.types import Scope

from telemetry.headers import Headers, by_name
from telemetry.sampling import HeldBack, Keeping, PacedSampler

_random_bits = Random().getrandbits  # noqa: S311  # ids of spans are no secrets
_SCOPE = InstrumentationScope("telemetry.http")
FAILED = 500  # and above
_OK, _ERROR = Status(StatusCode.UNSET), Status(StatusCode.ERROR)
_ROOT = Context()
_NOT_SAMPLED = TraceFlags(TraceFlags.RANDOM_TRACE_ID)
_SAMPLED = TraceFlags(TraceFlags.RANDOM_TRACE_ID | TraceFlags.SAMPLED)
[_SPAN] = set_span_in_context(NonRecordingSpan(INVALID_SPAN_CONTEXT), _ROOT)  # its key in a context
_TOLD = frozenset(name.encode("latin-1") for name in get_global_textmap().fields)


class _OwnIds(RandomIdGenerator):
    """Whoever seeds Python's common generator does not make ids repeat, nor is it disturbed."""

    def generate_span_id(self) -> int:
        return _random_bits(64) or 1  # ids of 0 are not valid

    def generate_trace_id(self) -> int:
        return _random_bits(128) or 1


_IDS = _OwnIds()


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
            id_generator=_IDS,
        )
        self._is_heard = False
        for processor in processors:
            self._is_heard = True
            self.add_span_processor(HeldBack(processor, keeping) if keeping else processor)
        self._paced = self.sampler if isinstance(self.sampler, PacedSampler) else None
        self._kept_from_seconds = keeping.slow_seconds if keeping else math.inf
        self._kept_from_status = FAILED if keeping else math.inf

    def end(self, patience_seconds: float) -> None:
        """Send the last spans; a collector that does not take them in time goes without them."""
        atexit.unregister(self.shutdown)  # which would wait for as long as the exporter does
        ending = Thread(target=self.shutdown, daemon=True)
        ending.start()
        ending.join(patience_seconds)

    def keeps(self, is_sampled: bool, status: int, seconds: float) -> bool:
        """Whether the trace of a request that has ended can be looked at later."""
        return is_sampled or seconds >= self._kept_from_seconds or status >= self._kept_from_status

    def begins(self, trace_id: str, name: str) -> bool:
        """Whether a trace that begins with a request's span is kept. The id is hexadecimal."""
        if not self._is_heard:
            return False
        if self._paced is not None:
            return self._paced.has_room()
        sampling = self.sampler.should_sample(_ROOT, int(trace_id, 16), name, SpanKind.SERVER)
        return sampling.decision is Decision.RECORD_AND_SAMPLE

    def write(self, span: ReadableSpan) -> None:
        """Take a span that has ended."""
        self._spans.on_end(span)


class RequestSpan(NonRecordingSpan):
    """The span of one request: its ids at once, the rest if somebody asks or it is kept.

    ``traceparent`` is how W3C Trace Context writes it. Logs and errors find the ids in its
    ``surroundings``.
    """

    caller: Context | None = None  # who began the trace, if that was somebody else
    _trace_state: TraceState | None = None

    def __init__(self, tracing: Tracing, name: str, scope: Scope) -> None:
        ids = _random_bits(192).to_bytes(24).hex()  # as text at once: it goes into every answer
        trace_id = None
        if not by_name(scope).keys().isdisjoint(_TOLD):
            trace_id = self._continued(tracing, name, scope)
        if trace_id is None:
            trace_id = ids[:32]
            self.is_sampled = tracing.begins(trace_id, name)
        self.traceparent = f"00-{trace_id}-{ids[32:]}-{'03' if self.is_sampled else '02'}"

    def _continued(self, tracing: Tracing, name: str, scope: Scope) -> str | None:
        """The trace of the caller, if what it says of it is valid."""
        caller = extract(scope["headers"], _ROOT, _HEADERS)
        trace_id = _span_of(caller).trace_id
        if not trace_id:
            return None
        sampling = tracing.sampler.should_sample(caller, trace_id, name, SpanKind.SERVER)
        self.is_sampled = sampling.decision is Decision.RECORD_AND_SAMPLE
        self.caller = caller
        self._trace_state = sampling.trace_state
        return format_trace_id(trace_id)

    def surroundings(self) -> Context:
        """What the request is answered in. The span does not keep it: a cycle is slow to free."""
        if self.caller is None:
            return Context({_SPAN: self})
        return set_span_in_context(self, self.caller)

    @cached_property
    def context(self) -> SpanContext:
        """The same as others want it."""
        _version, trace_id, span_id, _flags = self.traceparent.split("-")
        return SpanContext(
            int(trace_id, 16),
            int(span_id, 16),
            is_remote=False,
            trace_flags=_SAMPLED if self.is_sampled else _NOT_SAMPLED,
            trace_state=self._trace_state,
        )

    def get_span_context(self) -> SpanContext:
        """See ``Span``."""
        return self.context

    def write(self, tracing: Tracing, method: str, route: str, status: int, seconds: float) -> None:
        """Hand the span, which ends now, over: as an error where it is one."""
        ended_ns = time_ns()
        tracing.write(
            ReadableSpan(
                f"{method} {route}",
                context=self.context,
                parent=_span_of(self.caller) if self.caller is not None else None,
                resource=tracing.resource,
                attributes={
                    "http.request.method": method,
                    "http.route": route,
                    "http.response.status_code": status,
                },
                kind=SpanKind.SERVER,
                status=_ERROR if status >= FAILED else _OK,
                start_time=ended_ns - math.ceil(seconds * 1e9),
                end_time=ended_ns,
                instrumentation_scope=_SCOPE,
            )
        )


def traceparent_of(context: SpanContext) -> str:
    """A span as W3C Trace Context writes it."""
    return f"00-{context.trace_id:032x}-{context.span_id:016x}-{context.trace_flags:02x}"


def _span_of(context: Context) -> SpanContext:
    return get_current_span(context).get_span_context()


class _HeaderGetter(Getter[Headers]):
    """Decodes only what propagators ask for."""

    def get(self, carrier: Headers, key: str) -> list[str] | None:
        wanted = key.lower().encode("latin-1")
        return [value.decode("latin-1") for name, value in carrier if name == wanted] or None

    def keys(self, carrier: Headers) -> list[str]:
        return [name.decode("latin-1") for name, _ in carrier]


_HEADERS = _HeaderGetter()
