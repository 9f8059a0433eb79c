"""What the screen asks of the database: never all orders; and both engines answer the same."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import Engine, event
from sqlalchemy.orm import Session

from api.calendar import Granularity, Range
from api.executive import service
from api.executive.view import View
from api.settings import Settings
from api.storage.engine import open_engine
from tests.factories import (
    add,
    customer,
    deal,
    expense,
    given_trend,
    inventory,
    order,
    retention,
    risk,
    target,
    uptime,
)

NOW = datetime(2024, 7, 10, 9, tzinfo=UTC)
VIEW = View(Range.TWELVE_MONTHS, Granularity.MONTH, date(2024, 7, 9), 1)

ORDERS_A_MONTH = 3
# The others have a row a month, or as many as a person writes.
LARGE = {"orders", "customers", "expenses", "pipeline", "alert_events"}


def company(engine: Engine) -> None:
    """A bit of everything."""
    months = [(2023, month) for month in range(1, 13)] + [(2024, month) for month in range(1, 8)]
    add(
        engine,
        "orders",
        *(
            order(
                f"{year}-{month:02}-0{number}",
                f"{number}.{month:02}",
                recognized_on=f"{year}-{month:02}-2{number}",
                profit="0.0001" if number > 1 else None,
                type="subscription" if number == 1 else "one_off",
                order_id=f"{year}-{month}-{number}",
            )
            for year, month in months
            for number in range(1, ORDERS_A_MONTH + 1)
        ),
    )
    add(engine, "customers", customer("C-1", created_on="2020-01-01"))
    for kind in ("orders", "customers", "expenses", "pipeline"):
        add(engine, kind, demo=True)
    add(engine, "revenue_trend", given_trend("2022-11"))
    for year, month in months:
        period = f"{year}-{month:02}"
        add(engine, "expenses", expense(f"{period}-03", "12.5"), expense(f"{period}-04", 1, "cogs"))
        add(engine, "retention", retention(period, 1000, "10.5", 20, new="7.77"))
        add(engine, "uptime", uptime(period, "1000000.5", 2000000, weight="0.3"))
        add(engine, "uptime", uptime(period, 3, 3, service="Über"))
        add(engine, "inventory", inventory(period))
    add(
        engine,
        "pipeline",
        deal("2024-07-15", "100.01", win_rate="0.33", created_on="2023-05-01", deal_id="a"),
        deal("2024-07-31", 10, deal_id="b"),
        deal("2024-02-01", 10, closed_on="2024-03-01", outcome="won", deal_id="c"),
        deal("2024-02-01", 20, closed_on="2024-03-01", outcome="lost", deal_id="d"),
    )
    add(engine, "targets", target("revenue", "10.1", watch=9, act=8), target("gm", "0.4"))
    add(engine, "risks", risk("Z"), risk("a"), risk("é"), risk("A", owner="B"))


def screen(engine: Engine, view: View) -> str:
    with Session(engine) as session:
        reading = service.read(session, NOW, Settings(), view)
    return service.compose(reading, NOW, Settings(), view).model_dump_json()


@pytest.mark.parametrize("granularity", Granularity)
def test_the_same_input_gives_the_same_json_on_both_databases(
    sqlite_url: str, postgresql_url: str, granularity: Granularity
) -> None:
    bodies = []
    for url in (sqlite_url, postgresql_url):
        engine = open_engine(url)
        company(engine)
        bodies.append(screen(engine, View(Range.TWELVE_MONTHS, granularity, date(2024, 7, 9), 4)))
        engine.dispose()
    assert '"value":null' not in bodies[0]
    assert bodies[0] == bodies[1]


def test_the_screen_scans_no_large_table_of_sqlite(sqlite_url: str) -> None:
    plans = [plan for plan in sqlite_plans(sqlite_url) if plan.split()[1] in LARGE]
    assert len([plan for plan in plans if plan.split()[1] == "orders"]) >= 6, plans
    for plan in plans:
        assert "USING" in plan, plan  # an index, from a date or to the latest one
        assert plan.startswith("SEARCH"), plan


def test_the_screen_scans_no_large_table_of_postgresql(postgresql_url: str) -> None:
    reads = [read for plan in postgresql_plans(postgresql_url) for read in reads_of(plan)]
    assert len([read for read in reads if read.table == "orders"]) >= 6, reads
    for read in reads:
        if read.table in LARGE:
            assert read.is_bounded, read
        if read.table == "orders":  # months before the running one come from their totals
            assert read.rows <= ORDERS_A_MONTH, read


@dataclass(frozen=True)
class Read:
    """How a plan reads a table; bounded when it goes through an index with a condition on it."""

    table: str
    way: str
    rows: float
    is_bounded: bool


def reads_of(plan: dict[str, Any]) -> Iterator[Read]:
    """Every reading in a plan of PostgreSQL, those inside others too."""
    inner = plan.get("Plans", [])
    if "Relation Name" in plan:
        ways = [plan, *inner] if "Bitmap" in plan["Node Type"] else [plan]
        rows = (plan["Actual Rows"] + plan.get("Rows Removed by Filter", 0)) * plan["Actual Loops"]
        is_bounded = any(map(_has_index_condition, ways))
        yield Read(plan["Relation Name"], plan["Node Type"], rows, is_bounded)
    for each in inner:
        yield from reads_of(each)


def _has_index_condition(plan: dict[str, Any]) -> bool:
    """A union of several indexes is bounded when each of them is."""
    if plan["Node Type"] in {"BitmapOr", "BitmapAnd"}:
        return all(map(_has_index_condition, plan["Plans"]))
    return "Index Cond" in plan


def sqlite_plans(url: str) -> list[str]:
    found: list[str] = []

    def explain(_c: Any, cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        if statement.startswith("SELECT"):
            plan = cursor.connection.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)
            found.extend(row[3] for row in plan if row[3].split()[0] in {"SCAN", "SEARCH"})

    _read_with(url, explain)
    return found


def postgresql_plans(url: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []

    def explain(_c: Any, cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        if statement.startswith("SELECT"):
            # A small table is read in whole because that is cheaper; this one stands for a large.
            cursor.connection.execute("SET LOCAL enable_seqscan = off")
            plan = cursor.connection.execute(
                f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", parameters
            )
            found.append(plan.fetchone()[0][0]["Plan"])

    _read_with(url, explain)
    return found


def _read_with(url: str, before_each_statement: Callable[..., None]) -> None:
    engine = open_engine(url)
    company(engine)
    event.listen(engine, "before_cursor_execute", before_each_statement)
    screen(engine, VIEW)
    engine.dispose()
