"""What a reader of one number should know beside it, in words. Pure."""

from fractions import Fraction

from api import wording
from api.calendar import Month
from api.executive.facts import Facts, money
from api.executive.formulas import recurring_in
from api.executive.kpis import KpiKey

MRR_TOLD_TWICE = frozenset({KpiKey.ARR, KpiKey.NRR})


def notes(key: KpiKey | None, facts: Facts, sign: str) -> list[str]:
    """ARR comes from orders and NRR from retention: where the two disagree, by how much."""
    if key not in MRR_TOLD_TWICE:
        return []
    told = _mrr_at(facts, facts.end) or _mrr_before(facts, facts.end)
    if told is None or told[1] == told[2]:
        return []
    month, ordered, retained = told
    return [
        f"Two sources disagree on the MRR of {wording.month_name(*month)}: orders give"
        f" {_exact(ordered, sign)}, retention gives {_exact(retained, sign)},"
        f" a gap of {_exact(abs(ordered - retained), sign)}."
    ]


def _mrr_at(facts: Facts, month: Month) -> tuple[Month, Fraction, Fraction] | None:
    """MRR from orders and from retention's closing, where new MRR makes that known."""
    row, ordered = facts.retention_months.get(month), _ordered(facts, month)
    if row is None or row.new_mrr is None or ordered is None:
        return None
    lost = row.churned_mrr + row.contraction_mrr
    return month, ordered, money(row.opening_mrr - lost + row.expansion_mrr + row.new_mrr)


def _mrr_before(facts: Facts, month: Month) -> tuple[Month, Fraction, Fraction] | None:
    """The same a month earlier, from retention's opening, which is always known."""
    row, ordered = facts.retention_months.get(month), _ordered(facts, month.plus(-1))
    if row is None or ordered is None:
        return None
    return month.plus(-1), ordered, money(row.opening_mrr)


def _ordered(facts: Facts, month: Month) -> Fraction | None:
    recurring = recurring_in(facts, month)
    return None if recurring is None else money(recurring)


def _exact(amount: Fraction, sign: str) -> str:
    return wording.precise(amount, "money", sign)
