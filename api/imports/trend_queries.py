"""Reads orders by day, and keeps the monthly rows of ``revenue_trend`` that come from them."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import date

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from api.storage.flows import FLOW_NAMES, Flows, sums_by_date
from api.storage.tables import revenue_trend

FROM_ORDERS = "orders"


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
    for column, sums in sums_by_date():
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
