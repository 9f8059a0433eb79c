"""Judges an objective release by release, from single events.

They are kept for longer than any window, so none is missing.
"""

from datetime import datetime

from sqlalchemy import Connection

from api.ingest.vocabulary import EVENT_TYPES
from api.storage.event_releases import ReleaseRow, Span, by_release
from slo.gate import judge
from slo.maintenance import left_out
from slo.measurements import Measurement
from slo.objective import Objective
from slo.releases import Release, Releases
from slo.rollup import hour_number, hour_start
from slo.windows import window_start

MOST_RELEASES = 50
ONLY_COUNTED = "its events are only counted by the hour, not by release"


def releases(
    connection: Connection,
    objective: Objective,
    now: datetime,
    days: int,
    only: str | None = None,
) -> Releases:
    """Each release of a rolling window, the one seen last first."""
    if not set(objective.event_types) <= set(EVENT_TYPES):
        return Releases(objective, unknown=ONLY_COUNTED)
    hours = range(hour_number(window_start(now, days)), hour_number(now) + 1)
    apart = [_span(each) for each in left_out(objective.maintenance, hours)]
    rows = by_release(connection, objective, _span(hours), apart, only)
    return Releases(
        objective,
        [_judged(objective, row) for row in rows[:MOST_RELEASES]],
        not_shown=max(0, len(rows) - MOST_RELEASES),
    )


def _span(hours: range) -> Span:
    return hour_start(hours.start), hour_start(hours.stop)


def _judged(objective: Objective, row: ReleaseRow) -> Release:
    measured = Measurement(int(row.good), int(row.total), row.p95, row.p99)
    return Release(row.release, judge(objective, measured), row.first_seen, row.last_seen)
