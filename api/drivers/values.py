"""Values of everything that can be asked for in depth, over a window and at its periods."""

from collections.abc import Sequence
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
    """The metric over a window that ends at T; ``only`` of some deals."""
    if metric.kpi is not None:
        return evaluate(metric.kpi, facts, window)
    return _others(session, metric, facts, [window], only)[0]


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
    return value_now(session, metric, facts, window, only)


def values(
    session: Session,
    metric: Metric,
    facts: Facts,
    window: Window,
    only: Condition | None = None,
) -> Values:
    """The metric's value over the window and at each period."""
    periods = window.periods
    if metric.kpi is not None:
        now = evaluate(metric.kpi, facts, window)
        results = history(metric.kpi, facts, window, periods)
    else:
        windows = [window, *(window.single(period) for period in periods)]
        now, *results = _others(session, metric, facts, windows, only)
    return Values(now, list(zip(periods, results, strict=True)))


def _others(
    session: Session,
    metric: Metric,
    facts: Facts,
    windows: Sequence[Window],
    only: Condition | None,
) -> list[KpiResult]:
    """A metric that the first screen does not show over windows, which lie within the first."""
    if metric.name == PIPELINE:
        ends = [window.end_date for window in windows]
        sums = queries.open_deal_sums(session, ends, only)
        return [formulas.pipeline(each and OpenDeals(*each)) for each in sums]
    stock = stock_facts(session, facts, windows[0])
    return [formulas.inventory_turns(stock, window) for window in windows]


def stock_facts(session: Session, facts: Facts, window: Window) -> StockFacts:
    """What inventory turns over this window read."""
    first, last = window.months[0], window.last_month
    return StockFacts(
        queries.inventory_by_month(session, first, last),
        queries.cogs_by_month(session, first, last),
        queries.has_cogs(session, last),
        facts.expense_span,
    )
