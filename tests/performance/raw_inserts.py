"""What the rows alone cost: the same seven an event, in groups, by the driver, made durable.

Neither repeats are looked for nor is anything rolled up.
"""

import random
import sqlite3
import time
from datetime import UTC, datetime
from typing import Any, NamedTuple, Protocol, Self

import psycopg
from sqlalchemy import make_url

from tests.performance.bodies import event_id, numbers

Rows = list[tuple[Any, ...]]


class Spent(NamedTuple):
    """Time that passed, and time that a processor worked here."""

    seconds: float
    processor_seconds: float

    @classmethod
    def so_far(cls) -> Self:
        return cls(time.perf_counter(), time.process_time())

    def since(self) -> Self:
        now = self.so_far()
        return type(self)(
            now.seconds - self.seconds, now.processor_seconds - self.processor_seconds
        )


class RawInserts(Protocol):
    """Inserts groups of events into a migrated database."""

    def insert(self, events: int, group: int) -> Spent:
        """What ``events`` take in groups of ``group``."""

    def close(self) -> None:
        """Leave the database."""


class SqliteInserts:
    """``executemany`` into the service's own two tables: WAL, ``synchronous = FULL``."""

    def __init__(self, file: str) -> None:
        self._connection = sqlite3.connect(file, isolation_level=None)
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = FULL")
        self._connection.execute("PRAGMA wal_autocheckpoint = 4000")  # as the service has it
        self._next = 1

    def insert(self, events: int, group: int) -> Spent:
        rows, meta = _rows(self._next, events)
        self._next += events
        per_event = len(meta) // events
        started = Spent.so_far()
        for start in range(0, events, group):
            end = start + group
            self._connection.execute("BEGIN IMMEDIATE")
            self._connection.executemany(
                "INSERT INTO user_events VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", rows[start:end]
            )
            self._connection.executemany(
                "INSERT INTO user_event_meta (event_id, metric, v) VALUES (?, ?, ?)",
                meta[start * per_event : end * per_event],
            )
            self._connection.execute("COMMIT")
        return started.since()

    def close(self) -> None:
        self._connection.close()


class PostgresqlInserts:
    """``COPY`` into the service's own two tables, which have today's partitions."""

    def __init__(self, url: str) -> None:
        parts = make_url(url).set(drivername="postgresql")
        self._connection = psycopg.connect(
            parts.render_as_string(hide_password=False), autocommit=True
        )
        self._next = 1 << 40  # far from what the service numbers

    def insert(self, events: int, group: int) -> Spent:
        rows, meta = _rows(self._next, events)
        self._next += events
        per_event = len(meta) // events
        received_at = rows[0][5]
        lines = ["\t".join(map(_field, row)) + "\n" for row in rows]
        meta_lines = [f"{key}\t{name}\t{value!r}\t{received_at}\n" for key, name, value in meta]
        started = Spent.so_far()
        for start in range(0, events, group):
            end = start + group
            with self._connection.transaction(), self._connection.cursor() as cursor:
                with cursor.copy("COPY user_events FROM STDIN") as copy:
                    copy.write("".join(lines[start:end]))
                with cursor.copy(
                    "COPY user_event_meta (event_id, metric, v, received_at) FROM STDIN"
                ) as copy:
                    copy.write("".join(meta_lines[start * per_event : end * per_event]))
        return started.since()

    def close(self) -> None:
        self._connection.close()


def _rows(first: int, events: int) -> tuple[Rows, Rows]:
    """One row of each event, and one of each of its measurements."""
    chance = random.Random(first)
    now = datetime.now(UTC)
    text, milliseconds = now.strftime("%Y-%m-%d %H:%M:%S.%f"), int(now.timestamp() * 1000)
    rows: Rows = []
    meta: Rows = []
    for key in range(first, first + events):
        row_id = event_id(milliseconds)
        rows.append((key, row_id, "page_view", text, text, text, "0f8fad5b-d9cb-469f", None, False))
        meta += [(key, name, value) for name, value in numbers(chance).items()]
    return rows, meta


def _field(value: object) -> str:
    return r"\N" if value is None else str(value)
