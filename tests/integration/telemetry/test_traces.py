"""A request is one trace, from its first header to its SQL; nobody is recognised in it."""

import re

import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.trace import SpanKind, StatusCode

from tests.integration.telemetry.conftest import Traced

TRACE_ID = "0af7651916cd43dd8448eb211c80319c"
PARENT_ID = "b7ad6b7169203331"
KEPT, DROPPED = "01", "00"
TRACED_ROUTES = ["/api/alerts", "/api/executive-dashboard", "/dashboard"]


def _trace_id(span: ReadableSpan) -> str:
    assert span.context is not None
    return format(span.context.trace_id, "032x")


def _statements(traced: Traced) -> list[str]:
    """SQL of the request's own trace; the service also works when nobody asks."""
    trace_id = _trace_id(traced.server_span())
    return [
        str((span.attributes or {})["db.statement"])
        for span in traced.spans()
        if _trace_id(span) == trace_id and "db.statement" in (span.attributes or {})
    ]


@pytest.mark.parametrize("path", TRACED_ROUTES)
def test_database_spans_lie_within_the_requests_span(traced: Traced, path: str) -> None:
    assert traced.client.get(path).status_code == 200
    assert any("SELECT" in statement for statement in _statements(traced))


@pytest.mark.parametrize("path", TRACED_ROUTES)
def test_a_request_continues_the_trace_of_its_caller(traced: Traced, path: str) -> None:
    traced.client.get(path, headers={"traceparent": f"00-{TRACE_ID}-{PARENT_ID}-{KEPT}"})
    server = traced.server_span()
    assert _trace_id(server) == TRACE_ID
    assert server.parent is not None
    assert format(server.parent.span_id, "016x") == PARENT_ID


@pytest.mark.parametrize("path", TRACED_ROUTES)
def test_a_trace_that_the_caller_does_not_keep_is_not_kept(traced: Traced, path: str) -> None:
    traced.client.get(path, headers={"traceparent": f"00-{TRACE_ID}-{PARENT_ID}-{DROPPED}"})
    assert TRACE_ID not in {_trace_id(span) for span in traced.spans()}
    assert not [span for span in traced.spans() if span.kind is SpanKind.SERVER]


@pytest.mark.parametrize("path", [*TRACED_ROUTES, "/api/health"])
def test_the_answer_names_its_span_and_its_duration(traced: Traced, path: str) -> None:
    answer = traced.client.get(path)
    server = traced.server_span()
    assert server.context is not None
    entries = ", ".join(answer.headers.get_list("server-timing"))
    assert re.search(r"total;dur=\d+\.\d", entries)
    expected = f'traceparent;desc="00-{_trace_id(server)}-{server.context.span_id:016x}-'
    assert expected in entries


@pytest.mark.parametrize(
    ("method", "path", "name"),
    [
        ("GET", "/api/alerts", "GET /api/alerts"),
        ("GET", "/api/executive-dashboard?range=6m", "GET /api/executive-dashboard"),
        ("POST", "/api/alerts/77/resolve", "POST /api/alerts/{alert_id}/resolve"),
        ("POST", "/api/events", "POST /api/events"),
    ],
)
def test_spans_are_named_after_the_routes_template(
    traced: Traced, method: str, path: str, name: str
) -> None:
    traced.client.request(method, path)
    server = traced.server_span()
    assert server.name == name
    assert (server.attributes or {})["http.route"] == name.split()[1]


@pytest.mark.parametrize("path", TRACED_ROUTES)
def test_no_span_says_who_asked(traced: Traced, path: str) -> None:
    traced.client.get(path, headers={"user-agent": "Mozilla of Jane Doe", "cookie": "jane=1"})
    for span in traced.spans():
        written = span.to_json()
        for personal in ("Jane", "jane", "testclient", "50000"):
            assert personal not in written


def test_statements_are_recorded_without_their_values(traced: Traced) -> None:
    traced.client.post("/api/alerts/1987654/assign", json={"assignee": "Jane Doe"})
    assert _statements(traced)
    for span in traced.spans():
        assert "1987654" not in span.to_json().replace("/api/alerts/1987654/assign", "")
        assert "Jane" not in span.to_json()


def test_the_body_of_an_error_names_its_trace(traced: Traced) -> None:
    answer = traced.client.get("/api/alerts/0/nothing")
    assert answer.status_code == 404
    assert answer.json()["trace_id"] == _trace_id(traced.server_span())


def test_a_server_error_is_an_error_in_the_trace(traced: Traced) -> None:
    traced.client.app.state.snapshots.serve = None  # type: ignore[attr-defined]  # it is our FastAPI
    traced.client._transport.raise_server_exceptions = False  # type: ignore[attr-defined]  # httpx2's test transport
    answer = traced.client.get("/api/executive-dashboard")
    assert answer.status_code == 500
    assert traced.server_span().status.status_code is StatusCode.ERROR
