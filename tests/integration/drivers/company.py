"""A company made of random rows, and plain loops over those rows to compare answers with.

Nothing here knows the service's queries or formulas.
"""

import random
from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from sqlalchemy import Engine

from tests import factories
from tests.factories import Row, add

FIRST = date(2023, 1, 1)
LAST = date(2025, 5, 31)
REGIONS = ("North", "South", "East", None)
SEGMENTS = ("Consumer", "Corporate", None)
PRODUCTS = ("Chair", "Table", "Lamp", None)
TYPES = ("one_off", "one_off", "subscription", "recurring")
STAGES = ("Lead", "Proposal", "Negotiation")


class Company:
    """Random rows of every kind, inserted into a database and kept for comparison."""

    def __init__(self, engine: Engine, seed: int, orders: int = 400) -> None:
        self._random = random.Random(seed)
        self.customers = {f"C-{number}": self._customer(f"C-{number}") for number in range(12)}
        self.orders = [self._order() | {"order_id": f"O-{n}"} for n in range(orders)]
        self.deals = [self._deal() | {"deal_id": f"D-{n}"} for n in range(60)]
        self.services = [
            self._uptime(service, period) for service in ("web", "api") for period in months()
        ]
        self.retention = [self._retention(period) for period in months()]
        self.expenses = [self._expense() | {"expense_id": f"E-{n}"} for n in range(120)]
        self.inventory = [
            factories.inventory(period, self._amount(500, 900)) for period in months()
        ]
        add(engine, "customers", *self.customers.values())
        add(engine, "orders", *self.orders)
        add(engine, "pipeline", *self.deals)
        add(engine, "uptime", *self.services)
        add(engine, "retention", *self.retention)
        add(engine, "expenses", *self.expenses)
        add(engine, "inventory", *self.inventory)

    def attribute(self, order: Row, dimension: str) -> str:
        """An order's element of a dimension, as people see it."""
        customer = self.customers.get(order["customer_id"], {})
        if dimension == "customer":
            return str(customer.get("name") or order["customer_id"])
        if dimension == "type":
            return {"one_off": "One-off", "subscription": "Subscription"}.get(
                order["type"], "Recurring"
            )
        own = order.get(dimension)
        return str(own or customer.get(dimension) or "(not given)")

    def summed(
        self, dimension: str, counts: Callable[[Row], bool], column: str = "amount"
    ) -> dict[str, Fraction]:
        """Sums of a column by element, over the orders that count, in the currency."""
        sums: dict[str, Fraction] = defaultdict(Fraction)
        for order in self.orders:
            if counts(order):
                sums[self.attribute(order, dimension)] += Fraction(order[column], 10_000)
        return dict(sums)

    def _customer(self, customer_id: str) -> Row:
        pick = self._random.choice
        return factories.customer(
            customer_id, f"Name of {customer_id}", segment=pick(SEGMENTS), region=pick(REGIONS)
        )

    def _order(self) -> Row:
        pick = self._random.choice
        booked = self._day()
        ended = booked + timedelta(days=self._random.randrange(120))
        fate = self._random.random()
        return factories.order(
            booked,
            self._amount(-20, 100),
            recognized_on=ended if fate < 0.7 else None,
            cancelled_on=ended if fate > 0.9 else None,
            profit=None if fate < 0.1 else self._amount(-20, 40),
            type=pick(TYPES),
            customer_id=f"C-{self._random.randrange(15)}",  # three of them are not customers
            product=pick(PRODUCTS),
            segment=pick(SEGMENTS),
            region=pick(REGIONS),
        )

    def _deal(self) -> Row:
        created = self._day()
        closed = self._day() if self._random.random() < 0.5 else None
        return factories.deal(
            created + timedelta(days=self._random.randrange(400)),
            self._amount(1, 500),
            win_rate=self._random.choice((None, "0.25", "0.6")),
            created_on=self._random.choice((None, created)),
            closed_on=closed,
            outcome=self._random.choice(("won", "lost")) if closed else None,
            stage=self._random.choice(STAGES),
        )

    def _uptime(self, service: str, period: str) -> Row:
        observed = self._random.randrange(2_000_000, 2_500_000)
        lost = self._random.randrange(100_000)
        weight = {"web": 3, "api": 1}[service]
        return factories.uptime(period, observed - lost, observed, service=service, weight=weight)

    def _retention(self, period: str) -> Row:
        amount = self._amount
        return factories.retention(
            period,
            amount(900, 1000),
            amount(1, 30),
            amount(1, 50),
            contraction=self._random.choice((None, amount(1, 20))),
            new=amount(10, 60),
        )

    def _expense(self) -> Row:
        category = self._random.choice(("sales_marketing", "cogs", "operations"))
        return factories.expense(self._day(), self._amount(1, 90), category)

    def _day(self) -> date:
        return FIRST + timedelta(days=self._random.randrange((LAST - FIRST).days + 1))

    def _amount(self, low: int, high: int) -> Decimal:
        return Decimal(self._random.randrange(low * 10_000, high * 10_000)) / 10_000


def months() -> Iterable[str]:
    """Every month of the company's life."""
    for index in range(29):
        yield f"{2023 + index // 12}-{index % 12 + 1:02}"


def within(column: str, first: str, last: str) -> Callable[[Row], bool]:
    """Whether a row's date lies from ``first`` to ``last``."""
    start, end = date.fromisoformat(first), date.fromisoformat(last)

    def holds(row: Row) -> bool:
        return row[column] is not None and start <= row[column] <= end

    return holds


def open_at(end: str) -> Callable[[Row], bool]:
    """Whether an order is backlog at a day's end."""
    day = date.fromisoformat(end)

    def holds(row: Row) -> bool:
        ended = row["recognized_on"] or row["cancelled_on"]
        return bool(row["booked_on"] <= day and (ended is None or ended > day))

    return holds


def as_floats(values: dict[str, Fraction]) -> dict[str, Any]:
    """What the JSON holds of exact numbers."""
    return {name: float(value) for name, value in values.items()}
