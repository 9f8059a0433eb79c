"""Turns exact numbers into the bodies that clients see. Here, and only here, they become floats."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from fractions import Fraction

from api.calendar import Period, RunningMonth, Window
from api.executive.facts import Facts, money
from api.executive.forecasting import INTERVAL_LEVEL
from api.executive.formulas import KpiResult
from api.executive.kpis import SPECS, ValueUnit
from api.executive.queries import RiskRow, RunningFlows
from api.executive.schemas import Freshness, Interval, Kpi, Risk, Running, Source, TrendPoint
from api.executive.scoring import Score
from api.executive.source_queries import SourceRow

MONTHS_UNIT = "mo"
TREND_KINDS = ("orders", "revenue_trend")


def card(scored: Score, currency_sign: str) -> Kpi:
    """A scored KPI as clients see it. Numbers leave the exact world here."""
    spec, now = SPECS[scored.key], scored.now
    return Kpi(
        key=scored.key,
        label=spec.label,
        value=number(now.value),
        unit=unit_sign(spec.unit, currency_sign),
        delta=number(scored.change.fraction),
        deltaAbs=number(scored.change.difference),
        deltaUnit=spec.delta_unit,
        deltaReason=scored.change.reason,
        direction=scored.change.direction,
        goodDirection=scored.judgement.good_direction,
        status=scored.status,
        target=number(scored.judgement.target),
        reason=now.reason,
        method=now.method,
        horizon=now.horizon.label if now.horizon else None,
        interval=_interval(now),
        isStatic=True if now.is_static else None,
        leftOutShare=number(now.left_out_share),
        warnings=list(now.warnings),
        definition=spec.definition,
        drilldown=spec.drilldown,
        sparkline=[number(value) for value in scored.sparkline],
    )


def revenue_trend(facts: Facts, window: Window) -> list[TrendPoint]:
    """One point a period of the window."""
    return [_trend_point(facts, period) for period in window.periods]


def running(month: RunningMonth, flows: RunningFlows, ended: date | None) -> Running:
    """The month that is not complete yet, or its part until orders ``ended``.

    Amounts are null while it has no orders.
    """
    reach = ended if ended and flows.events else month.through
    closing = flows.backlog_before + flows.booked - flows.recognized - flows.cancelled
    return Running(
        period=month.month.label,
        through=max(month.month.first_day, min(month.through, reach)),
        recognized=_amount(flows.recognized) if flows.events else None,
        booked=_amount(flows.booked) if flows.events else None,
        backlog=_amount(closing) if flows.events else None,
    )


def orders_ended(sources: Sequence[SourceRow], today: date) -> date | None:
    """The last day that orders cover; None while they reach yesterday, and without any."""
    days = [source.last_day for source in sources if source.kind == "orders" and source.last_day]
    return min((day for day in days if day < today - timedelta(days=1)), default=None)


def freshness(sources: Sequence[SourceRow], now: datetime, today: date) -> Freshness:
    """How far the data reach. Orders and monthly totals decide; without them, all others do."""
    of_trend = [source for source in sources if source.kind in TREND_KINDS]
    days = [source.last_day for source in of_trend or sources if source.last_day is not None]
    return Freshness(
        data_as_of=max(days, default=None),
        today=today,
        generated_at=now,
        stale=False,
        demo=any(source.demo for source in sources),
        sources=[_source(source) for source in sources],
    )


def _trend_point(facts: Facts, period: Period) -> TrendPoint:
    rows = [facts.orders[month] for month in period.months if month in facts.orders]
    at_end = facts.orders.get(period.last_month)
    return TrendPoint(
        period=period.label,
        recognized=_amount(sum(row.recognized for row in rows)) if rows else None,
        booked=_amount(sum(row.booked for row in rows)) if rows else None,
        backlog=_amount(at_end.backlog) if at_end else None,
    )


def risk(row: RiskRow) -> Risk:
    """One row of the risk panel."""
    return Risk(
        id=row.id,
        title=row.title,
        owner=row.owner,
        due=row.due,
        mitigation=row.mitigation,
        status=row.status,
    )


def _source(row: SourceRow) -> Source:
    return Source(
        kind=row.kind,
        rows=row.rows,
        data_as_of=row.last_day,
        imported_at=row.imported_at,
        demo=row.demo,
    )


def _interval(result: KpiResult) -> Interval | None:
    if result.interval is None:
        return None
    low, high = result.interval
    return Interval(low=float(low), high=float(high), level=float(INTERVAL_LEVEL))


def unit_sign(unit: ValueUnit, currency_sign: str) -> str | None:
    """What stands beside a value: a currency, months, or nothing."""
    if unit == "money":
        return currency_sign
    return MONTHS_UNIT if unit == "months" else None


def _amount(amount: int) -> float:
    return float(money(amount))


def number(value: Fraction | None) -> float | None:
    """An exact number as clients see it; what is missing stays so."""
    return None if value is None else float(value)
