"""The ways to split one KPI's change: by attribute, by service, by movement, by factor."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from sqlalchemy.orm import Session

from api.calendar import Window
from api.drivers import decomposition, elements, queries
from api.drivers.decomposition import Effect, Parts, Payback
from api.drivers.metrics import INVENTORY_TURNS, PIPELINE
from api.executive.facts import Facts, money
from api.executive.formulas import MONTHS_A_YEAR, KpiResult, backlog
from api.executive.kpis import KpiKey
from api.storage.selections import Condition

MOVEMENT = "movement"
SERVICE = "service"
FACTOR = "factor"
DEAL_ATTRIBUTES = ("stage", "deal")
TURNS_FACTORS = (decomposition.COGS_FACTOR, decomposition.INVENTORY_FACTOR)

# The first is shown unless another is asked for; attributes are ranked by what they explain.
DIMENSIONS: dict[str, tuple[str, ...]] = {
    KpiKey.BACKLOG: (MOVEMENT, *elements.ATTRIBUTES),
    KpiKey.UPTIME: (SERVICE,),
    KpiKey.NRR: (MOVEMENT,),
    KpiKey.GM: elements.ATTRIBUTES,
    KpiKey.PAYBACK: (FACTOR,),
    KpiKey.REVENUE: elements.ATTRIBUTES,
    KpiKey.BOOK_TO_BILL: elements.ATTRIBUTES,
    KpiKey.COVERAGE_MONTHS: elements.ATTRIBUTES,
    KpiKey.ARR: (MOVEMENT, *elements.ATTRIBUTES),
    PIPELINE: (MOVEMENT, *DEAL_ATTRIBUTES),
    INVENTORY_TURNS: (FACTOR,),
}
FORECAST_DIMENSIONS = {"pipeline": ("stage", "deal"), "trend": ("month",)}


def dimensions(key: str, now: KpiResult) -> tuple[str, ...]:
    """What a metric can be split by; a forecast's depend on how it was made."""
    if key == KpiKey.FORECAST:
        return FORECAST_DIMENSIONS[now.method or "trend"]
    return DIMENSIONS[key]


@dataclass(frozen=True)
class Compared:
    """A metric over a window and over the one it is held against; both have a value."""

    key: str
    facts: Facts
    window: Window
    baseline: Window
    now: KpiResult
    before: KpiResult
    only: Condition | None = None  # of which orders, where not of all

    @property
    def portions(self) -> list[elements.Portion | None]:
        """The sums over orders that make the KPI, before and now."""
        found = (
            elements.portion(KpiKey(self.key), self.facts, each)
            for each in (self.baseline, self.window)
        )
        return [each and each.only(self.only) for each in found]


def effects(session: Session, compared: Compared, by: str) -> list[Effect]:
    """The change of one KPI, split by one dimension."""
    return effects_by(session, compared, (by,))[by]


def effects_by(
    session: Session, compared: Compared, names: Sequence[str]
) -> dict[str, list[Effect]]:
    """The change of one KPI, split by each of some dimensions."""
    attributes = [name for name in names if name in elements.ATTRIBUTES]
    counted = elements.by_attributes(session, attributes, compared.portions) if attributes else {}
    return {
        name: _by_attribute(compared.key, *counted[name])
        if name in counted
        else _by_its_own(session, compared, name)
        for name in names
    }


def _by_attribute(key: str, old: dict[str, Parts], new: dict[str, Parts]) -> list[Effect]:
    if key in elements.RATIOS:
        have_value = all(elements.whole(each.values()).denominator for each in (old, new))
        return decomposition.ratio(old, new) if have_value else []
    return decomposition.additive(elements.numerators(old), elements.numerators(new))


def _by_its_own(session: Session, compared: Compared, by: str) -> list[Effect]:
    """By what only some KPIs are made of: services, movements, factors."""
    if by == SERVICE:
        windows = (compared.baseline, compared.window)
        old, new = (elements.by_service(compared.facts, each) for each in windows)
        return decomposition.ratio(old, new)
    if by in DEAL_ATTRIBUTES:
        windows = (compared.baseline, compared.window)
        was, now = (elements.pipeline_by(session, by, each, compared.only) for each in windows)
        return decomposition.additive(was, now)
    return _MOVEMENTS[compared.key](session, compared)


def _backlog(_: Session, compared: Compared) -> list[Effect]:
    """What was booked, recognized and cancelled since the baseline's end."""
    since = backlog(compared.facts, compared.window.since(compared.baseline))
    return decomposition.movements({}, backlog_movements(since))


def _nrr(_: Session, compared: Compared) -> list[Effect]:
    old, new = (retention_movements(each) for each in (compared.before, compared.now))
    return decomposition.movements(old, new)


def _arr(session: Session, compared: Compared) -> list[Effect]:
    windows = (compared.baseline, compared.window)
    old, new = (elements.recurring_by_customer(session, each, compared.only) for each in windows)
    return decomposition.movements({}, decomposition.customer_movements(old, new))


def _payback(_: Session, compared: Compared) -> list[Effect]:
    return decomposition.payback(_factors(compared.before), _factors(compared.now))


def _pipeline(session: Session, compared: Compared) -> list[Effect]:
    """What deals came and went. Of a deal the last amount is known: earlier ones are not kept."""
    known = deal_movements(compared)
    sums = queries.deal_movement_sums(session, known.values(), compared.only)
    named = {
        name: money(amount)
        for name, amount in zip(known, sums, strict=True)
        if amount or name != queries.OUTCOME_NOT_GIVEN
    }
    return decomposition.movements({}, named)


def deal_movements(compared: Compared) -> dict[str, queries.DealMovement]:
    """Which deals came and went since the baseline's end."""
    return queries.deal_movements(compared.baseline.end_date, compared.window.end_date)


def _turns(_: Session, compared: Compared) -> list[Effect]:
    return decomposition.quotient(*turns_parts(compared), TURNS_FACTORS)


def turns_parts(compared: Compared) -> tuple[Parts, Parts]:
    """Annualised cost over mean inventory, before and now."""
    return _annual_turns(compared.before), _annual_turns(compared.now)


def _annual_turns(result: KpiResult) -> Parts:
    known = elements.numbers(result)
    annual = known["cogs"] * MONTHS_A_YEAR / known["months"]
    return Parts(annual, known["mean_inventory"])


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


_MOVEMENTS: dict[str, Callable[[Session, Compared], list[Effect]]] = {
    KpiKey.BACKLOG: _backlog,
    KpiKey.NRR: _nrr,
    KpiKey.ARR: _arr,
    KpiKey.PAYBACK: _payback,
    PIPELINE: _pipeline,
    INVENTORY_TURNS: _turns,
}
