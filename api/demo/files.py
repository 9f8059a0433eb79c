"""The demonstration company as import files: for each kind its CSV lines."""

import csv
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import chain

from api.calendar import Month
from api.demo import operations, pipeline, sales, subscriptions, targets
from api.demo.company import Calendar, Customer, amount, customers

Row = tuple[object, ...]

ORDER_HEADER = (
    "order_id",
    "customer_id",
    "booked_on",
    "recognized_on",
    "cancelled_on",
    "amount",
    "profit",
    "type",
    "product",
    "segment",
    "region",
)
CUSTOMER_HEADER = ("customer_id", "name", "industry", "segment", "region", "created_on")
RETENTION_HEADER = (
    "period",
    "opening_mrr",
    "churned_mrr",
    "contraction_mrr",
    "expansion_mrr",
    "new_mrr",
)
PIPELINE_HEADER = (
    "deal_id",
    "name",
    "stage",
    "amount",
    "created_on",
    "expected_close_on",
    "win_rate",
    "closed_on",
    "outcome",
)
UPTIME_HEADER = ("service", "period", "up_seconds", "observed_seconds", "weight")
RISK_HEADER = ("title", "owner", "due", "mitigation", "status")
RECURRING_TYPES = frozenset({"subscription", "recurring"})
EVERY_TYPE = RECURRING_TYPES | {"one_off"}
RECOGNIZED_ON, AMOUNT, PROFIT, TYPE = 3, 5, 6, 7


@dataclass(frozen=True)
class Company:
    """Everything the company did until ``calendar.through``."""

    calendar: Calendar

    @cached_property
    def customers(self) -> tuple[Customer, ...]:
        """Everyone it ever did business with."""
        known = customers(self.calendar.months)
        return tuple(customer for customer in known if customer.since <= self.calendar.months[-1])

    @cached_property
    def accounts(self) -> tuple[subscriptions.Account, ...]:
        """The subscribers among them."""
        return subscriptions.accounts(self.calendar, self.customers)

    @cached_property
    def orders(self) -> tuple[Row, ...]:
        """Every order, amounts in pence, in the order of ``ORDER_HEADER``."""
        return (
            *subscriptions.orders(self.calendar, self.accounts),
            *sales.orders(self.calendar, self.customers),
        )

    def recognized(self, column: int, kinds: frozenset[str] = EVERY_TYPE) -> Counter[Month]:
        """Pence by month of recognition, of orders of some types."""
        sums: Counter[Month] = Counter()
        for order in self.orders:
            day, pence = order[RECOGNIZED_ON], order[column]
            if isinstance(day, date) and isinstance(pence, int) and order[TYPE] in kinds:
                sums[Month.of(day)] += pence
        return sums


@dataclass(frozen=True)
class File:
    """One import: the kind, and the lines of a CSV file."""

    kind: str
    lines: Iterator[str]


def files(through: date) -> Iterator[File]:
    """Every file of the company that has data until ``through``, targets last."""
    company = Company(Calendar(through))
    calendar = company.calendar
    amounts, profits = company.recognized(AMOUNT), company.recognized(PROFIT)
    complete = {month: amounts[month] for month in calendar.complete_months}
    cost_of_goods = {month: amounts[month] - profits[month] for month in calendar.months}
    yield File("customers", _csv(CUSTOMER_HEADER, map(_customer_row, company.customers)))
    yield File("orders", _csv(ORDER_HEADER, map(_order_row, company.orders)))
    movements = subscriptions.movements(calendar, company.accounts)
    yield File("retention", _csv(RETENTION_HEADER, map(_retention_row, movements)))
    spent = operations.expenses(calendar, cost_of_goods)
    yield File("expenses", _csv(("expense_id", "incurred_on", "category", "amount"), spent))
    deals = pipeline.deals(calendar, company.customers, complete)
    yield File("pipeline", _csv(PIPELINE_HEADER, deals))
    yield File("uptime", _csv(UPTIME_HEADER, operations.uptime(calendar)))
    stock = operations.inventory(calendar, cost_of_goods)
    yield File("inventory", _csv(("period", "inventory_value"), stock))
    yield File("risks", _csv(RISK_HEADER, operations.risks(calendar)))
    recurring = company.recognized(AMOUNT, RECURRING_TYPES)
    lines = targets.targets(calendar, complete, recurring)
    yield File("targets", _csv(("kpi", "period", "target", "watch", "act"), lines))


def _customer_row(customer: Customer) -> Row:
    return (
        customer.customer_id,
        customer.name,
        customer.industry,
        customer.segment,
        customer.region,
        customer.since.first_day,
    )


def _order_row(order: Row) -> Row:
    return tuple(amount(cell) if isinstance(cell, int) else cell for cell in order)


def _retention_row(month: subscriptions.Movements) -> Row:
    sums = (month.opening, month.churned, month.contraction, month.expansion, month.new)
    return (month.period, *map(amount, sums))


class _Echo:
    """A file that hands each line back to who wrote it."""

    def write(self, line: str) -> str:
        return line


def _csv(header: Row, rows: Iterable[Row]) -> Iterator[str]:
    writer = csv.writer(_Echo())
    return (str(writer.writerow(row)) for row in chain([header], rows))
