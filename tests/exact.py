"""What objectives are held against: every sample read from the events themselves."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, func, select

from api.storage.event_tables import user_event_meta, user_events
from slo.objective import Objective
from slo.rollup import Counts


def exact_counts(
    connection: Connection, objective: Objective, since: datetime, until: datetime
) -> Counts:
    """Good and all samples, counted one by one."""
    found = connection.execute(_samples(objective, since, until, user_event_meta.c.v)).scalars()
    good = [objective.threshold.is_good(value) for value in found]
    return Counts(sum(good), len(good))


def exact_percentile(
    connection: Connection, objective: Objective, since: datetime, until: datetime, percent: int
) -> float | None:
    """The nearest-rank percentile of the samples; None without samples."""
    total = connection.execute(_samples(objective, since, until, func.count())).scalar_one()
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
