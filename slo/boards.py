"""What every dashboard is made with: its frame, its instruments, its lines and its statements."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from grafana_foundation_sdk.builders import dashboard
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models.dashboard import DashboardCursorSync

from slo.objective import Objective, Threshold
from slo.panels import BAD, GOOD

RATE = "[$__rate_interval]"
MILLISECONDS = 1000.0
API_LATENCY, API_STATUS = "api_latency_ms", "api_status_code"
JOB = "execdash"  # as Prometheus' configuration names the service


@dataclass(frozen=True)
class RumInstrument:
    """A histogram of browser measurements, in the metric's unit divided by ``divisor``."""

    name: str
    title: str
    divisor: float


@dataclass(frozen=True)
class Instruments:
    """Names of the service's instruments, as they appear on ``/metrics`` without suffixes."""

    build_info: str
    http_duration: str
    http_in_flight: str
    statement_duration: str
    commit_duration: str
    commit_events: str
    events_received: str
    events_accepted: str
    events_duplicates: str
    events_rejected: str
    events_shed: str
    events_in_flight: str
    requests_unparsed: str
    rum: Mapping[str, RumInstrument]
    pages: tuple[str, ...]  # routes of documents, not an instrument

    def names(self) -> list[str]:
        """Every name, to hold against what the service really has."""
        named = [name for name in vars(self).values() if isinstance(name, str)]
        return [*named, *(instrument.name for instrument in self.rum.values())]


def board(
    uid: str, title: str, description: str, panels: Sequence[Builder[Any]], *, start: str = "now-6h"
) -> dashboard.Dashboard:
    """A dashboard of these panels, one after the other."""
    made = (
        dashboard.Dashboard(title)
        .uid(f"execdash-{uid}")
        .description(description)
        .tags(["execdash", "generated"])
        .time(start, "now")
        .timezone("utc")
        .refresh("1m")
        .readonly()
        .tooltip(DashboardCursorSync.CROSSHAIR)
        .link(dashboard.DashboardLink("Dashboards").as_dropdown(True).tags(["execdash"]))
    )
    for panel in panels:
        made = made.with_panel(panel)
    return made


def steps(threshold: Threshold, divisor: float) -> tuple[tuple[float, str], ...]:
    """Colours from each bound upwards, the bound included: what is good is green."""
    if threshold.op == "band":
        low, high = threshold.bounds
        return ((low / divisor, GOOD), (_just_above(high / divisor), BAD))
    (bound,) = threshold.bounds
    first = _just_above(bound / divisor) if threshold.op in ("lte", "gt") else bound / divisor
    return ((first, BAD if threshold.op in ("lt", "lte") else GOOD),)


def _just_above(bound: float) -> float:
    return math.nextafter(bound, math.inf)


def raw_percentile(
    objective: Objective, percent: int, divisor: float, *, synthetic: bool = False
) -> str:
    """The exact nearest-rank percentile of an objective's samples, by time.

    ``synthetic`` ones are those of load tests; without it they are left out.
    ``received_at`` is the partitions' key, so older partitions are not read. It may lie five
    minutes before the event's own time, which is corrected by the browser's clock error.
    """
    types = ", ".join(f"'{event_type}'" for event_type in objective.event_types)
    first = "$__timeFrom()::timestamptz - interval '5 minutes'"
    return (
        "SELECT $__timeGroupAlias(e.event_time, $__interval),\n"
        f"  percentile_disc({percent / 100:g}) WITHIN GROUP (ORDER BY m.v) / {divisor:g}"
        f' AS "P{percent}"\n'
        "FROM user_events AS e\n"
        "JOIN user_event_meta AS m ON m.event_id = e.id AND m.received_at = e.received_at\n"
        "WHERE $__timeFilter(e.event_time)\n"
        f"  AND e.received_at >= {first} AND m.received_at >= {first}\n"
        f"  AND m.metric = '{objective.metric}' AND e.event_type IN ({types})\n"
        f"  AND {'' if synthetic else 'NOT '}e.synthetic\n"
        "GROUP BY 1\nORDER BY 1"
    )


def worst_samples(objectives: Sequence[Objective], limit: int = 20) -> str:
    """The worst single samples of the objective that the variable ``slo`` names.

    A sample of a band is the worse the farther it lies from the middle. A trace's id is whatever
    a browser sent: what is none leads nowhere.
    """
    judged = ",\n".join(
        f"    ('{one.name}', '{one.metric}', '{event_type}', '{one.unit}', {_rank(one.threshold)})"
        for one in objectives
        for event_type in one.event_types
    )
    first = "$__timeFrom()::timestamptz - interval '5 minutes'"
    return (
        f"WITH judged (slo, metric, event_type, unit, middle, sign) AS (VALUES\n{judged}\n)\n"
        'SELECT e.event_time AS "time", m.v AS "value", j.unit AS "unit",\n'
        '  e.release AS "release", t.text AS "trace"\n'
        "FROM judged AS j\n"
        "JOIN user_events AS e ON e.event_type = j.event_type\n"
        "JOIN user_event_meta AS m ON m.event_id = e.id AND m.received_at = e.received_at\n"
        "  AND m.metric = j.metric\n"
        "LEFT JOIN user_event_meta AS t ON t.event_id = e.id AND t.received_at = e.received_at\n"
        "  AND t.metric = 'trace_id' AND length(t.text) = 32 AND t.text !~ '[^0-9a-f]'\n"
        "WHERE j.slo = ${slo:sqlstring} AND $__timeFilter(e.event_time)\n"
        f"  AND e.received_at >= {first} AND m.received_at >= {first}\n"
        "  AND NOT e.synthetic\n"
        f"ORDER BY j.sign * abs(m.v - j.middle) DESC, e.event_time DESC\nLIMIT {limit}"
    )


def _rank(threshold: Threshold) -> str:
    """A sample's distance from which number makes it worse, and whether less is worse."""
    if threshold.op == "band":
        low, high = threshold.bounds
        return f"{(low + high) / 2:.15g}, 1"
    return "0, 1" if threshold.op in ("lt", "lte") else "0, -1"
