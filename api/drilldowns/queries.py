"""Sums and rows for the drill-down pages. Amounts are integers of 1/10,000 until they are shown."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Select,
    case,
    extract,
    func,
    literal,
    or_,
    select,
)
from sqlalchemy.orm import Session

from api.calendar import Month
from api.csv_files import Number
from api.storage.ordering import by_code
from api.storage.selections import Condition, open_deals
from api.storage.tables import (
    MONEY_SCALE,
    customers,
    expenses,
    inventory,
    orders,
    pipeline,
    retention_nrr,
    revenue_trend,
    uptime,
)

ROWS_A_FETCH = 1000
COGS = "cogs"
SALES_MARKETING = "sales_marketing"

RowValue = str | int | float | None
RowMapping = dict[str, RowValue]


@dataclass(frozen=True)
class RowSource:
    """Rows of one kind behind a number, in a stable order; ``statement`` selects what is shown."""

    kind: str
    statement: Select[Any]

    @property
    def columns(self) -> tuple[str, ...]:
        """Names in order, without ``kind``, which every row has first."""
        return tuple(self.statement.selected_columns.keys())

    def only(self, condition: Condition | None) -> "RowSource":
        """Fewer of these rows; None leaves them as they are."""
        if condition is None:
            return self
        return RowSource(self.kind, self.statement.where(condition))


def open_deal_sums(
    session: Session, ends: Sequence[date], only: Condition | None = None
) -> list[tuple[int, int]]:
    """Amount and number of the deals open at each day's end."""
    sums = [
        part
        for end in ends
        for part in (
            func.coalesce(func.sum(case((open_deals(end), pipeline.c.amount))), 0),
            func.count(case((open_deals(end), 1))),
        )
    ]
    statement = select(*sums)
    row = session.execute(statement if only is None else statement.where(only)).one()
    return [(int(row[i]), int(row[i + 1])) for i in range(0, len(row), 2)]


def has_pipeline(session: Session, only: Condition | None = None) -> bool:
    """Whether any deal was ever imported; ``only`` of some."""
    statement = select(pipeline.c.deal_id)
    counted = statement if only is None else statement.where(only)
    return session.execute(counted.limit(1)).first() is not None


def cogs_by_month(session: Session, first: Month, last: Month) -> dict[Month, int]:
    """Cost of goods sold in each month that has any."""
    year, month = extract("year", expenses.c.incurred_on), extract("month", expenses.c.incurred_on)
    statement = (
        select(year, month, func.sum(expenses.c.amount))
        .where(expense_category(COGS, [first, last]))
        .group_by(year, month)
    )
    return {Month(int(y), int(m)): int(amount) for y, m, amount in session.execute(statement)}


def has_cogs(session: Session, through: Month) -> bool:
    """Whether cost of goods sold was ever given, up to a month."""
    statement = select(expenses.c.expense_id).where(
        expenses.c.category == COGS, expenses.c.incurred_on <= through.last_day
    )
    return session.execute(statement.limit(1)).first() is not None


def inventory_by_month(session: Session, first: Month, last: Month) -> dict[Month, int]:
    """Inventory value of each month that has one."""
    statement = select(inventory.c.period, inventory.c.inventory_value).where(
        inventory.c.period.between(first.label, last.label)
    )
    return {Month.parse(period): value for period, value in session.execute(statement)}


def lacks_win_rate(session: Session, condition: Condition) -> bool:
    """Whether one of the deals has no win rate of its own."""
    statement = select(pipeline.c.deal_id).where(condition, pipeline.c.win_rate.is_(None))
    return session.execute(statement.limit(1)).first() is not None


def expense_category(category: str, months: Sequence[Month]) -> Condition:
    """Expenses of one category, from the first day of the first month to the last of the last."""
    within = expenses.c.incurred_on.between(months[0].first_day, months[-1].last_day)
    return (expenses.c.category == category) & within


def order_rows(condition: Condition, counted: Mapping[str, Condition] | None = None) -> RowSource:
    """Orders with their effective segment and region.

    Where a number has several sums, ``counted`` names a column for each: the amount as far as
    the order counts towards it, otherwise missing.
    """
    shown: list[ColumnElement[Any]] = [
        orders.c.order_id,
        orders.c.customer_id,
        customers.c.name.label("customer"),
        orders.c.booked_on,
        orders.c.recognized_on,
        orders.c.cancelled_on,
        orders.c.amount,
        orders.c.profit,
        orders.c.type,
        orders.c.product,
        func.coalesce(orders.c.segment, customers.c.segment).label("segment"),
        func.coalesce(orders.c.region, customers.c.region).label("region"),
    ]
    for name, counts in (counted or {}).items():
        shown.append(case((counts, orders.c.amount)).label(f"counted_{name}"))
    statement = (
        select(*shown)
        .select_from(orders.outerjoin(customers, orders.c.customer_id == customers.c.customer_id))
        .where(condition)
        .order_by(orders.c.booked_on, by_code(orders.c.order_id))
    )
    return RowSource("orders", statement)


def given_trend_rows(months: Sequence[Month]) -> RowSource:
    """Imported monthly totals."""
    columns = revenue_trend.c
    return RowSource(
        "revenue_trend",
        select(columns.period, columns.recognized, columns.booked, columns.backlog)
        .where(columns.source == "given", columns.period.in_([month.label for month in months]))
        .order_by(columns.period),
    )


def retention_rows(months: Sequence[Month]) -> RowSource:
    """Movements of recurring revenue."""
    return _monthly("retention", retention_nrr.c.period, months)


def uptime_rows(months: Sequence[Month]) -> RowSource:
    """Observed time by service."""
    return _monthly("uptime", uptime.c.period, months, by_code(uptime.c.service))


def of_service(name: str) -> Condition:
    """Observed time of one service."""
    return uptime.c.service == name


def inventory_rows(months: Sequence[Month]) -> RowSource:
    """Month-end inventory."""
    return _monthly("inventory", inventory.c.period, months)


def expense_rows(category: str, months: Sequence[Month]) -> RowSource:
    """Expenses of one category in some months."""
    within = or_(*(expense_category(category, [month]) for month in months))
    shown = [column for column in expenses.c if column.name != "import_id"]
    order = (expenses.c.incurred_on, by_code(expenses.c.expense_id))
    return RowSource("expenses", select(*shown).where(within).order_by(*order))


def deal_rows(kind: str, condition: Condition) -> RowSource:
    """Deals of the pipeline."""
    shown = [column for column in pipeline.c if column.name != "import_id"]
    order = (pipeline.c.expected_close_on, by_code(pipeline.c.deal_id))
    return RowSource(kind, select(*shown).where(condition).order_by(*order))


def count(session: Session, source: RowSource) -> int:
    """How many rows a source has."""
    rows = source.statement.order_by(None).with_only_columns(literal(1), maintain_column_froms=True)
    return session.execute(select(func.count()).select_from(rows.subquery())).scalar_one()


def page(session: Session, source: RowSource, offset: int, limit: int) -> list[RowMapping]:
    """Some rows of a source, as shown."""
    return list(_shown(session, source, source.statement.offset(offset).limit(limit)))


def every_row(session: Session, source: RowSource) -> Iterator[RowMapping]:
    """All rows of a source, as shown, read a thousand at a time."""
    return _shown(session, source, source.statement)


def _monthly(
    kind: str, period: Column[str], months: Sequence[Month], *order: ColumnElement[Any]
) -> RowSource:
    shown = [column for column in period.table.c if column.name != "import_id"]
    within = period.in_([month.label for month in months])
    return RowSource(kind, select(*shown).where(within).order_by(period, *order))


def _shown(session: Session, source: RowSource, statement: Select[Any]) -> Iterator[RowMapping]:
    money = {
        name
        for name, column in statement.selected_columns.items()
        if isinstance(column.type, BigInteger)
    }
    found = session.execute(statement, execution_options={"yield_per": ROWS_A_FETCH})
    for row in found.mappings():
        values = {name: _value(value, is_money=name in money) for name, value in row.items()}
        yield {"kind": source.kind, **values}


def _value(value: Any, *, is_money: bool) -> RowValue:
    if value is None:
        return None
    if is_money:
        return Number(money_text(int(value)))
    if isinstance(value, Decimal):
        return Number(format(value, "f"))
    return value.isoformat() if isinstance(value, date) else str(value)


def money_text(amount: int) -> str:
    """An integer of 1/10,000 as a decimal of two to four places, exactly."""
    whole, rest = divmod(abs(amount), MONEY_SCALE)
    decimals = f"{rest:04d}"
    kept = decimals.rstrip("0").ljust(2, "0")
    return f"{'-' if amount < 0 else ''}{whole}.{kept}"
