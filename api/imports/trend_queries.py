"""Reads orders by day, and keeps the monthly rows of ``revenue_trend`` that come from them."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import asdict, dataclass, fields
from datetime import date

from sqlalchemy import Column, ColumnElement, case, delete, func, insert, select
from sqlalchemy.orm import Session

from api.storage.tables import orders, revenue_trend

RECURRING_TYPES = ("subscription", "recurring")
FROM_ORDERS = "orders"


@dataclass(frozen=True)
class Flows:
    """What orders did in some time. Money in 1/10,000; ``_orders`` are counts.

    ``margin`` is over recognized orders that have a profit, ``recurring`` over recognized
    subscription and recurring orders.
    """

    booked: int = 0
    booked_orders: int = 0
    recognized: int = 0
    recognized_orders: int = 0
    margin_profit: int = 0
    margin_amount: int = 0
    margin_orders: int = 0
    recurring: int = 0
    recurring_orders: int = 0
    cancelled: int = 0
    cancelled_orders: int = 0


FLOW_NAMES = tuple(field.name for field in fields(Flows))


@dataclass(frozen=True)
class TrendRow:
    """One month kept from orders; ``backlog`` is at its end, in 1/10,000."""

    period: str
    flows: Flows
    backlog: int


def day_flows(session: Session, first: date, last: date) -> Iterator[tuple[date, Flows]]:
    """Sums and counts by day from ``first`` to ``last``, both included.

    Each date column is read by its own index; a day is given up to three times.
    """
    for column, sums in _sums_by_column():
        statement = select(column.label("day"), *(value.label(name) for name, value in sums))
        within = statement.where(column.between(first, last)).group_by(column)
        for day, *values in session.execute(within):
            named = {name: int(value or 0) for (name, _), value in zip(sums, values, strict=True)}
            yield day, Flows(**named)


def stored_rows(session: Session) -> dict[str, TrendRow]:
    """The rows kept from orders, by period."""
    columns = [revenue_trend.c[name] for name in FLOW_NAMES]
    statement = select(revenue_trend.c.period, revenue_trend.c.backlog, *columns).where(
        revenue_trend.c.source == FROM_ORDERS
    )
    return {
        period: TrendRow(period, Flows(*values), backlog)
        for period, backlog, *values in session.execute(statement)
    }


def delete_rows(session: Session, periods: Collection[str]) -> None:
    """Take months away."""
    kept = revenue_trend.c.source == FROM_ORDERS
    session.execute(delete(revenue_trend).where(kept, revenue_trend.c.period.in_(periods)))


def insert_rows(session: Session, rows: Iterable[TrendRow]) -> None:
    """Add months."""
    values = [
        {"period": row.period, "source": FROM_ORDERS, "backlog": row.backlog, **asdict(row.flows)}
        for row in rows
    ]
    if values:
        session.execute(insert(revenue_trend), values)


_Sums = list[tuple[str, ColumnElement[int]]]


def _sums_by_column() -> list[tuple[Column[date], _Sums]]:
    amount, profit = orders.c.amount, orders.c.profit
    has_profit, recurring = profit.is_not(None), orders.c.type.in_(RECURRING_TYPES)
    recognized: _Sums = [
        ("recognized", func.sum(amount)),
        ("recognized_orders", func.count()),
        ("margin_profit", func.sum(profit)),
        ("margin_amount", func.sum(case((has_profit, amount), else_=0))),
        ("margin_orders", func.count(profit)),
        ("recurring", func.sum(case((recurring, amount), else_=0))),
        ("recurring_orders", func.sum(case((recurring, 1), else_=0))),
    ]
    return [
        (orders.c.booked_on, [("booked", func.sum(amount)), ("booked_orders", func.count())]),
        (orders.c.recognized_on, recognized),
        (
            orders.c.cancelled_on,
            [("cancelled", func.sum(amount)), ("cancelled_orders", func.count())],
        ),
    ]
