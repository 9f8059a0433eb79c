"""Reads raw events release by release."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Subquery, and_, case, func, not_, select

from api.storage.event_reads import is_good
from api.storage.event_tables import user_event_meta, user_events
from slo.objective import Objective

Span = tuple[datetime, datetime]  # from, and up to but without


class ReleaseRow(NamedTuple):
    """Exact counts of one release, its nearest-rank percentiles, and when it was seen."""

    release: str | None
    good: int
    total: int
    p95: float
    p99: float
    first_seen: datetime
    last_seen: datetime


def by_release(
    connection: Connection,
    objective: Objective,
    span: Span,
    without: Sequence[Span] = (),
    only: str | None = None,
) -> list[ReleaseRow]:
    """Every release with samples in ``span``, the one seen last first; or ``only`` this one."""
    ranked = _ranked(
        objective,
        _within(span),
        *(not_(_within(each)) for each in without),
        *([] if only is None else [user_events.c.release == only]),
    )
    first_seen, last_seen = (each(ranked.c.event_time) for each in (func.min, func.max))
    rows = connection.execute(
        select(
            ranked.c.release,
            func.sum(ranked.c.good),
            func.count(),
            _at_rank(ranked, 95),
            _at_rank(ranked, 99),
            first_seen,
            last_seen,
        )
        .group_by(ranked.c.release)
        .order_by(last_seen.desc())
    )
    return [ReleaseRow(*row) for row in rows]


def _ranked(objective: Objective, *conditions: ColumnElement[bool]) -> Subquery:
    """Each sample with its place among those of its release, and how many these are."""
    event, value = user_events.c, user_event_meta.c.v
    return (
        select(
            event.release,
            event.event_time,
            value,
            case((is_good(objective.threshold), 1), else_=0).label("good"),
            func.row_number().over(partition_by=event.release, order_by=value).label("place"),
            func.count().over(partition_by=event.release).label("every"),
        )
        .select_from(user_events)
        .join(user_event_meta, user_event_meta.c.event_id == event.id)
        .where(
            user_event_meta.c.metric == objective.metric,
            event.event_type.in_(objective.event_types),
            ~event.synthetic,
            *conditions,
        )
        .subquery()
    )


def _at_rank(ranked: Subquery, percent: int) -> ColumnElement[Any]:
    """The sample at ``every * percent / 100``, rounded up, in whole numbers."""
    wanted = ranked.c.every * percent
    here = and_(ranked.c.place * 100 >= wanted, (ranked.c.place - 1) * 100 < wanted)
    return func.max(case((here, ranked.c.v)))


def _within(span: Span) -> ColumnElement[bool]:
    return and_(user_events.c.event_time >= span[0], user_events.c.event_time < span[1])
