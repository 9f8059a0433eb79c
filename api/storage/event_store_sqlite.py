"""Events on SQLite: one writer at a time, many rows in each statement."""

import sqlite3
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from functools import lru_cache
from itertools import chain

import orjson
from sqlalchemy import Connection, Engine
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.event import listen
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import ConnectionPoolEntry

from api.storage.engine import for_writing
from api.storage.event_backfill import learn
from api.storage.event_store import (
    AppendResult,
    Event,
    Samples,
    Step,
    StoreUnavailable,
    count_usage,
    whole,
    without_repeats,
)
from api.storage.event_store_expiry import expire_events, expire_ids, expire_rollups
from slo.rollup import Cell, Place, Rollup, fold

# The driver gives the interpreter's lock away at every row it is handed alone. A statement of
# many rows keeps the writer from queueing for that lock behind busy request handlers.
ROWS_PER_STATEMENT = 256
SHARD = 0  # there is one writer
SECONDS = [f":{second:02}." for second in range(60)]
# All pages that the largest group changes, those of its random ids among them: about 5 MB. More
# would be memory that fills with time, and make no group faster by more than some hundredths.
CACHE_KIB = 8_192
CHECKPOINT_PAGES = 4000  # of 4 KiB

_ID_COLUMNS = "event_ids (event_id, received_on)"
_EVENT_COLUMNS = (
    "user_events (id, event_id, event_type, event_time, client_time, received_at,"
    " session_id, release, synthetic)"
)
_NUMBER_COLUMNS = "user_event_meta (event_id, metric, v)"
_TEXT_COLUMNS = "user_event_meta (event_id, metric, text)"


class SqliteEventStore:
    """Implements ``EventStore``."""

    def __init__(self, engine: Engine, rollup: Rollup) -> None:
        listen(engine, "connect", _prepare_connection)
        self._engine = for_writing(engine)
        self._rollup = rollup

    def prepare(self, today: date) -> None:
        """Nothing to make ready: SQLite has no partitions."""

    def append(self, events: Sequence[Event]) -> AppendResult:
        """See ``EventStore``."""
        return whole(self.steps(events))

    def steps(self, events: Sequence[Event]) -> Generator[Step, None, AppendResult]:
        """See ``EventStore``. Only the lock and the commit wait: the rows go to memory."""
        yield Step.WAITING
        with self._transaction() as connection:
            yield Step.COMPUTING
            raw = connection.connection.driver_connection
            assert isinstance(raw, sqlite3.Connection)
            fresh, duplicates = _split(raw, events)
            _insert_events(raw, fresh)
            samples = Samples.of(fresh)
            cells = samples.cells(self._rollup)
            fold(connection, cells, SHARD)
            count_usage(connection, fresh)
            yield Step.WAITING
        gained = self._rollup.by_objective(cells)
        return AppendResult(len(fresh), duplicates, samples.by_metric(), gained)

    def fold(self, cells: Mapping[Place, Cell]) -> None:
        """See ``EventStore``."""
        with self._transaction() as connection:
            fold(connection, cells, SHARD)

    def learn(self, now: datetime, raw_before: date) -> Iterator[int]:
        """See ``EventStore``."""
        yield from learn(self._transaction, self._rollup.objectives, now, raw_before, SHARD)

    def expire(self, raw_before: date, rollups_before: date) -> Iterator[int]:
        """See ``EventStore``."""
        yield from expire_events(self._transaction, raw_before)
        yield from expire_ids(self._transaction, raw_before)
        yield from expire_rollups(self._transaction, rollups_before)

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        try:
            with self._engine.begin() as connection:
                yield connection
        except (OperationalError, sqlite3.OperationalError) as error:
            raise StoreUnavailable(str(error)) from error


def _prepare_connection(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    """Let a group of events stay in memory until it is committed, and checkpoint less often."""
    assert isinstance(connection, sqlite3.Connection)
    connection.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
    connection.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES}")


def _split(raw: sqlite3.Connection, events: Sequence[Event]) -> tuple[list[Event], frozenset[int]]:
    """The events to store, and the indexes of those that are known already."""
    first, repeats = without_repeats(events)
    known = raw.execute(
        "SELECT event_id FROM event_ids WHERE event_id IN (SELECT value FROM json_each(?))",
        (orjson.dumps(list(first)).decode(),),
    ).fetchall()
    duplicates = frozenset(chain(repeats, (first[event_id] for (event_id,) in known)))
    if not duplicates:
        return list(events), duplicates
    return [event for index, event in enumerate(events) if index not in duplicates], duplicates


def _insert_events(raw: sqlite3.Connection, events: Sequence[Event]) -> None:
    """Store events with the numbers that follow the largest so far."""
    (last_id,) = raw.execute("SELECT coalesce(max(id), 0) FROM user_events").fetchone()
    ids: list[object] = []
    rows: list[object] = []
    numbers: list[object] = []
    texts: list[object] = []
    received, happened, told = _Instants(), _Instants(), _Instants()
    for row_id, event in enumerate(events, last_id + 1):
        received_at = received(event.received_at)
        ids += (event.event_id, received_at[:10])
        rows += (
            row_id,
            event.event_id,
            event.event_type,
            happened(event.event_time),
            None if event.client_time is None else told(event.client_time),
            received_at,
            event.session_id,
            event.release,
            event.synthetic,
        )
        for metric, value in event.numbers.items():
            numbers += (row_id, metric, value)
        for name, content in event.texts.items():
            texts += (row_id, name, content)
    _insert(raw, _ID_COLUMNS, 2, ids)
    _insert(raw, _EVENT_COLUMNS, 9, rows)
    _insert(raw, _NUMBER_COLUMNS, 3, numbers)
    _insert(raw, _TEXT_COLUMNS, 3, texts)


class _Instants:
    """Instants in UTC as SQLAlchemy writes them on SQLite.

    Neighbours are often the same or lie in one minute, whose start is written once: Python's own
    way takes eight times as long.
    """

    def __init__(self) -> None:
        self._instant = self._minute = datetime(1970, 1, 1, tzinfo=UTC)
        self._start = "1970-01-01 00:00"
        self._text = f"{self._start}:00.000000"

    def __call__(self, instant: datetime) -> str:
        if instant is not self._instant:
            self._instant = instant
            since = instant - self._minute
            if since.days or since.seconds >= len(SECONDS):
                self._minute = instant.replace(second=0, microsecond=0)
                self._start = self._minute.isoformat(" ", "minutes")[:16]
                since = instant - self._minute
            self._text = self._start + SECONDS[since.seconds] + str(10**6 + since.microseconds)[1:]
        return self._text


def _insert(raw: sqlite3.Connection, columns: str, width: int, values: Sequence[object]) -> None:
    """Insert rows whose values follow each other."""
    done, rows = 0, len(values) // width
    while left := rows - done:
        # Powers of two, so that the driver keeps the few statements there are compiled.
        step = min(ROWS_PER_STATEMENT, 1 << left.bit_length() - 1)
        raw.execute(_statement(columns, width, step), values[done * width : (done + step) * width])
        done += step


@lru_cache
def _statement(columns: str, width: int, rows: int) -> str:
    row = f"({','.join('?' * width)})"
    return f"INSERT INTO {columns} VALUES {','.join([row] * rows)}"  # noqa: S608 - constants of this file
