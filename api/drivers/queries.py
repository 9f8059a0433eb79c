"""Sums by an attribute of orders and of deals. Amounts are integers of 1/10,000."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from sqlalchemy import (
    CTE,
    Column,
    ColumnElement,
    CompoundSelect,
    Select,
    and_,
    case,
    extract,
    func,
    literal_column,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import Session

from api.calendar import Month
from api.executive.month_label import month_label
from api.storage import selections
from api.storage.flows import Flows, sums_by_date
from api.storage.selections import Condition
from api.storage.tables import customers, expenses, inventory, orders, pipeline

NOT_GIVEN = "(not given)"
OUTCOME_NOT_GIVEN = "Closed, outcome not given"
TYPE_NAMES = {"one_off": "One-off", "subscription": "Subscription", "recurring": "Recurring"}

# What tells most orders apart comes first: they are sorted by it to be added up.
OWN_ATTRIBUTES: Mapping[str, Column[str]] = {
    "customer": orders.c.customer_id,
    "product": orders.c.product,
    "region": orders.c.region,
    "segment": orders.c.segment,
    "type": orders.c.type,
}
CUSTOMERS_KNOW = frozenset({"region", "segment"})
KEYS_A_QUESTION = 500
_NAME_AND_KEY = re.compile(r"(.+) \((.+)\)")
DEAL_DIMENSIONS: Mapping[str, ColumnElement[str]] = {
    "stage": pipeline.c.stage,
    "deal": pipeline.c.deal_id,
}

Sums = tuple[int | None, ...]


def order_element(dimension: str, label: str) -> Condition:
    """Orders of one element of a dimension, by the label that people see."""
    if dimension == "customer":
        known = customers.alias()
        return _named(label, orders.c.customer_id, known.c.customer_id, known.c.name)
    if dimension == "type":
        keys = {shown: key for key, shown in TYPE_NAMES.items()}
        return orders.c.type == keys.get(label, label)
    effective = _effective(dimension)
    return func.coalesce(effective, "") == ("" if label == NOT_GIVEN else label)


def deal_element(dimension: str, label: str) -> Condition:
    """Deals of one element of a dimension, by the label that people see."""
    if dimension == "deal":
        known = pipeline.alias()
        return _named(label, pipeline.c.deal_id, known.c.deal_id, known.c.name)
    return pipeline.c.stage == label


def _effective(dimension: str) -> ColumnElement[str]:
    """An order's own attribute, else its customer's; needs no join."""
    if dimension not in CUSTOMERS_KNOW:
        return orders.c[dimension]
    owner = customers.alias()
    of_customer = select(owner.c[dimension]).where(owner.c.customer_id == orders.c.customer_id)
    return func.coalesce(orders.c[dimension], of_customer.scalar_subquery())


def _named(
    label: str, key: Column[str], names_key: ColumnElement[str], name: ColumnElement[str]
) -> ColumnElement[bool]:
    """A key whose label is its name, the name with the key beside it, or the key itself.

    Names are looked up in an alias: the question around it may hold the same table.
    """
    called = name == label
    if match := _NAME_AND_KEY.fullmatch(label):
        called = or_(called, and_(name == match[1], names_key == match[2]))
    return or_(key == label, key.in_(select(names_key).where(called)))


@dataclass(frozen=True)
class Measure:
    """One sum over orders: of a column, where a condition holds."""

    condition: Condition
    column: Column[int] = orders.c.amount

    def only(self, condition: Condition) -> "Measure":
        """The same sum over fewer orders."""
        return Measure(and_(self.condition, condition), self.column)


@dataclass(frozen=True)
class DealSum:
    """Deals that agree in an attribute and in their own win rate."""

    name: str
    win_rate: Decimal | None
    amount: int


@dataclass(frozen=True)
class DealMovement:
    """Deals that came or went, and whether that adds to the open ones (1) or takes away (-1)."""

    deals: Condition
    sign: int


def order_sums(
    session: Session, dimensions: Sequence[str], measures: Sequence[Measure]
) -> dict[str, dict[str, Sums]]:
    """Every measure by dimension and its element; None where no order counts towards one.

    A question for each condition, so that each is answered by the index of its own date; it reads
    the orders once for all dimensions.
    """
    found: dict[str, dict[str | None, list[int | None]]] = {name: {} for name in dimensions}
    for condition, places in _places(measures):
        columns = [measures[place].column for place in places]
        for dimension, key, *values in session.execute(_by_each(dimensions, condition, columns)):
            sums = found[dimension].setdefault(key, [None] * len(measures))
            for place, value in zip(places, values, strict=True):
                sums[place] = _exact(value)
    return {name: _labelled(session, name, by_key) for name, by_key in found.items()}


def _labelled(
    session: Session, dimension: str, by_key: Mapping[str | None, Sequence[int | None]]
) -> dict[str, Sums]:
    labels = _order_labels(session, dimension, list(by_key))
    found: dict[str, Sums] = {}
    for key, sums in by_key.items():
        found[labels[key]] = _added(found.get(labels[key]), tuple(sums))
    return found


def _places(measures: Sequence[Measure]) -> list[tuple[Condition, list[int]]]:
    """Each condition once, with the places of the measures that share it."""
    shared: dict[int, tuple[Condition, list[int]]] = {}
    for place, measure in enumerate(measures):
        shared.setdefault(id(measure.condition), (measure.condition, []))[1].append(place)
    return list(shared.values())


def _by_each(
    dimensions: Sequence[str], condition: Condition, columns: Sequence[Column[int]]
) -> CompoundSelect[tuple[str, str | None, int]]:
    """Rows of a dimension's name, the key of an element, and the sum of each column.

    Orders that agree in all that is asked for are added up first, and kept for the duration of the
    question: they are far fewer than the orders, and only then is each one's customer looked up.
    """
    needed = {*dimensions} | ({"customer"} if CUSTOMERS_KNOW.intersection(dimensions) else set())
    own = {name: column for name, column in OWN_ATTRIBUTES.items() if name in needed}
    labelled = [column.label(name) for name, column in own.items()]
    sums = [func.sum(column).label(f"sum_{place}") for place, column in enumerate(columns)]
    alike = select(*labelled, *sums).where(condition).group_by(*own.values()).cte("alike")
    alike = alike.prefix_with("MATERIALIZED")
    added = [func.sum(alike.c[each.name]) for each in sums]
    return union_all(*(_of_one(name, alike, added) for name in dimensions))


def _of_one(
    dimension: str, alike: CTE, added: Sequence[ColumnElement[int]]
) -> Select[tuple[str, str | None, int]]:
    name: ColumnElement[str] = literal_column(f"'{dimension}'")
    own = alike.c[dimension]
    if dimension not in CUSTOMERS_KNOW:
        return select(name, own, *added).group_by(own)
    effective = func.coalesce(own, customers.c[dimension])  # its own wins over its customer's
    both = alike.outerjoin(customers, alike.c.customer == customers.c.customer_id)
    return select(name, effective, *added).select_from(both).group_by(effective)


def _order_labels(
    session: Session, dimension: str, keys: Sequence[str | None]
) -> dict[str | None, str]:
    if dimension == "customer":
        names = _customer_names(session, [key for key in keys if key is not None])
        return _labels((key, names.get(key or "")) for key in keys)
    shown = TYPE_NAMES if dimension == "type" else {}
    return {key: shown.get(key, key) if key else NOT_GIVEN for key in keys}


def customer_labels(session: Session, keys: Sequence[str]) -> dict[str, str]:
    """What people call customers."""
    labels = _order_labels(session, "customer", list(keys))
    return {key: labels[key] for key in keys}


def _customer_names(session: Session, keys: Sequence[str]) -> dict[str, str]:
    names: dict[str, str] = {}
    for start in range(0, len(keys), KEYS_A_QUESTION):
        some = customers.c.customer_id.in_(keys[start : start + KEYS_A_QUESTION])
        named = select(customers.c.customer_id, customers.c.name).where(some)
        names |= dict(session.execute(named).tuples().all())
    return names


def month_flows(session: Session, through: Month, only: Condition) -> dict[Month, Flows]:
    """What some orders did in each month up to one; a month without them is left out."""
    found: dict[Month, dict[str, int]] = {}
    for column, sums in sums_by_date():
        month = month_label(column)
        statement = select(month, *(value.label(name) for name, value in sums))
        counted = statement.where(column <= through.last_day, only).group_by(month)
        for label, *values in session.execute(counted):
            totals = found.setdefault(Month.parse(label), {})
            named = zip(sums, values, strict=True)
            totals.update((name, _exact(value) or 0) for (name, _), value in named)
    return {month: Flows(**totals) for month, totals in found.items()}


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


def open_deal_sums(
    session: Session, ends: Sequence[date], only: Condition | None = None
) -> list[tuple[int, int] | None]:
    """Amount and number of the deals open at each day's end; None where there never was one."""
    sums = [
        part
        for end in ends
        for part in (
            func.coalesce(func.sum(case((selections.open_deals(end), pipeline.c.amount))), 0),
            func.count(case((selections.open_deals(end), 1))),
        )
    ]
    statement = select(func.count(), *sums).select_from(pipeline)
    ever, *row = session.execute(statement if only is None else statement.where(only)).one()
    return [(int(row[i]), int(row[i + 1])) if ever else None for i in range(0, len(row), 2)]


def cogs_by_month(session: Session, first: Month, last: Month) -> dict[Month, int]:
    """Cost of goods sold in each month that has any."""
    year, month = extract("year", expenses.c.incurred_on), extract("month", expenses.c.incurred_on)
    statement = (
        select(year, month, func.sum(expenses.c.amount))
        .where(selections.spent(selections.COGS, first.first_day, last.last_day))
        .group_by(year, month)
    )
    return {Month(int(y), int(m)): int(amount) for y, m, amount in session.execute(statement)}


def has_cogs(session: Session, through: Month) -> bool:
    """Whether cost of goods sold was ever given, up to a month."""
    statement = select(expenses.c.expense_id).where(
        expenses.c.category == selections.COGS, expenses.c.incurred_on <= through.last_day
    )
    return session.execute(statement.limit(1)).first() is not None


def inventory_by_month(session: Session, first: Month, last: Month) -> dict[Month, int]:
    """Inventory value of each month that has one."""
    statement = select(inventory.c.period, inventory.c.inventory_value).where(
        inventory.c.period.between(first.label, last.label)
    )
    return {Month.parse(period): value for period, value in session.execute(statement)}


def deal_movements(before: date, end: date) -> dict[str, DealMovement]:
    """What was added to the open deals and left them between two days' ends, by its name."""
    closed = selections.closed_deals(end, before + timedelta(days=1))
    return {
        "New deals": DealMovement(selections.new_deals(before, end), 1),
        "Won": DealMovement(and_(closed, pipeline.c.outcome == "won"), -1),
        "Lost": DealMovement(and_(closed, pipeline.c.outcome == "lost"), -1),
        OUTCOME_NOT_GIVEN: DealMovement(and_(closed, pipeline.c.outcome.is_(None)), -1),
    }


def deal_movement_sums(
    session: Session, movements: Iterable[DealMovement], only: Condition | None = None
) -> list[int]:
    """What each movement adds, negative where it takes away."""
    sums = (func.sum(case((each.deals, each.sign * pipeline.c.amount))) for each in movements)
    statement = select(*sums)
    row = session.execute(statement if only is None else statement.where(only)).one()
    return [int(amount or 0) for amount in row]
