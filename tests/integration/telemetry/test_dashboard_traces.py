"""The traces that the dashboard of one objective looks for are those the service writes."""

import json
import math
from pathlib import Path

import pytest
from sqlalchemy import text

from slo.objectives import load_objectives
from telemetry.sampling import Keeping
from telemetry.setup import start_tracing
from tests.integration.telemetry.conftest import Traced
from tests.integration.telemetry.traceql import Query, seen

BOARD = json.loads(
    (Path(__file__).parents[3] / "dashboards/grafana/slo-objective.json").read_text()
)
OBJECTIVES = {objective.name: objective for objective in load_objectives()}
[QUERY] = [
    target["query"]
    for panel in BOARD["panels"]
    for target in panel["targets"]
    if target.get("queryType") == "traceql"
]
SCREEN = "GET /api/executive-dashboard"
PAGES = {"GET /dashboard", "GET /sales/kpis/revenue", "GET /supply"}
DRILLDOWNS = {"GET /api/kpis/{key}", "GET /api/drivers/{key}"}
WITH_THE_PAGE = "GET /api/session"
ROWS = "GET /api/kpis/{key}/rows"
LONG_MS = 9e9
OTHERS = ("/api/health", "/metrics", "/api/slo", "/assets/none.js")


def found(traced: Traced, objective: str, milliseconds: float) -> set[str]:
    """The names of the spans that the query finds, had each taken so long."""
    resource = start_tracing({}, Keeping(0, 1)).resource
    spans = seen(traced.spans(), resource, milliseconds)
    return Query(QUERY.replace("$slo", objective)).names(spans)


def visit(traced: Traced) -> None:
    """Every page, what it asks for, and what no objective waits for."""
    client = traced.client
    for page in PAGES:
        client.get(page.partition(" ")[2])
    document = client.get("/dashboard")
    traceparent = document.headers["server-timing"].partition('traceparent;desc="')[2][:55]
    client.get("/api/session", headers={"traceparent": traceparent})
    for _ in range(2):  # prepared by the first, and then ready
        client.get("/api/executive-dashboard")
    client.get("/api/kpis/revenue")
    client.get("/api/drivers/revenue")
    client.get("/api/alerts")
    client.post("/api/events", json={"event_type": "page_view", "meta": {"ttfb_ms": 5000}})
    for path in OTHERS:
        client.get(path)


def fail(traced: Traced, monkeypatch: pytest.MonkeyPatch) -> None:
    """A request by the router, one by a door, and a drill-down."""
    client = traced.client
    client._transport.raise_server_exceptions = False  # type: ignore[attr-defined]  # httpx2's test transport
    state = client.app.state  # type: ignore[attr-defined]  # it is our FastAPI
    with state.engine.begin() as connection:
        connection.execute(text("ALTER TABLE alerts RENAME TO away"))
    state.data_version.distrust()  # what was answered before is not enough
    assert client.get("/api/alerts").status_code >= 500
    monkeypatch.setattr("api.drilldowns.service.rows", None)
    assert client.get("/api/kpis/revenue/rows").status_code >= 500
    monkeypatch.setattr(state.ingest, "circumstances", None)
    answer = client.post("/api/events", json={"event_type": "page_view", "meta": {"ttfb_ms": 1}})
    assert answer.status_code == 500


@pytest.mark.parametrize(
    ("objective", "expected"),
    [
        ("ttfb", PAGES),
        ("render", {"GET /dashboard", WITH_THE_PAGE}),
        ("switch", {SCREEN, *DRILLDOWNS}),
        ("api-latency", {SCREEN}),
    ],
)
def test_requests_slower_than_the_threshold_are_found(
    traced: Traced, objective: str, expected: set[str]
) -> None:
    [line_ms] = OBJECTIVES[objective].threshold.bounds
    visit(traced)
    assert found(traced, objective, line_ms) == expected  # at the line it is bad already
    assert found(traced, objective, math.nextafter(line_ms, 0)) == set()


def test_late_and_failed_polls_are_found(traced: Traced, monkeypatch: pytest.MonkeyPatch) -> None:
    visit(traced)
    low, high = OBJECTIVES["alerts-poll"].threshold.bounds
    half_ms = (high - low) / 2
    assert found(traced, "alerts-poll", half_ms) == set()
    assert found(traced, "alerts-poll", half_ms + 1) == {"GET /api/alerts"}
    traced.exporter.clear()
    fail(traced, monkeypatch)
    assert found(traced, "alerts-poll", 1) == {"GET /api/alerts"}


def test_answers_that_failed_are_found_however_they_came_in(
    traced: Traced, monkeypatch: pytest.MonkeyPatch
) -> None:
    visit(traced)
    traced.client.get("/api/kpis/nonsense")  # which is no server error
    assert found(traced, "api-errors", LONG_MS) == set()
    assert found(traced, "drilldown-clicks", LONG_MS) == set()
    fail(traced, monkeypatch)
    failed = {"GET /api/alerts", ROWS, "POST /api/events"}
    assert found(traced, "api-errors", 1) == failed
    assert found(traced, "drilldown-clicks", 1) == {ROWS}


def test_an_objective_that_is_not_known_finds_nothing(traced: Traced) -> None:
    visit(traced)
    assert found(traced, "another", LONG_MS) == set()


def test_the_query_names_every_objective() -> None:
    assert all(f'"$slo" = "{name}"' in QUERY for name in OBJECTIVES)
