"""What real users' browsers and the service itself measured, from the hourly rollup."""

from datetime import datetime

from sqlalchemy import Connection

from slo import rollup
from slo.measurements import Measurement
from slo.objective import Objective
from slo.windows import window_start

UNORDERED_UNITS = frozenset({"status"})  # a percentile of status codes says nothing


def measure(connection: Connection, objective: Objective, now: datetime, days: int) -> Measurement:
    """Exact counts and estimated percentiles of one objective over a rolling window."""
    first, last = rollup.hour_number(window_start(now, days)), rollup.hour_number(now)
    (counts,) = rollup.counts_since(connection, objective, [first], last)
    if objective.unit in UNORDERED_UNITS:
        return Measurement(counts.good, counts.total)
    samples = rollup.distribution(connection, objective, first, last)
    return Measurement(counts.good, counts.total, samples.percentile(95), samples.percentile(99))
