"""So many traces a second are kept; those of failed and of slow requests are all kept, whole."""

import logging
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from time import monotonic
from typing import Any

import pytest
from fastapi.testclient import TestClient
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from api.app import create_app
from api.settings import Settings
from telemetry.logs import JsonFormatter
from telemetry.sampling import Keeping
from telemetry.setup import start_tracing

EVENT = {"event_type": "page_view", "meta": {"ttfb_ms": 123}}
TRACE_ID, PARENT_ID = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
ALL, NONE = 1e6, 0.0  # a second
NEVER_SLOW, ALWAYS_SLOW = 60.0, 1e-9


@dataclass
class Collector:
    """A real receiver of OTLP over HTTP; it remembers what it was sent."""

    endpoint: str
    received: list[Span] = field(default_factory=list)

    def of(self, trace_id: str) -> list[Span]:
        return [span for span in self.received if span.trace_id.hex() == trace_id]


@dataclass
class Exporting:
    """A service that sends its traces to a collector."""

    client: TestClient
    collector: Collector
    flush: Callable[[], bool]

    def trace_of(self, answer: Any) -> list[Span]:
        """What the collector has of the trace that an answer names."""
        assert self.flush()
        trace_id = answer.headers["server-timing"].partition('traceparent;desc="00-')[2][:32]
        return self.collector.of(trace_id)


@pytest.fixture
def collector() -> Iterator[Collector]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            request = ExportTraceServiceRequest.FromString(body)
            for resource in request.resource_spans:
                for scope in resource.scope_spans:
                    found.received.extend(scope.spans)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_rest: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        found = Collector(f"http://127.0.0.1:{server.server_port}")
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield found
        server.shutdown()
        thread.join()


Start = Callable[..., Exporting]


@pytest.fixture
def start(
    collector: Collector, sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Start]:
    running = ExitStack()

    def run(per_second: float, slow_seconds: float = NEVER_SLOW, **variables: str) -> Exporting:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.endpoint)
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        environment = {name: text for name, text in os.environ.items() if name.startswith("OTEL_")}
        tracing = start_tracing(environment, Keeping(per_second, slow_seconds))
        settings = Settings(database_url=sqlite_url, state_dir=tmp_path)
        running.callback(tracing.shutdown)
        client = running.enter_context(
            TestClient(
                create_app(settings, tracing=tracing),
                "http://127.0.0.1",
                raise_server_exceptions=False,
            )
        )
        return Exporting(client, collector, tracing.force_flush)

    with running:
        yield run


def ask(exporting: Exporting, path: str, **headers: str) -> Any:
    if path == "/api/events":
        return exporting.client.post(path, json=EVENT, headers=headers)
    return exporting.client.get(path, headers=headers)


PATHS = ["/api/events", "/api/alerts", "/api/executive-dashboard"]


@pytest.mark.parametrize("path", PATHS)
def test_traces_are_kept_while_there_is_room(start: Start, path: str) -> None:
    kept, dropped = start(ALL), start(NONE)
    assert kept.trace_of(ask(kept, path))
    assert not dropped.trace_of(ask(dropped, path))


def test_a_busy_service_keeps_no_more_than_its_room(start: Start) -> None:
    per_second, saved_up = 2.0, 20
    exporting, started = start(per_second), monotonic()
    answers = [ask(exporting, "/api/events") for _ in range(100)]
    most = saved_up + 1 + per_second * (monotonic() - started)
    kept = sum(bool(exporting.trace_of(answer)) for answer in answers)
    assert 0 < kept <= most  # the statements of its start took some room


@pytest.mark.parametrize("path", PATHS)
def test_a_slow_request_is_kept(start: Start, path: str) -> None:
    exporting = start(NONE, ALWAYS_SLOW)
    spans = exporting.trace_of(ask(exporting, path))
    [server] = [span for span in spans if not span.parent_span_id]
    assert server.name == f"{'POST' if path == '/api/events' else 'GET'} {path}"
    assert server.end_time_unix_nano > server.start_time_unix_nano


def test_what_is_kept_late_is_kept_whole(start: Start) -> None:
    exporting = start(NONE, ALWAYS_SLOW)
    spans = exporting.trace_of(ask(exporting, "/api/alerts"))
    [server] = [span for span in spans if span.kind == Span.SPAN_KIND_SERVER]
    statements = [span for span in spans if "SELECT" in span.name]
    assert statements
    assert {span.parent_span_id for span in statements} == {server.span_id}


def test_a_failed_request_is_kept(start: Start) -> None:
    exporting = start(NONE)
    exporting.client.app.state.snapshots.serve = None  # type: ignore[attr-defined]  # it is our FastAPI
    answer = ask(exporting, "/api/executive-dashboard")
    assert answer.status_code == 500
    assert exporting.flush()
    spans = exporting.collector.of(answer.json()["trace_id"])
    [server] = [span for span in spans if span.kind == Span.SPAN_KIND_SERVER]
    assert server.status.code == 2


def test_a_failed_event_request_is_kept(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    exporting = start(NONE)
    ingest = exporting.client.app.state.ingest  # type: ignore[attr-defined]  # it is our FastAPI
    monkeypatch.setattr(ingest, "circumstances", None)
    answer = ask(exporting, "/api/events")
    assert answer.status_code == 500
    [server] = exporting.trace_of(answer)
    assert (server.status.code, server.name) == (2, "POST /api/events")


@pytest.mark.parametrize("path", PATHS)
def test_the_callers_choice_is_followed(start: Start, path: str) -> None:
    exporting = start(NONE)
    ask(exporting, path, traceparent=f"00-{TRACE_ID}-{PARENT_ID}-01")
    assert exporting.flush()
    spans = exporting.collector.of(TRACE_ID)
    assert PARENT_ID in {span.parent_span_id.hex() for span in spans}


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(("per_second", "is_sampled"), [(ALL, True), (NONE, False)])
def test_the_answer_says_whether_its_trace_is_sampled(
    start: Start, path: str, per_second: float, is_sampled: bool
) -> None:
    exporting = start(per_second)
    for answer in (ask(exporting, path) for _ in range(2)):  # the second one may be ready
        traceparent = answer.headers["server-timing"].partition('traceparent;desc="')[2]
        flags = traceparent.removesuffix('"').rpartition("-")[2]
        assert bool(int(flags, 16) & 1) == is_sampled


@pytest.mark.parametrize("path", PATHS)
def test_what_the_caller_does_not_keep_is_kept_only_when_it_is_slow(
    start: Start, path: str
) -> None:
    for slow_seconds, is_kept in ((NEVER_SLOW, False), (ALWAYS_SLOW, True)):
        exporting = start(ALL, slow_seconds)
        ask(exporting, path, traceparent=f"00-{TRACE_ID}-{PARENT_ID}-00")
        assert exporting.flush()
        assert bool(exporting.collector.of(TRACE_ID)) == is_kept


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    ("sampler", "argument", "is_kept"),
    [
        ("always_off", "", False),
        ("always_on", "", True),
        ("parentbased_traceidratio", "0", False),
        ("parentbased_traceidratio", "1", True),
    ],
)
def test_a_named_sampler_decides_alone(
    start: Start, path: str, sampler: str, argument: str, is_kept: bool
) -> None:
    variables = {"OTEL_TRACES_SAMPLER": sampler, "OTEL_TRACES_SAMPLER_ARG": argument}
    exporting = start(NONE if is_kept else ALL, ALWAYS_SLOW, **variables)
    assert bool(exporting.trace_of(ask(exporting, path))) == is_kept


@pytest.mark.parametrize(("path", "body"), [("/api/events", "{"), ("/api/alerts", None)])
def test_errors_name_their_trace_whether_it_is_kept_or_not(
    start: Start, path: str, body: str | None
) -> None:
    exporting = start(NONE)
    if body is None:
        answer = exporting.client.get(path, params={"nonsense": "1"})
    else:
        answer = exporting.client.post(
            path, content=body, headers={"content-type": "application/json"}
        )
    assert answer.status_code == 400
    assert answer.json()["trace_id"] in answer.headers["server-timing"]


def test_a_log_line_of_a_request_by_a_door_names_its_trace(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines: list[str] = []

    class Keeper(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(JsonFormatter().format(record))

    exporting = start(NONE)
    ingest = exporting.client.app.state.ingest  # type: ignore[attr-defined]  # it is our FastAPI
    monkeypatch.setattr(ingest, "circumstances", None)
    keeper = Keeper()
    logging.getLogger("api.errors").addHandler(keeper)
    answer = ask(exporting, "/api/events")
    logging.getLogger("api.errors").removeHandler(keeper)
    assert answer.json()["trace_id"] in lines[0]
