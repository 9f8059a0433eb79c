"""Reads raw events: for single samples, and to check what the rollup says."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, case, func, select

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
            objective,
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


def exact_counts(
    connection: Connection, objective: Objective, since: datetime, until: datetime
) -> Counts:
    """Good and all samples, counted one by one."""
    good = func.coalesce(func.sum(case((_is_good(objective.threshold), 1), else_=0)), 0)
    row = connection.execute(_samples(objective, since, until, good, func.count())).one()
    return Counts(int(row[0]), int(row[1]))


def exact_percentile(
    connection: Connection, objective: Objective, since: datetime, until: datetime, percent: int
) -> float | None:
    """The nearest-rank percentile of the samples themselves; None without samples."""
    total = exact_counts(connection, objective, since, until).total
    if not total:
        return None
    rank = -(-total * percent // 100)  # rounded up, in whole numbers
    value = user_event_meta.c.v
    ordered = _samples(objective, since, until, value).order_by(value)
    found: float = connection.execute(ordered.offset(rank - 1).limit(1)).scalar_one()
    return found


def _samples(
    objective: Objective, since: datetime, until: datetime, *columns: ColumnElement[Any]
) -> Select[Any]:
    return (
        select(*columns)
        .select_from(user_events)
        .join(user_event_meta, user_event_meta.c.event_id == user_events.c.id)
        .where(
            user_event_meta.c.metric == objective.metric,
            user_events.c.event_type.in_(objective.event_types),
            user_events.c.event_time >= since,
            user_events.c.event_time < until,
            ~user_events.c.synthetic,
        )
    )


def _is_good(threshold: Threshold) -> ColumnElement[bool]:
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
