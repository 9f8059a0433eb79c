"""The two metrics that only the drill-down pages show. Pure, exact."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from api.calendar import Month, Window
from api.executive.facts import Span, money
from api.executive.formulas import MONTHS_A_YEAR, KpiResult, Part
from api.executive.kpis import Caution


@dataclass(frozen=True)
class StockFacts:
    """What inventory turns read, by month; amounts in 1/10,000."""

    inventory: Mapping[Month, int]
    cogs: Mapping[Month, int]  # months with any
    has_cogs: bool  # ever
    expense_span: Span | None


@dataclass(frozen=True)
class OpenDeals:
    """Deals open at one day's end; ``amount`` in 1/10,000."""

    amount: int
    count: int


def pipeline(deals: OpenDeals | None) -> KpiResult:
    """Sum of the amounts of open deals; None stands for a company without any pipeline."""
    if deals is None:
        return KpiResult(None, reason="no_data")
    return KpiResult(money(deals.amount), (Part("open_deals", Fraction(deals.count), "count"),))


def turns_months(facts: StockFacts, window: Window) -> list[Month]:
    """The window's months that both inventory and expenses cover."""
    span = facts.expense_span
    return [month for month in window.months if month in facts.inventory and span and month in span]


def inventory_turns(facts: StockFacts, window: Window) -> KpiResult:
    """Annualised cost of goods sold over the mean inventory of the window's covered months."""
    months = turns_months(facts, window)
    if not months or not facts.has_cogs:
        return KpiResult(None, reason="no_data")
    cogs = money(sum(facts.cogs.get(month, 0) for month in months))
    mean = money(sum(facts.inventory[month] for month in months)) / len(months)
    parts = (
        Part("cogs", cogs, "money"),
        Part("months", Fraction(len(months)), "count"),
        Part("mean_inventory", mean, "money"),
    )
    cautions: tuple[Caution, ...] = ("partial_window",) if len(months) < len(window.months) else ()
    if mean <= 0:
        return KpiResult(None, parts, "zero_denominator", cautions)
    return KpiResult(cogs * MONTHS_A_YEAR / len(months) / mean, parts, warnings=cautions)
