"""Every Prometheus instrument of the service: its name, its labels and its buckets.

Labels take few values: route templates, never paths; never users, sessions or addresses.
Bounds that belong to an objective come from outside, so that a histogram has a bucket there.
"""

import math
import platform
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector

from telemetry.batch_histogram import BatchHistogram, Series
from telemetry.ledger import IngestLedger

TRACE_ID = re.compile("[0-9a-f]{32}")
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
HTTP_BOUNDS_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
COMMIT_BOUNDS_SECONDS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0)
STATEMENT_BOUNDS_SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1.0, 5.0)
WORK_BOUNDS_SECONDS = (0.005, 0.025, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0)
GROUP_BOUNDS_EVENTS = (1.0, 5.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1000.0, 2000.0, 5000.0)
PAGE_BOUNDS_SECONDS = (0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1.0, 1.5, 2.5, 5.0, 10.0, 60.0)
POLL_BOUNDS_SECONDS = (10.0, 20.0, 25.0, 30.0, 35.0, 40.0, 60.0, 120.0, 600.0)
CLICK_BOUNDS = (1.0, 2.0, 3.0, 4.0, 5.0, 10.0)


@dataclass(frozen=True)
class RumInstrument:
    """One histogram of browser measurements. A sample is divided by ``divisor`` to get its unit."""

    name: str
    help: str
    divisor: float
    bounds: tuple[float, ...]


RUM_INSTRUMENTS = {
    "ttfb_ms": RumInstrument(
        "rum_ttfb_seconds", "Time to first byte of a page.", 1000, PAGE_BOUNDS_SECONDS
    ),
    "render_total_ms": RumInstrument(
        "rum_render_seconds",
        "Time until the whole first screen is seen.",
        1000,
        PAGE_BOUNDS_SECONDS,
    ),
    "switch_latency_ms": RumInstrument(
        "rum_switch_seconds",
        "Time from a change of range or granularity to its paint.",
        1000,
        PAGE_BOUNDS_SECONDS,
    ),
    "alerts_poll_interval_ms": RumInstrument(
        "rum_alerts_poll_interval_seconds",
        "Time between two polls of the alerts.",
        1000,
        POLL_BOUNDS_SECONDS,
    ),
    "drilldown_duration_ms": RumInstrument(
        "rum_drilldown_seconds",
        "Time from the first click of a drill-down to its page.",
        1000,
        PAGE_BOUNDS_SECONDS,
    ),
    "drilldown_clicks": RumInstrument(
        "rum_drilldown_clicks", "Clicks until a drill-down is reached.", 1, CLICK_BOUNDS
    ),
}


@dataclass(slots=True)
class Running:
    """How many requests are being answered; only touched on the event loop."""

    requests: int = 0


class Metrics:
    """The instruments of one service, in a registry of its own.

    ``http_bounds_seconds`` and ``rum_bounds`` (by metric key, in the metric's own unit) are the
    objectives' thresholds; each becomes a bucket bound.
    """

    def __init__(
        self,
        version: str,
        http_bounds_seconds: Iterable[float] = (),
        rum_bounds: Mapping[str, Iterable[float]] | None = None,
    ) -> None:
        registry = self.registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        Gauge(
            "execdash_build_info",
            "Always 1; the labels say what runs.",
            ["version", "python_version"],
            registry=registry,
        ).labels(version, platform.python_version()).set(1)
        self.ingest_ledger = IngestLedger(registry)
        self._http_duration = BatchHistogram(
            "http_request_duration_seconds",
            "Time from a request's arrival to the end of its answer.",
            _merged(HTTP_BOUNDS_SECONDS, http_bounds_seconds),
            1,
            registry,
            ["method", "route", "status"],
        )
        self.http_in_flight = Running()
        Gauge(
            "http_requests_in_flight", "Requests that are being answered.", registry=registry
        ).set_function(lambda: self.http_in_flight.requests)
        self._refusals = Counter(
            "access_refused",
            "Requests that were not let in, by reason.",
            ["reason"],
            registry=registry,
        )
        self._sign_ins = Counter(
            "sign_ins",
            "Attempts to sign in, by method and outcome.",
            ["method", "outcome"],
            registry=registry,
        )
        self._slo_events = Counter(
            "slo_events",
            "Events judged by an objective, by the same comparison as its rollup.",
            ["slo", "result"],
            registry=registry,
        )
        self._slo_results: dict[str, tuple[Counter, Counter]] = {}
        self._rum = {
            key: _rum_histogram(instrument, (rum_bounds or {}).get(key, ()), registry)
            for key, instrument in RUM_INSTRUMENTS.items()
        }
        self._statement_duration = Histogram(
            "db_statement_duration_seconds",
            "Time of one SQL statement, by its kind.",
            ["operation"],
            buckets=STATEMENT_BOUNDS_SECONDS,
            registry=registry,
        )
        self._ingest_queue = Gauge(
            "ingest_queue_events", "Events that wait for their group commit.", registry=registry
        )
        self.ingest_commit_seconds = Histogram(
            "ingest_commit_duration_seconds",
            "Time of one group commit of events.",
            buckets=COMMIT_BOUNDS_SECONDS,
            registry=registry,
        )
        self.ingest_commit_events = Histogram(
            "ingest_commit_events",
            "Events written by one group commit.",
            buckets=GROUP_BOUNDS_EVENTS,
            registry=registry,
        )

        self._watch_work()

    def _watch_work(self) -> None:
        """What is done beside answering: prepared answers, alerts, imports."""
        registry = self.registry
        self._snapshot_age = Gauge(
            "snapshot_age_seconds",
            "Time since the first screen's data were last checked; NaN before the first time.",
            registry=registry,
        )
        self._snapshot_age.set(math.nan)
        self.snapshot_refresh_seconds = Histogram(
            "snapshot_refresh_duration_seconds",
            "Time to check the data's version, and to make an answer anew where it changed.",
            buckets=WORK_BOUNDS_SECONDS,
            registry=registry,
        )
        self.snapshot_stale_answers = Counter(
            "snapshot_stale_answers",
            "Answers of the first screen that were the last good ones.",
            registry=registry,
        )
        self.alert_polls = Counter(
            "alerts_polls", "Times that the current alerts were asked for.", registry=registry
        )
        self.alert_judging_seconds = Histogram(
            "alerts_judging_duration_seconds",
            "Time of one judgement of all alerts by the service itself.",
            buckets=WORK_BOUNDS_SECONDS,
            registry=registry,
        )
        self._import_duration = Histogram(
            "import_duration_seconds",
            "Time of one import over HTTP, by kind.",
            ["kind"],
            buckets=WORK_BOUNDS_SECONDS,
            registry=registry,
        )
        self._import_rows = Counter(
            "import_rows",
            "Rows of imports over HTTP, by what became of them.",
            ["kind", "outcome"],
            registry=registry,
        )

    def watch_snapshot_age(self, age_seconds: Callable[[], float]) -> None:
        """Show how old the first screen's data are, as asked at each scrape."""
        self._snapshot_age.set_function(age_seconds)

    def observe_import(
        self, kind: str, duration_seconds: float, rows_by_outcome: Mapping[str, int]
    ) -> None:
        """Count one import; ``kind`` is one of those that exist."""
        self._import_duration.labels(kind).observe(duration_seconds)
        for outcome, rows in rows_by_outcome.items():
            self._import_rows.labels(kind, outcome).inc(rows)

    def http_series(self, route: str, method: str, status: int) -> Series:
        """The durations in seconds of a route's answers.

        ``route`` is a template. A method that is not in ``METHODS`` is ``other``: clients invent
        them.
        """
        known = method if method in METHODS else "other"
        return self._http_duration.series(known, route, str(status))

    def observe_rum(
        self, metric: str, values: Collection[float], traced: Iterable[tuple[float, str]] = ()
    ) -> None:
        """Count browser measurements; ``metric`` is a key of ``RUM_INSTRUMENTS``.

        ``traced`` are those of the values whose trace is known, with its id.
        """
        known = (pair for pair in traced if TRACE_ID.fullmatch(pair[1]))  # browsers send anything
        self._rum[metric].observe_all(values, known)

    def count_refusal(self, reason: str) -> None:
        """Count one request that was not let in; ``reason`` is one of a few words."""
        self._refusals.labels(reason).inc()

    def count_sign_in(self, method: str, outcome: str) -> None:
        """Count one attempt to sign in, such as ``oidc`` and ``away``."""
        self._sign_ins.labels(method, outcome).inc()

    def count_slo_events(self, slo: str, *, good: int = 0, bad: int = 0) -> None:
        """Count events that an objective judged."""
        counters = self._slo_results.get(slo)
        if counters is None:  # its labels are looked up once
            labels = self._slo_events.labels
            counters = self._slo_results[slo] = (labels(slo, "good"), labels(slo, "bad"))
        for counter, events in zip(counters, (good, bad), strict=True):
            if events:
                counter.inc(events)

    def watch_ingest_queue(self, waiting_events: Callable[[], float]) -> None:
        """Show how many events wait, as asked at each scrape."""
        self._ingest_queue.set_function(waiting_events)

    def observe_statement(self, operation: str, duration_seconds: float) -> None:
        """Count one SQL statement; ``operation`` is its kind, such as ``select``."""
        self._statement_duration.labels(operation).observe(duration_seconds)


def _merged(bounds: Iterable[float], thresholds: Iterable[float]) -> tuple[float, ...]:
    return tuple(sorted({*bounds, *thresholds}))


def _rum_histogram(
    instrument: RumInstrument, thresholds: Iterable[float], registry: CollectorRegistry
) -> Series:
    return BatchHistogram(
        instrument.name,
        instrument.help,
        _merged(instrument.bounds, (value / instrument.divisor for value in thresholds)),
        instrument.divisor,
        registry,
    ).series()
