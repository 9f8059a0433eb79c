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
    FromClause,
    Numeric,
    Select,
    String,
    case,
    cast,
    func,
    literal,
    null,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import Session
from sqlalchemy.types import TypeEngine

from api.calendar import Month
from api.csv_files import Number
from api.storage.ordering import by_code
from api.storage.selections import Condition, spent
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
from api.storage.types import ExactDecimal

ROWS_A_FETCH = 1000
KIND, PLACE = "kind", "place"

RowValue = str | int | float | None
RowMapping = dict[str, RowValue]


@dataclass(frozen=True)
class RowSource:
    """Rows of one kind behind a number: what is shown of them, and their own, stable order."""

    kind: str
    statement: Select[Any]
    order: tuple[ColumnElement[Any], ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """Names in order, without ``kind``, which every row has first."""
        return tuple(self.statement.selected_columns.keys())

    def only(self, condition: Condition | None) -> "RowSource":
        """Fewer of these rows; None leaves them as they are."""
        if condition is None:
            return self
        return RowSource(self.kind, self.statement.where(condition), self.order)


@dataclass(frozen=True)
class Sort:
    """A column that rows are asked for by; what is missing comes last in either direction."""

    column: str
    descending: bool

    @classmethod
    def parse(cls, text: str) -> "Sort":
        """``amount`` is ascending, ``-amount`` descending."""
        return cls(text.removeprefix("-"), text.startswith("-"))


def lacks_win_rate(session: Session, condition: Condition) -> bool:
    """Whether one of the deals has no win rate of its own."""
    statement = select(pipeline.c.deal_id).where(condition, pipeline.c.win_rate.is_(None))
    return session.execute(statement.limit(1)).first() is not None


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
    )
    return RowSource("orders", statement, (orders.c.booked_on, by_code(orders.c.order_id)))


def given_trend_rows(months: Sequence[Month]) -> RowSource:
    """Imported monthly totals."""
    columns = revenue_trend.c
    return RowSource(
        "revenue_trend",
        select(columns.period, columns.recognized, columns.booked, columns.backlog).where(
            columns.source == "given", columns.period.in_([month.label for month in months])
        ),
        (columns.period,),
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
    within = or_(*(spent(category, month.first_day, month.last_day) for month in months))
    shown = [column for column in expenses.c if column.name != "import_id"]
    order = (expenses.c.incurred_on, by_code(expenses.c.expense_id))
    return RowSource("expenses", select(*shown).where(within), order)


def deal_rows(kind: str, condition: Condition) -> RowSource:
    """Deals of the pipeline."""
    shown = [column for column in pipeline.c if column.name != "import_id"]
    order = (pipeline.c.expected_close_on, by_code(pipeline.c.deal_id))
    return RowSource(kind, select(*shown).where(condition), order)


def count(session: Session, source: RowSource) -> int:
    """How many rows a source has."""
    rows = source.statement.with_only_columns(literal(1), maintain_column_froms=True)
    return session.execute(select(func.count()).select_from(rows.subquery())).scalar_one()


def page(session: Session, source: RowSource, offset: int, limit: int) -> list[RowMapping]:
    """Some rows of a source, as shown."""
    return list(_shown(session, [source], _in_own_order(source).offset(offset).limit(limit)))


def every_row(
    session: Session, sources: Sequence[RowSource], sort: Sort | None
) -> Iterator[RowMapping]:
    """All rows, as shown, read a thousand at a time; unsorted the sources follow each other."""
    if sort is not None and sources:
        yield from _shown(session, sources, _sorted(sources, sort))
        return
    for source in sources:
        yield from _shown(session, [source], _in_own_order(source))


def sorted_page(
    session: Session, sources: Sequence[RowSource], sort: Sort, offset: int, limit: int
) -> list[RowMapping]:
    """Some rows of all sources in one order, as shown."""
    if not sources:
        return []
    return list(_shown(session, sources, _sorted(sources, sort).offset(offset).limit(limit)))


def _in_own_order(source: RowSource) -> Select[Any]:
    kind = literal(source.kind).label(KIND)
    return source.statement.add_columns(kind).order_by(*source.order)


def _sorted(sources: Sequence[RowSource], sort: Sort) -> Select[Any]:
    """All kinds of rows by one column; equal ones as they come without it."""
    types = {
        name: column.type
        for source in sources
        for name, column in source.statement.selected_columns.items()
    }
    depth = max(len(source.order) for source in sources)
    each = [_padded(place, source, types, depth) for place, source in enumerate(sources)]
    every = union_all(*each).subquery()
    key = _comparable(every.c[sort.column])
    by = key.desc() if sort.descending else key.asc()
    own = [by_code(every.c[_order(number)]) for number in range(depth)]
    shown = [every.c[name] for name in (*types, KIND)]
    return select(*shown).order_by(by.nulls_last(), every.c[PLACE], *own)


def _padded(
    place: int, source: RowSource, types: Mapping[str, TypeEngine[Any]], depth: int
) -> Select[Any]:
    """Rows of one kind with all kinds' columns, and with what they are ordered by otherwise."""
    ordered = [cast(part, String).label(_order(number)) for number, part in enumerate(source.order)]
    rows = source.statement.add_columns(*ordered).subquery()
    return select(
        literal(source.kind).label(KIND),
        literal(place).label(PLACE),
        *(_own_or_missing(rows, name, kept) for name, kept in types.items()),
        *(_own_or_missing(rows, _order(number), String()) for number in range(depth)),
    )


def _own_or_missing(rows: FromClause, name: str, kept: TypeEngine[Any]) -> ColumnElement[Any]:
    """A column of these rows; what they do not have is missing, of the type that others have."""
    return rows.c[name] if name in rows.c else cast(null(), kept).label(name)


def _order(number: int) -> str:
    return f"order_{number}"


def _comparable(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """What sorts alike on every database: decimals by size, texts by their characters' codes."""
    if isinstance(column.type, ExactDecimal):
        return cast(column, Numeric)
    return by_code(column) if isinstance(column.type, String) else column


def _monthly(
    kind: str, period: Column[str], months: Sequence[Month], *order: ColumnElement[Any]
) -> RowSource:
    shown = [column for column in period.table.c if column.name != "import_id"]
    within = period.in_([month.label for month in months])
    return RowSource(kind, select(*shown).where(within), (period, *order))


def _shown(
    session: Session, sources: Sequence[RowSource], statement: Select[Any]
) -> Iterator[RowMapping]:
    """Each row with its kind first, then the columns of that kind."""
    columns = {source.kind: source.columns for source in sources}
    money = {
        name
        for name, column in statement.selected_columns.items()
        if isinstance(column.type, BigInteger)
    }
    found = session.execute(statement, execution_options={"yield_per": ROWS_A_FETCH})
    for row in found.mappings():
        kind: str = row[KIND]
        shown: RowMapping = {KIND: kind}
        for name in columns[kind]:
            shown[name] = _value(row[name], is_money=name in money)
        yield shown


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
