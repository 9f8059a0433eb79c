"""Questions about the data themselves: which kinds there are, how far they reach, from where."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Column, Label, RowMapping, ScalarSelect, Select, Table, func, select
from sqlalchemy.orm import Session

from api.calendar import Month
from api.executive.queries import FROM_ORDERS
from api.storage.tables import (
    customers,
    expenses,
    imports,
    inventory,
    orders,
    pipeline,
    retention_nrr,
    revenue_trend,
    risks,
    targets,
    uptime,
)

TABLES: dict[str, Table] = {
    "orders": orders,
    "customers": customers,
    "expenses": expenses,
    "retention": retention_nrr,
    "revenue_trend": revenue_trend,
    "pipeline": pipeline,
    "uptime": uptime,
    "targets": targets,
    "risks": risks,
    "inventory": inventory,
}
DATES: dict[str, tuple[Column[date], ...]] = {
    "orders": (orders.c.booked_on, orders.c.recognized_on, orders.c.cancelled_on),
    "customers": (customers.c.created_on,),
    "expenses": (expenses.c.incurred_on,),
    "pipeline": (pipeline.c.created_on, pipeline.c.closed_on),
}
PERIODS: dict[str, Column[str]] = {
    "retention": retention_nrr.c.period,
    "revenue_trend": revenue_trend.c.period,
    "uptime": uptime.c.period,
    "inventory": inventory.c.period,
}


@dataclass(frozen=True)
class SourceRow:
    """One kind of data: how many rows, the last day they cover, the last import."""

    kind: str
    rows: int
    last_day: date | None
    imported_at: datetime | None
    demo: bool


def sources(session: Session, latest: date) -> list[SourceRow]:
    """One row for each kind that has data; ``last_day`` is at most ``latest``."""
    found = session.execute(_everything(latest)).mappings().one()
    imported = _last_imports(session)
    demo = set(_kinds_with_demo(session))
    return [
        SourceRow(kind, rows, _last_day(found, kind, latest), imported.get(kind), kind in demo)
        for kind in TABLES
        if (rows := int(found[_rows(kind)]))
    ]


def _everything(latest: date) -> Select[Any]:
    """Counts and last dates of all kinds, in one statement: many small ones cost more."""
    columns: list[Label[Any]] = [_count(kind).label(_rows(kind)) for kind in TABLES]
    for dates in DATES.values():
        columns += [_last_date(column, latest).label(str(column)) for column in dates]
    columns += [_last_period(column, latest).label(str(column)) for column in PERIODS.values()]
    return select(*columns)


def _rows(kind: str) -> str:
    return f"rows of {kind}"


def _count(kind: str) -> ScalarSelect[int]:
    """How many rows; those of orders are added up from their monthly totals."""
    of_orders = revenue_trend.c.source == FROM_ORDERS
    if kind == "orders":
        booked = func.coalesce(func.sum(revenue_trend.c.booked_orders), 0)
        return select(booked).where(of_orders).scalar_subquery()
    counted = select(func.count()).select_from(TABLES[kind])
    return (counted.where(~of_orders) if kind == "revenue_trend" else counted).scalar_subquery()


def _last_date(column: Column[date], latest: date) -> ScalarSelect[date]:
    ordered = select(column).where(column <= latest).order_by(column.desc())
    return ordered.limit(1).scalar_subquery()


def _last_period(column: Column[str], latest: date) -> ScalarSelect[str]:
    statement = select(func.max(column)).where(column <= Month.of(latest).label)
    if column.table is revenue_trend:
        statement = statement.where(revenue_trend.c.source != FROM_ORDERS)
    return statement.scalar_subquery()


def _last_day(found: RowMapping, kind: str, latest: date) -> date | None:
    """The last day with data, or the last day of the last period with data."""
    days = [found[str(column)] for column in DATES.get(kind, ())]
    if kind in PERIODS and (label := found[str(PERIODS[kind])]):
        days.append(min(Month.parse(label).last_day, latest))
    return max((day for day in days if day is not None), default=None)


def _last_imports(session: Session) -> dict[str, datetime]:
    statement = select(imports.c.kind, func.max(imports.c.imported_at)).group_by(imports.c.kind)
    kept = statement.where(imports.c.undone_at.is_(None))
    return dict(session.execute(kept).tuples().all())


def _kinds_with_demo(session: Session) -> Iterator[str]:
    """Kinds of which a demonstration import still owns rows; the first such row settles it."""
    demo = select(imports.c.id).where(imports.c.demo)
    for kind in session.execute(select(imports.c.kind).where(imports.c.demo).distinct()).scalars():
        owner = TABLES[kind].c.import_id
        owned = select(owner).where(owner.in_(demo.where(imports.c.kind == kind))).limit(1)
        if session.execute(owned).first() is not None:
            yield kind
