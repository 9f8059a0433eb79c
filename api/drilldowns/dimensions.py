"""What a metric can be broken down by, and the breakdown by one of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from sqlalchemy.orm import Session

from api.calendar import Period, Window
from api.drilldowns import breakdowns
from api.drilldowns.breakdowns import Item
from api.drivers import bridges, elements
from api.drivers.decomposition import Parts, customer_movements
from api.drivers.filters import FILTERS
from api.drivers.formulas import turns_months
from api.drivers.metrics import PIPELINE, Metric
from api.drivers.values import stock_facts
from api.executive.facts import Facts, money
from api.executive.formulas import KpiResult, payback_months
from api.executive.kpis import KpiKey
from api.storage.selections import Condition

PERIOD = "period"

# The inputs of a ratio that are its numerator and denominator.
RATIO_INPUTS = {
    KpiKey.UPTIME: ("up_seconds", "observed_seconds"),
    KpiKey.GM: ("profit", "amount"),
    KpiKey.BOOK_TO_BILL: ("booked", "recognized"),
    KpiKey.COVERAGE_MONTHS: ("backlog", "recognized"),
}


@dataclass(frozen=True)
class Broken:
    """A metric whose value is to be broken down."""

    metric: Metric
    facts: Facts
    window: Window
    baseline: Window
    now: KpiResult
    only: Condition | None = None  # of which orders or deals, where not of all


def dimensions(metric: Metric, now: KpiResult) -> tuple[str, ...]:
    """What ``by`` may be for a metric; the first is the default."""
    if metric.kpi is None:
        return bridges.DEAL_ATTRIBUTES if metric.name == PIPELINE else (PERIOD,)
    if metric.kpi is KpiKey.PAYBACK:
        return () if now.is_static else (PERIOD,)
    return bridges.dimensions(metric.kpi, now)


def filterable(metric: Metric) -> tuple[str, ...]:
    """The dimensions of which one element can be asked for alone."""
    return FILTERS[metric.name]


def breakdown(session: Session, broken: Broken, by: str) -> list[Item]:
    """The elements of one dimension; none where the metric has no value."""
    total = broken.now.value
    if total is None:
        return []
    if by == PERIOD:
        return breakdowns.in_order(_by_period(session, broken, total), total)
    if by == bridges.MOVEMENT:
        return breakdowns.in_order(_by_movement(session, broken), total)
    key = broken.metric.kpi
    if key in RATIO_INPUTS:
        return breakdowns.of_ratio(_parts(session, key, broken, by), _whole(key, broken.now))
    return breakdowns.of_sum(_sums(session, broken, by), total)


def _sums(session: Session, broken: Broken, by: str) -> dict[str, Fraction]:
    key = broken.metric.kpi
    if key is None:
        return elements.pipeline_by(session, by, broken.window, broken.only)
    if key is KpiKey.FORECAST:
        return elements.forecast_by(session, by, broken.facts, broken.window, broken.now)
    return elements.numerators(_parts(session, key, broken, by))


def _parts(session: Session, key: KpiKey, broken: Broken, by: str) -> dict[str, Parts]:
    if by == bridges.SERVICE:
        return elements.by_service(broken.facts, broken.window)
    portion = elements.portion(key, broken.facts, broken.window)
    narrowed = portion and portion.only(broken.only)
    return elements.by_attribute(session, by, [narrowed])[0]


def _whole(key: KpiKey, now: KpiResult) -> Parts:
    known = elements.numbers(now)
    numerator, denominator = (known[name] for name in RATIO_INPUTS[key])
    return Parts(numerator * known.get("history_months", 1), denominator)


def _by_movement(session: Session, broken: Broken) -> dict[str, Fraction]:
    """What was there at the start, and what moved it to the value."""
    key, now = broken.metric.kpi, broken.now
    if key is KpiKey.NRR:
        return {"Opening": Fraction(1), **bridges.retention_movements(now)}
    if key is KpiKey.BACKLOG:
        opening = elements.numbers(now).get("opening")
        start = {} if opening is None else {"Opening": opening}
        return start | bridges.backlog_movements(now)
    old, new = (
        elements.recurring_by_customer(session, each, broken.only)
        for each in (broken.baseline, broken.window)
    )
    return {"Opening": sum(old.values(), Fraction(0)), **customer_movements(old, new)}


def _by_period(session: Session, broken: Broken, total: Fraction) -> Mapping[str, Fraction]:
    """Each period's part of a value that grows with what was spent in it."""
    spent = _spent(session, broken)
    whole = sum(spent.values(), Fraction(0))
    return {label: total * amount / whole for label, amount in spent.items()} if whole else {}


def _spent(session: Session, broken: Broken) -> dict[str, Fraction]:
    if broken.metric.kpi is KpiKey.PAYBACK:
        months = set(payback_months(broken.facts, broken.window))
        amounts = {month: row.sales_marketing for month, row in broken.facts.expense_months.items()}
    else:
        stock = stock_facts(session, broken.facts, broken.window)
        months = set(turns_months(stock, broken.window))
        amounts = dict(stock.cogs)

    def spent_in(period: Period) -> Fraction:
        return money(sum(amounts.get(month, 0) for month in period.months if month in months))

    return {period.label: spent_in(period) for period in broken.window.periods}
