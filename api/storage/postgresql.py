"""Connections to PostgreSQL that wait for an answer only so long.

A server that went silent (frozen, or behind a proxy that swallows everything) still acknowledges
what it is sent: neither its own time limits nor the kernel's end the wait then.
"""

from threading import Lock
from typing import Any

import psycopg
from psycopg.errors import (
    ConnectionTimeout,
    FeatureNotSupported,
    OperationalError,
    ReadOnlySqlTransaction,
    UndefinedColumn,
    UndefinedTable,
)
from sqlalchemy import Connection, Engine, event, text
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.engine.interfaces import DBAPIConnection, Dialect, ExceptionContext
from sqlalchemy.exc import OperationalError as DatabaseAway
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection

STATEMENT_SECONDS = 20  # of the running service
PATIENT_STATEMENT_SECONDS = 600  # of commands, and of imports
CONNECT_SECONDS = 3
PING_SECONDS = 2.0
# A migration is under way, or the server is one that only follows another. The third is how a
# prepared statement fails whose columns are others by now.
NOT_READY = (UndefinedTable, UndefinedColumn, FeatureNotSupported, ReadOnlySqlTransaction)
GRACE_SECONDS = 2.0  # for the server to say itself that a statement took too long
OPTIONS = (
    "-c timezone=UTC -c statement_timeout={}s -c lock_timeout=10s"
    " -c idle_in_transaction_session_timeout=5min"
)
# A network that swallows everything is noticed by the kernel, not after its usual two hours.
TCP = {
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
}


class BoundedConnection(psycopg.Connection[Any]):
    """Gives up, and closes itself, when one exchange takes more than ``patience_seconds``."""

    patience_seconds: float = STATEMENT_SECONDS + GRACE_SECONDS

    def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
        """Wait for an exchange to end. Raises ``OperationalError``; no error repeats a value."""
        if timeout is not None:
            return super().wait(gen, interval, timeout)
        try:
            return super().wait(gen, interval, self.patience_seconds)
        except psycopg.errors._WaitTimeout:  # noqa: SLF001 - what this method is documented to raise
            self.close()
            raise OperationalError("the database server does not answer") from None
        except psycopg.Error as error:
            error.args = (_without_values(error),)
            raise


def _without_values(error: psycopg.Error) -> str:
    """What may be logged: DETAIL and CONTEXT quote rows, and errors of data (22) their values."""
    message = error.diag.message_primary
    if message is None:  # not the server's, but the driver's
        return str(error)
    is_about_data = (error.diag.sqlstate or "").startswith("22")
    return type(error).__name__ if is_about_data else message


class _Dialect(PGDialect_psycopg):
    """SQLAlchemy's own, with a short wait for whether a connection still lives."""

    supports_statement_cache = True

    def do_ping(self, dbapi_connection: DBAPIConnection) -> bool:
        driver = _driver(dbapi_connection)
        usual, driver.patience_seconds = driver.patience_seconds, PING_SECONDS
        try:
            lives: bool = super().do_ping(dbapi_connection)  # type: ignore[no-untyped-call]  # has no annotations
            return lives
        finally:
            driver.patience_seconds = usual


class _Connecting:
    """Connects. To a server that is silent one tries at a time, and the others fail at once."""

    def __init__(self) -> None:
        self._is_silent = False
        self._turn = Lock()

    def __call__(
        self, dialect: Dialect, entry: ConnectionPoolEntry, arguments: Any, parameters: Any
    ) -> BoundedConnection:
        if not self._is_silent:
            return self._connect(arguments, parameters)
        if not self._turn.acquire(blocking=False):
            raise ConnectionTimeout("the database server does not answer")
        try:
            return self._connect(arguments, parameters)
        finally:
            self._turn.release()

    def _connect(self, arguments: Any, parameters: Any) -> BoundedConnection:
        try:
            connection = BoundedConnection.connect(*arguments, **parameters)
        except ConnectionTimeout:
            self._is_silent = True
            raise
        except OperationalError:
            self._is_silent = False
            raise
        self._is_silent = False
        return connection


registry.register("postgresql.bounded", __name__, "_Dialect")

DRIVER = "postgresql+bounded"


def connect_args(statement_seconds: int) -> dict[str, str | int]:
    """What connections are opened with."""
    return {
        "options": OPTIONS.format(statement_seconds),
        "connect_timeout": CONNECT_SECONDS,
        **TCP,
    }


def bound(engine: Engine, statement_seconds: int) -> None:
    """Let the engine's connections give up a little later than the server should."""

    def as_usual(connection: DBAPIConnection, *_: object) -> None:
        _driver(connection).patience_seconds = statement_seconds + GRACE_SECONDS

    event.listen(engine, "handle_error", _as_on_sqlite)
    event.listen(engine, "do_connect", _Connecting())
    event.listen(engine, "checkout", as_usual)


def _as_on_sqlite(context: ExceptionContext) -> None:
    """What a migration or a failover leaves for a while is nobody's mistake in SQL."""
    if isinstance(error := context.original_exception, NOT_READY):
        away = DatabaseAway(context.statement, None, error, hide_parameters=True)
        raise away from error


def be_patient(connection: Connection) -> None:
    """Let the statements of this transaction take as long as a command's."""
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"SET LOCAL statement_timeout = '{PATIENT_STATEMENT_SECONDS}s'"))
        driver = _driver(connection.connection)
        driver.patience_seconds = PATIENT_STATEMENT_SECONDS + GRACE_SECONDS


def _driver(connection: DBAPIConnection | PoolProxiedConnection) -> BoundedConnection:
    driver = getattr(connection, "driver_connection", connection)
    assert isinstance(driver, BoundedConnection)
    return driver
