"""Events on PostgreSQL: partitions by day, several writers at once, each in a shard of its own."""

from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta

import psycopg
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

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
from api.storage.event_store_expiry import (
    IDS_OUTLIVE_EVENTS,
    ROWS_PER_STEP,
    Transaction,
    expire_rollups,
)
from api.storage.postgresql import NOT_READY
from slo.rollup import Cell, Place, Rollup, fold

SHARDS = 16
DAYS_AHEAD = 7
PARTITIONED = ("user_events", "user_event_meta")

# Keys of advisory locks: any two constants that nobody else in the database uses.
SHARD_LOCKS = 0x65786563
PARTITION_LOCK = 0x64617368
# While a drop waits for a reader, all others wait behind it; it is tried again later.
DROP_PATIENCE = "200ms"

_NULL = r"\N"
_COPY_ESCAPES = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})
_COPY_EVENTS = (
    "COPY user_events (id, event_id, event_type, event_time, client_time, received_at,"
    " session_id, release, synthetic) FROM STDIN"
)
_COPY_META = "COPY user_event_meta (event_id, metric, v, text, received_at) FROM STDIN"


class PostgresqlEventStore:
    """Implements ``EventStore``."""

    def __init__(self, engine: Engine, rollup: Rollup) -> None:
        self._engine = for_writing(engine)
        self._rollup = rollup
        self._days: set[date] = set()  # that have partitions

    def prepare(self, today: date) -> None:
        """Make today's partitions and those of the coming days."""
        self._make_partitions(today + timedelta(days=ahead) for ahead in range(DAYS_AHEAD + 1))

    def append(self, events: Sequence[Event]) -> AppendResult:
        """See ``EventStore``."""
        return whole(self.steps(events))

    def steps(self, events: Sequence[Event]) -> Generator[Step, None, AppendResult]:
        """See ``EventStore``. All of it waits for the server."""
        yield Step.WAITING
        self._make_partitions({event.received_at.date() for event in events})
        with self._transaction() as connection:
            shard = _lock_shard(connection)
            raw = connection.connection.driver_connection
            assert isinstance(raw, psycopg.Connection)
            with raw.cursor() as cursor:
                fresh, duplicates = _claim(cursor, events)
                _copy_events(cursor, fresh)
            samples = Samples.of(fresh)
            cells = samples.cells(self._rollup)
            fold(connection, cells, shard)
            count_usage(connection, fresh)
        gained = self._rollup.by_objective(cells)
        return AppendResult(len(fresh), duplicates, samples.by_metric(), gained)

    def fold(self, cells: Mapping[Place, Cell]) -> None:
        """See ``EventStore``."""
        with self._transaction() as connection:
            fold(connection, cells, _lock_shard(connection))

    def learn(self, now: datetime, raw_before: date) -> Iterator[int]:
        """See ``EventStore``."""
        yield from learn(self._alone, self._rollup.objectives, now, raw_before, shard=0)

    def expire(self, raw_before: date, rollups_before: date) -> Iterator[int]:
        """See ``EventStore``."""
        yield from self._drop_partitions(raw_before)
        yield from _expire_ids(self._transaction, raw_before)
        yield from expire_rollups(self._transaction, rollups_before)

    @contextmanager
    def _alone(self) -> Iterator[Connection]:
        """A transaction beside which nobody stores events: it takes every shard."""
        with self._transaction() as connection:
            for shard in range(SHARDS):
                connection.execute(
                    text("SELECT pg_advisory_xact_lock(:locks, :shard)"),
                    {"locks": SHARD_LOCKS, "shard": shard},
                )
            yield connection

    def _make_partitions(self, days: Iterable[date]) -> None:
        for day in sorted(set(days) - self._days):
            with self._transaction() as connection:
                _lock_partitions(connection)
                for table in PARTITIONED:
                    make_partition(connection, table, day)
            self._days.add(day)

    def _drop_partitions(self, before: date) -> Iterator[int]:
        with self._transaction() as connection:
            old = [name for name, day in _partitions(connection) if day < before]
        for name in old:
            with self._transaction() as connection:
                _lock_partitions(connection, DROP_PATIENCE)
                connection.execute(text(f"DROP TABLE IF EXISTS {name}"))
            yield 1
        self._days = {day for day in self._days if day >= before}

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        try:
            with self._engine.begin() as connection:
                yield connection
        except (OperationalError, InterfaceError, psycopg.OperationalError, *NOT_READY) as error:
            raise StoreUnavailable(str(error)) from error
        except DBAPIError as error:
            if error.connection_invalidated:
                raise StoreUnavailable(str(error)) from error
            raise


def _lock_shard(connection: Connection) -> int:
    """Take a shard for this transaction: the first that no other writer holds."""
    for shard in range(SHARDS):
        taken = connection.execute(
            text("SELECT pg_try_advisory_xact_lock(:locks, :shard)"),
            {"locks": SHARD_LOCKS, "shard": shard},
        ).scalar_one()
        if taken:
            return shard
    connection.execute(
        text("SELECT pg_advisory_xact_lock(:locks, :shard)"), {"locks": SHARD_LOCKS, "shard": 0}
    )
    return 0


def _claim(
    cursor: psycopg.Cursor[tuple[object, ...]], events: Sequence[Event]
) -> tuple[list[Event], frozenset[int]]:
    """Take the ids that are new; the events to store, and the indexes of the others.

    Ids are taken in their order, so that two writers with the same ids wait for each other
    instead of deadlocking.
    """
    first, _ = without_repeats(events)
    ids = sorted(first)
    days = [events[first[event_id]].received_at.date() for event_id in ids]
    cursor.execute(
        "INSERT INTO event_ids (event_id, received_on)"
        " SELECT * FROM unnest(%s::uuid[], %s::date[]) ON CONFLICT DO NOTHING"
        " RETURNING event_id::text",
        (ids, days),
    )
    claimed = {first[str(event_id)] for (event_id,) in cursor.fetchall()}
    fresh = [events[index] for index in sorted(claimed)]
    return fresh, frozenset(range(len(events))) - claimed


def _copy_events(cursor: psycopg.Cursor[tuple[object, ...]], events: Sequence[Event]) -> None:
    if not events:
        return
    cursor.execute(
        "SELECT nextval('user_events_id_seq') FROM generate_series(1, %s)", (len(events),)
    )
    rows, meta = [], []
    for (row_id,), event in zip(cursor.fetchall(), events, strict=True):
        received_at = event.received_at.isoformat()
        rows.append(_event_line(row_id, received_at, event))
        meta += [
            f"{row_id}\t{metric}\t{value!r}\t{_NULL}\t{received_at}\n"
            for metric, value in event.numbers.items()
        ]
        meta += [
            f"{row_id}\t{name}\t{_NULL}\t{_escaped(content)}\t{received_at}\n"
            for name, content in event.texts.items()
        ]
    for copy_into, lines in ((_COPY_EVENTS, rows), (_COPY_META, meta)):
        with cursor.copy(copy_into) as copy:
            copy.write("".join(lines))


def _event_line(row_id: object, received_at: str, event: Event) -> str:
    client_time = _NULL if event.client_time is None else event.client_time.isoformat()
    return (
        f"{row_id}\t{event.event_id}\t{event.event_type}\t{event.event_time.isoformat()}"
        f"\t{client_time}\t{received_at}\t{_escaped(event.session_id)}"
        f"\t{_escaped(event.release)}\t{event.synthetic}\n"
    )


def _escaped(content: str | None) -> str:
    return _NULL if content is None else content.translate(_COPY_ESCAPES)


def _lock_partitions(connection: Connection, patience: str = "3s") -> None:
    """One process at a time makes and drops partitions, and none waits long behind readers."""
    connection.execute(text(f"SET LOCAL lock_timeout = '{patience}'"))
    connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": PARTITION_LOCK})


def make_partition(connection: Connection, table: str, day: date) -> None:
    """Attach a day's partition. Attaching, unlike creating in place, lets readers go on."""
    name = f"{table}_{day:%Y%m%d}"
    if connection.execute(text("SELECT to_regclass(:name)"), {"name": name}).scalar_one():
        return
    bounds = f"FROM ('{day} 00:00+00') TO ('{day + timedelta(days=1)} 00:00+00')"
    connection.execute(text(f"CREATE TABLE {name} (LIKE {table} INCLUDING ALL)"))
    connection.execute(text(f"ALTER TABLE {table} ATTACH PARTITION {name} FOR VALUES {bounds}"))


def _partitions(connection: Connection) -> list[tuple[str, date]]:
    """Every partition's name and day, oldest first."""
    names = connection.execute(
        text(
            "SELECT child.relname FROM pg_inherits"
            " JOIN pg_class child ON child.oid = inhrelid"
            " JOIN pg_class parent ON parent.oid = inhparent"
            " WHERE parent.relname = ANY(:tables) AND child.relkind = 'r'"
        ),
        {"tables": list(PARTITIONED)},
    ).scalars()
    dated = [
        (name, datetime.strptime(name[-8:], "%Y%m%d").date())  # noqa: DTZ007 - a day, not an instant
        for name in names
    ]
    return sorted(dated, key=lambda partition: (partition[1], partition[0]))


def _expire_ids(transaction: Transaction, events_before: date) -> Iterator[int]:
    """Delete the ids of events that were themselves deleted a day ago."""
    while True:
        with transaction() as connection:
            deleted = connection.execute(
                text(
                    "DELETE FROM event_ids WHERE ctid = ANY(ARRAY("
                    "SELECT ctid FROM event_ids WHERE received_on < :before LIMIT :rows))"
                ),
                {"before": events_before - IDS_OUTLIVE_EVENTS, "rows": ROWS_PER_STEP},
            ).rowcount
        yield deleted
        if deleted == 0:
            return
