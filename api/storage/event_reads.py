"""Reads raw events: for single samples, and to check what the rollup says."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    Select,
    and_,
    case,
    cast,
    extract,
    func,
    select,
)

from api.storage.event_tables import user_event_meta, user_events
from slo.objective import Objective, Threshold
from slo.rollup import Counts


@dataclass(frozen=True)
class RawSample:
    """One measurement of one event. ``trace_id`` is None where the browser sent none."""

    value: float
    event_time: datetime
    event_type: str
    trace_id: str | None
    release: str | None


def slowest(
    connection: Connection, objective: Objective, since: datetime, until: datetime, limit: int
) -> list[RawSample]:
    """The largest samples of ``since <= event_time < until``, the largest first."""
    traces = user_event_meta.alias("traces")
    found = connection.execute(
        _samples(
            objective.metric,
            objective.event_types,
            since,
            until,
            user_event_meta.c.v,
            user_events.c.event_time,
            user_events.c.event_type,
            traces.c.text,
            user_events.c.release,
        )
        .outerjoin(
            traces,
            and_(traces.c.event_id == user_events.c.id, traces.c.metric == "trace_id"),
        )
        .order_by(user_event_meta.c.v.desc(), user_events.c.event_time.desc())
        .limit(limit)
    )
    return [RawSample(*row) for row in found]


def at_ranks(
    connection: Connection,
    objective: Objective,
    since: datetime,
    until: datetime,
    ranks: Collection[int],
) -> dict[int, float]:
    """The samples at these places of their order, where 1 is the smallest; all in one pass."""
    value = user_event_meta.c.v
    place = func.row_number().over(order_by=value).label("place")
    ordered = _samples(
        objective.metric, objective.event_types, since, until, value, place
    ).subquery()
    found = connection.execute(
        select(ordered.c.place, ordered.c.v).where(ordered.c.place.in_(ranks))
    )
    return {row.place: row.v for row in found}


def good_and_all(
    connection: Connection,
    metric: str,
    event_types: Collection[str],
    threshold: Threshold,
    since: datetime,
    until: datetime,
    *,
    seconds: int,
) -> dict[int, Counts]:
    """Good and all samples of each stretch of so many seconds, counted one by one.

    Stretches are numbered from 1970 in UTC; empty ones are absent.
    """
    stretch = _since_1970(connection, seconds)
    good = func.sum(case((is_good(threshold), 1), else_=0))
    rows = connection.execute(
        _samples(metric, event_types, since, until, stretch, good, func.count()).group_by(stretch)
    )
    return {int(number): Counts(int(fine), int(total)) for number, fine, total in rows}


def has_events(connection: Connection, event_type: str) -> bool:
    """Whether any raw event of this type is kept."""
    found = select(user_events.c.id).where(user_events.c.event_type == event_type).limit(1)
    return connection.execute(found).first() is not None


def _since_1970(connection: Connection, seconds: int) -> ColumnElement[int]:
    """The stretch of so many seconds that an event lies in, counted from 1970 in UTC."""
    if connection.dialect.name == "sqlite":
        return cast(func.strftime("%s", user_events.c.event_time), Integer) // seconds
    return cast(func.floor(extract("epoch", user_events.c.event_time) / seconds), Integer)


def _samples(
    metric: str,
    event_types: Collection[str],
    since: datetime,
    until: datetime,
    *columns: ColumnElement[Any],
) -> Select[Any]:
    return (
        select(*columns)
        .select_from(user_events)
        .join(user_event_meta, user_event_meta.c.event_id == user_events.c.id)
        .where(
            user_event_meta.c.metric == metric,
            user_events.c.event_type.in_(event_types),
            user_events.c.event_time >= since,
            user_events.c.event_time < until,
            ~user_events.c.synthetic,
        )
    )


def is_good(threshold: Threshold) -> ColumnElement[bool]:
    """Whether a sample is good, as the database compares it."""
    value = user_event_meta.c.v
    match threshold.op:
        case "lt":
            return value < threshold.value
        case "lte":
            return value <= threshold.value
        case "gt":
            return value > threshold.value
        case "gte":
            return value >= threshold.value
        case "band":
            return value.between(threshold.low, threshold.high)
