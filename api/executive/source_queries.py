"""Questions about the data themselves: which kinds there are, how far they reach, from where."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Column, Label, RowMapping, ScalarSelect, Select, Table, exists, func, select
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
    imported = _imported(session)
    found = session.execute(_last_dates(latest)).mappings().one()
    demo = _kinds_with_demo(session)
    return [
        SourceRow(kind, rows, _last_day(found, kind, latest), imported_at, kind in demo)
        for kind in TABLES
        for rows, imported_at in (imported.get(kind, (0, None)),)
        if rows
    ]


def _imported(session: Session) -> dict[str, tuple[int, datetime]]:
    """Rows of each kind, and its last import.

    Only imports bring rows in, and undoing one takes out what it inserted: no table is counted.
    """
    statement = select(
        imports.c.kind, func.sum(imports.c.inserted), func.max(imports.c.imported_at)
    ).where(imports.c.undone_at.is_(None))
    return {
        kind: (int(rows), imported_at)
        for kind, rows, imported_at in session.execute(statement.group_by(imports.c.kind))
    }


def _last_dates(latest: date) -> Select[Any]:
    """Last dates of all kinds, in one statement: many small ones cost more."""
    columns: list[Label[Any]] = []
    for dates in DATES.values():
        columns += [_last_date(column, latest).label(str(column)) for column in dates]
    columns += [_last_period(column, latest).label(str(column)) for column in PERIODS.values()]
    return select(*columns)


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


def _kinds_with_demo(session: Session) -> set[str]:
    """Kinds of which a demonstration import still owns rows; the first such row settles it."""
    demo = imports.c.demo & imports.c.undone_at.is_(None)
    loaded: dict[str, list[int]] = defaultdict(list)
    for kind, import_id in session.execute(select(imports.c.kind, imports.c.id).where(demo)):
        loaded[kind].append(import_id)
    if not loaded:
        return set()
    owned = [
        exists().where(TABLES[kind].c.import_id.in_(import_ids)).label(kind)
        for kind, import_ids in loaded.items()
    ]
    found = session.execute(select(*owned)).mappings().one()
    return {kind for kind in loaded if found[kind]}
