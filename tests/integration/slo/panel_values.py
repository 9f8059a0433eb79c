"""What each panel must show, worked out from what was sent and from what the service itself says.

Nothing here asks Prometheus: a histogram's percentile is found in the buckets that the service
shows on ``/metrics``, and counts are those of the requests and events that the test sent.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from string import ascii_uppercase
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from slo.objective import Objective
from slo.objectives import load_objectives
from telemetry.metrics import RUM_INSTRUMENTS

OBJECTIVES = {each.name: each for each in load_objectives()}
WINDOW_SECONDS = 300  # of every rate: all that the test did lies within
# A rate is extrapolated by up to a scrape at each end of what was scraped.
EXTRAPOLATED = 0.2
# Each bucket's start is extrapolated by itself, by up to a scrape of the dozen and more: so much do
# the buckets' shares differ from those of what was counted.
APART = 1 / 12
DASHBOARD, EVENTS, ALERTS = "/api/executive-dashboard", "/api/events", "/api/alerts"

Labels = frozenset[tuple[str, str]]
Expected = Mapping[str, Any]  # by what tells a panel's series apart; '' for the only one


@dataclass(frozen=True)
class Reading:
    """``/metrics`` at one moment."""

    samples: Mapping[tuple[str, Labels], float]

    @classmethod
    def of(cls, exposition: str) -> "Reading":
        return cls(
            {
                (sample.name, frozenset(sample.labels.items())): sample.value
                for family in text_string_to_metric_families(exposition)
                for sample in family.samples
            }
        )


@dataclass(frozen=True)
class Sent:
    """What the test did between two readings."""

    before: Reading
    after: Reading
    values: Mapping[str, Sequence[float]]  # of each metric
    requests: Mapping[str, int]  # by route
    failed: int
    accepted: int
    duplicates: int
    rejected: int
    unparsed: int  # requests whose body is no JSON

    def increase(self, name: str, **labels: str) -> float:
        """By how much the counters with these labels rose, all together."""
        wanted = set(labels.items())
        return sum(
            value - self.before.samples.get((each, its), 0)
            for (each, its), value in self.after.samples.items()
            if each == name and wanted <= its
        )

    def now(self, name: str, **labels: str) -> float:
        wanted = set(labels.items())
        return sum(
            value
            for (each, its), value in self.after.samples.items()
            if each == name and wanted <= its
        )

    def label_values(self, name: str, label: str) -> set[str]:
        found = {dict(its).get(label, "") for each, its in self.after.samples if each == name}
        return {value for value in found if self.increase(name, **{label: value})}

    def bucket(self, histogram: str, share: float, **labels: str) -> "Within":
        """The bucket that holds this share of what was observed, as far as that is certain."""
        bounds = sorted(self.label_values(f"{histogram}_bucket", "le") | {"+Inf"}, key=float)
        total = self.increase(f"{histogram}_count", **labels)
        least = self._bucket(histogram, share / (1 + APART) * total, bounds, labels)
        most = self._bucket(histogram, min(share * (1 + APART), 1) * total, bounds, labels)
        return Within(least.low, most.high)

    def _bucket(
        self, histogram: str, rank: float, bounds: Sequence[str], labels: Mapping[str, str]
    ) -> "Within":
        every = sorted(
            {dict(its)["le"] for each, its in self.after.samples if each == f"{histogram}_bucket"},
            key=float,
        )
        bound = next(
            le
            for le in bounds
            if self.increase(f"{histogram}_bucket", le=le, **labels) >= rank - 1e-9
        )
        place = every.index(bound)
        finite = [float(le) for le in every if le != "+Inf"]
        return Within(float(every[place - 1]) if place else 0.0, min(float(bound), finite[-1]))


@dataclass(frozen=True)
class Within:
    """Equal to every number of a bucket, as far as a percentile of it can be known."""

    low: float
    high: float

    def __eq__(self, other: object) -> bool:
        return isinstance(other, float) and self.low - 1e-9 <= other <= self.high + 1e-9

    __hash__ = None  # type: ignore[assignment]  # never kept in a set


def rate(events: float) -> Any:
    return pytest.approx(events / WINDOW_SECONDS, rel=EXTRAPOLATED)


def good_and_bad(sent: Sent, objective: Objective) -> tuple[float, float]:
    """Counted by the objective's own comparison; the service's own answers by the service."""
    if objective.metric not in sent.values:
        name = objective.name
        return (
            sent.increase("slo_events_total", slo=name, result="good"),
            sent.increase("slo_events_total", slo=name, result="bad"),
        )
    values = sent.values[objective.metric]
    good = sum(map(objective.threshold.is_good, values))
    return good, len(values) - good


def bad_share(sent: Sent, objective: Objective) -> Any:
    good, bad = good_and_bad(sent, objective)
    rough = objective.metric not in sent.values  # they rise while other things happen
    return pytest.approx(bad / (good + bad), rel=0.5 if rough else 1e-6)


def _budget(sent: Sent, one: Objective) -> Any:
    return _around(1, bad_share(sent, one), -1 / float(1 - one.target))


def _burn(sent: Sent, one: Objective) -> Any:
    if one.metric == "api_latency_ms":
        # One answer a round is judged, and a slow one is chance: of the few in a short window it
        # may be that none is slow, or all are. Without any slow one nothing burns.
        _, slow = good_and_bad(sent, one)
        return Within(0.0, min(slow, 1.0) / float(1 - one.target))
    return _around(0, bad_share(sent, one), 1 / float(1 - one.target))


def _around(start: float, share: Any, factor: float) -> Any:
    """``start + share * factor``, as exact as the share."""
    spread = abs(share.expected * share.rel * factor)
    return pytest.approx(start + share.expected * factor, abs=spread + 1e-6)


def _each(make: Callable[[Sent, Objective], Any]) -> Callable[[Sent], Expected]:
    return lambda sent: {name: make(sent, one) for name, one in OBJECTIVES.items()}


def _only(make: Callable[[Sent], Any]) -> Callable[[Sent], Expected]:
    return lambda sent: {"": make(sent)}


def _percentile(histogram: str, share: float, **labels: str) -> Callable[[Sent], Expected]:
    return _only(lambda sent: sent.bucket(histogram, share, **labels))


def _measured() -> Iterator[tuple[str, Callable[[Sent], Any]]]:
    """What stands beside each other in one panel, objective by objective; statuses are left out."""
    for name, one in OBJECTIVES.items():
        if one.metric == "api_latency_ms":
            histogram, divisor, labels = HTTP, 1000.0, {"route": DASHBOARD, "method": "GET"}
        elif one.metric in RUM_INSTRUMENTS:
            instrument = RUM_INSTRUMENTS[one.metric]
            histogram, divisor, labels = instrument.name, instrument.divisor, {}
        else:
            continue
        shares = [0.05, 0.95] if one.threshold.op == "band" else [0.95]
        for share in shares + ([0.99] if one.percentile == 99 else []):
            yield name, _bucket_of(histogram, share, labels)
        for bound in one.threshold.bounds:
            yield name, _line_at(bound / divisor)


def _line_at(value: float) -> Callable[[Sent], Any]:
    return lambda _: pytest.approx(value)


def _bucket_of(histogram: str, share: float, labels: dict[str, str]) -> Callable[[Sent], Any]:
    return lambda sent: sent.bucket(histogram, share, **labels)


def _only_of(chosen: str, make: Callable[[Sent], Any]) -> Callable[[Sent], Expected]:
    """One number where this objective is chosen, and no series where another is."""
    return lambda sent: {name: {"": make(sent) if name == chosen else None} for name in OBJECTIVES}


def _routes(sent: Sent) -> Expected:
    return {route: rate(count) for route, count in sent.requests.items()}


def _statements(sent: Sent) -> Expected:
    name = "db_statement_duration_seconds"
    kinds = sent.label_values(f"{name}_count", "operation")
    rates = {kind: rate(sent.increase(f"{name}_count", operation=kind)) for kind in kinds}
    # The data's version is looked at all the time, before and after the readings too.
    return rates | {"select": _with_what_lies_around(sent, f"{name}_count", operation="select")}


def _statement_percentiles(sent: Sent) -> Expected:
    name = "db_statement_duration_seconds"
    # Others are so few that one more of them moves the percentile.
    return {"select": sent.bucket(name, 0.95, operation="select")}


def _burning(sent: Sent) -> Expected:
    """A fifth of the views is bad: over the tickets' lines, and under the pages'."""
    return {
        f"{slo} {tier.name}": 1.0
        for slo in ("ttfb", "render")
        for tier in OBJECTIVES[slo].tiers
        if tier.severity == "ticket"
    }


def _processor_time(sent: Sent) -> Within:
    """That of the scrapes before and after the readings is among it."""
    return _with_what_lies_around(sent, "process_cpu_seconds_total")


def _with_what_lies_around(sent: Sent, name: str, **labels: str) -> Within:
    """At least the increase between the readings, and at most all there ever was."""
    least = sent.increase(name, **labels) * (1 - EXTRAPOLATED)
    most = sent.now(name, **labels) * (1 + EXTRAPOLATED)
    return Within(least / WINDOW_SECONDS, most / WINDOW_SECONDS)


HTTP, COMMIT = "http_request_duration_seconds", "ingest_commit_duration_seconds"
RECEIVED = _only(lambda sent: rate(sent.accepted + sent.duplicates + sent.rejected))
ACCEPTED = _only(lambda sent: rate(sent.accepted))
NOTHING = _only(lambda sent: 0.0)
CPU = _only(_processor_time)
SCREEN_BY_SHARE = {
    ref: _percentile(HTTP, share, route=DASHBOARD)
    for ref, share in (("A", 0.5), ("B", 0.95), ("C", 0.99))
}
EVENTS_BY_SHARE = {
    ref: _percentile(HTTP, share, route=EVENTS)
    for ref, share in (("A", 0.5), ("B", 0.95), ("C", 0.99))
}
GOOD_SHARE = _each(lambda sent, one: _around(1, bad_share(sent, one), -1))
TARGET = _each(lambda sent, one: pytest.approx(float(one.target)))

# By dashboard, panel and the letter of its query.
PANELS: dict[tuple[str, str, str], Callable[[Sent], Expected]] = {
    ("api", "Answers a second, by route", "A"): _routes,
    ("api", "Server errors", "A"): _only(
        lambda sent: pytest.approx(sent.failed / sum(sent.requests.values()), rel=EXTRAPOLATED)
    ),
    ("api", "P99 by route", "A"): lambda sent: {
        route: sent.bucket(HTTP, 0.99, route=route) for route in (DASHBOARD, EVENTS)
    },
    ("api", "Requests in flight", "A"): _only(lambda sent: 1.0),  # that of the scrape itself
    ("api", "SQL statements: P95 by kind", "A"): _statement_percentiles,
    ("api", "SQL statements a second", "A"): _statements,
    ("api", "CPU", "A"): CPU,
    ("api", "What runs", "A"): _only(lambda sent: 1.0),
    ("ingest", "Events a second, by fate", "A"): ACCEPTED,
    ("ingest", "Events a second, by fate", "B"): _only(lambda sent: rate(sent.duplicates)),
    ("ingest", "Events a second, by fate", "C"): RECEIVED,
    ("ingest", "Events refused or shed, by reason", "A"): lambda sent: {
        "bad_number": rate(sent.rejected)
    },
    ("ingest", "Events refused or shed, by reason", "B"): NOTHING,
    ("ingest", "Requests that could not be read, by reason", "A"): lambda sent: {
        "invalid_json": rate(sent.unparsed)
    },
    ("ingest", "Ledger: received - settled - in flight", "A"): NOTHING,
    ("ingest", "Events in flight", "A"): NOTHING,
    ("ingest", "Group commit", "A"): _percentile(COMMIT, 0.5),
    ("ingest", "Group commit", "B"): _percentile(COMMIT, 0.95),
    ("ingest", "Events in one commit", "A"): _only(
        lambda sent: pytest.approx(
            sent.increase("ingest_commit_events_sum") / sent.increase("ingest_commit_events_count"),
            rel=EXTRAPOLATED,
        )
    ),
    ("load-test", "Answers a second", "A"): lambda sent: {
        f"{'POST' if route == EVENTS else 'GET'} {route}": expected
        for route, expected in _routes(sent).items()
    },
    ("load-test", "Refused and failed answers a second", "A"): lambda sent: {
        "503": rate(sent.failed)
    },
    **{
        ("load-test", "First screen's numbers: time to answer", ref): expected
        for ref, expected in SCREEN_BY_SHARE.items()
    },
    **{
        ("load-test", "Events: time to answer", ref): expected
        for ref, expected in EVENTS_BY_SHARE.items()
    },
    ("load-test", "What waits", "A"): _only(lambda sent: 1.0),
    ("load-test", "What waits", "B"): NOTHING,
    ("load-test", "Events a second", "A"): RECEIVED,
    ("load-test", "Events a second", "B"): ACCEPTED,
    ("load-test", "Events a second", "C"): NOTHING,
    ("load-test", "Database: P95", "A"): _percentile("db_statement_duration_seconds", 0.95),
    ("load-test", "Database: P95", "B"): _percentile(COMMIT, 0.95),
    ("load-test", "CPU", "A"): CPU,
    ("load-test", "Memory", "A"): _only(
        lambda sent: pytest.approx(sent.now("process_resident_memory_bytes"), rel=0.2)
    ),
    **{
        ("rum", f"{instrument.help.rstrip('.')}: histogram", ref): _percentile(
            instrument.name, share
        )
        for instrument in RUM_INSTRUMENTS.values()
        for ref, share in (("A", 0.5), ("B", 0.95))
    },
    ("rum", "Clicks until a drill-down is reached: histogram", "C"): _percentile(
        "rum_drilldown_clicks", 0.99
    ),
    ("slo-objective", "Error budget left", "A"): _each(_budget),
    ("slo-objective", "Target", "A"): TARGET,
    ("slo-objective", "Events in the period", "A"): _each(
        lambda sent, one: pytest.approx(sum(good_and_bad(sent, one)), rel=0.5)
    ),
    ("slo-objective", "Events in the period", "B"): _each(
        lambda sent, one: pytest.approx(good_and_bad(sent, one)[1], rel=0.5)
    ),
    **{
        ("slo-objective", "Percentiles and threshold", ref): _only_of(name, make)
        for ref, (name, make) in zip(ascii_uppercase, _measured(), strict=False)
    },
    **{("slo-objective", "Burn rate and alert tiers", ref): _each(_burn) for ref in "ABCDEFG"},
    ("slo-objective", "Events a second", "A"): _each(
        lambda sent, one: [rate(count) for count in good_and_bad(sent, one)]
    ),
    ("slo-objective", "Bad events in the period", "A"): _each(
        lambda sent, one: pytest.approx(good_and_bad(sent, one)[1], rel=0.5)
    ),
    ("slo-overview", "Error budget left", "A"): _each(_budget),
    ("slo-overview", "Burn rate, last 5 minutes", "A"): _each(_burn),
    ("slo-overview", "Burning alerts", "A"): _burning,
    ("slo-overview", "Good events, last 7 days", "A"): GOOD_SHARE,
    ("slo-overview", "Good events, last 7 days", "B"): TARGET,
    ("slo-overview", "Good events, last 28 days", "A"): GOOD_SHARE,
    ("slo-overview", "Good events, last 28 days", "B"): TARGET,
}
