"""Which event store goes with which database."""

from sqlalchemy import Engine

from api.storage.event_store import EventStore
from api.storage.event_store_postgresql import PostgresqlEventStore
from api.storage.event_store_sqlite import SqliteEventStore
from slo.rollup import Rollup


def open_event_store(engine: Engine, rollup: Rollup) -> EventStore:
    """The event store of ``engine``'s database."""
    if engine.dialect.name == "sqlite":
        return SqliteEventStore(engine, rollup)
    return PostgresqlEventStore(engine, rollup)
