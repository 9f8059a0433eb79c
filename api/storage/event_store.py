"""The one door to stored events: what it promises, whatever engine is behind it.

An append is one transaction. After it returns, its events are on disk exactly once, and the
hourly rollup and the daily usage have them; when it raises, none of that happened.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple, Protocol

from sqlalchemy import Connection
from sqlalchemy.dialects import postgresql, sqlite

from api.storage.event_tables import usage_daily
from slo.rollup import Cell, Counts, Place, Rollup, hour_number


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


@dataclass(frozen=True)
class AppendResult:
    """How many events are new, which (by index) were known, and what each objective gained."""

    accepted: int
    duplicates: frozenset[int]
    gained: Mapping[str, Counts] = field(default_factory=dict)


class StoreUnavailable(Exception):
    """The store is away, locked or full. Nothing of the call was stored; it may be repeated."""


class EventStore(Protocol):
    """Stores events. Not for use by several threads at once."""

    def prepare(self, today: date) -> None:
        """Make ready for the coming days. Raises ``StoreUnavailable``."""

    def append(self, events: Sequence[Event]) -> AppendResult:
        """Store what is new of ``events``, and of equal ids the first.

        Raises ``StoreUnavailable``.
        """

    def fold(self, cells: Mapping[Place, Cell]) -> None:
        """Count samples that are no events of their own. Raises ``StoreUnavailable``."""

    def expire(self, raw_before: date, rollups_before: date) -> Iterator[int]:
        """Delete what is older, in one small transaction a step.

        Each step gives how much it deleted: rows, or 1 for a whole partition. Ids of events stay
        a day longer than the events. Raises ``StoreUnavailable``.
        """


def without_repeats(events: Sequence[Event]) -> tuple[dict[str, int], list[int]]:
    """The index at which each id comes first, and the indexes of its repeats."""
    first: dict[str, int] = {}
    repeats = []
    for index, event in enumerate(events):
        if first.setdefault(event.event_id, index) != index:
            repeats.append(index)
    return first, repeats


def cells_of(rollup: Rollup, events: Sequence[Event]) -> dict[Place, Cell]:
    """The samples of ``events`` by hour, metric and event type, synthetic ones left out."""
    samples: dict[tuple[str, int], dict[str, list[float]]] = {}
    instant, hour = None, 0
    for event in events:
        if event.synthetic or not event.numbers:
            continue
        if event.event_time is not instant:  # one request's events often share their instant
            instant = event.event_time
            hour = hour_number(instant)
        place = (event.event_type, hour)
        by_metric = samples.get(place)
        if by_metric is None:
            by_metric = samples[place] = defaultdict(list)
        for metric, value in event.numbers.items():
            by_metric[metric].append(value)
    cells: dict[Place, Cell] = {}
    for (event_type, event_hour), by_metric in samples.items():
        for metric, values in by_metric.items():
            rollup.add(cells, Place(metric, event_type, event_hour), values)
    return cells


def count_usage(connection: Connection, events: Sequence[Event]) -> None:
    """Add ``events`` to the daily usage, synthetic ones left out."""
    used = Counter(
        (event.event_time.date(), event.event_type, event.kpi, event.role)
        for event in events
        if not event.synthetic
    )
    if not used:
        return
    rows = [
        {"day": day, "event_type": event_type, "kpi": kpi, "role": role, "events": number}
        for (day, event_type, kpi, role), number in sorted(used.items())
    ]
    insert: sqlite.Insert | postgresql.Insert
    if connection.dialect.name == "sqlite":
        insert = sqlite.insert(usage_daily)
    else:
        insert = postgresql.insert(usage_daily)
    connection.execute(
        insert.on_conflict_do_update(
            index_elements=list(usage_daily.primary_key.columns),
            set_={"events": usage_daily.c.events + insert.excluded.events},
        ),
        rows,
    )
