"""Deleting what is old in small steps, so that nobody waits long for the write lock."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import UTC, date, datetime, time, timedelta
from typing import TypeVar

from sqlalchemy import Column, Connection, delete, func, select

from api.storage.event_tables import event_ids, usage_daily, user_event_meta, user_events
from slo import rollup

ROWS_PER_STEP = 1000
EPOCH = date(1970, 1, 1)
IDS_OUTLIVE_EVENTS = timedelta(days=1)

Key = TypeVar("Key", int, str)
Transaction = Callable[[], AbstractContextManager[Connection]]


def start_of(day: date) -> datetime:
    """The first instant of a UTC day."""
    return datetime.combine(day, time(), UTC)


def expire_events(transaction: Transaction, before: date) -> Iterator[int]:
    """Delete events received before a day, walking through the table by key."""
    key, cutoff = user_events.c.id, start_of(before)
    after = -1
    while True:
        with transaction() as connection:
            last = _last_of_step(connection, key, after)
            if last is None:
                return
            old = select(key).where(key > after, key <= last, user_events.c.received_at < cutoff)
            connection.execute(delete(user_event_meta).where(user_event_meta.c.event_id.in_(old)))
            deleted = connection.execute(delete(user_events).where(key.in_(old))).rowcount
        yield deleted
        after = last


def expire_ids(transaction: Transaction, events_before: date) -> Iterator[int]:
    """Delete the ids of events that were themselves deleted a day ago."""
    key, before = event_ids.c.event_id, events_before - IDS_OUTLIVE_EVENTS
    after = ""
    while True:
        with transaction() as connection:
            last = _last_of_step(connection, key, after)
            if last is None:
                return
            deleted = connection.execute(
                delete(event_ids).where(key > after, key <= last, event_ids.c.received_on < before)
            ).rowcount
        yield deleted
        after = last


def expire_rollups(transaction: Transaction, before: date) -> Iterator[int]:
    """Delete rollups and usage of earlier days."""
    day = (before - EPOCH).days
    with transaction() as connection:
        sources = rollup.sources(connection)
    for metric, event_type in sources:
        with transaction() as connection:
            deleted = rollup.delete_before(connection, metric, event_type, day)
        yield deleted
    with transaction() as connection:
        deleted = connection.execute(delete(usage_daily).where(usage_daily.c.day < before)).rowcount
    yield deleted


def _last_of_step(connection: Connection, key: Column[Key], after: Key) -> Key | None:
    """The key that ends the step after ``after``; None behind the last row."""
    step = select(key).where(key > after).order_by(key).limit(ROWS_PER_STEP).subquery()
    last: Key | None = connection.execute(select(func.max(step.c[0]))).scalar_one()
    return last
