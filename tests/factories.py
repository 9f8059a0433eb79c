"""Rows for tests: say what matters, the rest has plain defaults.

    add(engine, "orders", order(booked_on="2024-01-05", recognized_on="2024-02-01", amount=120))

Amounts are in the currency and may be int, str or Decimal; dates are ``YYYY-MM-DD`` or None.
``add`` writes past the importer, in one transaction, as an import would leave the tables:
with its row in ``imports``, the totals in ``revenue_trend`` and the next ``data_version``.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import count
from typing import Any

from sqlalchemy import Connection, Engine, Table, delete, insert, select, update

from api.storage import tables
from api.storage.engine import for_writing

Row = dict[str, Any]
Amount = int | str | Decimal
Day = str | date | None

TABLES: Mapping[str, Table] = {
    "orders": tables.orders,
    "customers": tables.customers,
    "expenses": tables.expenses,
    "retention": tables.retention_nrr,
    "revenue_trend": tables.revenue_trend,
    "pipeline": tables.pipeline,
    "uptime": tables.uptime,
    "targets": tables.targets,
    "risks": tables.risks,
    "inventory": tables.inventory,
}
IMPORTED_AT = datetime(2024, 1, 1, 12, tzinfo=UTC)
_numbers = count(1)


def add(
    engine: Engine,
    kind: str,
    *rows: Row,
    demo: bool = False,
    imported_at: datetime = IMPORTED_AT,
) -> int:
    """Insert rows of one kind; gives the id of their import."""
    with for_writing(engine).begin() as connection:
        import_id = _insert_import(connection, kind, len(rows), demo, imported_at)
        owned = [row | {"import_id": import_id} for row in rows]
        if owned:
            connection.execute(insert(TABLES[kind]), owned)
        if kind == "orders":
            _keep_trend(connection)
        version = tables.data_version.c.version
        connection.execute(
            update(tables.data_version).values(version=version + 1, changed_at=imported_at)
        )
    return import_id


def order(
    booked_on: Day,
    amount: Amount = 100,
    *,
    recognized_on: Day = None,
    cancelled_on: Day = None,
    profit: Amount | None = None,
    type: str = "one_off",  # noqa: A002 - the column's name
    customer_id: str = "C-1",
    order_id: str | None = None,
    product: str | None = None,
    segment: str | None = None,
    region: str | None = None,
) -> Row:
    return {
        "order_id": order_id or f"O-{next(_numbers)}",
        "customer_id": customer_id,
        "booked_on": day(booked_on),
        "recognized_on": day(recognized_on),
        "cancelled_on": day(cancelled_on),
        "amount": money(amount),
        "profit": None if profit is None else money(profit),
        "type": type,
        "product": product,
        "segment": segment,
        "region": region,
    }


def customer(customer_id: str, name: str = "A customer", **columns: Any) -> Row:
    rest = dict.fromkeys(("industry", "segment", "region"))
    created_on = day(columns.pop("created_on", None))
    return rest | {"customer_id": customer_id, "name": name, "created_on": created_on} | columns


def expense(
    incurred_on: Day, amount: Amount = 100, category: str = "sales_marketing", **columns: Any
) -> Row:
    return {
        "expense_id": f"E-{next(_numbers)}",
        "incurred_on": day(incurred_on),
        "category": category,
        "amount": money(amount),
    } | columns


def retention(
    period: str,
    opening: Amount = 1000,
    churned: Amount = 0,
    expansion: Amount = 0,
    *,
    contraction: Amount | None = None,
    new: Amount | None = None,
) -> Row:
    return {
        "period": period,
        "opening_mrr": money(opening),
        "churned_mrr": money(churned),
        "contraction_mrr": None if contraction is None else money(contraction),
        "expansion_mrr": money(expansion),
        "new_mrr": None if new is None else money(new),
    }


def given_trend(
    period: str, recognized: Amount = 100, booked: Amount = 100, backlog: Amount = 0
) -> Row:
    return {
        "period": period,
        "source": "given",
        "recognized": money(recognized),
        "booked": money(booked),
        "backlog": money(backlog),
    }


def deal(
    expected_close_on: Day,
    amount: Amount = 100,
    *,
    win_rate: str | None = None,
    created_on: Day = None,
    closed_on: Day = None,
    outcome: str | None = None,
    stage: str = "proposal",
    **columns: Any,
) -> Row:
    return {
        "deal_id": f"D-{next(_numbers)}",
        "name": None,
        "stage": stage,
        "amount": money(amount),
        "created_on": day(created_on),
        "expected_close_on": day(expected_close_on),
        "win_rate": None if win_rate is None else Decimal(win_rate),
        "closed_on": day(closed_on),
        "outcome": outcome,
    } | columns


def uptime(
    period: str,
    up_seconds: Amount,
    observed_seconds: Amount,
    *,
    service: str = "web",
    weight: Amount = 1,
) -> Row:
    return {
        "service": service,
        "period": period,
        "up_seconds": Decimal(up_seconds),
        "observed_seconds": Decimal(observed_seconds),
        "weight": Decimal(weight),
    }


def target(
    kpi: str,
    value: Amount,
    *,
    watch: Amount | None = None,
    act: Amount | None = None,
    period: str = "",
    good_direction: str | None = None,
) -> Row:
    return {
        "kpi": kpi,
        "period": period,
        "target": Decimal(value),
        "watch": None if watch is None else Decimal(watch),
        "act": None if act is None else Decimal(act),
        "good_direction": good_direction,
    }


def risk(title: str = "A risk", *, due: Day = "2024-06-30", **columns: Any) -> Row:
    return {
        "title": title,
        "owner": "An owner",
        "due": day(due),
        "mitigation": "A plan",
        "status": "open",
    } | columns


def inventory(period: str, value: Amount = 1000) -> Row:
    return {"period": period, "inventory_value": money(value)}


def money(amount: Amount) -> int:
    """Currency to the integer of 1/10,000 that the tables hold."""
    scaled = Decimal(amount) * tables.MONEY_SCALE
    assert scaled == int(scaled), f"{amount} is finer than 1/10,000"
    return int(scaled)


def day(value: Day) -> date | None:
    return date.fromisoformat(value) if isinstance(value, str) else value


def _insert_import(
    connection: Connection, kind: str, inserted: int, demo: bool, imported_at: datetime
) -> int:
    values = {
        "kind": kind,
        "filename": f"{kind}.csv",
        "actor": "test",
        "imported_at": imported_at,
        "inserted": inserted,
        "updated": 0,
        "unchanged": 0,
        "demo": demo,
    }
    statement = insert(tables.imports).values(values).returning(tables.imports.c.id)
    identifier: int = connection.execute(statement).scalar_one()
    return identifier


def _keep_trend(connection: Connection) -> None:
    """Totals from orders for every month from the first to the last with any."""
    connection.execute(
        delete(tables.revenue_trend).where(tables.revenue_trend.c.source == "orders")
    )
    rows = list(connection.execute(select(tables.orders)).mappings())
    if totals := list(_monthly_totals(rows)):
        connection.execute(insert(tables.revenue_trend), totals)


def _monthly_totals(rows: list[Any]) -> Iterable[Row]:
    events: dict[tuple[str, str], list[Any]] = {}
    for row in rows:
        for name in ("booked_on", "recognized_on", "cancelled_on"):
            if row[name]:
                events.setdefault((row[name].strftime("%Y-%m"), name), []).append(row)
    months = [period for period, _ in events]
    backlog = 0
    for period in _periods(min(months), max(months)) if months else ():
        booked = events.get((period, "booked_on"), [])
        recognized = events.get((period, "recognized_on"), [])
        cancelled = events.get((period, "cancelled_on"), [])
        margin = [row for row in recognized if row["profit"] is not None]
        recurring = [row for row in recognized if row["type"] != "one_off"]
        backlog += _sum(booked) - _sum(recognized) - _sum(cancelled)
        yield {
            "period": period,
            "source": "orders",
            "recognized": _sum(recognized),
            "booked": _sum(booked),
            "backlog": backlog,
            "cancelled": _sum(cancelled),
            "margin_profit": _sum(margin, "profit"),
            "margin_amount": _sum(margin),
            "margin_orders": len(margin),
            "recurring": _sum(recurring),
            "recurring_orders": len(recurring),
            "recognized_orders": len(recognized),
            "booked_orders": len(booked),
            "cancelled_orders": len(cancelled),
        }


def _sum(rows: list[Any], column: str = "amount") -> int:
    return sum(row[column] for row in rows)


def _periods(first: str, last: str) -> Iterable[str]:
    year, month = (int(part) for part in first.split("-"))
    while f"{year:04}-{month:02}" <= last:
        yield f"{year:04}-{month:02}"
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
