"""Values of everything that can be asked for in depth, over a window and at its periods."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy.orm import Session

from api.calendar import Period, Window
from api.drivers import formulas, queries
from api.drivers.formulas import OpenDeals, StockFacts
from api.drivers.metrics import PIPELINE, Metric
from api.executive.facts import Facts
from api.executive.formulas import KpiResult
from api.executive.scoring import evaluate, evaluate_period, history
from api.storage.selections import Condition


@dataclass(frozen=True)
class Values:
    """A metric over a window, and at each of its periods."""

    now: KpiResult
    series: list[tuple[Period, KpiResult]]


def value_now(
    session: Session,
    metric: Metric,
    facts: Facts,
    window: Window,
    only: Condition | None = None,
) -> KpiResult:
    """The metric over a window that ends at T."""
    if metric.kpi is not None:
        return evaluate(metric.kpi, facts, window)
    return _other(session, metric, facts, window, only).now


def value_before(
    session: Session,
    metric: Metric,
    facts: Facts,
    window: Window,
    only: Condition | None = None,
) -> KpiResult:
    """The metric over a window that may end before T."""
    if metric.kpi is not None:
        return evaluate_period(metric.kpi, facts, window)
    return _other(session, metric, facts, window, only).now


def values(
    session: Session,
    metric: Metric,
    facts: Facts,
    window: Window,
    only: Condition | None = None,
) -> Values:
    """The metric's value over the window and at each period; ``only`` of some deals."""
    if metric.kpi is not None:
        results = history(metric.kpi, facts, window, window.periods)
        series = list(zip(window.periods, results, strict=True))
        return Values(evaluate(metric.kpi, facts, window), series)
    return _other(session, metric, facts, window, only)


def _other(
    session: Session, metric: Metric, facts: Facts, window: Window, only: Condition | None
) -> Values:
    if metric.name == PIPELINE:
        return _pipeline(session, window, only)
    stock = stock_facts(session, facts, window)
    return _by_window(window, lambda each: formulas.inventory_turns(stock, each))


def stock_facts(session: Session, facts: Facts, window: Window) -> StockFacts:
    """What inventory turns over this window read."""
    first, last = window.months[0], window.last_month
    return StockFacts(
        queries.inventory_by_month(session, first, last),
        queries.cogs_by_month(session, first, last),
        queries.has_cogs(session, last),
        facts.expense_span,
    )


def _pipeline(session: Session, window: Window, only: Condition | None) -> Values:
    if not queries.has_pipeline(session, only):
        return _by_window(window, lambda _: formulas.pipeline(None))
    ends = [period.last_month.last_day for period in window.periods]
    sums = queries.open_deal_sums(session, ends, only)
    results = [formulas.pipeline(OpenDeals(*each)) for each in sums]
    return Values(results[-1], list(zip(window.periods, results, strict=True)))


def _by_window(window: Window, formula: Callable[[Window], KpiResult]) -> Values:
    series = [(period, formula(window.single(period))) for period in window.periods]
    return Values(formula(window), series)
