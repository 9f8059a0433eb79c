"""The ten KPIs, exactly. Pure arithmetic over ``Facts``: fractions in, fractions out.

Every function takes the facts as known at T and a window that ends at T or earlier, and gives
a ``KpiResult``. Money is in units of the currency, rates are ratios, payback and coverage are
months. ``docs/kpis.md`` has the definitions in words.
"""

from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass
from fractions import Fraction

from api.calendar import Month, Period, Window
from api.executive.facts import Facts, OrderMonth, UptimeMonth, money
from api.executive.kpis import Caution, KpiKey, Method, PartUnit, Reason

MONTHS_A_YEAR = 12
COVERAGE_HISTORY_MONTHS = 6
SHORTEST_HISTORY_MONTHS = 3


@dataclass(frozen=True)
class Part:
    """One named number that went into a value."""

    name: str
    value: Fraction | None
    unit: PartUnit


@dataclass(frozen=True)
class KpiResult:
    """A KPI's value, or the reason why there is none, with what it was computed from.

    ``left_out_share`` (0-1) is the part that could not be judged: unobserved time, orders
    without a profit. ``method``, ``horizon`` and ``interval`` belong to the forecast.
    """

    value: Fraction | None
    parts: tuple[Part, ...] = ()
    reason: Reason | None = None
    warnings: tuple[Caution, ...] = ()
    left_out_share: Fraction | None = None
    is_static: bool = False
    method: Method | None = None
    horizon: Period | None = None
    interval: tuple[Fraction, Fraction] | None = None

    @property
    def partial(self) -> bool:
        """Whether only some of the window's months have facts."""
        return "partial_window" in self.warnings


def revenue(facts: Facts, window: Window) -> KpiResult:
    """Sum of the amounts recognized in the window."""
    months = _covered(window, facts.orders)
    if not months:
        return KpiResult(None, reason="no_data")
    recognized = sum(facts.orders[month].recognized for month in months)
    parts = (
        _money("recognized", recognized),
        _count("recognized_orders", _known(_rows(facts, months), "recognized_orders")),
    )
    return KpiResult(money(recognized), parts, warnings=_partial(window, months))


def backlog(facts: Facts, window: Window) -> KpiResult:
    """Booked by T, neither recognized nor cancelled by T. A stock: only T must be covered.

    The parts are its roll-forward over the window: opening + booked - recognized - cancelled
    = closing.
    """
    at_end = facts.orders.get(window.last_month)
    if at_end is None:
        return KpiResult(None, reason="no_data")
    rows = _rows(facts, _covered(window, facts.orders))
    parts = (
        _money("opening", _backlog_before(facts, rows[0])),
        _money("booked", sum(row.booked for row in rows)),
        _money("recognized", sum(row.recognized for row in rows)),
        _money("cancelled", _known(rows, "cancelled")),
        _money("closing", at_end.backlog),
    )
    return KpiResult(money(at_end.backlog), parts)


def uptime(facts: Facts, window: Window) -> KpiResult:
    """Weighted seconds up over weighted seconds observed; unobserved time is left out."""
    months = _covered(window, facts.uptime_span)
    if not months:
        return KpiResult(None, reason="no_data")
    total = sum((facts.uptime_months.get(month, UptimeMonth()) for month in months), UptimeMonth())
    parts = (
        Part("up_seconds", total.up, "seconds"),
        Part("observed_seconds", total.observed, "seconds"),
        Part("possible_seconds", total.possible, "seconds"),
    )
    left_out = _share(total.possible - total.observed, total.possible)
    return _ratio(
        total.up,
        total.observed,
        parts,
        _partial(window, months) + (("unobserved_time",) if left_out else ()),
        left_out,
    )


def nrr(facts: Facts, window: Window) -> KpiResult:
    """(opening - churned - contraction + expansion) / opening of the window's first month."""
    rows = [facts.retention_months.get(month) for month in window.months]
    known = [row for row in rows if row is not None]
    if len(known) < len(rows):
        return KpiResult(None, reason="no_data")
    opening = known[0].opening_mrr
    lost = sum(row.churned_mrr + row.contraction_mrr for row in known)
    expansion = sum(row.expansion_mrr for row in known)
    gross = Fraction(opening - lost, opening) if opening > 0 else None
    parts = (
        _money("opening_mrr", opening),
        _money("churned_mrr", sum(row.churned_mrr for row in known)),
        _money("contraction_mrr", sum(row.contraction_mrr for row in known)),
        _money("expansion_mrr", expansion),
        Part("gross_retention", gross, "ratio"),
    )
    return _ratio(Fraction(opening - lost + expansion), Fraction(opening), parts)


def gm(facts: Facts, window: Window) -> KpiResult:
    """Profit over amount of the recognized orders whose profit is known."""
    return _margin(facts, [m for m in window.months if _margin_known(facts, m)], window)


def payback(facts: Facts, window: Window) -> KpiResult:
    """Months until new revenue has paid back what winning it cost.

    Only months that expenses, retention and margin all cover are compared with each other.
    """
    if facts.payback_static_months is not None:
        return KpiResult(facts.payback_static_months, is_static=True)
    months = payback_months(facts, window)
    new_mrr_given = any(row.new_mrr is not None for row in facts.retention)
    margin = _margin(facts, months, window)
    if not facts.has_sales_marketing or not new_mrr_given or margin.reason == "no_data":
        return KpiResult(None, reason="no_data")
    cost = sum(facts.expense_months[m].sales_marketing for m in months if m in facts.expense_months)
    new_mrr = sum(_new_mrr(facts, month) for month in months)
    parts = (
        _money("sales_marketing", cost),
        _money("new_mrr", new_mrr),
        Part("gross_margin", margin.value, "ratio"),
    )
    if new_mrr > 0 and margin.value is None:
        return KpiResult(None, parts, margin.reason, margin.warnings, margin.left_out_share)
    if new_mrr <= 0 or margin.value is None or margin.value <= 0:
        return KpiResult(None, parts, "not_recovered", margin.warnings, margin.left_out_share)
    months_to_recover = Fraction(cost, new_mrr) / margin.value
    return KpiResult(
        months_to_recover, parts, warnings=margin.warnings, left_out_share=margin.left_out_share
    )


def book_to_bill(facts: Facts, window: Window) -> KpiResult:
    """Amounts booked over amounts recognized in the window."""
    months = _covered(window, facts.orders)
    if not months:
        return KpiResult(None, reason="no_data")
    booked = sum(facts.orders[month].booked for month in months)
    recognized = sum(facts.orders[month].recognized for month in months)
    parts = (_money("booked", booked), _money("recognized", recognized))
    return _ratio(Fraction(booked), Fraction(recognized), parts, _partial(window, months))


def coverage_months(facts: Facts, window: Window) -> KpiResult:
    """Backlog at T over the mean recognized of the six months that end at T."""
    at_end = facts.orders.get(window.last_month)
    if at_end is None:
        return KpiResult(None, reason="no_data")
    history = [window.last_month.plus(-ago) for ago in range(COVERAGE_HISTORY_MONTHS)]
    months = [month for month in history if month in facts.orders]
    recognized = sum(facts.orders[month].recognized for month in months)
    parts = (
        _money("backlog", at_end.backlog),
        _money("recognized", recognized),
        _count("history_months", len(months)),
    )
    if len(months) < SHORTEST_HISTORY_MONTHS:
        return KpiResult(None, parts, "too_little_history")
    short: tuple[Caution, ...] = ("short_history",) if len(months) < COVERAGE_HISTORY_MONTHS else ()
    return _ratio(Fraction(at_end.backlog * len(months)), Fraction(recognized), parts, short)


def arr(facts: Facts, window: Window) -> KpiResult:
    """Twelve times the recurring amounts recognized in the window's last month."""
    recurring = recurring_in(facts, window.last_month)
    if recurring is None:
        return KpiResult(None, reason="no_data")
    parts = (_money("mrr", recurring), _count("months", MONTHS_A_YEAR))
    return KpiResult(MONTHS_A_YEAR * money(recurring), parts)


def recurring_in(facts: Facts, month: Month) -> int | None:
    """Recurring amounts recognized in a month; None for a company without any so far."""
    at_end = facts.orders.get(month)
    ever = any(row.recurring_orders for each, row in facts.orders.items() if each <= month)
    return at_end.recurring if at_end and ever else None


BY_WINDOW: dict[KpiKey, Callable[[Facts, Window], KpiResult]] = {
    KpiKey.BACKLOG: backlog,
    KpiKey.UPTIME: uptime,
    KpiKey.NRR: nrr,
    KpiKey.GM: gm,
    KpiKey.PAYBACK: payback,
    KpiKey.REVENUE: revenue,
    KpiKey.BOOK_TO_BILL: book_to_bill,
    KpiKey.COVERAGE_MONTHS: coverage_months,
    KpiKey.ARR: arr,
}


def _margin(facts: Facts, months: Sequence[Month], window: Window) -> KpiResult:
    rows = _rows(facts, months)
    profit = sum(row.margin_profit or 0 for row in rows)
    amount = sum(row.margin_amount or 0 for row in rows)
    recognized_orders = sum(row.recognized_orders or 0 for row in rows)
    orders_with_profit = sum(row.margin_orders or 0 for row in rows)
    if not months or (recognized_orders and not orders_with_profit):
        return KpiResult(None, reason="no_data")
    parts = (
        _money("profit", profit),
        _money("amount", amount),
        _count("recognized_orders", recognized_orders),
        _count("orders_with_profit", orders_with_profit),
    )
    left_out = _share(Fraction(recognized_orders - orders_with_profit), Fraction(recognized_orders))
    warnings = _partial(window, months) + (("profit_missing",) if left_out else ())
    return _ratio(Fraction(profit), Fraction(amount), parts, warnings, left_out)


def _margin_known(facts: Facts, month: Month) -> bool:
    row = facts.orders.get(month)
    return row is not None and row.margin_amount is not None


def payback_months(facts: Facts, window: Window) -> list[Month]:
    """The window's months that CAC payback can be computed from."""
    return [month for month in window.months if _payback_known(facts, month)]


def _payback_known(facts: Facts, month: Month) -> bool:
    spans = (facts.expense_span, facts.retention_span)
    return _margin_known(facts, month) and all(span and month in span for span in spans)


def _new_mrr(facts: Facts, month: Month) -> int:
    row = facts.retention_months.get(month)
    return (row.new_mrr or 0) if row else 0


def _backlog_before(facts: Facts, first: OrderMonth) -> int | None:
    """Backlog when ``first`` began; before the first order there was none."""
    before = facts.orders.get(first.month.plus(-1))
    if before is not None:
        return before.backlog
    return 0 if first.source == "orders" else None


def _covered(window: Window, months: Container[Month] | None) -> list[Month]:
    return [] if months is None else [month for month in window.months if month in months]


def _partial(window: Window, months: Sequence[Month]) -> tuple[Caution, ...]:
    return ("partial_window",) if len(months) < len(window.months) else ()


def _rows(facts: Facts, months: Sequence[Month]) -> list[OrderMonth]:
    return [facts.orders[month] for month in months]


def _known(rows: Sequence[OrderMonth], name: str) -> int | None:
    """A column's sum, or None when a month does not know it."""
    values: list[int | None] = [getattr(row, name) for row in rows]
    known = [value for value in values if value is not None]
    return sum(known) if len(known) == len(values) else None


def _ratio(
    numerator: Fraction,
    denominator: Fraction,
    parts: tuple[Part, ...],
    warnings: tuple[Caution, ...] = (),
    left_out_share: Fraction | None = None,
) -> KpiResult:
    if denominator <= 0:
        return KpiResult(None, parts, "zero_denominator", warnings, left_out_share)
    value = numerator / denominator
    return KpiResult(value, parts, warnings=warnings, left_out_share=left_out_share)


def _share(part: Fraction, whole: Fraction) -> Fraction | None:
    """A part of a whole, 0-1; None where there is no whole."""
    return min(max(part / whole, Fraction(0)), Fraction(1)) if whole > 0 else None


def _money(name: str, amount: int | None) -> Part:
    return Part(name, None if amount is None else money(amount), "money")


def _count(name: str, count: int | None) -> Part:
    return Part(name, None if count is None else Fraction(count), "count")
