"""One face for everything a drill-down page can be about: the ten KPIs and two metrics more."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy.orm import Session

from api.calendar import Period, Window
from api.drilldowns import formulas, queries
from api.drilldowns.formulas import OpenDeals, StockFacts
from api.errors import NotFound
from api.executive.facts import Facts
from api.executive.formulas import KpiResult
from api.executive.kpis import SPECS, KpiKey, ValueUnit
from api.executive.scoring import evaluate, history
from api.storage.selections import Condition

PIPELINE = "pipeline"
INVENTORY_TURNS = "inventory_turns"


@dataclass(frozen=True)
class Metric:
    """What is fixed about a metric. ``kpi`` is None for the two that are not KPIs."""

    name: str
    label: str
    unit: ValueUnit
    definition: str
    kpi: KpiKey | None = None


@dataclass(frozen=True)
class Values:
    """A metric over a window, and at each of its periods."""

    now: KpiResult
    series: list[tuple[Period, KpiResult]]


METRICS: dict[str, Metric] = {
    **{
        str(key): Metric(str(key), spec.label, spec.unit, spec.definition, key)
        for key, spec in SPECS.items()
    },
    PIPELINE: Metric(
        PIPELINE,
        "Open Pipeline",
        "money",
        "Amounts of the deals that existed at the end of the window and were not closed by then.",
    ),
    INVENTORY_TURNS: Metric(
        INVENTORY_TURNS,
        "Inventory Turns",
        "x",
        "Cost of goods sold, annualised, divided by the mean month-end inventory.",
    ),
}


def known_metric(name: str) -> Metric:
    """The metric of a path. Raises ``NotFound`` for any other name."""
    if name not in METRICS:
        raise NotFound(f"There is no KPI {name[:40]!r}; there are {', '.join(METRICS)}.")
    return METRICS[name]


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
