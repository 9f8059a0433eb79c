"""Holds the hourly rollup against the single events that it was made of.

Counts must be equal in every hour. Percentiles from the sketches must be within 1 % of the
nearest rank among the samples themselves.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlalchemy import Connection

from slo import maintenance, sketch
from slo.evaluation import EXIT_FAIL, EXIT_PASS, EXIT_UNKNOWN
from slo.measurements import UNORDERED_UNITS
from slo.objective import Objective, Threshold
from slo.rollup import HOURS_OF_DAY, Counts, hour_start
from slo.rollup_conditions import Condition, asked, known_from_hour
from slo.rollup_distributions import Distribution
from slo.rollup_hours import Hour, stored_days, stored_hours

PERCENTS = (95, 99)
LARGEST_ERROR = sketch.RELATIVE_ACCURACY + 1e-9  # the last digits of a logarithm


class RawEvents(Protocol):
    """Reads single events, one by one, and knows how far back they go."""

    @property
    def kept_from(self) -> int:
        """The first hour whose events are all still there."""

    def keeps(self, event_type: str) -> bool:
        """Whether events of this type are stored singly at all."""

    def hourly_counts(
        self, connection: Connection, condition: Condition, threshold: Threshold, hours: range
    ) -> Mapping[int, Counts]:
        """Good and all samples of each hour; empty hours are absent."""

    def at_ranks(
        self,
        connection: Connection,
        objective: Objective,
        since: datetime,
        until: datetime,
        ranks: Collection[int],
    ) -> Mapping[int, float]:
        """The samples at these places of their order, where 1 is the smallest."""


@dataclass(frozen=True)
class Difference:
    """One number of one hour that is not what the events say; None where it cannot be read.

    ``number`` is ``good`` or ``total`` of the counts, or how many ``samples`` the hour has, or how
    many its ``sketch`` holds, or how many samples the ``day`` has that begins with the hour.
    """

    hour: int
    number: str
    exact: int
    rollup: int | None

    @property
    def size(self) -> int:
        """By how much it differs."""
        return abs((self.rollup or 0) - self.exact)


@dataclass(frozen=True)
class PercentileCheck:
    """A percentile of the whole window, from the samples and from the sketches."""

    percent: int
    exact: float
    rollup: float | None

    @property
    def relative_error(self) -> float:
        """The difference as a share of the exact value; 0 where both count as zero."""
        if self.rollup is None:
            return 1.0
        if self.exact < sketch.SMALLEST:
            return 0.0 if self.rollup == 0 else 1.0
        return abs(self.rollup - self.exact) / self.exact

    @property
    def is_within_bounds(self) -> bool:
        """Whether the sketches keep their promise."""
        return self.relative_error <= LARGEST_ERROR


@dataclass(frozen=True)
class Verification:
    """One objective. ``compared`` are the hours that could be; ``left_out`` says what could not."""

    objective: Objective
    compared: range
    left_out: tuple[str, ...]
    exact: Counts
    rollup: Counts
    differences: tuple[Difference, ...]
    percentiles: tuple[PercentileCheck, ...]

    @property
    def maintenance_hours(self) -> int:
        """How many of the compared hours are not judged; stored they are all the same."""
        stretches = maintenance.left_out(self.objective.maintenance, self.compared)
        return sum(map(len, stretches))

    @property
    def holds(self) -> bool | None:
        """Whether everything agrees; None where nothing could be compared."""
        if not self.compared:
            return None
        return not self.differences and all(one.is_within_bounds for one in self.percentiles)


def verify(
    connection: Connection, raw: RawEvents, objective: Objective, hours: range
) -> Verification:
    """Compare ``hours``. Everything must be read in one transaction, from one state."""
    compared, left_out = _comparable(connection, raw, objective, hours)
    if not compared:
        nothing = Counts(0, 0)
        return Verification(objective, compared, left_out, nothing, nothing, (), ())
    exact = _exact(connection, raw, objective, compared)
    counted = _sum(exact.values())
    rolled, samples = stored_hours(connection, objective, compared)
    differences = [*_differences(exact, rolled)]
    differences += _day_differences(
        exact, stored_days(connection, objective, compared), {one.hour for one in differences}
    )
    return Verification(
        objective,
        compared,
        left_out,
        counted,
        _sum(Counts(one.good, one.total) for one in rolled.values()),
        tuple(differences),
        tuple(_percentiles(connection, raw, objective, compared, counted.total, samples)),
    )


def hour_text(hour: int) -> str:
    """An hour's start, as ``--from`` takes it."""
    return f"{hour_start(hour):%Y-%m-%dT%H:%MZ}"


def exit_code(verifications: Iterable[Verification]) -> int:
    """0 all that was compared agrees, 1 something differs, 3 nothing could be compared."""
    held = {one.holds for one in verifications}
    if False in held:
        return EXIT_FAIL
    return EXIT_PASS if True in held else EXIT_UNKNOWN


def _comparable(
    connection: Connection, raw: RawEvents, objective: Objective, hours: range
) -> tuple[range, tuple[str, ...]]:
    """The hours of which both sides are complete, and why others are not among them."""
    nothing = range(hours.start, hours.start)
    unkept = [one for one in objective.event_types if not raw.keeps(one)]
    if unkept:
        return nothing, (f"no single events are kept of {', '.join(unkept)}",)
    counted_from = known_from_hour(connection, objective)
    if counted_from is None:
        return nothing, ("not counted yet: the service does that at its next start",)
    left_out = []
    if hours.start < raw.kept_from:
        left_out.append(f"events of hours before {hour_text(raw.kept_from)} may be deleted")
    if max(hours.start, raw.kept_from) < counted_from:
        left_out.append(f"nobody counted by this threshold before {hour_text(counted_from)}")
    start = min(max(hours.start, raw.kept_from, counted_from), hours.stop)
    return range(start, hours.stop), tuple(left_out)


def _exact(
    connection: Connection, raw: RawEvents, objective: Objective, hours: range
) -> dict[int, Counts]:
    by_hour: dict[int, Counts] = {}
    for condition, threshold in asked([objective]).items():
        found = raw.hourly_counts(connection, condition, threshold, hours)
        for hour, counts in found.items():
            by_hour[hour] = _sum([counts, by_hour.get(hour, Counts(0, 0))])
    return by_hour


def _differences(exact: Mapping[int, Counts], rolled: Mapping[int, Hour]) -> Iterable[Difference]:
    nothing = Counts(0, 0)
    for hour in sorted(exact.keys() | rolled.keys()):
        good, total = exact.get(hour, nothing)
        expected = (good, total, total, total)
        found = rolled.get(hour, Hour())
        for number, wanted, given in zip(Hour._fields, expected, found, strict=True):
            if wanted != given:
                yield Difference(hour, number, wanted, given)


def _day_differences(
    exact: Mapping[int, Counts],
    days: Mapping[int, tuple[int, int | None]],
    named: Collection[int],
) -> Iterable[Difference]:
    """Days that are not the sum of their hours, unless these themselves were named."""
    for day, numbers in sorted(days.items()):
        first = day * HOURS_OF_DAY
        hours = range(first, first + HOURS_OF_DAY)
        wanted = sum(exact[hour].total for hour in hours if hour in exact)
        wrong = [number for number in numbers if number != wanted]
        if wrong and not any(hour in named for hour in hours):
            yield Difference(first, "day", wanted, wrong[0])


def _percentiles(
    connection: Connection,
    raw: RawEvents,
    objective: Objective,
    hours: range,
    number: int,
    samples: Distribution,
) -> Iterable[PercentileCheck]:
    """Compare with the nearest ranks among all ``number`` samples."""
    if objective.unit in UNORDERED_UNITS or not number:
        return
    since, until = hour_start(hours.start), hour_start(hours.stop)
    ranks = {percent: -(-number * percent // 100) for percent in PERCENTS}  # rounded up
    exact = raw.at_ranks(connection, objective, since, until, set(ranks.values()))
    for percent, rank in ranks.items():
        yield PercentileCheck(percent, exact[rank], samples.percentile(percent))


def _sum(counts: Iterable[Counts]) -> Counts:
    good = total = 0
    for one in counts:
        good, total = good + one.good, total + one.total
    return Counts(good, total)
