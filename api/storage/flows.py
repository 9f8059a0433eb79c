"""What orders did in some time: the sums that monthly totals and parts of them are made of."""

from dataclasses import dataclass, fields
from datetime import date

from sqlalchemy import Column, ColumnElement, case, func

from api.storage.selections import RECURRING_TYPES
from api.storage.tables import orders

Sums = list[tuple[str, ColumnElement[int]]]


@dataclass(frozen=True)
class Flows:
    """What orders did in some time. Money in 1/10,000; ``_orders`` are counts.

    ``margin`` is over recognized orders that have a profit, ``recurring`` over recognized
    subscription and recurring orders.
    """

    booked: int = 0
    booked_orders: int = 0
    recognized: int = 0
    recognized_orders: int = 0
    margin_profit: int = 0
    margin_amount: int = 0
    margin_orders: int = 0
    recurring: int = 0
    recurring_orders: int = 0
    cancelled: int = 0
    cancelled_orders: int = 0


FLOW_NAMES = tuple(field.name for field in fields(Flows))


def sums_by_date() -> list[tuple[Column[date], Sums]]:
    """Each date of an order, with the sums over the orders that carry it."""
    amount, profit = orders.c.amount, orders.c.profit
    has_profit, recurring = profit.is_not(None), orders.c.type.in_(RECURRING_TYPES)
    recognized: Sums = [
        ("recognized", func.sum(amount)),
        ("recognized_orders", func.count()),
        ("margin_profit", func.sum(profit)),
        ("margin_amount", func.sum(case((has_profit, amount), else_=0))),
        ("margin_orders", func.count(profit)),
        ("recurring", func.sum(case((recurring, amount), else_=0))),
        ("recurring_orders", func.sum(case((recurring, 1), else_=0))),
    ]
    return [
        (orders.c.booked_on, [("booked", func.sum(amount)), ("booked_orders", func.count())]),
        (orders.c.recognized_on, recognized),
        (
            orders.c.cancelled_on,
            [("cancelled", func.sum(amount)), ("cancelled_orders", func.count())],
        ),
    ]
