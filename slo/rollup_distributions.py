"""How the samples of a stretch of hours lie: whole days at once, and the hours at both ends."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from sqlalchemy import Column, Connection, Row, Table, or_, select

from slo import sketch
from slo.maintenance import counted
from slo.objective import Objective
from slo.rollup import HOURS_OF_DAY, daily, hourly


@dataclass(frozen=True)
class Distribution:
    """Samples of a stretch of hours: how many, their bounds, and a sketch of them."""

    count: int
    low: float | None
    high: float | None
    sketch: sketch.Sketch

    def percentile(self, percent: int) -> float | None:
        """Nearest rank, within 1 % and never outside the samples; None without samples."""
        estimate = self.sketch.quantile(Fraction(percent, 100))
        if estimate is None or self.low is None or self.high is None:
            return None
        return min(max(estimate, self.low), self.high)


def distribution(
    connection: Connection, objective: Objective, first_hour: int, last_hour: int
) -> Distribution:
    """All samples of the objective's metric and event types, good and bad, but for maintenance."""
    hours, days = _parts(objective, range(first_hour, last_hour + 1))
    return _distribution(
        [*_rows(connection, objective, hourly, hours), *_rows(connection, objective, daily, days)]
    )


def daily_distributions(
    connection: Connection, objective: Objective, first_hour: int, last_hour: int
) -> dict[int, Distribution]:
    """The same by UTC day, counted from 1970; days without samples are absent."""
    hours, days = _parts(objective, range(first_hour, last_hour + 1))
    by_day: dict[int, list[_Samples]] = {}
    for row in _rows(connection, objective, hourly, hours):
        by_day.setdefault(row[0] // HOURS_OF_DAY, []).append(row)
    for row in _rows(connection, objective, daily, days):
        by_day.setdefault(row[0], []).append(row)
    return {day: _distribution(rows) for day, rows in sorted(by_day.items())}


_Samples = Row[tuple[int, float, float, bytes]]  # hour or day, smallest, largest sample, sketch


def _parts(objective: Objective, hours: range) -> tuple[list[range], list[range]]:
    """The hours to read one by one, and the days of which every hour counts."""
    single, whole = [], []
    for stretch in counted(objective.maintenance, hours):
        days = range(-(-stretch.start // HOURS_OF_DAY), stretch.stop // HOURS_OF_DAY)
        if days:
            whole.append(days)
            single.append(range(stretch.start, days.start * HOURS_OF_DAY))
            single.append(range(days.stop * HOURS_OF_DAY, stretch.stop))
        else:
            single.append(stretch)
    return [part for part in single if part], whole


def _rows(
    connection: Connection, objective: Objective, table: Table, parts: Sequence[range]
) -> Sequence[_Samples]:
    if not parts:
        return ()
    number: Column[Any] = table.c.hour if table is hourly else table.c.day
    return connection.execute(
        select(number, table.c.min, table.c.max, table.c.sketch).where(
            table.c.metric == objective.metric,
            table.c.event_type.in_(objective.event_types),
            or_(*(number.between(part.start, part.stop - 1) for part in parts)),
        )
    ).all()


def _distribution(rows: Iterable[_Samples]) -> Distribution:
    _, lows, highs, sketches = tuple(zip(*rows, strict=True)) or ((), (), (), ())
    merged = sketch.merge(sketches)
    return Distribution(merged.count, min(lows, default=None), max(highs, default=None), merged)
