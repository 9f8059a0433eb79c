"""The process's tracer provider, and server spans that cost nothing until they are kept."""

import atexit
import math
from binascii import hexlify
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
NOT_SAMPLED, SAMPLED = (b'-%02x"' % flags for flags in (_NOT_SAMPLED, _SAMPLED))
[_SPAN] = set_span_in_context(NonRecordingSpan(INVALID_SPAN_CONTEXT), _ROOT)  # its key in a context
_TOLD = frozenset(name.encode("latin-1") for name in get_global_textmap().fields)
TRACE_DIGITS, SPAN_DIGITS = 32, 16  # hexadecimal, of the ids of a trace and a span
IDS_AHEAD = 256
_ids_ahead: list[bytes] = []


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
        is_heard = False
        for processor in processors:
            is_heard = True
            self.add_span_processor(HeldBack(processor, keeping) if keeping else processor)
        # No trace that begins before the pace is due is sampled; other samplers have none.
        self.pace = PacedSampler(math.inf if is_heard else 0)
        if is_heard and isinstance(self.sampler, PacedSampler):
            self.pace = self.sampler
        self.kept_from_seconds = keeping.slow_seconds if keeping else math.inf
        self.kept_from_status = FAILED if keeping else math.inf

    def end(self, patience_seconds: float) -> None:
        """Send the last spans; a collector that does not take them in time goes without them."""
        atexit.unregister(self.shutdown)  # which would wait for as long as the exporter does
        ending = Thread(target=self.shutdown, daemon=True)
        ending.start()
        ending.join(patience_seconds)

    def begin(self, name: str, scope: Scope, now: float) -> "RequestSpan | None":
        """The span of a request; None where its trace begins with it and is not kept for its pace.

        ``now``: as told by ``perf_counter``.
        """
        if tells_of_trace(scope) and (span := self._continued(name, scope)):
            return span
        if not self.pace.has_room(now):
            return None
        ids = new_ids()
        if self.pace is self.sampler:
            return RequestSpan(ids, is_sampled=True)
        trace_id = int(ids[:TRACE_DIGITS], 16)
        sampling = self.sampler.should_sample(_ROOT, trace_id, name, SpanKind.SERVER)
        return RequestSpan(ids, sampling.decision is Decision.RECORD_AND_SAMPLE)

    def _continued(self, name: str, scope: Scope) -> "RequestSpan | None":
        """The span of a request whose caller began the trace, if what it says of it is valid."""
        caller = extract(scope["headers"], _ROOT, _HEADERS)
        trace_id = _span_of(caller).trace_id
        if not trace_id:
            return None
        sampling = self.sampler.should_sample(caller, trace_id, name, SpanKind.SERVER)
        is_sampled = sampling.decision is Decision.RECORD_AND_SAMPLE
        ids = b"%032x%b" % (trace_id, new_ids()[TRACE_DIGITS:])  # with its hyphen
        return RequestSpan(ids, is_sampled, caller, sampling.trace_state)

    def write(self, span: ReadableSpan) -> None:
        """Take a span that has ended."""
        self._spans.on_end(span)


def tells_of_trace(scope: Scope) -> bool:
    """Whether the caller says something of a trace."""
    return not by_name(scope).keys().isdisjoint(_TOLD)


def new_ids() -> bytes:
    """Of a trace and of its first span, as they stand in a ``traceparent``.

    Each answer takes some: many made at once cost less. Used on the event loop only.
    """
    if not _ids_ahead:
        digits = hexlify(_random_bits(192 * IDS_AHEAD).to_bytes(24 * IDS_AHEAD))
        for start in range(0, len(digits), TRACE_DIGITS + SPAN_DIGITS):
            middle, end = start + TRACE_DIGITS, start + TRACE_DIGITS + SPAN_DIGITS
            _ids_ahead.append(b"%b-%b" % (digits[start:middle], digits[middle:end]))
    return _ids_ahead.pop()


class RequestSpan(NonRecordingSpan):
    """The span of one request: its ids at once, the rest if somebody asks or it is kept.

    Logs and errors find the ids in its ``surroundings``. ``caller`` is who began the trace, if that
    was somebody else.
    """

    def __init__(
        self,
        ids: bytes,
        is_sampled: bool,
        caller: Context | None = None,
        trace_state: TraceState | None = None,
    ) -> None:
        self.ids = ids
        self.is_sampled = is_sampled
        self.caller = caller
        self._trace_state = trace_state

    @property
    def trace_id(self) -> str:
        """The trace's id, as hexadecimal text."""
        return self.ids[:TRACE_DIGITS].decode()

    def surroundings(self) -> Context:
        """What the request is answered in. The span does not keep it: a cycle is slow to free."""
        if self.caller is None:
            return Context({_SPAN: self})
        return set_span_in_context(self, self.caller)

    @cached_property
    def context(self) -> SpanContext:
        """The same as others want it."""
        return SpanContext(
            int(self.ids[:TRACE_DIGITS], 16),
            int(self.ids[TRACE_DIGITS + 1 :], 16),
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
