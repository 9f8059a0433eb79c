"""Keeps the monthly totals from orders, so that no screen ever scans orders.

Flows are summed again only for months that changed; the backlog then rolls forward:
opening + booked - recognized - cancelled = closing, which holds because no order is both
recognized and cancelled, nor either before it is booked.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import astuple
from datetime import date

from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from api.calendar import Month, months_between
from api.imports import trend_queries
from api.imports.errors import unreadable
from api.imports.trend_queries import TrendRow
from api.storage.flows import FLOW_NAMES, Flows

MAX_STORED = 2**63 - 1
NOTHING = Flows()


def refresh(session: Session, days: Iterable[date]) -> None:
    """Bring the months of ``days`` up to date, and the backlog of all months after them.

    Raises ``ImportRefused`` when a month's sum does not fit the database's integers.
    """
    stored = trend_queries.stored_rows(session)
    flows = {Month.parse(row.period): row.flows for row in stored.values()}
    for first, last in _runs(days):
        fresh = _monthly(_summed(session, first.first_day, last.last_day))
        flows.update((month, fresh.get(month, NOTHING)) for month in months_between(first, last))
    wanted = {row.period: row for row in roll_forward(flows)}
    _refuse_overflow(wanted.values())
    trend_queries.delete_rows(session, [p for p in stored if wanted.get(p) != stored[p]])
    trend_queries.insert_rows(session, (row for p, row in wanted.items() if stored.get(p) != row))


def differences(session: Session) -> list[str]:
    """Periods whose stored row is not what the orders say."""
    stored = trend_queries.stored_rows(session)
    everything = _monthly(_summed(session, date.min, date.max))
    wanted = {row.period: row for row in roll_forward(everything)}
    return sorted(p for p in stored.keys() | wanted.keys() if stored.get(p) != wanted.get(p))


def roll_forward(flows: Mapping[Month, Flows]) -> Iterator[TrendRow]:
    """One row for every month from the first to the last with activity, zeros included."""
    active = [month for month, flow in flows.items() if _is_active(flow)]
    if not active:
        return
    backlog = 0
    for month in months_between(min(active), max(active)):
        flow = flows.get(month, NOTHING)
        backlog += flow.booked - flow.recognized - flow.cancelled
        yield TrendRow(month.label, flow, backlog)


def _is_active(flow: Flows) -> bool:
    return bool(flow.booked_orders or flow.recognized_orders or flow.cancelled_orders)


def _summed(session: Session, first: date, last: date) -> Iterator[tuple[date, Flows]]:
    try:
        yield from trend_queries.day_flows(session, first, last)
    except OperationalError as error:  # SQLite's sums are 64-bit, PostgreSQL's are not
        if "integer overflow" in str(error.orig):
            raise _too_much("a day") from None
        raise


def _refuse_overflow(rows: Iterable[TrendRow]) -> None:
    for row in rows:
        if max(map(abs, (*astuple(row.flows), row.backlog))) > MAX_STORED:
            raise _too_much(row.period)


def _too_much(where: str) -> Exception:
    return unreadable(1, f"the orders of {where} add up to more than can be stored")


def _monthly(flows: Iterable[tuple[date, Flows]]) -> dict[Month, Flows]:
    sums: dict[Month, list[int]] = defaultdict(lambda: [0] * len(FLOW_NAMES))
    for day, flow in flows:
        month = sums[Month.of(day)]
        for index, value in enumerate(astuple(flow)):
            month[index] += value
    return {month: Flows(*values) for month, values in sums.items()}


def _runs(days: Iterable[date]) -> Iterator[tuple[Month, Month]]:
    """Runs of neighbouring months, as first and last."""
    months = sorted({Month.of(day) for day in days})
    starts = [month for month in months if month.plus(-1) not in months]
    ends = [month for month in months if month.plus(1) not in months]
    return zip(starts, ends, strict=True)
