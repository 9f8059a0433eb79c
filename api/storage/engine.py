"""One place that knows how each database engine must be opened."""

import sqlite3
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry

from api.storage import postgresql

BUSY_TIMEOUT_SECONDS = 5
POOL_SECONDS = 10.0  # for a connection to become free


def open_engine(database_url: str, *, patient: bool = False) -> Engine:
    """Open an engine for ``sqlite:///PATH`` or ``postgresql://...``.

    With ``patient`` a statement on PostgreSQL may take as long as those of commands do. Raises
    ``ValueError`` for any other database.
    """
    url = make_url(database_url)
    if url.get_backend_name() == "sqlite":
        if url.database:
            Path(url.database).parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(
            url,
            hide_parameters=True,  # logs and traces name nobody
            pool_timeout=POOL_SECONDS,
            connect_args={"timeout": BUSY_TIMEOUT_SECONDS},
        )
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    if url.get_backend_name() == "postgresql":
        seconds = postgresql.STATEMENT_SECONDS
        if patient:
            seconds = postgresql.PATIENT_STATEMENT_SECONDS
        engine = create_engine(
            url.set(drivername=postgresql.DRIVER),
            hide_parameters=True,
            pool_pre_ping=True,
            pool_timeout=POOL_SECONDS,
            isolation_level="REPEATABLE READ",  # one screen is read from one state, as on SQLite
            connect_args=postgresql.connect_args(seconds),
        )
        postgresql.bound(engine, seconds)
        return engine
    raise ValueError(f"database {url.get_backend_name()!r}: allowed are sqlite and postgresql")


def for_writing(engine: Engine) -> Engine:
    """The same engine, whose transactions take the write lock at their start.

    On SQLite a reader that turns writer fails at once when another wrote in between.
    """
    if engine.dialect.name == "sqlite":
        return engine.execution_options(begin_writing=True)
    # Writers wait for each other's rows instead of failing with a serialization error.
    return engine.execution_options(isolation_level="READ COMMITTED")


def close(engine: Engine) -> None:
    """Close the engine's connections: those at rest now, those that threads still hold later.

    ``Engine.dispose`` alone leaves the latter open for ever once they are given back.
    """
    event.listen(engine.pool, "checkin", _close_returned)
    engine.dispose()


def _close_returned(_connection: DBAPIConnection | None, entry: ConnectionPoolEntry) -> None:
    entry.invalidate()


def _prepare_sqlite(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    assert isinstance(connection, sqlite3.Connection)
    connection.isolation_level = None  # BEGIN is ours to send: the driver's own skips reads and DDL
    for pragma in (
        "journal_mode = WAL",
        "synchronous = FULL",  # an acknowledged write survives a power cut
        "foreign_keys = ON",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    writing = connection.get_execution_options().get("begin_writing", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")
