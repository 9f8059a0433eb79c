"""Every panel's query against a real Prometheus that scrapes the real service, and its database."""

import json
import math
import re
import time
import uuid
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import psycopg
import pytest

from slo.objectives import load_objectives
from tests.integration.slo.live import (
    Prometheus,
    Service,
    running_prometheus,
    running_service,
    until,
)

FOLDER = Path(__file__).parents[3] / "dashboards" / "grafana"
BOARDS = {path.name: json.loads(path.read_text()) for path in sorted(FOLDER.glob("*.json"))}
OBJECTIVES = load_objectives()

ROUNDS = 5
# Windows of six seconds. A counter's step between the last reading of one window and the first of
# the next is in neither, and the service counts its own answers every ten seconds: windows of five
# could miss every step.
SCALE = Fraction(1, 50)
TTFB_MS = [100.0, 120.0, 140.0, 160.0, 900.0]
OTHERS: list[tuple[str, dict[str, float]]] = [
    ("switch_range_or_granularity", {"switch_latency_ms": 80.0}),
    ("alerts_poll", {"alerts_poll_interval_ms": 30_000.0}),
    ("drilldown", {"drilldown_clicks": 2.0, "drilldown_duration_ms": 400.0}),
]
OWN_ANSWERS = [each for each in OBJECTIVES if each.name.startswith("api-")]


def event(event_type: str, meta: dict[str, Any]) -> dict[str, Any]:
    return {"event_id": str(uuid.uuid4()), "event_type": event_type, "meta": meta}


def one_round() -> list[dict[str, Any]]:
    views = [event("page_view", {"ttfb_ms": t, "render_total_ms": 2 * t}) for t in TTFB_MS]
    return views + [event(event_type, dict(meta)) for event_type, meta in OTHERS]


class Watched:
    """The service after some traffic, its Prometheus, and its database."""

    def __init__(self, service: Service, prometheus: Prometheus, database_url: str) -> None:
        self.service = service
        self.prometheus = prometheus
        self.database_url = database_url


@pytest.fixture
def watched(postgresql_url: str, tmp_path: Path) -> Iterator[Watched]:
    with (
        running_service(postgresql_url, tmp_path) as service,
        running_prometheus(service, tmp_path, SCALE) as prometheus,
    ):
        synthetic = {"ttfb_ms": 5000.0, "synthetic": "true"}
        service.send([event("page_view", dict(synthetic))])
        for _ in range(ROUNDS):
            assert service.send(one_round())["accepted"] == len(one_round())
            service.get("/api/executive-dashboard")
            time.sleep(1)  # a rate needs readings apart
        yield Watched(service, prometheus, postgresql_url)


def test_every_panel_shows_what_happened(watched: Watched) -> None:
    _counters_hold_what_was_sent(watched)
    _every_query_returns_a_series(watched)
    _every_statement_gives_the_exact_percentile(watched)


def _counters_hold_what_was_sent(watched: Watched) -> None:
    def counted(slo: str, result: str) -> float | None:
        return watched.prometheus.value(f'sum(slo_events_total{{slo="{slo}", result="{result}"}})')

    until(lambda: counted("ttfb", "good") == 4 * ROUNDS or None, "the last scrape")
    assert counted("ttfb", "bad") == ROUNDS  # the synthetic one is not among them
    assert counted("render", "good") == 4 * ROUNDS
    assert counted("alerts-poll", "good") == ROUNDS
    assert counted("alerts-poll", "bad") == 0
    assert counted("drilldown-clicks", "good") == ROUNDS
    # The service counts its own answers every ten seconds, fast or slow.
    answers = 'sum(slo_events_total{slo="api-latency"})'
    until(lambda: watched.prometheus.value(answers) == ROUNDS or None, "its own answers", 30)
    until(lambda: _budget_is_known(watched), "the rules to see them", 60)


def _budget_is_known(watched: Watched) -> bool:
    watched.service.get("/api/executive-dashboard")
    budget = 'slo:period_error_budget_remaining:ratio{slo=~"api-.*"}'
    return len(watched.prometheus.now(budget)) == len(OWN_ANSWERS)


def _every_query_returns_a_series(watched: Watched) -> None:
    empty = []
    for where, expression in _expressions():
        for objective in OBJECTIVES if "$slo" in expression else OBJECTIVES[:1]:
            query = expression.replace("$slo", objective.name)
            query = query.replace("$__rate_interval", "10s")
            if not watched.prometheus.lately(query, seconds=60):
                empty.append(f"{where}: {query}")
    assert empty == []


def _expressions() -> list[tuple[str, str]]:
    return [
        (f"{name}: {panel['title']}", target["expr"])
        for name, board in BOARDS.items()
        for panel in board["panels"]
        for target in panel["targets"]
        if "expr" in target
    ]


def _every_statement_gives_the_exact_percentile(watched: Watched) -> None:
    ordered = sorted(TTFB_MS * ROUNDS)
    p95 = ordered[math.ceil(0.95 * len(ordered)) - 1] / 1000
    expected = {
        "Time to first byte": p95,
        "Time until the whole first screen": 2 * p95,
        "Time from a change": 0.08,
        "Time between two polls": 30.0,
        "Clicks until": 2.0,
    }
    seen = {}
    with psycopg.connect(watched.database_url.replace("+psycopg", "")) as connection:
        for title, sql in _statements():
            rows = connection.execute(_expanded(sql)).fetchall()
            assert len(rows) == 1, title
            seen[title] = rows[0][1]
    assert len(seen) == len(expected)
    for start, value in expected.items():
        (found,) = [number for title, number in seen.items() if title.startswith(start)]
        assert found == pytest.approx(value)


def _statements() -> list[tuple[str, str]]:
    return [
        (panel["title"], target["rawSql"])
        for board in BOARDS.values()
        for panel in board["panels"]
        for target in panel["targets"]
        if "rawSql" in target
    ]


def _expanded(sql: str) -> Any:
    """What Grafana's macros become, for the last hour as one point."""
    first, last = "now() - interval '1 hour'", "now() + interval '1 hour'"
    # One point for all: every row falls into the same group.
    group = "date_trunc('century', now()) AS \"time\""
    sql = re.sub(r"\$__timeGroupAlias\([^)]+\)", group, sql)
    sql = re.sub(r"\$__timeFilter\(([^)]+)\)", rf"\1 BETWEEN {first} AND {last}", sql)
    sql = sql.replace("$__timeFrom()", f"({first})::text")
    assert "$" not in sql
    return sql
