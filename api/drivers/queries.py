"""Sums by an attribute of orders and of deals. Amounts are integers of 1/10,000."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import Column, ColumnElement, case, func, or_, select
from sqlalchemy.orm import Session

from api.storage.selections import Condition
from api.storage.tables import customers, orders, pipeline

NOT_GIVEN = "(not given)"
TYPE_NAMES = {"one_off": "One-off", "subscription": "Subscription", "recurring": "Recurring"}

# An order's own attribute wins over its customer's.
EFFECTIVE_SEGMENT = func.coalesce(orders.c.segment, customers.c.segment)
EFFECTIVE_REGION = func.coalesce(orders.c.region, customers.c.region)

ORDER_DIMENSIONS: Mapping[str, ColumnElement[str]] = {
    "region": EFFECTIVE_REGION,
    "segment": EFFECTIVE_SEGMENT,
    "product": orders.c.product,
    "customer": orders.c.customer_id,
    "type": orders.c.type,
}
DEAL_DIMENSIONS: Mapping[str, ColumnElement[str]] = {
    "stage": pipeline.c.stage,
    "deal": pipeline.c.deal_id,
}

Sums = tuple[int | None, ...]


@dataclass(frozen=True)
class Measure:
    """One sum over orders: of a column, where a condition holds."""

    condition: Condition
    column: Column[int] = orders.c.amount


@dataclass(frozen=True)
class DealSum:
    """Deals that agree in an attribute and in their own win rate."""

    name: str
    win_rate: Decimal | None
    amount: int


def order_sums(session: Session, dimension: str, measures: Sequence[Measure]) -> dict[str, Sums]:
    """Every measure by element of a dimension; None where no order counts towards one."""
    key = ORDER_DIMENSIONS[dimension]
    name = func.min(customers.c.name if dimension == "customer" else key)
    sums = [func.sum(case((measure.condition, measure.column))) for measure in measures]
    statement = (
        select(key, name, *sums)
        .select_from(orders.outerjoin(customers, orders.c.customer_id == customers.c.customer_id))
        .where(or_(*(measure.condition for measure in measures)))
        .group_by(key)
    )
    rows = session.execute(statement).all()
    labels = _labels((row[0], TYPE_NAMES.get(row[1], row[1])) for row in rows)
    found: dict[str, Sums] = {}
    for row in rows:
        label = labels[row[0]]
        found[label] = _added(found.get(label), tuple(_exact(value) for value in row[2:]))
    return found


def recurring_by_customer(session: Session, condition: Condition) -> dict[str, int]:
    """Summed amounts by customer id, where a condition holds."""
    statement = (
        select(orders.c.customer_id, func.sum(orders.c.amount))
        .where(condition)
        .group_by(orders.c.customer_id)
    )
    return {customer: int(amount) for customer, amount in session.execute(statement)}


def deal_sums(session: Session, dimension: str, condition: Condition) -> list[DealSum]:
    """Deals by stage or one by one, and by their own win rate."""
    key = DEAL_DIMENSIONS[dimension]
    name = func.min(pipeline.c.name if dimension == "deal" else key)
    statement = (
        select(key, name, pipeline.c.win_rate, func.sum(pipeline.c.amount))
        .where(condition)
        .group_by(key, pipeline.c.win_rate)
    )
    rows = session.execute(statement).all()
    labels = _labels({(row[0], row[1]) for row in rows})
    return [DealSum(labels[row[0]], row[2], int(row[3])) for row in rows]


def _labels(named: Iterable[tuple[str | None, str | None]]) -> dict[str | None, str]:
    """What people call each key: its name, with the key beside it where names repeat."""
    pairs = list(named)
    repeated = {name for name, count in Counter(name for _, name in pairs).items() if count > 1}
    return {key: _label(key, name, repeats=name in repeated) for key, name in pairs}


def _label(key: str | None, name: str | None, *, repeats: bool) -> str:
    if not key:
        return NOT_GIVEN
    return f"{name} ({key})" if name and repeats else name or key


def _exact(value: object) -> int | None:
    """PostgreSQL sums integers to a numeric, SQLite to an integer."""
    return None if value is None else int(str(value))


def _added(known: Sums | None, more: Sums) -> Sums:
    """Two keys can share a label; their sums add up."""
    if known is None:
        return more
    return tuple(
        one if other is None else other if one is None else one + other
        for one, other in zip(known, more, strict=True)
    )
