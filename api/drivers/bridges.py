"""The ways to split one KPI's change: by attribute, by service, by movement, by factor."""

from collections.abc import Callable
from fractions import Fraction

from sqlalchemy.orm import Session

from api.calendar import Window
from api.drivers import decomposition, elements
from api.drivers.decomposition import Effect, Parts, Payback
from api.executive.facts import Facts
from api.executive.formulas import KpiResult
from api.executive.kpis import KpiKey

MOVEMENT = "movement"
SERVICE = "service"
FACTOR = "factor"

# The first is shown unless another is asked for; attributes are ranked by what they explain.
DIMENSIONS: dict[KpiKey, tuple[str, ...]] = {
    KpiKey.BACKLOG: (MOVEMENT, *elements.ATTRIBUTES),
    KpiKey.UPTIME: (SERVICE,),
    KpiKey.NRR: (MOVEMENT,),
    KpiKey.GM: elements.ATTRIBUTES,
    KpiKey.PAYBACK: (FACTOR,),
    KpiKey.REVENUE: elements.ATTRIBUTES,
    KpiKey.BOOK_TO_BILL: elements.ATTRIBUTES,
    KpiKey.COVERAGE_MONTHS: elements.ATTRIBUTES,
    KpiKey.ARR: (MOVEMENT, *elements.ATTRIBUTES),
}
FORECAST_DIMENSIONS = {"pipeline": ("stage", "deal"), "trend": ("month",)}


def dimensions(key: KpiKey, now: KpiResult) -> tuple[str, ...]:
    """What a KPI can be split by; a forecast's depend on how it was made."""
    if key is KpiKey.FORECAST:
        return FORECAST_DIMENSIONS[now.method or "trend"]
    return DIMENSIONS[key]


def effects(
    session: Session,
    key: KpiKey,
    by: str,
    facts: Facts,
    window: Window,
    results: tuple[KpiResult, KpiResult],
) -> list[Effect]:
    """The change of one KPI from the window before, split by one dimension.

    ``results`` are the values now and before; both must have one.
    """
    now, before = results
    if by == SERVICE:
        old, new = (elements.by_service(facts, each) for each in (window.previous, window))
        return decomposition.ratio(old, new)
    if by in (MOVEMENT, FACTOR):
        return _MOVEMENTS[key](session, window, now, before)
    portions = [elements.portion(key, facts, each) for each in (window.previous, window)]
    old, new = elements.by_attribute(session, by, portions)
    if key in elements.RATIOS:
        return decomposition.ratio(old, new) if _whole(old) and _whole(new) else []
    return decomposition.additive(elements.numerators(old), elements.numerators(new))


def _backlog(_: Session, __: Window, now: KpiResult, ___: KpiResult) -> list[Effect]:
    known = elements.numbers(now)
    signs = {"booked": 1, "recognized": -1, "cancelled": -1}
    moved = {name.capitalize(): sign * known[name] for name, sign in signs.items() if name in known}
    return decomposition.movements({}, moved)


def _nrr(_: Session, __: Window, now: KpiResult, before: KpiResult) -> list[Effect]:
    return decomposition.movements(retention_movements(before), retention_movements(now))


def _arr(session: Session, window: Window, _: KpiResult, __: KpiResult) -> list[Effect]:
    old, new = (elements.recurring_by_customer(session, each) for each in (window.previous, window))
    return decomposition.movements({}, decomposition.customer_movements(old, new))


def _payback(_: Session, __: Window, now: KpiResult, before: KpiResult) -> list[Effect]:
    return decomposition.payback(_factors(before), _factors(now))


def backlog_movements(result: KpiResult) -> dict[str, Fraction]:
    """What moved the backlog from its opening to its closing, as far as it is known."""
    known = elements.numbers(result)
    signs = {"booked": 1, "recognized": -1, "cancelled": -1}
    return {name.capitalize(): sign * known[name] for name, sign in signs.items() if name in known}


def retention_movements(result: KpiResult) -> dict[str, Fraction]:
    """What moved net revenue retention away from 1, as ratios of the opening MRR."""
    known = elements.numbers(result)
    opening = known["opening_mrr"]
    return {
        "Churn": -known["churned_mrr"] / opening,
        "Contraction": -known["contraction_mrr"] / opening,
        "Expansion": known["expansion_mrr"] / opening,
    }


def _factors(result: KpiResult) -> Payback:
    known = elements.numbers(result)
    return Payback(known["sales_marketing"], known["new_mrr"], known["gross_margin"])


def _whole(parts: dict[str, Parts]) -> bool:
    """Whether the ratio of all elements has a value."""
    return sum((part.denominator for part in parts.values()), Fraction(0)) != 0


_MOVEMENTS: dict[KpiKey, Callable[[Session, Window, KpiResult, KpiResult], list[Effect]]] = {
    KpiKey.BACKLOG: _backlog,
    KpiKey.NRR: _nrr,
    KpiKey.ARR: _arr,
    KpiKey.PAYBACK: _payback,
}
