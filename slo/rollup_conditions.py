"""Which conditions the hourly counts hold, and since when.

An objective that is new, or whose threshold changed, asks a condition that nobody counted before.
Where the samples themselves are still there it is counted afterwards; from before that nothing
can be known, and `known_from_hour` says so.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from sqlalchemy import Connection, delete, func, insert, select, tuple_

from slo.objective import Objective, Threshold
from slo.rollup import Counts, condition_of, conditions, hourly, hourly_counts

COMPLETE = 0  # known from the first hour on


class Condition(NamedTuple):
    """What is asked of the samples of one metric and event type."""

    metric: str
    event_type: str
    name: str


def asked(objectives: Iterable[Objective]) -> dict[Condition, Threshold]:
    """Every condition of a set of objectives."""
    return {
        Condition(one.metric, event_type, condition_of(one.threshold)): one.threshold
        for one in objectives
        for event_type in one.event_types
    }


def forget_all_but(connection: Connection, kept: Iterable[Condition]) -> None:
    """Nobody counts the others any more: should one come back, it starts anew."""
    key = tuple_(conditions.c.metric, conditions.c.event_type, conditions.c.condition)
    connection.execute(delete(conditions).where(key.not_in(list(kept))))


def unknown(connection: Connection, wanted: Iterable[Condition]) -> list[Condition]:
    """Those of ``wanted`` that were never counted completely."""
    table = conditions.c
    known = {
        tuple(row)
        for row in connection.execute(select(table.metric, table.event_type, table.condition))
    }
    return [condition for condition in wanted if condition not in known]


def first_sampled_hour(connection: Connection, condition: Condition) -> int | None:
    """The first hour with samples of the condition's metric and event type; None without."""
    first: int | None = connection.execute(
        select(func.min(hourly.c.hour)).where(
            hourly.c.metric == condition.metric, hourly.c.event_type == condition.event_type
        )
    ).scalar_one()
    return first


def replace_counts(
    connection: Connection,
    condition: Condition,
    hours: range,
    counted: Mapping[int, Counts],
    shard: int,
) -> None:
    """Set the condition's counts of ``hours``, whatever they were."""
    table = hourly_counts.c
    connection.execute(
        delete(hourly_counts).where(
            table.metric == condition.metric,
            table.event_type == condition.event_type,
            table.condition == condition.name,
            table.hour >= hours.start,
            table.hour < hours.stop,
        )
    )
    rows = [
        {
            "metric": condition.metric,
            "event_type": condition.event_type,
            "condition": condition.name,
            "hour": hour,
            "shard": shard,
            "good": counts.good,
            "total": counts.total,
        }
        for hour, counts in counted.items()
    ]
    if rows:
        connection.execute(insert(hourly_counts), rows)


def set_known(connection: Connection, condition: Condition, from_hour: int) -> None:
    """From ``from_hour`` on the condition's counts are complete."""
    connection.execute(
        insert(conditions).values(
            metric=condition.metric,
            event_type=condition.event_type,
            condition=condition.name,
            known_from_hour=from_hour,
        )
    )


def known_from_hour(connection: Connection, objective: Objective) -> int | None:
    """The first hour from which on all counts of ``objective`` are complete.

    None as long as nobody has counted afterwards what was there before the objective.
    """
    table = conditions.c
    known, latest = connection.execute(
        select(func.count(), func.max(table.known_from_hour)).where(
            table.metric == objective.metric,
            table.event_type.in_(objective.event_types),
            table.condition == condition_of(objective.threshold),
        )
    ).one()
    return None if known < len(objective.event_types) else int(latest)
