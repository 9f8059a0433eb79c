"""What each element of a dimension counts for in a KPI, over one or more windows.

Sums over all elements are the KPI's own numerator and denominator, wherever the KPI comes from
orders. Months that are known by their totals only have no elements.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from sqlalchemy import and_
from sqlalchemy.orm import Session

from api.calendar import Month, Window
from api.drivers import queries
from api.drivers.decomposition import Parts
from api.drivers.queries import Measure
from api.executive.facts import Facts, money
from api.executive.formulas import COVERAGE_HISTORY_MONTHS, MONTHS_A_YEAR, KpiResult
from api.executive.kpis import KpiKey
from api.storage import selections
from api.storage.selections import Condition
from api.storage.tables import orders

ATTRIBUTES = ("region", "segment", "product", "customer", "type")
RATIOS = frozenset({KpiKey.GM, KpiKey.BOOK_TO_BILL, KpiKey.COVERAGE_MONTHS, KpiKey.UPTIME})
NO_PART = Fraction(0)
SECONDS_A_MINUTE = 60


@dataclass(frozen=True)
class Portion:
    """The sums over orders that make a KPI: ``factor`` x numerator, over the denominator."""

    numerator: Measure
    denominator: Measure | None = None
    factor: int = 1

    def only(self, condition: Condition | None) -> "Portion":
        """The same sums over fewer orders; None leaves them as they are."""
        if condition is None:
            return self
        numerator = self.numerator.only(condition)
        if self.denominator is None:
            return Portion(numerator, None, self.factor)
        if self.denominator.condition is self.numerator.condition:  # one question for both
            shared = Measure(numerator.condition, self.denominator.column)
            return Portion(numerator, shared, self.factor)
        return Portion(numerator, self.denominator.only(condition), self.factor)


def portion(key: KpiKey, facts: Facts, window: Window) -> Portion | None:
    """The sums behind a KPI's value; None where it does not come from single orders."""
    if key in (KpiKey.BACKLOG, KpiKey.COVERAGE_MONTHS):
        return _stock_portion(key, facts, window)
    first, end = window.start_date, window.end_date
    recognized = Measure(selections.recognized(first, end))
    if key is KpiKey.REVENUE:
        return Portion(recognized)
    if key is KpiKey.BOOK_TO_BILL:
        return Portion(Measure(selections.booked(first, end)), recognized)
    if key is KpiKey.GM:
        counted = selections.recognized_with_profit(first, end)
        return Portion(Measure(counted, orders.c.profit), Measure(counted))
    month = selections.recognized_recurring(window.last_month.first_day, end)
    return Portion(Measure(month), factor=MONTHS_A_YEAR)


def _stock_portion(key: KpiKey, facts: Facts, window: Window) -> Portion | None:
    if backlog_is_given(facts, window.last_month):
        return None
    backlog = Measure(selections.in_backlog(window.end_date))
    if key is KpiKey.BACKLOG:
        return Portion(backlog)
    history = coverage_history(facts, window)
    recent = Measure(selections.recognized(history[0].first_day, window.end_date))
    return Portion(backlog, recent, factor=len(history))


def coverage_history(facts: Facts, window: Window) -> list[Month]:
    """The months whose recognized revenue the backlog is held against."""
    months = [window.last_month.plus(-ago) for ago in range(COVERAGE_HISTORY_MONTHS)]
    return sorted(month for month in months if month in facts.orders)


def backlog_is_given(facts: Facts, end: Month) -> bool:
    """Whether the backlog at a month's end was imported as a total, not kept from orders."""
    known = [row for month, row in facts.orders.items() if month <= end and row.source != "none"]
    return bool(known) and known[-1].source == "given"


def by_attribute(
    session: Session, dimension: str, portions: Sequence[Portion | None]
) -> list[dict[str, Parts]]:
    """Each portion by element of an attribute of orders; empty for a portion that is None."""
    return by_attributes(session, (dimension,), portions)[dimension]


def by_attributes(
    session: Session, dimensions: Sequence[str], portions: Sequence[Portion | None]
) -> dict[str, list[dict[str, Parts]]]:
    """The same by each of some attributes; the orders are read once for all of them."""
    known = [(index, part) for index, part in enumerate(portions) if part is not None]
    found: dict[str, list[dict[str, Parts]]] = {name: [{} for _ in portions] for name in dimensions}
    if not known:
        return found
    measures = [measure for _, part in known for measure in _measures(part)]
    for dimension, elements in queries.order_sums(session, dimensions, measures).items():
        for name, sums in elements.items():
            values = iter(sums)
            for index, part in known:
                counted = [next(values) for _ in _measures(part)]
                if any(value is not None for value in counted):
                    found[dimension][index][name] = _parts(counted, part.factor)
    return found


def by_service(facts: Facts, window: Window) -> dict[str, Parts]:
    """Weighted seconds up over weighted seconds observed, by service."""
    services: dict[str, Parts] = {}
    for row in facts.services:
        if row.month in window.months:
            known = services.get(row.service, Parts(NO_PART, NO_PART))
            weight = Fraction(row.weight)
            services[row.service] = Parts(
                known.numerator + Fraction(row.up_seconds) * weight,
                known.denominator + Fraction(row.observed_seconds) * weight,
            )
    return services


def minutes_lost(facts: Facts, window: Window) -> dict[str, Fraction]:
    """Observed minutes that were not up, by service, unweighted."""
    lost: dict[str, Fraction] = {}
    for row in facts.services:
        if row.month in window.months:
            seconds = Fraction(row.observed_seconds) - Fraction(row.up_seconds)
            lost[row.service] = lost.get(row.service, NO_PART) + seconds / SECONDS_A_MINUTE
    return lost


def recurring_by_customer(
    session: Session, window: Window, only: Condition | None = None
) -> dict[str, Fraction]:
    """Annualised recurring revenue of the window's last month, by customer id."""
    month = window.last_month
    condition = selections.recognized_recurring(month.first_day, month.last_day)
    counted = condition if only is None else and_(condition, only)
    sums = queries.recurring_by_customer(session, counted)
    return {customer: MONTHS_A_YEAR * money(amount) for customer, amount in sums.items()}


def whole(parts: Iterable[Parts]) -> Parts:
    """The sums of all elements."""
    listed = list(parts)
    return Parts(
        sum((part.numerator for part in listed), NO_PART),
        sum((part.denominator for part in listed), NO_PART),
    )


def forecast_by(  # its parts, and which deals of them
    session: Session,
    dimension: str,
    facts: Facts,
    window: Window,
    made: KpiResult,
    only: Condition | None = None,
) -> dict[str, Fraction]:
    """What a forecast is made of: open deals times win rates, or the months of the trend."""
    known = numbers(made)
    if made.method == "trend":
        months = [window.last_month.plus(-ago) for ago in range(int(known["history_months"]))]
        share = trend_share(made)
        return {
            month.label: money(facts.orders[month].recognized) * share for month in sorted(months)
        }
    assert made.horizon is not None
    due = selections.deals_due(
        window.end_date, made.horizon.months[0].first_day, made.horizon.last_month.last_day
    )
    counted = due if only is None else and_(due, only)
    return _weighted(queries.deal_sums(session, dimension, counted), known.get("closed_win_rate"))


def trend_share(made: KpiResult) -> Fraction:
    """What a month of the trend counts for in the forecast, as a multiple of its revenue."""
    known = numbers(made)
    return known["growth"] * known["horizon_months"] / known["history_months"]


def pipeline_by(
    session: Session, dimension: str, window: Window, only: Condition | None = None
) -> dict[str, Fraction]:
    """Amounts of the deals open at the window's end."""
    still_open = selections.open_deals(window.end_date)
    return deals_by(session, dimension, still_open if only is None else and_(still_open, only))


def deals_by(session: Session, dimension: str, condition: Condition) -> dict[str, Fraction]:
    """Amounts of some deals."""
    deals = queries.deal_sums(session, dimension, condition)
    return _summed((deal.name, money(deal.amount)) for deal in deals)


def numbers(result: KpiResult) -> dict[str, Fraction]:
    """The inputs of a value that are known, by name."""
    return {part.name: part.value for part in result.parts if part.value is not None}


def numerators(elements: Mapping[str, Parts]) -> dict[str, Fraction]:
    """Elements of a sum, which has no denominator."""
    return {name: parts.numerator for name, parts in elements.items()}


def _weighted(deals: Iterable[queries.DealSum], common: Fraction | None) -> dict[str, Fraction]:
    rates = ((deal, common if deal.win_rate is None else deal.win_rate) for deal in deals)
    return _summed(
        (deal.name, money(deal.amount) * Fraction(rate)) for deal, rate in rates if rate is not None
    )


def _summed(named: Iterable[tuple[str, Fraction]]) -> dict[str, Fraction]:
    sums: dict[str, Fraction] = {}
    for name, amount in named:
        sums[name] = sums.get(name, NO_PART) + amount
    return sums


def _measures(part: Portion) -> tuple[Measure, ...]:
    return (part.numerator,) if part.denominator is None else (part.numerator, part.denominator)


def _parts(counted: Sequence[int | None], factor: int) -> Parts:
    numerator, denominator = counted[0], counted[1] if len(counted) > 1 else None
    return Parts(money(factor * (numerator or 0)), money(denominator or 0))
