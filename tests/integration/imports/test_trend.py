"""The monthly totals kept from orders are always what the orders say."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, delete, event, update
from sqlalchemy.orm import Session

from api.imports import trend
from api.storage.engine import for_writing, open_engine
from api.storage.tables import orders, revenue_trend
from tests.integration.imports.conftest import Import, csv_text, rows_of

HEADER = [
    "order_id",
    "customer_id",
    "booked_on",
    "recognized_on",
    "cancelled_on",
    "amount",
    "profit",
    "type",
]
RECURRING = ("subscription", "recurring")


def naive(rows: Sequence[dict[str, Any]]) -> dict[str, dict[str, int]]:
    """Every month from the first to the last with an order, by asking every order each time."""
    events = [row[name] for row in rows for name in ("booked_on", "recognized_on", "cancelled_on")]
    months = sorted({day.isoformat()[:7] for day in events if day is not None})
    if not months:
        return {}
    years = range(int(months[0][:4]), int(months[-1][:4]) + 1)
    every = [f"{year}-{month:02}" for year in years for month in range(1, 13)]
    return {period: _month(rows, period) for period in every if months[0] <= period <= months[-1]}


def _month(rows: Sequence[dict[str, Any]], period: str) -> dict[str, int]:
    def of(name: str) -> list[dict[str, Any]]:
        return [row for row in rows if row[name] and row[name].isoformat()[:7] == period]

    def later(day: date | None) -> bool:
        return day is None or day.isoformat()[:7] > period

    booked, recognized, cancelled = of("booked_on"), of("recognized_on"), of("cancelled_on")
    margin = [row for row in recognized if row["profit"] is not None]
    recurring = [row for row in recognized if row["type"] in RECURRING]
    open_orders = [
        row
        for row in rows
        if not later(row["booked_on"])
        and later(row["recognized_on"])
        and later(row["cancelled_on"])
    ]
    return {
        "booked": sum(row["amount"] for row in booked),
        "booked_orders": len(booked),
        "recognized": sum(row["amount"] for row in recognized),
        "recognized_orders": len(recognized),
        "margin_profit": sum(row["profit"] for row in margin),
        "margin_amount": sum(row["amount"] for row in margin),
        "margin_orders": len(margin),
        "recurring": sum(row["amount"] for row in recurring),
        "recurring_orders": len(recurring),
        "cancelled": sum(row["amount"] for row in cancelled),
        "cancelled_orders": len(cancelled),
        "backlog": sum(row["amount"] for row in open_orders),
    }


def stored(engine: Engine) -> dict[str, dict[str, int]]:
    rows = [row for row in rows_of(engine, "revenue_trend") if row["source"] == "orders"]
    return {row.pop("period"): {k: v for k, v in row.items() if k != "source"} for row in rows}


@st.composite
def an_order(draw: st.DrawFn, number: int) -> list[object]:
    days = st.dates(date(2023, 11, 1), date(2024, 8, 31))
    booked = draw(days)
    ended = draw(st.one_of(st.none(), st.dates(booked, date(2024, 8, 31))))
    recognized, cancelled = draw(st.sampled_from([(ended, ""), ("", ended)]))
    money = st.integers(-(10**9), 10**9).map(lambda n: f"{n / 10_000:.4f}")
    return [
        f"O{number}",
        "C",
        booked,
        recognized or "",
        cancelled or "",
        draw(money),
        draw(st.one_of(st.just(""), money)),
        draw(st.sampled_from(["one_off", *RECURRING])),
    ]


FILES = st.lists(
    st.sets(st.integers(1, 6), min_size=1).flatmap(
        lambda numbers: st.tuples(*(an_order(number) for number in sorted(numbers)))
    ),
    min_size=1,
    max_size=4,
)


@given(FILES)
@example(
    [
        ([*"OC", "2024-01-05", "2024-05-05", "", "1", "", "one_off"],),
        ([*"OC", "2024-03-05", "2024-04-05", "", "1", "", "one_off"],),
        ([*"OC", "2024-06-05", "", "2024-06-30", "2", "1", "one_off"],),
    ]
)
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_after_every_import_the_totals_are_those_of_all_orders(
    run: Import, engine: Engine, files: list[tuple[list[object], ...]]
) -> None:
    with for_writing(engine).begin() as connection:
        connection.execute(delete(orders))
        connection.execute(delete(revenue_trend))
    for file in files:
        run("orders", csv_text(HEADER, file))
        assert stored(engine) == naive(rows_of(engine, "orders"))
        with Session(engine) as session:
            assert trend.differences(session) == []


def test_months_between_the_first_and_the_last_are_there_with_zeros(
    run: Import, engine: Engine
) -> None:
    rows = [
        ["O1", "C", "2023-11-30", "2023-11-30", "", "5", "", "one_off"],
        ["O2", "C", "2024-02-01", "", "", "7", "", "one_off"],
    ]
    run("orders", csv_text(HEADER, rows))
    months = stored(engine)
    assert list(months) == ["2023-11", "2023-12", "2024-01", "2024-02"]
    assert set(months["2023-12"].values()) == {0}


def test_months_at_the_ends_go_when_their_last_order_moves_away(
    run: Import, engine: Engine
) -> None:
    order = ["O1", "C", "2024-01-05", "", "2024-06-05", "5", "", "one_off"]
    run("orders", csv_text(HEADER, [order]))
    assert list(stored(engine))[-1] == "2024-06"
    run("orders", csv_text(HEADER, [[*order[:2], "2024-03-05", "", "2024-03-06", *order[5:]]]))
    assert list(stored(engine)) == ["2024-03"]


def test_only_months_that_an_import_touches_are_read(run: Import, engine: Engine) -> None:
    def order(number: int, day: str) -> list[object]:
        return [f"O{number}", "C", day, day, "", "5", "", "one_off"]

    run("orders", csv_text(HEADER, [order(n, f"2024-{n:02}-05") for n in range(1, 13)]))
    ranges: list[tuple[object, ...]] = []

    def note(_c: object, _k: object, statement: str, parameters: Any, *_rest: object) -> None:
        if "FROM orders" in statement and "BETWEEN" in statement:
            bound = parameters.values() if isinstance(parameters, dict) else parameters
            ranges.append(tuple(str(value) for value in bound if str(value)[:2] == "20"))

    event.listen(engine, "before_cursor_execute", note)
    run("orders", csv_text(HEADER, [order(2, "2024-03-05"), order(9, "2024-09-06")]))
    event.remove(engine, "before_cursor_execute", note)
    touched = {("2024-02-01", "2024-03-31"), ("2024-09-01", "2024-09-30")}
    assert set(ranges[:6]) == touched
    assert stored(engine) == naive(rows_of(engine, "orders"))


def test_a_total_that_was_changed_by_hand_is_found(run: Import, engine: Engine) -> None:
    rows = [["O1", "C", "2024-01-05", "2024-03-05", "", "5", "", "one_off"]]
    run("orders", csv_text(HEADER, rows))
    with for_writing(engine).begin() as connection:
        within = revenue_trend.c.period == "2024-02"
        connection.execute(update(revenue_trend).where(within).values(backlog=1))
    with Session(engine) as session:
        assert trend.differences(session) == ["2024-02"]


@pytest.mark.parametrize("column", ["booked_on", "recognized_on", "cancelled_on"])
def test_totals_are_summed_from_an_index_alone(sqlite_url: str, column: str) -> None:
    engine = open_engine(sqlite_url)
    statements: list[str] = []
    event.listen(
        engine, "before_cursor_execute", lambda _c, _k, text, *_rest: statements.append(text)
    )
    with Session(engine) as session:
        trend.differences(session)
        (statement,) = [text for text in statements if f"GROUP BY orders.{column}" in text]
        plan = session.connection().exec_driver_sql(
            f"EXPLAIN QUERY PLAN {statement}", ("2024-01-01",) * statement.count("?")
        )
        assert next(row[3] for row in plan).startswith(
            f"SEARCH orders USING COVERING INDEX ix_orders_{column}"
        )
    engine.dispose()
