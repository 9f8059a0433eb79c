"""What real users' browsers and the service itself measured, from the hourly rollup."""

from datetime import datetime

from sqlalchemy import Connection

from slo import rollup
from slo.measurements import UNORDERED_UNITS, LeftOut, Measurement
from slo.objective import Objective
from slo.rollup_distributions import Distribution, distribution
from slo.rollup_hours import counts_of
from slo.windows import window_start

WHOLE_UNITS = frozenset({"clicks"})  # an estimate is rounded to what can be


def measure(connection: Connection, objective: Objective, now: datetime, days: int) -> Measurement:
    """Exact counts and estimated percentiles of one objective over a rolling window."""
    first, last = rollup.hour_number(window_start(now, days)), rollup.hour_number(now)
    (counts,) = rollup.counts_since(connection, objective, [first], last)
    apart = left_out(connection, objective, first)
    if objective.unit in UNORDERED_UNITS:
        return Measurement(counts.good, counts.total, left_out=apart)
    samples = distribution(connection, objective, first, last)
    p95, p99 = (percentile(samples, objective, percent) for percent in (95, 99))
    return Measurement(counts.good, counts.total, p95, p99, left_out=apart)


def left_out(connection: Connection, objective: Objective, first_hour: int) -> tuple[LeftOut, ...]:
    """Maintenance since an hour, and what is planned, with the events that fell into it."""
    windows = [one for one in objective.maintenance if one.hours.stop > first_hour]
    hours = [range(max(first_hour, one.hours.start), one.hours.stop) for one in windows]
    events = counts_of(connection, objective, hours)
    return tuple(
        LeftOut(window, counts.total) for window, counts in zip(windows, events, strict=True)
    )


def percentile(samples: Distribution, objective: Objective, percent: int) -> float | None:
    """An estimated percentile of the objective's samples; None without samples."""
    estimate = samples.percentile(percent)
    if estimate is None or objective.unit not in WHOLE_UNITS:
        return estimate
    return float(round(estimate))
