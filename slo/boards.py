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
API_LATENCY = "api_latency_ms"
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
