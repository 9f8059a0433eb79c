"""Builds events, and reads back what the store made of them."""

import uuid
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Engine, func, select

from api.storage.event_engines import open_event_store
from api.storage.event_store import Event, EventStore
from api.storage.event_tables import user_event_meta, user_events
from slo import rollup
from slo.objectives import load_objectives

NOW = datetime(2026, 11, 22, 18, 30, tzinfo=UTC)
OBJECTIVES = {objective.name: objective for objective in load_objectives()}


def event(**given: Any) -> Event:
    """A page view of now, except for what is given."""
    fields: dict[str, Any] = {
        "event_id": str(uuid.uuid4()),
        "event_type": "page_view",
        "event_time": NOW,
        "client_time": None,
        "received_at": given.get("event_time", NOW),
        "session_id": None,
        "release": None,
        "synthetic": False,
        "numbers": {"ttfb_ms": 120.0},
        "texts": {},
    }
    return Event(**{**fields, **given})


def store_of(engine: Engine) -> EventStore:
    store = open_event_store(engine, rollup.Rollup(OBJECTIVES.values()))
    store.prepare(NOW.date())
    return store


def rows(engine: Engine, *columns: Any) -> list[tuple[Any, ...]]:
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(select(*columns).order_by(columns[0]))]


def stored(engine: Engine) -> tuple[int, int]:
    """How many events and how many of their metrics and texts are stored."""
    with engine.connect() as connection:
        events = connection.execute(select(func.count()).select_from(user_events)).scalar_one()
        meta = connection.execute(select(func.count()).select_from(user_event_meta)).scalar_one()
    return events, meta


def counts(engine: Engine, name: str, now: datetime = NOW, days: int = 30) -> rollup.Counts:
    hour = rollup.hour_number(now)
    with engine.connect() as connection:
        return rollup.counts_since(connection, OBJECTIVES[name], [hour - 24 * days], hour)[0]
