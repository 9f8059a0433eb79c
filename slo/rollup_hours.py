"""The rollup hour by hour as it is stored, to be checked: nothing is taken for granted here."""

import struct
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from sqlalchemy import Connection, case, func, select

from slo import sketch
from slo.objective import Objective
from slo.rollup import HOURS_OF_DAY, Counts, condition_of, daily, hourly, hourly_counts
from slo.rollup_distributions import Distribution


class Hour(NamedTuple):
    """What the rollup says of one hour: its counts, its samples, and how many its sketch holds."""

    good: int = 0
    total: int = 0
    samples: int = 0
    sketch: int | None = 0  # None when it cannot be read


class _Sampled(NamedTuple):
    hour: int
    samples: int
    low: float
    high: float
    encoded: bytes


def stored_hours(
    connection: Connection, objective: Objective, hours: range
) -> tuple[dict[int, Hour], Distribution]:
    """Each hour that has rows, and the distribution of all samples whose sketch can be read."""
    by_hour = _counts(connection, objective, hours)
    rows = _sampled(connection, objective, hours)
    readable = []
    for row in rows:
        before, held = by_hour.get(row.hour, Hour()), _held(row.encoded)
        in_sketch = None if held is None or before.sketch is None else before.sketch + held
        by_hour[row.hour] = before._replace(samples=before.samples + row.samples, sketch=in_sketch)
        if held is not None:
            readable.append(row.encoded)
    return by_hour, _distribution(rows, readable)


def stored_days(
    connection: Connection, objective: Objective, hours: range
) -> dict[int, tuple[int, int | None]]:
    """Of each whole day: its samples, and how many its sketch holds where its hours hold them.

    The latter is None when a sketch cannot be read.
    """
    days = range(-(-hours.start // HOURS_OF_DAY), hours.stop // HOURS_OF_DAY)
    samples: Counter[int] = Counter()
    of_days, of_hours = _by_day(), _by_day()
    for row in connection.execute(
        select(daily.c.day, daily.c.count, daily.c.sketch).where(
            daily.c.metric == objective.metric,
            daily.c.event_type.in_(objective.event_types),
            daily.c.day >= days.start,
            daily.c.day < days.stop,
        )
    ):
        samples[row[0]] += row[1]
        of_days[row[0]].append(row[2])
    whole = range(days.start * HOURS_OF_DAY, days.stop * HOURS_OF_DAY)
    for hour in _sampled(connection, objective, whole):
        of_hours[hour.hour // HOURS_OF_DAY].append(hour.encoded)
    return {
        day: (samples[day], _in_common(of_days[day], of_hours[day]))
        for day in of_days.keys() | of_hours.keys()
    }


def _by_day() -> defaultdict[int, list[bytes]]:
    return defaultdict(list)


def _in_common(some: list[bytes], others: list[bytes]) -> int | None:
    try:
        return (sketch.buckets(some) & sketch.buckets(others)).total()
    except (ValueError, struct.error):
        return None


def counts_of(
    connection: Connection, objective: Objective, stretches: Sequence[range]
) -> list[Counts]:
    """What is stored of each stretch of hours, maintenance or not."""
    if not stretches:
        return []
    table = hourly_counts.c
    sums = [
        func.coalesce(
            func.sum(case((table.hour.between(each.start, each.stop - 1), column), else_=0)), 0
        )
        for each in stretches
        for column in (table.good, table.total)
    ]
    first, last = min(each.start for each in stretches), max(each.stop for each in stretches) - 1
    row = connection.execute(
        select(*sums).where(
            table.metric == objective.metric,
            table.event_type.in_(objective.event_types),
            table.condition == condition_of(objective.threshold),
            table.hour.between(first, last),
        )
    ).one()
    return [Counts(int(good), int(total)) for good, total in zip(row[::2], row[1::2], strict=True)]


def _counts(connection: Connection, objective: Objective, hours: range) -> dict[int, Hour]:
    table = hourly_counts.c
    found = connection.execute(
        select(table.hour, func.sum(table.good), func.sum(table.total))
        .where(
            table.metric == objective.metric,
            table.event_type.in_(objective.event_types),
            table.condition == condition_of(objective.threshold),
            table.hour >= hours.start,
            table.hour < hours.stop,
        )
        .group_by(table.hour)
    )
    return {hour: Hour(int(good), int(total)) for hour, good, total in found}


def _sampled(connection: Connection, objective: Objective, hours: range) -> list[_Sampled]:
    table = hourly.c
    found = connection.execute(
        select(table.hour, table.count, table.min, table.max, table.sketch).where(
            table.metric == objective.metric,
            table.event_type.in_(objective.event_types),
            table.hour >= hours.start,
            table.hour < hours.stop,
        )
    )
    return [_Sampled(*row) for row in found]


def _held(encoded: bytes) -> int | None:
    """How many samples a sketch holds; None for what is no sketch."""
    try:
        return sketch.merge([encoded]).count
    except (ValueError, struct.error):
        return None


def _distribution(rows: Iterable[_Sampled], readable: Iterable[bytes]) -> Distribution:
    return Distribution(
        count=sum(row.samples for row in rows),
        low=min((row.low for row in rows), default=None),
        high=max((row.high for row in rows), default=None),
        sketch=sketch.merge(readable),
    )
