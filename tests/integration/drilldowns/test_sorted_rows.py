"""Rows behind a number in the order of one of their columns, on pages and in files."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from tests.factories import add, order
from tests.integration.drilldowns.conftest import opened_client
from tests.integration.drilldowns.test_detail import ALL_METRICS, END
from tests.integration.drilldowns.test_rows import page, rows, table
from tests.integration.drivers.company import Company

NUMBERS = ("amount", "profit", "recognized", "booked", "backlog", "win_rate", "weight")


def is_number(column: str) -> bool:
    ends = ("_mrr", "_seconds", "_value")
    return column in NUMBERS or column.startswith("counted_") or column.endswith(ends)


def expected(plainly: list[dict[str, Any]], column: str, *, descending: bool) -> list[Any]:
    """Python's own stable sort of the unsorted rows, with what is missing last."""
    read: Callable[[Any], Any] = Decimal if is_number(column) else str
    there = [row for row in plainly if row.get(column) is not None]
    there.sort(key=lambda row: read(row[column]), reverse=descending)
    return there + [row for row in plainly if row.get(column) is None]


@pytest.mark.parametrize("key", ALL_METRICS)
def test_every_column_sorts_both_ways_with_missing_last_and_ties_as_before(
    client: TestClient, engine: Engine, key: str
) -> None:
    Company(engine, seed=51)
    plainly = rows(client, key, granularity="quarter")
    columns = {name for row in plainly for name in row}
    assert len(plainly) > 1
    for column in columns:
        for sign in ("", "-"):
            shown = rows(client, key, granularity="quarter", sort=f"{sign}{column}")
            assert shown == expected(plainly, column, descending=sign == "-"), (column, sign)


def test_pages_of_sorted_rows_follow_each_other(client: TestClient, engine: Engine) -> None:
    Company(engine, seed=52, orders=90)
    whole = rows(client, "payback", sort="-amount")
    paged = [
        row
        for number in range(1, len(whole) // 7 + 2)
        for row in page(client, "payback", sort="-amount", page=number, page_size=7)["rows"]
    ]
    assert paged == whole
    assert len({row["kind"] for row in whole[:40]}) > 1  # kinds are sorted together


def test_a_file_has_the_order_of_the_pages_and_the_filters_too(
    client: TestClient, engine: Engine
) -> None:
    Company(engine, seed=53)
    asked = {"sort": "-profit", "region": "North"}
    shown = rows(client, "revenue", **asked)
    lines = table(client, "/api/kpis/revenue/rows.csv", **asked)
    assert [line["order_id"] for line in lines] == [row["order_id"] for row in shown]
    assert {row["region"] for row in shown} == {"North"}
    assert shown[-1]["profit"] is None


def test_decimals_sort_by_size_and_texts_by_their_letters(sqlite_url: str) -> None:
    with opened_client(sqlite_url) as client:
        engine = client.app.state.engine  # type: ignore[attr-defined]  # it is our FastAPI
        amounts = ("9", "10", "-3", "100.5")
        add(
            engine,
            "orders",
            *(
                order("2025-05-01", amount, recognized_on="2025-05-02", product=product)
                for amount, product in zip(amounts, ("b", "B", "ä", "a"), strict=True)
            ),
        )
        amount = [row["amount"] for row in rows(client, "revenue", sort="amount")]
        product = [row["product"] for row in rows(client, "revenue", sort="product")]
    assert amount == ["-3.00", "9.00", "10.00", "100.50"]
    assert product == ["B", "a", "b", "ä"]


@pytest.mark.parametrize(
    "sort", ["colour", "-colour", "", "-", "--amount", "amount,profit", "rank"]
)
@pytest.mark.parametrize("ending", ["", ".csv", ".xlsx"])
def test_a_column_that_there_is_not_is_refused_with_those_that_there_are(
    client: TestClient, engine: Engine, sort: str, ending: str
) -> None:
    add(engine, "orders", order("2025-05-01", 5, recognized_on="2025-05-02"))
    answer = client.get(f"/api/kpis/revenue/rows{ending}", params={"as_of": END, "sort": sort})
    assert answer.status_code == 400
    assert "sort" in answer.json()["detail"]
    assert "kind, order_id, customer_id" in answer.json()["detail"]


def test_where_there_are_no_rows_any_order_is_right(client: TestClient) -> None:
    assert rows(client, "revenue", sort="-amount") == []
