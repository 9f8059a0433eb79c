"""The one door to stored events: what it promises, whatever engine is behind it.

An append is one transaction. After it returns, its events are on disk exactly once, and the
hourly rollup and the daily usage have them; when it raises, none of that happened.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from types import MappingProxyType
from typing import NamedTuple, Protocol, Self

from sqlalchemy import Connection

from slo.rollup import Cell, Counts, Place, Rollup, hour_number, hour_start

# Run for every group of events, so written out: SQLAlchemy compiles an upsert anew each time.
_USAGE = """
    INSERT INTO usage_daily (day, event_type, kpi, role, feature, events)
    VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT (day, event_type, kpi, role, feature) DO UPDATE SET
        events = usage_daily.events + excluded.events"""


class Event(NamedTuple):
    """One valid event. All instants are in UTC; ``numbers`` and ``texts`` have no key in common."""

    event_id: str  # a UUID in its canonical form
    event_type: str
    event_time: datetime
    client_time: datetime | None
    received_at: datetime
    session_id: str | None
    release: str | None
    synthetic: bool
    numbers: Mapping[str, float]
    texts: Mapping[str, str]
    kpi: str = ""  # as usage is counted
    role: str = ""
    feature: str = ""  # what was used, where the type alone does not tell


class AppendResult(NamedTuple):
    """How many events are new, and which (by index) were known.

    ``samples`` are the new events' numbers by metric, and ``gained`` is what each objective
    gained; both without synthetic events.
    """

    accepted: int
    duplicates: frozenset[int]
    samples: Mapping[str, Collection[float]] = MappingProxyType({})
    gained: Mapping[str, Counts] = MappingProxyType({})

    def part(self, start: int, end: int) -> "AppendResult":
        """What became of the events from ``start`` to before ``end``."""
        if not self.duplicates:
            return AppendResult(end - start, self.duplicates)
        known = frozenset(index - start for index in self.duplicates if start <= index < end)
        return AppendResult(end - start - len(known), known)


class StoreUnavailable(Exception):
    """The store is away, locked or full. Nothing of the call was stored; it may be repeated."""


class Step(Enum):
    """What the next step of an append mostly does."""

    WAITING = "for the disk, for a lock, for another process"
    COMPUTING = "for some milliseconds"


class EventStore(Protocol):
    """Stores events. Not for use by several threads at once, but by one after the other."""

    def prepare(self, today: date) -> None:
        """Make ready for the coming days. Raises ``StoreUnavailable``."""

    def append(self, events: Sequence[Event]) -> AppendResult:
        """Store what is new of ``events``, and of equal ids the first.

        Raises ``StoreUnavailable``.
        """

    def steps(self, events: Sequence[Event]) -> Generator[Step, None, AppendResult]:
        """Append step by step: before each one it says of what kind that is.

        The result comes last. Raises ``StoreUnavailable``.
        """

    def fold(self, cells: Mapping[Place, Cell]) -> None:
        """Count samples that are no events of their own. Raises ``StoreUnavailable``."""

    def learn(self, now: datetime, raw_before: date) -> Iterator[int]:
        """Count what new objectives ask, from raw events, in one small transaction a step.

        Raw events received before ``raw_before`` may be gone. Raises ``StoreUnavailable``.
        """

    def expire(self, raw_before: date, rollups_before: date) -> Iterator[int]:
        """Delete what is older, in one small transaction a step.

        Each step gives how much it deleted: rows, or 1 for a whole partition. Ids of events stay
        a day longer than the events. Raises ``StoreUnavailable``.
        """


def whole(steps: Generator[Step, None, AppendResult]) -> AppendResult:
    """Go through all steps at once."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            result: AppendResult = end.value
            return result


def without_repeats(events: Sequence[Event]) -> tuple[dict[str, int], list[int]]:
    """The index at which each id comes first, and the indexes of its repeats."""
    first: dict[str, int] = {}
    for index in range(len(events) - 1, -1, -1):
        first[events[index].event_id] = index
    if len(first) == len(events):
        return first, []
    return first, sorted(set(range(len(events))).difference(first.values()))


@dataclass(frozen=True)
class Samples:
    """The numbers of some events, synthetic ones left out."""

    by_place: Mapping[tuple[str, int], Mapping[str, list[float]]]  # event type, hour; metric

    @classmethod
    def of(cls, events: Sequence[Event]) -> Self:
        """Sort the numbers of ``events`` by event type, hour and metric."""
        by_place: defaultdict[tuple[str, int], list[Mapping[str, float]]] = defaultdict(list)
        hour, start, end = 0, hour_start(0), hour_start(0)
        for event in events:
            if event.numbers and not event.synthetic:
                if not start <= event.event_time < end:  # neighbours mostly lie in one hour
                    hour = hour_number(event.event_time)
                    start, end = hour_start(hour), hour_start(hour + 1)
                by_place[event.event_type, hour].append(event.numbers)
        return cls({place: _by_metric(numbers) for place, numbers in by_place.items()})

    def cells(self, rollup: Rollup) -> dict[Place, Cell]:
        """What is to be folded into the rollup."""
        cells: dict[Place, Cell] = {}
        for (event_type, hour), by_metric in self.by_place.items():
            for metric, values in by_metric.items():
                rollup.add(cells, Place(metric, event_type, hour), values)
        return cells

    def by_metric(self) -> dict[str, list[float]]:
        """All numbers of each metric."""
        joined: defaultdict[str, list[float]] = defaultdict(list)
        for by_metric in self.by_place.values():
            for metric, values in by_metric.items():
                joined[metric] += values
        return joined


def _by_metric(numbers: Sequence[Mapping[str, float]]) -> dict[str, list[float]]:
    """Turn the measurements of events into the values of each metric."""
    return {
        metric: [measured[metric] for measured in numbers if metric in measured]
        for metric in sorted(set().union(*numbers))
    }


def count_usage(connection: Connection, events: Sequence[Event]) -> None:
    """Add ``events`` to the daily usage, synthetic ones left out."""
    used = Counter(
        (event.event_time.date(), event.event_type, event.kpi, event.role, event.feature)
        for event in events
        if not event.synthetic
    )
    if not used:
        return
    rows = [(day.isoformat(), *what, number) for (day, *what), number in sorted(used.items())]
    is_sqlite = connection.dialect.paramstyle == "qmark"
    connection.exec_driver_sql(_USAGE if is_sqlite else _USAGE.replace("?", "%s"), rows)
