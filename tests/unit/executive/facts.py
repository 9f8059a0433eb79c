"""Short ways to say what happened in a month."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

from api.calendar import Granularity, Month, Window, window
from api.executive.facts import (
    Deals,
    ExpenseMonth,
    Facts,
    OrderMonth,
    RetentionMonth,
    ServiceMonth,
    Span,
)

UNITS = 10_000  # amounts below are in the currency, facts hold integers of 1/10,000
QUIET = OrderMonth(Month(2000, 1), "orders", 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)


def last_months(months: int, end: str = "2024-06") -> Window:
    """The window of so many months that ends with ``end``."""
    return window(months, Granularity.MONTH, Month.parse(end).last_day)


def quarters(count: int, end: str = "2024-06") -> Window:
    return window(3 * count, Granularity.QUARTER, Month.parse(end).last_day)


def ordered(
    month: str, recognized: int = 0, booked: int = 0, backlog: int = 0, **more: int
) -> OrderMonth:
    """A month's totals from orders; one order each was booked and recognized unless said."""
    counts: dict[str, Any] = {
        "recognized_orders": 1,
        "booked_orders": 1,
        "cancelled_orders": 0,
        "margin_orders": 1,
    }
    amounts = {"margin_profit": 0, "margin_amount": recognized} | {
        name: value for name, value in more.items() if not name.endswith("_orders")
    }
    counts |= {name: value for name, value in more.items() if name.endswith("_orders")}
    scaled: dict[str, Any] = {name: value * UNITS for name, value in amounts.items()}
    return replace(
        QUIET,
        month=Month.parse(month),
        recognized=recognized * UNITS,
        booked=booked * UNITS,
        backlog=backlog * UNITS,
        **scaled,
        **counts,
    )


def quiet(month: str, backlog: int = 0) -> OrderMonth:
    """A month between others in which orders did nothing."""
    return replace(QUIET, month=Month.parse(month), backlog=backlog * UNITS)


def given(month: str, recognized: int = 0, booked: int = 0, backlog: int = 0) -> OrderMonth:
    return OrderMonth(
        Month.parse(month), "given", recognized * UNITS, booked * UNITS, backlog * UNITS
    )


def run(first: str, amounts: Sequence[int], **more: int) -> list[OrderMonth]:
    """Recognized amounts of months in a row."""
    start = Month.parse(first)
    return [
        ordered(start.plus(offset).label, recognized=amount, booked=amount, **more)
        for offset, amount in enumerate(amounts)
    ]


def known(*trend: OrderMonth, end: str = "2024-06", **more: Any) -> Facts:
    """Facts as known at a month's end."""
    return Facts(Month.parse(end), trend=trend, **more)


def spent(first: str, last: str, **months: int) -> dict[str, Any]:
    """Expenses from one month to another; by name ``m2024_05`` what went into sales."""
    rows = [
        ExpenseMonth(Month.parse(name[1:].replace("_", "-")), amount * UNITS)
        for name, amount in months.items()
    ]
    return {
        "expenses": rows,
        "expense_span": Span(Month.parse(first), Month.parse(last)),
        "has_sales_marketing": any(row.sales_marketing for row in rows),
    }


def retained(
    month: str,
    opening: int = 1000,
    churned: int = 0,
    contraction: int = 0,
    expansion: int = 0,
    new: int | None = None,
) -> RetentionMonth:
    return RetentionMonth(
        Month.parse(month),
        opening * UNITS,
        churned * UNITS,
        contraction * UNITS,
        expansion * UNITS,
        None if new is None else new * UNITS,
    )


def observed(
    month: str, up: str, seen: str, service: str = "web", weight: str = "1"
) -> ServiceMonth:
    return ServiceMonth(service, Month.parse(month), Decimal(up), Decimal(seen), Decimal(weight))


def deal(
    amount: int,
    expected: str,
    *,
    rate: str | None = None,
    created: str | None = None,
    closed: str | None = None,
    outcome: str | None = None,
) -> Deals:
    return Deals(
        amount * UNITS,
        Month.parse(expected),
        Month.parse(created) if created else None,
        Month.parse(closed) if closed else None,
        outcome,
        None if rate is None else Decimal(rate),
    )


def number(text: str | int | None) -> Fraction | None:
    return None if text is None else Fraction(text)


def numbers(*values: str | int | None) -> tuple[Fraction | None, ...]:
    return tuple(number(value) for value in values)
