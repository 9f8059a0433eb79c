"""What one contribution is made of itself: the same split, one level down."""

from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from functools import partial

from sqlalchemy.orm import Session

from api.calendar import Month, Window
from api.drivers import bridges, decomposition, elements, queries
from api.drivers.bridges import Compared
from api.drivers.decomposition import Effect, Parts
from api.drivers.elements import Portion
from api.drivers.metrics import INVENTORY_TURNS, PIPELINE
from api.drivers.queries import Measure
from api.drivers.values import stock_facts
from api.executive.facts import Facts, RetentionMonth, ServiceMonth, money
from api.executive.formulas import MONTHS_A_YEAR, KpiResult
from api.executive.kpis import KpiKey
from api.storage import selections

MONTH = "month"
CUSTOMER = "customer"
DEAL = "deal"
NOTHING = Fraction(0)
ALL = Fraction(1)

Splits = Mapping[str, Callable[[], list[Effect]]]
"""Ways to split one element's effect, by the dimension they split it by."""


def splits(session: Session, compared: Compared, by: str, item: Effect) -> Splits:
    """How the effect of one element of dimension ``by`` can be split; the first is the default.

    ``item`` is the element with its whole effect. Each split sums to it, but for what is only
    known as monthly totals.
    """
    if by == bridges.SERVICE:
        return {MONTH: lambda: _service_by_month(compared, item.name)}
    if by == bridges.FACTOR:
        return _FACTORS[compared.key](session, compared, item)
    if by == bridges.MOVEMENT:
        return _MOVEMENTS[compared.key](session, compared, item.name)
    if compared.key == PIPELINE:
        return _of_deals(session, compared, by, item.name)
    others = [name for name in elements.ATTRIBUTES if name != by]
    return {then: partial(_element, session, compared, (by, item.name), then) for then in others}


def forecast_splits(
    session: Session, facts: Facts, window: Window, made: KpiResult, by: str, name: str
) -> Splits:
    """How one element of a forecast can be split."""
    if by == "stage":
        only = queries.deal_element(by, name)
        return {
            DEAL: lambda: _amounts(elements.forecast_by(session, DEAL, facts, window, made, only))
        }
    if by == MONTH:
        return _trend_month(session, Month.parse(name), elements.trend_share(made))
    return {}


def _of_deals(session: Session, compared: Compared, by: str, name: str) -> Splits:
    """A stage opens by deal; a single deal is the end of the road."""
    if by != "stage":
        return {}
    only = queries.deal_element(by, name)

    def by_deal() -> list[Effect]:
        windows = (compared.baseline, compared.window)
        old, new = (elements.pipeline_by(session, DEAL, each, only) for each in windows)
        return decomposition.additive(old, new)

    return {DEAL: by_deal}


def _element(
    session: Session, compared: Compared, element: tuple[str, str], then: str
) -> list[Effect]:
    """One element of an attribute of orders, by another attribute."""
    only = queries.order_element(*element)
    narrowed = [part and part.only(only) for part in compared.portions]
    old, new = elements.by_attribute(session, then, narrowed)
    if compared.key not in elements.RATIOS:
        return decomposition.additive(elements.numerators(old), elements.numerators(new))
    whole = elements.by_attribute(session, "type", compared.portions)
    before, now = (elements.whole(parts.values()) for parts in whole)
    return decomposition.inner_ratio((before, now), old, new)


def _service_by_month(compared: Compared, service: str) -> list[Effect]:
    """A service's months, each against the month in the same place of the baseline."""
    windows = (compared.baseline, compared.window)
    before, now = (
        elements.whole(elements.by_service(compared.facts, each).values()) for each in windows
    )
    rows = {row.month: row for row in compared.facts.services if row.service == service}
    old: dict[str, Parts] = {}
    new: dict[str, Parts] = {}
    for earlier, month in _pairs(compared):
        for parts, row in ((old, rows.get(earlier)), (new, rows.get(month))):
            if row is not None:
                parts[month.label] = _weighted(row)
    return decomposition.inner_ratio((before, now), old, new)


def _weighted(row: ServiceMonth) -> Parts:
    weight = Fraction(row.weight)
    return Parts(Fraction(row.up_seconds) * weight, Fraction(row.observed_seconds) * weight)


def _backlog(session: Session, compared: Compared, movement: str) -> Splits:
    """Orders booked, recognized or cancelled since the baseline's end, by their attributes."""
    since = compared.window.since(compared.baseline)
    happened, sign = {
        "Booked": (selections.booked, 1),
        "Recognized": (selections.recognized, -1),
        "Cancelled": (selections.cancelled, -1),
    }[movement]
    moved = Portion(Measure(happened(since.start_date, since.end_date)), factor=sign)
    return _by_attribute(session, moved)


def _arr(session: Session, compared: Compared, movement: str) -> Splits:
    return {CUSTOMER: lambda: _arr_by_customer(session, compared, movement)}


def _arr_by_customer(session: Session, compared: Compared, movement: str) -> list[Effect]:
    windows = (compared.baseline, compared.window)
    old, new = (elements.recurring_by_customer(session, each) for each in windows)
    changes = {
        customer: (old.get(customer, NOTHING), new.get(customer, NOTHING))
        for customer in sorted(old.keys() | new.keys())
    }
    moved = {
        customer: now - before
        for customer, (before, now) in changes.items()
        if decomposition.movement_of(before, now) == movement
    }
    labels = queries.customer_labels(session, list(moved))
    return [Effect(labels[customer], amount, "movement") for customer, amount in moved.items()]


def _nrr(_: Session, compared: Compared, movement: str) -> Splits:
    return {MONTH: lambda: _nrr_by_month(compared, movement)}


def _nrr_by_month(compared: Compared, movement: str) -> list[Effect]:
    """A movement's months over the opening, each against the one in its place of the baseline."""
    moved = _RETENTION[movement]
    known = compared.facts.retention_months
    opened, opens = (
        known[each.months[0]].opening_mrr for each in (compared.baseline, compared.window)
    )
    return [
        Effect(
            month.label,
            Fraction(moved(known[month]), opens) - Fraction(moved(known[earlier]), opened),
            "movement",
        )
        for earlier, month in _pairs(compared)
    ]


def _deals_moved(session: Session, compared: Compared, movement: str) -> Splits:
    """Deals that came or went, by their last stage and one by one."""
    moved = bridges.deal_movements(compared)[movement]

    def split(then: str) -> list[Effect]:
        amounts = elements.deals_by(session, then, moved.deals)
        return _amounts({name: moved.sign * amount for name, amount in amounts.items()})

    return {then: partial(split, then) for then in bridges.DEAL_ATTRIBUTES}


def _turns(session: Session, compared: Compared, item: Effect) -> Splits:
    """A factor of inventory turns by month; expenses and inventories know no product."""
    above, below = decomposition.quotient_weights(*bridges.turns_parts(compared))
    count = len(compared.window.months)
    old, new = (
        stock_facts(session, compared.facts, each) for each in (compared.baseline, compared.window)
    )

    def changed(earlier: Month, month: Month) -> Fraction:
        if item.name == decomposition.COGS_FACTOR:
            spent = money(new.cogs.get(month, 0) - old.cogs.get(earlier, 0))
            return above * spent * MONTHS_A_YEAR / count
        return below * money(new.inventory[month] - old.inventory[earlier]) / count

    def by_month() -> list[Effect]:
        return [
            Effect(month.label, changed(earlier, month), "movement")
            for earlier, month in _pairs(compared)
        ]

    return {MONTH: by_month}


def _payback(session: Session, compared: Compared, item: Effect) -> Splits:
    """A factor of payback, in proportion to what changed in its months or its margin."""
    if item.name == decomposition.MARGIN_FACTOR:
        margins = [
            elements.portion(KpiKey.GM, compared.facts, each)
            for each in (compared.baseline, compared.window)
        ]
        return {
            then: partial(_margin_by, session, margins, then, item.effect)
            for then in elements.ATTRIBUTES
        }
    amount = _spent if item.name == decomposition.EXPENSE_FACTOR else _won
    changes = {
        month.label: money(amount(compared.facts, month) - amount(compared.facts, earlier))
        for earlier, month in _pairs(compared)
    }
    return {MONTH: lambda: decomposition.proportional(item.effect, changes)}


def _margin_by(
    session: Session, margins: list[Portion | None], then: str, effect: Fraction
) -> list[Effect]:
    old, new = elements.by_attribute(session, then, margins)
    moved: dict[str, Fraction] = {}
    for part in decomposition.ratio(old, new):
        moved[part.name] = moved.get(part.name, NOTHING) + part.effect
    return decomposition.proportional(effect, moved)


def _spent(facts: Facts, month: Month) -> int:
    row = facts.expense_months.get(month)
    return row.sales_marketing if row else 0


def _won(facts: Facts, month: Month) -> int:
    row = facts.retention_months.get(month)
    return (row.new_mrr or 0) if row else 0


def _trend_month(session: Session, month: Month, share: Fraction) -> Splits:
    recognized = Portion(Measure(selections.recognized(month.first_day, month.last_day)))
    return _by_attribute(session, recognized, share)


def _by_attribute(session: Session, portion: Portion, share: Fraction = ALL) -> Splits:
    def split(then: str) -> list[Effect]:
        (parts,) = elements.by_attribute(session, then, [portion])
        amounts = elements.numerators(parts)
        return _amounts({name: amount * share for name, amount in amounts.items()})

    return {then: partial(split, then) for then in elements.ATTRIBUTES}


def _amounts(amounts: Mapping[str, Fraction]) -> list[Effect]:
    return [Effect(name, amount, "additive") for name, amount in amounts.items()]


def _pairs(compared: Compared) -> Iterable[tuple[Month, Month]]:
    """Each month of the window with the one in the same place of the baseline."""
    return zip(compared.baseline.months, compared.window.months, strict=True)


_MOVEMENTS: dict[str, Callable[[Session, Compared, str], Splits]] = {
    KpiKey.BACKLOG: _backlog,
    KpiKey.NRR: _nrr,
    KpiKey.ARR: _arr,
    PIPELINE: _deals_moved,
}
_FACTORS: dict[str, Callable[[Session, Compared, Effect], Splits]] = {
    KpiKey.PAYBACK: _payback,
    INVENTORY_TURNS: _turns,
}
_RETENTION: dict[str, Callable[[RetentionMonth], int]] = {
    "Churn": lambda row: -row.churned_mrr,
    "Contraction": lambda row: -row.contraction_mrr,
    "Expansion": lambda row: row.expansion_mrr,
}
