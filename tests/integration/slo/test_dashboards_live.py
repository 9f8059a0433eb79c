"""Every panel's query against a real Prometheus that scrapes the real service, and its database."""

import json
import math
import re
import time
import uuid
from collections import Counter
from fractions import Fraction
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import psycopg
import pytest

from slo.objectives import load_objectives
from tests.integration.slo.live import (
    Prometheus,
    Service,
    running_prometheus,
    running_service,
)
from tests.integration.slo.panel_values import (
    ALERTS,
    DASHBOARD,
    EVENTS,
    PANELS,
    WINDOW_SECONDS,
    Expected,
    Reading,
    Sent,
)
from tests.program import execdash_with, until

FOLDER = Path(__file__).parents[3] / "dashboards" / "grafana"
BOARDS = {path.name: json.loads(path.read_text()) for path in sorted(FOLDER.glob("*.json"))}
OBJECTIVES = load_objectives()

# Rules of windows of six seconds lag by as much: that must be a small part of the whole.
ROUNDS, MOST_ROUNDS = 18, 60
# Windows of six seconds. A counter's step between the last reading of one window and the first of
# the next is in neither: one of six is missed. Counted every ten seconds, the service's own answers
# would be so few steps that a window without most of them is no rarity.
SCALE = Fraction(1, 50)
OFTEN = execdash_with({"api.ingest.service.FOLD_SECONDS": 1.0})
TTFB_MS = [100.0, 120.0, 140.0, 160.0, 900.0] * 4
OTHERS: list[tuple[str, dict[str, float]]] = [
    ("switch_range_or_granularity", {"switch_latency_ms": 80.0}),
    ("alerts_poll", {"alerts_poll_interval_ms": 30_000.0}),
    ("drilldown", {"drilldown_clicks": 2.0, "drilldown_duration_ms": 400.0}),
]
SYNTHETIC_TTFB_MS = [200.0, 5000.0]
FAILED_EACH_ROUND = 2
OWN_ANSWERS = [each for each in OBJECTIVES if each.name.startswith("api-")]


def event(event_type: str, meta: dict[str, Any]) -> dict[str, Any]:
    return {"event_id": str(uuid.uuid4()), "event_type": event_type, "meta": meta}


def one_round() -> list[dict[str, Any]]:
    views = [event("page_view", {"ttfb_ms": t, "render_total_ms": 2 * t}) for t in TTFB_MS]
    return views + [event(event_type, dict(meta)) for event_type, meta in OTHERS]


def synthetic() -> list[dict[str, Any]]:
    """What browsers of a load test send: stored, and judged by nobody."""
    return [
        event("page_view", {"ttfb_ms": t, "render_total_ms": 3 * t, "synthetic": "true"})
        for t in SYNTHETIC_TTFB_MS
    ]


class Watched:
    """The service under traffic, its Prometheus, and its database."""

    def __init__(self, service: Service, database_url: str) -> None:
        self.service = service
        self.database = database_url.replace("+psycopg", "")
        self.requests: Counter[str] = Counter()
        self.accepted = self.duplicates = self.rejected = self.failed = self.unparsed = 0

    def reading(self) -> Reading:
        return Reading.of(self.service.get("/metrics").decode())

    def ask_for_the_screen(self) -> None:
        self.service.get(DASHBOARD)
        self.requests[DASHBOARD] += 1

    def send(self, events: list[dict[str, Any]]) -> None:
        answer = self.service.send(events)
        self.requests[EVENTS] += 1
        self.accepted += answer["accepted"]
        self.duplicates += answer["duplicates"]
        self.rejected += len(answer["rejected"])

    def send_nonsense(self) -> None:
        body = Request(f"{self.service.url}{EVENTS}", b"{", {"Content-Type": "application/json"})
        with pytest.raises(HTTPError, match="HTTP Error 400"):
            urlopen(body, timeout=10)
        self.requests[EVENTS] += 1
        self.unparsed += 1

    def fail(self) -> None:
        """Ask for alerts while their table is away."""
        with psycopg.connect(self.database, autocommit=True) as connection:
            connection.execute("ALTER TABLE alerts RENAME TO away")
            for _ in range(FAILED_EACH_ROUND):
                with pytest.raises(HTTPError, match="HTTP Error 503"):
                    self.service.get(ALERTS)
            connection.execute("ALTER TABLE away RENAME TO alerts")
        self.requests[ALERTS] += FAILED_EACH_ROUND
        self.failed += FAILED_EACH_ROUND

    def visit(self) -> None:
        """Everything once: events, again, a bad one, those of a load test, the screen, errors."""
        sent = one_round()
        self.send(sent)
        self.send(sent[:3])
        self.send([*synthetic(), event("page_view", {"ttfb_ms": -1})])
        self.send_nonsense()
        self.ask_for_the_screen()
        self.fail()

    def sent_since(self, before: Reading, rounds: int) -> Sent:
        values = {"ttfb_ms": TTFB_MS * rounds, "render_total_ms": [2 * t for t in TTFB_MS] * rounds}
        for _, meta in OTHERS:
            values |= {metric: [value] * rounds for metric, value in meta.items()}
        return Sent(
            before,
            self.reading(),
            values,
            self.requests,
            self.failed,
            self.accepted,
            self.duplicates,
            self.rejected,
            self.unparsed,
        )


def test_every_panel_shows_what_happened(postgresql_url: str, tmp_path: Path) -> None:
    with running_service(postgresql_url, tmp_path, program=OFTEN) as service:
        for _ in range(3):  # so that every series is there to rise, those of fast answers too
            Watched(service, postgresql_url).visit()
        watched = Watched(service, postgresql_url)
        with running_prometheus(service, tmp_path, SCALE) as prometheus:
            before, rounds = watched.reading(), 0
            # As steady to the end, so that every window holds the same shares.
            while rounds < ROUNDS or not _budget_is_known(prometheus):
                assert rounds < MOST_ROUNDS, (
                    "the rules do not see what the service counts of its own"
                )
                watched.visit()
                rounds += 1
                time.sleep(1)  # a rate needs readings apart
            sent = watched.sent_since(before, rounds)
            scraped = 'timestamp(up{job="execdash"})'
            known = time.time()
            until(lambda: (prometheus.value(scraped) or 0) > known, "a later scrape")
            time.sleep(2)  # and rules that saw it
            assert "\n".join(_wrong_panels(prometheus, sent)) == ""
        _every_statement_gives_the_exact_percentile(watched, rounds + 3)
        _the_worst_samples_are_those_of_the_objective(watched)


def _budget_is_known(prometheus: Prometheus) -> bool:
    budget = 'slo:period_error_budget_remaining:ratio{slo=~"api-.*"}'
    burning = 'ALERTS{alertname="SloErrorBudgetBurn", alertstate="firing", slo="ttfb"}'
    return len(prometheus.now(budget)) == len(OWN_ANSWERS) and len(prometheus.now(burning)) == 2


def _wrong_panels(prometheus: Prometheus, sent: Sent) -> list[str]:
    """Each query whose values are not those that follow from what was sent."""
    asked = dict(_expressions())
    assert set(asked) == set(PANELS)
    wrong = []
    for where, expression in asked.items():
        expected = PANELS[where](sent)
        for objective in OBJECTIVES if "$slo" in expression else OBJECTIVES[:1]:
            query = expression.replace("$slo", objective.name)
            query = query.replace("$__rate_interval", f"{WINDOW_SECONDS}s")
            wanted = _of_one(objective.name, expected) if "$slo" in expression else expected
            shown = prometheus.last(query, seconds=30)
            wrong += [
                f"{': '.join(where)} ({objective.name}) {name!r}: {shown.get(name)} is not {value}"
                for name, value in wanted.items()
                if shown.get(name) != value
            ]
    return wrong


def _of_one(name: str, expected: Expected) -> Expected:
    value = expected[name]
    if isinstance(value, dict):  # by label, None where there must be no series
        return value
    return (
        dict(zip(("good", "bad"), value, strict=True)) if isinstance(value, list) else {name: value}
    )


def _expressions() -> list[tuple[tuple[str, str, str], str]]:
    return [
        ((name.removesuffix(".json"), panel["title"], target["refId"]), target["expr"])
        for name, board in BOARDS.items()
        for panel in board["panels"]
        for target in panel["targets"]
        if "expr" in target
    ]


def _every_statement_gives_the_exact_percentile(watched: Watched, rounds: int) -> None:
    def p95(values: list[float]) -> float:
        ordered = sorted(values * rounds)
        return ordered[math.ceil(0.95 * len(ordered)) - 1] / 1000

    real = {
        "Time to first byte": p95(TTFB_MS),
        "Time until the whole first screen": 2 * p95(TTFB_MS),
        "Time from a change": 0.08,
        "Time between two polls": 30.0,
        "Clicks until": 2.0,
    }
    loaded = {
        "Time to first byte": p95(SYNTHETIC_TTFB_MS),
        "Time until the whole first screen": 3 * p95(SYNTHETIC_TTFB_MS),
    }
    seen = {"every stored sample": 0, "browsers of the load test": 0}
    with psycopg.connect(watched.database) as connection:
        for title, sql in _statements("time_series"):
            metric, _, kind = title.partition(": ")
            expected = real if kind == "every stored sample" else loaded
            values = [value for start, value in expected.items() if metric.startswith(start)]
            rows = connection.execute(_expanded(sql)).fetchall()
            assert [row[1] for row in rows] == [pytest.approx(value) for value in values], title
            seen[kind] += 1
    assert seen == {"every stored sample": len(real), "browsers of the load test": 4}


def _the_worst_samples_are_those_of_the_objective(watched: Watched) -> None:
    trace = "0af7651916cd43dd8448eb211c80319c"
    watched.send(
        [
            event("page_view", {"ttfb_ms": 5000, "trace_id": trace}),
            event("page_view", {"ttfb_ms": 4000, "trace_id": "G" * 32}),
            event("page_view", {"ttfb_ms": 9000, "trace_id": trace, "synthetic": "true"}),
            event("page_view", {"render_total_ms": 7000}),
            event("switch_range_or_granularity", {"switch_latency_ms": 3000, "trace_id": trace}),
            event("alerts_poll", {"alerts_poll_interval_ms": 1000}),
            event("alerts_poll", {"alerts_poll_interval_ms": 58_000}),
            event("drilldown", {"drilldown_clicks": 9, "drilldown_duration_ms": 99_000}),
        ]
    )
    worst: dict[str, list[tuple[float, str, str | None]]] = {
        "ttfb": [(5000, "ms", trace), (4000, "ms", None), (TTFB_MS[4], "ms", None)],
        "render": [(7000, "ms", None), (2 * TTFB_MS[4], "ms", None)],
        "switch": [(3000, "ms", trace), (80, "ms", None)],
        "alerts-poll": [(1000, "ms", None), (58_000, "ms", None), (30_000, "ms", None)],
        "drilldown-clicks": [(9, "clicks", None), (2, "clicks", None)],
    }
    [(_, sql)] = _statements("table")
    with psycopg.connect(watched.database) as connection:
        for objective in OBJECTIVES:
            chosen = _expanded(sql.replace("${slo:sqlstring}", f"'{objective.name}'"))
            rows = connection.execute(chosen).fetchall()
            expected = worst.get(objective.name, [])
            assert [(row[1], row[2], row[4]) for row in rows][: len(expected)] == expected
            assert len(rows) == (20 if expected else 0)


def _statements(shape: str) -> list[tuple[str, str]]:
    return [
        (panel["title"], target["rawSql"])
        for board in BOARDS.values()
        for panel in board["panels"]
        for target in panel["targets"]
        if target.get("format") == shape and "rawSql" in target
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
