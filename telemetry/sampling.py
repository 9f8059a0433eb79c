"""Which traces are kept: so many a second, and every one whose request failed or was slow.

The first is decided where a trace begins, and everyone who continues it follows. Whether a request
fails or is slow is known at its end, so until then its spans are held back.
"""

import math
import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from time import perf_counter

from opentelemetry.context import Context
from opentelemetry.sdk.trace import ReadableSpan, Span, SpanProcessor
from opentelemetry.sdk.trace.sampling import Decision, Sampler, SamplingResult
from opentelemetry.trace import (
    Link,
    SpanContext,
    SpanKind,
    StatusCode,
    TraceFlags,
    TraceState,
    get_current_span,
)
from opentelemetry.util.types import Attributes

BURST_SECONDS = 10.0  # for which room is saved up: one page takes a dozen requests
MOST_TRACES, MOST_SPANS = 1000, 200  # held back at once, and of one trace


@dataclass(frozen=True)
class Keeping:
    """Keeps ``per_second`` traces, and each request that failed or took ``slow_seconds``."""

    per_second: float
    slow_seconds: float

    def is_remarkable(self, *, failed: bool, seconds: float) -> bool:
        """Whether a request is kept however many others are."""
        return failed or seconds >= self.slow_seconds


class PacedSampler(Sampler):
    """Keeps so many traces a second, and holds the others back until their end is known.

    A quiet service has all its traces, and a busy one does not pay for more than these.
    """

    def __init__(self, per_second: float) -> None:
        self._gap_seconds = 1 / per_second if per_second else math.inf
        # When the next one would be, by ``perf_counter``, were they spread evenly; else never.
        self.due = -math.inf if per_second else math.inf

    def should_sample(
        self,
        parent_context: Context | None,
        trace_id: int,
        name: str,
        kind: SpanKind | None = None,
        attributes: Attributes = None,
        links: Sequence[Link] | None = None,
        trace_state: TraceState | None = None,
    ) -> SamplingResult:
        """Follow the parent, if there is one."""
        parent = get_current_span(parent_context)
        caller = parent.get_span_context()
        if caller.trace_flags.sampled if caller.is_valid else self.has_room(perf_counter()):
            decision = Decision.RECORD_AND_SAMPLE
        elif caller.is_valid and not caller.is_remote and not parent.is_recording():
            decision = Decision.DROP
        else:
            decision = Decision.RECORD_ONLY
        return SamplingResult(decision, attributes, caller.trace_state)

    def has_room(self, now: float) -> bool:
        """Whether a trace that begins now is kept; if so, that takes its room."""
        if self.due > now:
            return False
        self.due = max(self.due, now - BURST_SECONDS) + self._gap_seconds
        return True

    def get_description(self) -> str:
        """What it is called in diagnostics."""
        return "KeepsSomeErrorsAndSlowRequests"


class HeldBack(SpanProcessor):
    """Hands on what is kept; of other traces, only those that turn out to be remarkable."""

    def __init__(self, following: SpanProcessor, keeping: Keeping) -> None:
        self._following = following
        self._keeping = keeping
        self._spans: OrderedDict[int, list[ReadableSpan]] = OrderedDict()  # by trace
        self._lock = threading.Lock()

    def on_start(self, span: Span, parent_context: Context | None = None) -> None:
        """See ``SpanProcessor``."""
        self._following.on_start(span, parent_context)

    def on_end(self, span: ReadableSpan) -> None:
        """Hand the span on, hold it back, or end the wait of its whole trace."""
        context = span.context
        if context is None or context.trace_flags.sampled:
            self._following.on_end(span)
            return
        if span.parent is not None and not span.parent.is_remote:
            self._hold_back(context.trace_id, span)
            return
        with self._lock:
            inner = self._spans.pop(context.trace_id, [])
        if self._is_remarkable(span):
            for kept in (*inner, span):
                self._following.on_end(_as_sampled(kept))

    def shutdown(self) -> None:
        """See ``SpanProcessor``."""
        self._following.shutdown()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        """See ``SpanProcessor``. What is held back stays."""
        return self._following.force_flush(timeout_millis)

    def _hold_back(self, trace_id: int, span: ReadableSpan) -> None:
        with self._lock:
            spans = self._spans.setdefault(trace_id, [])
            if len(spans) < MOST_SPANS:
                spans.append(span)
            if len(self._spans) > MOST_TRACES:
                self._spans.popitem(last=False)

    def _is_remarkable(self, span: ReadableSpan) -> bool:
        failed = span.status.status_code is StatusCode.ERROR
        nanoseconds = (span.end_time or 0) - (span.start_time or 0)
        return self._keeping.is_remarkable(failed=failed, seconds=nanoseconds / 1e9)


def _as_sampled(span: ReadableSpan) -> ReadableSpan:
    """The same span, marked as kept: exporters pass over others."""
    return ReadableSpan(
        span.name,
        context=_sampled(span.context),
        parent=_sampled(span.parent),
        resource=span.resource,
        attributes=span.attributes,
        events=span.events,
        links=span.links,
        kind=span.kind,
        status=span.status,
        start_time=span.start_time,
        end_time=span.end_time,
        instrumentation_scope=span.instrumentation_scope,
    )


def _sampled(context: SpanContext | None) -> SpanContext | None:
    if context is None:
        return None
    flags = TraceFlags(context.trace_flags | TraceFlags.SAMPLED)
    return SpanContext(
        context.trace_id, context.span_id, context.is_remote, flags, context.trace_state
    )
