"""Ids of spans come from a generator that nobody else seeds."""

import random

from telemetry.tracing import Tracing


def test_spans_leave_pythons_common_generator_alone() -> None:
    before = random.getstate()
    Tracing(shutdown_on_exit=False).get_tracer("test").start_span("work").end()
    assert random.getstate() == before


def test_ids_do_not_repeat_when_the_common_generator_does() -> None:
    tracer = Tracing(shutdown_on_exit=False).get_tracer("test")
    seen = set()
    for _ in range(3):
        random.seed(7)
        context = tracer.start_span("work").get_span_context()
        seen |= {context.trace_id, context.span_id}
    assert len(seen) == 6
