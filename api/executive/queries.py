"""Questions the first screen asks the database. Each reads monthly totals or a bounded range.

Orders are only asked about the running month, through the index of each of their dates.
"""

from dataclasses import dataclass, fields
from datetime import date
from fractions import Fraction

from sqlalchemy import Column, Select, case, func, or_, select
from sqlalchemy.orm import Session

from api.calendar import Month
from api.executive.facts import (
    Deals,
    ExpenseMonth,
    Goal,
    OrderMonth,
    RetentionMonth,
    ServiceMonth,
    Span,
)
from api.executive.month_label import month_label
from api.storage import selections
from api.storage.tables import (
    expenses,
    orders,
    pipeline,
    retention_nrr,
    revenue_trend,
    risks,
    targets,
    uptime,
)

FROM_ORDERS = "orders"


@dataclass(frozen=True)
class RunningFlows:
    """What orders did in part of a month; money in 1/10,000. ``backlog_before`` is at its start."""

    recognized: int
    booked: int
    cancelled: int
    events: int
    backlog_before: int


@dataclass(frozen=True)
class RiskRow:
    """One row of the risk panel."""

    id: int
    title: str
    owner: str
    due: date
    mitigation: str
    status: str


def order_months(session: Session, through: Month) -> list[OrderMonth]:
    """Every month's totals up to ``through``: one row a month and source."""
    columns = [revenue_trend.c[field.name] for field in fields(OrderMonth) if field.name != "month"]
    statement = select(revenue_trend.c.period, *columns).where(
        revenue_trend.c.period <= through.label
    )
    return [
        OrderMonth(Month.parse(period), *totals) for period, *totals in session.execute(statement)
    ]


def expense_months(session: Session, first: Month, through: Month) -> list[ExpenseMonth]:
    """Sales and marketing expenses of each month from ``first`` to ``through`` with expenses."""
    month = month_label(expenses.c.incurred_on)
    amount = case((expenses.c.category == selections.SALES_MARKETING, expenses.c.amount), else_=0)
    within = expenses.c.incurred_on.between(first.first_day, through.last_day)
    statement = select(month, func.sum(amount)).where(within).group_by(month)
    return [
        ExpenseMonth(Month.parse(label), int(total)) for label, total in session.execute(statement)
    ]


def expense_span(session: Session, through: Month) -> Span | None:
    """The first and the last month with expenses, up to ``through``."""
    column = expenses.c.incurred_on
    known = select(column).where(column <= through.last_day).limit(1)
    first = session.execute(known.order_by(column)).scalar_one_or_none()
    last = session.execute(known.order_by(column.desc())).scalar_one_or_none()
    return Span(Month.of(first), Month.of(last)) if first and last else None


def has_sales_marketing(session: Session, through: Month) -> bool:
    """Whether any sales and marketing expense was incurred up to ``through``."""
    statement = select(expenses.c.expense_id).where(
        expenses.c.category == selections.SALES_MARKETING,
        expenses.c.incurred_on <= through.last_day,
    )
    return session.execute(statement.limit(1)).first() is not None


def retention_months(session: Session, through: Month) -> list[RetentionMonth]:
    """Movements of monthly recurring revenue up to ``through``. No contraction given is none."""
    statement = (
        select(retention_nrr)
        .where(retention_nrr.c.period <= through.label)
        .order_by(retention_nrr.c.period)
    )
    return [
        RetentionMonth(
            Month.parse(row.period),
            row.opening_mrr,
            row.churned_mrr,
            row.contraction_mrr or 0,
            row.expansion_mrr,
            row.new_mrr,
        )
        for row in session.execute(statement)
    ]


def service_months(session: Session, through: Month) -> list[ServiceMonth]:
    """Every service's observed time up to ``through``."""
    statement = (
        select(uptime)
        .where(uptime.c.period <= through.label)
        .order_by(uptime.c.period, uptime.c.service)
    )
    return [
        ServiceMonth(
            row.service,
            Month.parse(row.period),
            row.up_seconds,
            row.observed_seconds,
            row.weight,
        )
        for row in session.execute(statement)
    ]


def deals(session: Session, expected_from: Month, closed_from: Month, to: Month) -> list[Deals]:
    """Deals expected to close from one month, or closed from another, up to ``to``, by kind."""
    dates = (pipeline.c.expected_close_on, pipeline.c.created_on, pipeline.c.closed_on)
    kind = (*map(month_label, dates), pipeline.c.outcome, pipeline.c.win_rate)
    statement = (
        select(func.sum(pipeline.c.amount), *kind)
        .where(
            or_(
                pipeline.c.expected_close_on.between(expected_from.first_day, to.last_day),
                pipeline.c.closed_on.between(closed_from.first_day, to.last_day),
            )
        )
        .group_by(*kind)
    )
    return [
        Deals(
            int(amount),
            Month.parse(expected_close),
            Month.parse(created) if created else None,
            Month.parse(closed) if closed else None,
            outcome,
            win_rate,
        )
        for amount, expected_close, created, closed, outcome, win_rate in session.execute(statement)
    ]


def goals(session: Session) -> list[Goal]:
    """Every target with its lines."""
    return [
        Goal(
            row.kpi,
            Month.parse(row.period) if row.period else None,
            Fraction(row.target),
            None if row.watch is None else Fraction(row.watch),
            None if row.act is None else Fraction(row.act),
            row.good_direction,
        )
        for row in session.execute(select(targets))
    ]


def running_flows(session: Session, month: Month, through: date) -> RunningFlows:
    """What orders did from a month's first day through a day of it."""
    first = month.first_day
    recognized, recognized_orders = session.execute(
        _total_of(orders.c.recognized_on, first, through)
    ).one()
    booked, booked_orders = session.execute(_total_of(orders.c.booked_on, first, through)).one()
    cancelled, cancelled_orders = session.execute(
        _total_of(orders.c.cancelled_on, first, through)
    ).one()
    return RunningFlows(
        int(recognized),
        int(booked),
        int(cancelled),
        recognized_orders + booked_orders + cancelled_orders,
        _backlog_before(session, month),
    )


def risk_rows(session: Session) -> list[RiskRow]:
    """The risk panel: what is due first comes first."""
    rows = [
        RiskRow(row.id, row.title, row.owner, row.due, row.mitigation, row.status)
        for row in session.execute(select(risks))
    ]
    # Sorted here: databases disagree about the order of letters.
    return sorted(rows, key=lambda row: (row.due, row.title, row.owner))


def _total_of(column: Column[date], first: date, through: date) -> Select[tuple[int, int]]:
    amount = func.coalesce(func.sum(orders.c.amount), 0)
    return select(amount, func.count()).where(column.between(first, through))


def _backlog_before(session: Session, month: Month) -> int:
    """Backlog of orders when ``month`` began; before the first order there was none."""
    statement = (
        select(revenue_trend.c.backlog)
        .where(revenue_trend.c.source == FROM_ORDERS, revenue_trend.c.period < month.label)
        .order_by(revenue_trend.c.period.desc())
        .limit(1)
    )
    return session.execute(statement).scalar_one_or_none() or 0
