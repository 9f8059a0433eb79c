"""A log line is one JSON object, with the trace it belongs to."""

import io
import json
import logging
from collections.abc import Iterator

import pytest
from opentelemetry.sdk.trace import TracerProvider

from telemetry.logs import JsonFormatter


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonFormatter())
    logger = logging.getLogger("test.logs")
    logger.addHandler(handler)
    logger.propagate = False
    yield stream
    logger.removeHandler(handler)
    logger.propagate = True


def test_a_line_says_when_how_bad_where_and_what(lines: io.StringIO) -> None:
    logging.getLogger("test.logs").warning("%d rows\nleft", 3)
    [text] = lines.getvalue().splitlines()
    line = json.loads(text)
    assert line.pop("time").endswith("+00:00")
    assert line == {"level": "warning", "logger": "test.logs", "message": "3 rows\nleft"}


def test_a_line_within_a_request_carries_its_trace(lines: io.StringIO) -> None:
    with TracerProvider().get_tracer("test").start_as_current_span("request") as span:
        logging.getLogger("test.logs").error("oh")
    line = json.loads(lines.getvalue())
    assert line["trace_id"] == format(span.get_span_context().trace_id, "032x")
    assert line["span_id"] == format(span.get_span_context().span_id, "016x")


def test_an_exception_stays_on_its_line(lines: io.StringIO) -> None:
    try:
        int("boom")
    except ValueError:
        logging.getLogger("test.logs").exception("failed")
    [text] = lines.getvalue().splitlines()
    assert "ValueError: invalid literal" in json.loads(text)["exception"]
