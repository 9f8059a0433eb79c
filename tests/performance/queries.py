"""How long a P95 takes to read, by rollup and from the events themselves, at several volumes."""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from time import perf_counter

from sqlalchemy import Connection, Engine, text

from api.ingest.writer import GROUP_EVENTS
from api.storage.engine import open_engine
from api.storage.event_store import Event
from slo import rollup
from slo.objectives import load_objectives
from slo.rollup_distributions import distribution
from tests.exact import exact_percentile
from tests.performance import bodies
from tests.performance.databases import Databases, store
from tests.performance.processes import SERVER_CORE, on_core

WINDOWS_DAYS = (7, 30)
ROLLUP_READS, EXACT_READS = 20, 1  # in each round
VARIETY = 50_000  # different sets of measurements
OBJECTIVE = next(one for one in load_objectives() if one.name == "ttfb")


@dataclass
class P95Times:
    """Seconds of every read of one window over so many metric rows."""

    metric_rows: int
    days: int
    rollup_seconds: list[float] = field(default_factory=list)
    exact_seconds: list[float] = field(default_factory=list)


def measure(databases: Databases, sizes: Sequence[int], rounds: int) -> list[P95Times]:
    """Fill a database of each size, then read all of them in turns."""
    now = datetime.now(UTC)
    engines = {size: _filled(databases, size, now) for size in sizes}
    found = [P95Times(size, days) for size in sizes for days in WINDOWS_DAYS]
    with on_core(SERVER_CORE):
        for _ in range(rounds):
            for one in found:
                _read(engines[one.metric_rows], one, now)
    for engine in engines.values():
        engine.dispose()
    return found


def _read(engine: Engine, found: P95Times, now: datetime) -> None:
    last = rollup.hour_number(now)
    first = last - 24 * found.days
    since, until = rollup.hour_start(first), rollup.hour_start(last + 1)
    with engine.connect() as connection:
        estimates = _timed(
            lambda: distribution(connection, OBJECTIVE, first, last).percentile(95),
            ROLLUP_READS,
            found.rollup_seconds,
        )
        exact = _timed(
            lambda: exact_percentile(connection, OBJECTIVE, since, until, 95),
            EXACT_READS,
            found.exact_seconds,
        )
    assert abs(estimates - exact) <= 0.01 * exact  # both answered the same question


def _timed(read: Callable[[], float | None], times: int, seconds: list[float]) -> float:
    answer = None
    for _ in range(times):
        started = perf_counter()
        answer = read()
        seconds.append(perf_counter() - started)
    assert answer is not None
    return answer


def _filled(databases: Databases, metric_rows: int, now: datetime) -> Engine:
    """A database with 30 days of events, put in through the service's own door."""
    engine = open_engine(databases.new(f"rows_{metric_rows}"))
    filling = open_engine(engine.url.render_as_string(hide_password=False))
    events = store(filling)
    for group in _groups(metric_rows // len(bodies.METRICS), now):
        events.append(group)
    filling.dispose()
    with engine.connect() as connection:
        _settle(connection)
    return engine


def _settle(connection: Connection) -> None:
    """What the engine does by itself after a while."""
    raw = connection.execution_options(isolation_level="AUTOCOMMIT")
    raw.execute(text("ANALYZE" if raw.dialect.name == "postgresql" else "PRAGMA optimize"))


def _groups(events: int, now: datetime) -> Iterator[list[Event]]:
    """Events at even distances over the 30 days up to now, the oldest first."""
    chance = random.Random(1)
    variety = [bodies.numbers(chance) for _ in range(min(events, VARIETY))]
    start = rollup.hour_start(rollup.hour_number(now) - 24 * max(WINDOWS_DAYS))
    gap = (now - start) / events
    for first in range(0, events, GROUP_EVENTS):
        numbers = range(first, min(first + GROUP_EVENTS, events))
        yield [_event(start + number * gap, variety[number % len(variety)]) for number in numbers]


def _event(instant: datetime, numbers: dict[str, float]) -> Event:
    return Event(
        bodies.event_id(int(instant.timestamp() * 1000)),
        "page_view",
        instant,
        None,
        instant,
        None,
        None,
        False,
        numbers,
        {},
    )
