"""The monthly facts that the formulas read, as they were known at one month's end.

Amounts are integers of 1/10,000 of the currency. Missing stays None. Pure.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Context, Decimal, Inexact, InvalidOperation, localcontext
from fractions import Fraction
from functools import cached_property
from typing import Literal

from api.calendar import Month, months_between
from api.executive.kpis import GoodDirection

MONEY_SCALE = 10_000  # integers of money in one unit of the currency
SECONDS_A_DAY = 86_400
EXACT = Context(prec=200, traps=[Inexact, InvalidOperation])  # stored decimals have 40 digits


def money(amount: int) -> Fraction:
    """An integer of 1/10,000 as currency, exactly."""
    return Fraction(amount, MONEY_SCALE)


@dataclass(frozen=True)
class Span:
    """From the first to the last month that a kind of facts covers."""

    first: Month
    last: Month

    def __contains__(self, month: object) -> bool:
        return isinstance(month, Month) and self.first <= month <= self.last


@dataclass(frozen=True)
class OrderMonth:
    """One month's totals: ``orders`` summed up, ``given`` as such, or ``none`` in a gap.

    What only orders can tell is None for given totals. ``backlog`` is at the month's end.
    """

    month: Month
    source: Literal["orders", "given", "none"]
    recognized: int
    booked: int
    backlog: int
    cancelled: int | None = None
    margin_profit: int | None = None
    margin_amount: int | None = None
    margin_orders: int | None = None
    recurring: int | None = None
    recurring_orders: int | None = None
    recognized_orders: int | None = None
    booked_orders: int | None = None
    cancelled_orders: int | None = None

    @property
    def has_orders(self) -> bool:
        """Whether anything happened: totals from orders hold quiet months as zeros, too."""
        return self.source == "given" or bool(
            self.booked_orders or self.recognized_orders or self.cancelled_orders
        )


@dataclass(frozen=True)
class ExpenseMonth:
    """Expenses of one month that has any, of whatever category."""

    month: Month
    sales_marketing: int


@dataclass(frozen=True)
class RetentionMonth:
    """How monthly recurring revenue moved in one month."""

    month: Month
    opening_mrr: int
    churned_mrr: int
    contraction_mrr: int
    expansion_mrr: int
    new_mrr: int | None


@dataclass(frozen=True)
class ServiceMonth:
    """One service's observed time in one month."""

    service: str
    month: Month
    up_seconds: Decimal
    observed_seconds: Decimal
    weight: Decimal


@dataclass(frozen=True)
class UptimeMonth:
    """All services of one month, in weighted seconds; ``possible`` includes unobserved time."""

    up: Fraction = Fraction(0)
    observed: Fraction = Fraction(0)
    possible: Fraction = Fraction(0)

    def __add__(self, other: "UptimeMonth") -> "UptimeMonth":
        return UptimeMonth(
            self.up + other.up, self.observed + other.observed, self.possible + other.possible
        )


@dataclass(frozen=True)
class Deals:
    """Deals that agree in everything a forecast asks for, and their summed amount."""

    amount: int
    expected_close: Month
    created: Month | None
    closed: Month | None
    outcome: str | None
    win_rate: Decimal | None

    def exists_at(self, end: Month) -> bool:
        """Whether it had been created; without a date it always existed."""
        return self.created is None or self.created <= end

    def open_at(self, end: Month) -> bool:
        """Whether it existed and was not closed yet."""
        return self.exists_at(end) and (self.closed is None or self.closed > end)


@dataclass(frozen=True)
class Goal:
    """One row of targets, in the KPI's own unit. ``month`` None stands for every other month."""

    kpi: str
    month: Month | None
    target: Fraction
    watch: Fraction | None
    act: Fraction | None
    good_direction: GoodDirection | None


@dataclass(frozen=True)
class Facts:
    """Everything the formulas read, as it was known at the end of month ``end``.

    Nothing in it is dated later, but for deals, which carry their dates and are asked with one.
    """

    end: Month
    trend: Sequence[OrderMonth] = ()
    expenses: Sequence[ExpenseMonth] = ()
    expense_span: Span | None = None
    has_sales_marketing: bool = False
    retention: Sequence[RetentionMonth] = ()
    services: Sequence[ServiceMonth] = ()
    deals: Sequence[Deals] = ()
    payback_static_months: Fraction | None = None
    goals: Sequence[Goal] = ()
    part: Mapping[Month, OrderMonth] | None = None  # facts of some orders: their months

    @cached_property
    def orders(self) -> Mapping[Month, OrderMonth]:
        """Every covered month in time order, quiet ones included."""
        return _covered_months(self.trend) if self.part is None else self.part

    def orders_known_at(self, month: Month, end: Month) -> OrderMonth | None:
        """A month's totals if at the end of month ``end`` it was known that it is covered.

        That is so from the first month that has orders to the last one up to ``end``.
        """
        row = self.orders.get(month)
        later = (self.orders.get(each) for each in months_between(month, end))
        return row if any(each and each.has_orders for each in later) else None

    @cached_property
    def deals_due(self) -> Mapping[Month, Sequence[Deals]]:
        """Deals by the month in which they are expected to close."""
        return _grouped((deal.expected_close, deal) for deal in self.deals)

    @cached_property
    def deals_closed(self) -> Mapping[Month, Sequence[Deals]]:
        """Deals by the month in which they closed."""
        return _grouped((deal.closed, deal) for deal in self.deals if deal.closed is not None)

    @cached_property
    def expense_months(self) -> Mapping[Month, ExpenseMonth]:
        """The months that have expenses."""
        return {row.month: row for row in self.expenses}

    @cached_property
    def retention_months(self) -> Mapping[Month, RetentionMonth]:
        """The months that have a row of retention."""
        return {row.month: row for row in self.retention}

    @cached_property
    def retention_span(self) -> Span | None:
        """The months that retention covers."""
        return _span([row.month for row in self.retention])

    @cached_property
    def uptime_months(self) -> Mapping[Month, UptimeMonth]:
        """The months that have uptime."""
        return _uptime_by_month(self.services)

    @cached_property
    def uptime_span(self) -> Span | None:
        """The months that uptime covers."""
        return _span([row.month for row in self.services])


def _span(months: Sequence[Month]) -> Span | None:
    return Span(min(months), max(months)) if months else None


def _covered_months(trend: Sequence[OrderMonth]) -> dict[Month, OrderMonth]:
    """Every month from the first to the last that has orders; orders win over given totals."""
    best: dict[Month, OrderMonth] = {}
    for row in trend:
        if row.has_orders and (row.source == "orders" or row.month not in best):
            best[row.month] = row
    span = _span(list(best))
    covered: dict[Month, OrderMonth] = {}
    backlog = 0
    for month in months_between(span.first, span.last) if span else ():
        covered[month] = best.get(month) or _quiet(month, backlog)
        backlog = covered[month].backlog
    return covered


def _quiet(month: Month, backlog: int) -> OrderMonth:
    """A month between covered ones without orders: nothing moved, so the backlog stayed."""
    return OrderMonth(month, "none", 0, 0, backlog, 0, 0, 0, 0, 0, 0, 0, 0, 0)


def _grouped(deals: Iterable[tuple[Month, Deals]]) -> dict[Month, list[Deals]]:
    groups: dict[Month, list[Deals]] = {}
    for month, deal in deals:
        groups.setdefault(month, []).append(deal)
    return groups


def _uptime_by_month(rows: Sequence[ServiceMonth]) -> dict[Month, UptimeMonth]:
    """Weighted sums by month. A service's gap between two of its months is unobserved time."""
    months: dict[Month, _Seconds] = {}
    latest: dict[str, ServiceMonth] = {}
    with localcontext(EXACT):
        for row in sorted(rows, key=lambda row: row.month):
            before = latest.get(row.service, row)
            for month in months_between(before.month.plus(1), row.month.plus(-1)):
                months.setdefault(month, _Seconds()).add(month, before.weight)
            seconds = months.setdefault(row.month, _Seconds())
            seconds.add(row.month, row.weight, row.up_seconds, row.observed_seconds)
            latest[row.service] = row
    return {month: seconds.exact for month, seconds in months.items()}


@dataclass
class _Seconds:
    """Adds up decimals, which is much faster than fractions and as exact."""

    up: Decimal = Decimal(0)
    observed: Decimal = Decimal(0)
    possible: Decimal = Decimal(0)

    def add(
        self,
        month: Month,
        weight: Decimal,
        up: Decimal = Decimal(0),
        observed: Decimal = Decimal(0),
    ) -> None:
        self.up += up * weight
        self.observed += observed * weight
        self.possible += month.days * SECONDS_A_DAY * weight

    @property
    def exact(self) -> UptimeMonth:
        return UptimeMonth(Fraction(self.up), Fraction(self.observed), Fraction(self.possible))
