"""Tables of user events. The event store alone writes them, and knows how each engine keeps them.

On PostgreSQL `user_events` and `user_event_meta` are partitioned by the UTC day of
``received_at``, their keys include it, and `user_event_meta` has that column too.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    Float,
    Index,
    Integer,
    String,
    Table,
)
from sqlalchemy.dialects import postgresql

from api.storage.tables import metadata
from api.storage.types import UtcDateTime

ROW_ID = BigInteger().with_variant(Integer, "sqlite")
EVENT_ID = String(36).with_variant(postgresql.UUID(as_uuid=False), "postgresql")

NAME_CHARACTERS = 40  # of an event type, a metric, or the key of a text
TEXT_CHARACTERS = 200
CONTEXT_CHARACTERS = 80  # of a session's id and of a release

user_events = Table(
    "user_events",
    metadata,
    Column("id", ROW_ID, primary_key=True, autoincrement=False),
    Column("event_id", EVENT_ID, nullable=False),
    Column("event_type", String(NAME_CHARACTERS), nullable=False),
    Column("event_time", UtcDateTime, nullable=False),  # corrected by the client's clock error
    Column("client_time", UtcDateTime),  # as the client's clock had it
    Column("received_at", UtcDateTime, nullable=False),
    Column("session_id", String(CONTEXT_CHARACTERS)),
    Column("release", String(CONTEXT_CHARACTERS)),
    Column("synthetic", Boolean, nullable=False),  # made by a load test: stored, never judged
    Index(None, "event_time"),
)

user_event_meta = Table(
    "user_event_meta",
    metadata,
    Column("event_id", ROW_ID, primary_key=True, autoincrement=False),  # user_events.id
    Column("metric", String(NAME_CHARACTERS), primary_key=True),
    Column("v", Float),
    Column("text", String(TEXT_CHARACTERS)),
    sqlite_with_rowid=False,
)

# Uniqueness across partitions; rows outlive their events by a day.
event_ids = Table(
    "event_ids",
    metadata,
    Column("event_id", EVENT_ID, primary_key=True),
    Column("received_on", Date, nullable=False),
    sqlite_with_rowid=False,
)

# How much each part of the product is used. '' where an event names no KPI, has no role, or is
# of a type that tells by itself what was used.
usage_daily = Table(
    "usage_daily",
    metadata,
    Column("day", Date, primary_key=True),
    Column("event_type", String(NAME_CHARACTERS), primary_key=True),
    Column("kpi", String(NAME_CHARACTERS), primary_key=True),
    Column("role", String(NAME_CHARACTERS), primary_key=True),
    Column("feature", String(NAME_CHARACTERS), primary_key=True),
    Column("events", BigInteger, nullable=False),
)
