"""Rollups by hour and day: exact counts and a quantile sketch for each metric and event type.

Whoever stores samples folds them in here in the same transaction, so the rollup is never behind
and never counts what was not stored. Hours are whole UTC hours since 1970.

A writer owns the rows of one ``shard`` while its transaction lasts; readers add shards up.
"""

import math
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    Float,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Table,
    and_,
    case,
    delete,
    func,
    literal,
    not_,
    select,
    tuple_,
)

from slo import sketch
from slo.maintenance import left_out
from slo.objective import Objective, Threshold

metadata = MetaData(naming_convention={"pk": "pk_%(table_name)s"})


def _distribution(name: str, stretch: str) -> Table:
    """Samples by stretches of time, numbered from 1970: their number, sum, ends and sketch."""
    return Table(
        name,
        metadata,
        Column("metric", String(40), primary_key=True),
        Column("event_type", String(40), primary_key=True),
        Column(stretch, Integer, primary_key=True, autoincrement=False),
        Column("shard", SmallInteger, primary_key=True, autoincrement=False),
        Column("count", BigInteger, nullable=False),
        Column("sum", Float, nullable=False),
        Column("min", Float, nullable=False),
        Column("max", Float, nullable=False),
        Column("sketch", LargeBinary, nullable=False),
        sqlite_with_rowid=False,
    )


hourly = _distribution("slo_hourly", "hour")
# The same by UTC day, so that a month is read from some thirty rows and the hours at its ends.
daily = _distribution("slo_daily", "day")

# Apart from `hourly`, because an objective may be younger than the samples of its metric:
# `total` counts only what this condition was asked of.
hourly_counts = Table(
    "slo_hourly_counts",
    metadata,
    Column("metric", String(40), primary_key=True),
    Column("event_type", String(40), primary_key=True),
    Column("condition", String(80), primary_key=True),
    Column("hour", Integer, primary_key=True, autoincrement=False),
    Column("shard", SmallInteger, primary_key=True, autoincrement=False),
    Column("good", BigInteger, nullable=False),
    Column("total", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

# From which hour on each condition's counts are complete.
conditions = Table(
    "slo_conditions",
    metadata,
    Column("metric", String(40), primary_key=True),
    Column("event_type", String(40), primary_key=True),
    Column("condition", String(80), primary_key=True),
    Column("known_from_hour", Integer, nullable=False),
    sqlite_with_rowid=False,
)

# Run for every group of events, so written out: SQLAlchemy compiles an upsert anew each time.
_SELECT = """
    SELECT count, sum, min, max, sketch FROM {table}
    WHERE metric = ? AND event_type = ? AND {column} = ? AND shard = ?"""
_REPLACE = """
    INSERT INTO {table} (metric, event_type, {column}, shard, count, sum, min, max, sketch)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (metric, event_type, {column}, shard) DO UPDATE SET
        count = excluded.count, sum = excluded.sum,
        min = excluded.min, max = excluded.max, sketch = excluded.sketch"""
_HOURLY, _DAILY = (
    [text.format(table=table, column=column) for text in (_SELECT, _REPLACE)]
    for table, column in (("slo_hourly", "hour"), ("slo_daily", "day"))
)
_COUNT = """
    INSERT INTO slo_hourly_counts (metric, event_type, condition, hour, shard, good, total)
    VALUES (?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (metric, event_type, condition, hour, shard) DO UPDATE SET
        good = slo_hourly_counts.good + excluded.good,
        total = slo_hourly_counts.total + excluded.total"""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_HOUR = timedelta(hours=1)
HOURS_OF_DAY = 24


class Counts(NamedTuple):
    """Exact counts of good events and of all events."""

    good: int
    total: int


class Place(NamedTuple):
    """Where samples are counted."""

    metric: str
    event_type: str
    hour: int


@dataclass
class Cell:
    """New samples of one place, not yet folded in."""

    count: int = 0
    sum: float = 0.0
    min: float = math.inf
    max: float = -math.inf
    buckets: Counter[int] = field(default_factory=Counter)
    good: dict[str, int] = field(default_factory=dict)

    def plus(self, other: "Cell") -> "Cell":
        """The samples of both, without what thresholds call good."""
        return Cell(
            self.count + other.count,
            self.sum + other.sum,
            min(self.min, other.min),
            max(self.max, other.max),
            self.buckets + other.buckets,
        )

    def add(self, values: Collection[float], thresholds: Mapping[str, Threshold]) -> None:
        """Count ``values``, and those of them that each threshold calls good."""
        self.count += len(values)
        self.sum += sum(values)
        self.min = min(self.min, *values)
        self.max = max(self.max, *values)
        self.buckets.update(sketch.count_buckets(values))
        for condition, threshold in thresholds.items():
            good = threshold.count_good(values)
            self.good[condition] = self.good.get(condition, 0) + good


def hour_number(instant: datetime) -> int:
    """The UTC hour that ``instant`` lies in, counted from 1970."""
    return (instant - _EPOCH) // _HOUR


def hour_start(hour: int) -> datetime:
    """The first instant of an hour."""
    return _EPOCH + hour * _HOUR


def condition_of(threshold: Threshold) -> str:
    """A threshold's name in the counts: two objectives that ask the same share their counts."""
    return ":".join([threshold.op, *map(repr, threshold.bounds)])


class Rollup:
    """Folds samples in, counting what a set of objectives asks of them."""

    def __init__(self, objectives: Iterable[Objective]) -> None:
        self.objectives = tuple(objectives)
        self._thresholds: dict[tuple[str, str], dict[str, Threshold]] = {}
        self._names: dict[tuple[str, str, str], list[str]] = {}
        for objective in self.objectives:
            condition = condition_of(objective.threshold)
            for event_type in objective.event_types:
                source = (objective.metric, event_type)
                self._thresholds.setdefault(source, {})[condition] = objective.threshold
                self._names.setdefault((*source, condition), []).append(objective.name)

    def add(self, cells: dict[Place, Cell], place: Place, values: Collection[float]) -> None:
        """Count ``values`` of one place into ``cells``."""
        cell = cells.setdefault(place, Cell())
        cell.add(values, self._thresholds.get((place.metric, place.event_type), {}))

    def by_objective(self, cells: Mapping[Place, Cell]) -> dict[str, Counts]:
        """What ``cells`` add to each objective's counts."""
        added: dict[str, Counts] = {}
        for place, cell in cells.items():
            for condition, good in cell.good.items():
                for name in self._names[(place.metric, place.event_type, condition)]:
                    before = added.get(name, Counts(0, 0))
                    added[name] = Counts(before.good + good, before.total + cell.count)
        return added


def fold(connection: Connection, cells: Mapping[Place, Cell], shard: int) -> None:
    """Add ``cells`` to the stored hours and days. The caller's transaction owns ``shard``."""
    cursor = connection.connection.cursor()  # SQLAlchemy's own way takes ten times as long
    for statements, placed in ((_HOURLY, cells), (_DAILY, _by_day(cells))):
        rows = []
        select_one, replace = (_driver(connection, text) for text in statements)
        for place, cell in sorted(placed.items()):
            cursor.execute(select_one, (*place, shard))
            rows.append((*place, shard, *_added(cursor.fetchone(), cell)))
        if rows:
            cursor.executemany(replace, rows)
    counts = [
        (place.metric, place.event_type, condition, place.hour, shard, good, cell.count)
        for place, cell in sorted(cells.items())
        for condition, good in sorted(cell.good.items())
    ]
    if counts:
        cursor.executemany(_driver(connection, _COUNT), counts)
    cursor.close()


def _by_day(cells: Mapping[Place, Cell]) -> dict[tuple[str, str, int], Cell]:
    days: dict[tuple[str, str, int], Cell] = {}
    for place, cell in cells.items():
        day = (place.metric, place.event_type, place.hour // HOURS_OF_DAY)
        days[day] = days[day].plus(cell) if day in days else cell
    return days


def counts_since(
    connection: Connection, objective: Objective, first_hours: Sequence[int], last_hour: int
) -> list[Counts]:
    """The objective's counts from each of ``first_hours`` up to and with ``last_hour``."""
    table = hourly_counts.c
    sums = [
        func.coalesce(func.sum(case((table.hour >= first, column), else_=0)), 0)
        for first in first_hours
        for column in (table.good, table.total)
    ]
    row = connection.execute(
        select(*sums).where(
            table.metric == objective.metric,
            table.event_type.in_(objective.event_types),
            table.condition == condition_of(objective.threshold),
            _counted(objective, table.hour, min(first_hours), last_hour),
        )
    ).one()
    return [Counts(int(good), int(total)) for good, total in zip(row[::2], row[1::2], strict=True)]


def daily_counts(
    connection: Connection, objective: Objective, first_hour: int, last_hour: int
) -> dict[int, Counts]:
    """The objective's counts by UTC day, counted from 1970; days without samples are absent."""
    table = hourly_counts.c
    day = (table.hour - table.hour % HOURS_OF_DAY) / HOURS_OF_DAY
    rows = connection.execute(
        select(day, func.sum(table.good), func.sum(table.total))
        .where(
            table.metric == objective.metric,
            table.event_type.in_(objective.event_types),
            table.condition == condition_of(objective.threshold),
            _counted(objective, table.hour, first_hour, last_hour),
        )
        .group_by(day)
    )
    return {int(number): Counts(int(good), int(total)) for number, good, total in rows}


def sources(connection: Connection) -> list[tuple[str, str]]:
    """Every metric and event type that has rows, found by steps through the key, not by a scan."""
    table, found = hourly.c, [("", "")]
    while True:
        metric, event_type = found[-1]
        row = connection.execute(
            select(table.metric, table.event_type)
            .where(
                tuple_(table.metric, table.event_type)
                > tuple_(literal(metric), literal(event_type))
            )
            .order_by(table.metric, table.event_type)
            .limit(1)
        ).one_or_none()
        if row is None:
            return found[1:]
        found.append((row.metric, row.event_type))


def delete_before(connection: Connection, metric: str, event_type: str, day: int) -> int:
    """Forget the older days of one metric and event type; gives the number of rows."""
    return sum(
        connection.execute(
            delete(table).where(
                table.c.metric == metric, table.c.event_type == event_type, column < before
            )
        ).rowcount
        for table, column, before in (
            (hourly, hourly.c.hour, day * HOURS_OF_DAY),
            (hourly_counts, hourly_counts.c.hour, day * HOURS_OF_DAY),
            (daily, daily.c.day, day),
        )
    )


def hours_by_maximum(
    connection: Connection, objective: Objective, first_hour: int, last_hour: int, *, limit: int
) -> list[tuple[int, float]]:
    """The hours with the largest samples, and what these are; the largest first."""
    table = hourly.c
    highest = func.max(table.max)
    found = connection.execute(
        select(table.hour, highest)
        .where(
            table.metric == objective.metric,
            table.event_type.in_(objective.event_types),
            _counted(objective, table.hour, first_hour, last_hour),
        )
        .group_by(table.hour)
        .order_by(highest.desc())
        .limit(limit)
    )
    return [(hour, value) for hour, value in found]


def _counted(
    objective: Objective, hour: ColumnElement[int], first_hour: int, last_hour: int
) -> ColumnElement[bool]:
    """Whether an hour lies in the stretch, and in no maintenance."""
    stretches = left_out(objective.maintenance, range(first_hour, last_hour + 1))
    return and_(
        hour.between(first_hour, last_hour),
        *(not_(hour.between(each.start, each.stop - 1)) for each in stretches),
    )


def _added(before: Sequence[Any] | None, cell: Cell) -> tuple[Any, ...]:
    """Count, sum, minimum, maximum and sketch of a row after ``cell`` is added to it."""
    count, total, low, high, encoded = before or (0, 0.0, math.inf, -math.inf, sketch.EMPTY)
    return (
        count + cell.count,
        total + cell.sum,
        min(low, cell.min),
        max(high, cell.max),
        sketch.add(encoded, cell.buckets),
    )


def _driver(connection: Connection, statement: str) -> str:
    """The statement with the placeholders of the connection's driver."""
    return statement if connection.dialect.paramstyle == "qmark" else statement.replace("?", "%s")
