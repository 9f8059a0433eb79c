"""Tables of who may come in, and of what was done. Secrets are kept as SHA-256 only."""

from sqlalchemy import Column, Index, Integer, String, Table, Text

from api.storage.tables import metadata
from api.storage.types import UtcDateTime

api_tokens = Table(
    "api_tokens",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("token_hash", String(64), nullable=False, unique=True),
    Column("name", String(80), nullable=False),
    Column("role", String(40), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("revoked_at", UtcDateTime),
    Column("last_used_at", UtcDateTime),
)

account_sessions = Table(
    "account_sessions",
    metadata,
    Column("id_hash", String(64), primary_key=True),
    Column("subject", String(255), nullable=False),
    Column("name", String(120), nullable=False),
    Column("roles", String(400), nullable=False),  # with commas between
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),
    Index(None, "expires_at"),
)

# Rows are added and never changed or removed: triggers of the migration see to that.
audit_events = Table(
    "audit_events",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", UtcDateTime, nullable=False),
    Column("actor", String(120), nullable=False),
    Column("action", String(40), nullable=False),
    Column("about", String(200), nullable=False),
    Column("detail", Text),
    Index(None, "at"),
)
