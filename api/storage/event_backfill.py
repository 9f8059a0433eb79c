"""Counts afterwards what new objectives ask, from the raw events that are still there."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from datetime import date, datetime

from sqlalchemy import Connection

from api.storage import event_reads
from api.storage.event_store_expiry import start_of
from slo.objective import Objective
from slo.rollup import hour_number, hour_start
from slo.rollup_conditions import (
    COMPLETE,
    asked,
    first_sampled_hour,
    forget_all_but,
    replace_counts,
    set_known,
    unknown,
)

HOURS_PER_STEP = 24

Transaction = Callable[[], AbstractContextManager[Connection]]


def learn(
    transaction: Transaction,
    objectives: Iterable[Objective],
    now: datetime,
    raw_before: date,
    shard: int,
) -> Iterator[int]:
    """Count each new condition; one transaction a step, which gives the hours it counted.

    Nobody else may store events during a ``transaction``. Raw events received before
    ``raw_before`` may be gone.
    """
    thresholds = asked(objectives)
    with transaction() as connection:
        forget_all_but(connection, thresholds)
        new = unknown(connection, thresholds)
    # An event is received after its hour began, but for clocks that are a little ahead.
    raw_from = hour_number(start_of(raw_before)) + 1
    for condition in new:
        with transaction() as connection:
            first = first_sampled_hour(connection, condition)
            has_raw = event_reads.has_events(connection, condition.event_type)
        known_from = COMPLETE
        if first is not None and not has_raw:  # the service's own samples are not kept singly
            known_from = hour_number(now) + 1
        elif first is not None:
            known_from = raw_from if first < raw_from else COMPLETE
            for start in range(max(first, raw_from), hour_number(now) + 2, HOURS_PER_STEP):
                hours = range(start, start + HOURS_PER_STEP)
                with transaction() as connection:
                    counted = event_reads.good_and_all(
                        connection,
                        condition.metric,
                        [condition.event_type],
                        thresholds[condition],
                        hour_start(hours.start),
                        hour_start(hours.stop),
                        seconds=3600,
                    )
                    replace_counts(connection, condition, hours, counted, shard)
                yield len(hours)
        with transaction() as connection:
            if unknown(connection, [condition]):  # another process may have been faster
                set_known(connection, condition, known_from)
        yield 0
