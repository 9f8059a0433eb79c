"""The rows behind a number are just those it was computed from, on pages and in a file."""

import csv
import io
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from tests import factories
from tests.factories import add, order
from tests.integration.drilldowns.test_detail import ALL_METRICS, END, ask
from tests.integration.drivers.company import Company

WHOLE = 500


def page(client: TestClient, key: str, **query: Any) -> dict[str, Any]:
    answer = client.get(f"/api/kpis/{key}/rows", params={"as_of": END} | query)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def rows(client: TestClient, key: str, **query: Any) -> list[dict[str, Any]]:
    first = page(client, key, page_size=WHOLE, **query)
    found: list[dict[str, Any]] = first["rows"]
    for number in range(2, first["total"] // WHOLE + 2):
        found += page(client, key, page_size=WHOLE, page=number, **query)["rows"]
    assert len(found) == first["total"]
    return found


def table(client: TestClient, path: str, **query: Any) -> list[dict[str, str]]:
    answer = client.get(path, params={"as_of": END} | query)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.content.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))


def total(found: Iterable[dict[str, Any]], column: str) -> Decimal:
    return sum((Decimal(row[column]) for row in found if row.get(column)), Decimal(0))


def of_kind(found: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [row for row in found if row["kind"] == kind]


@pytest.mark.parametrize("granularity", ["month", "quarter"])
def test_rows_add_up_to_every_value(client: TestClient, engine: Engine, granularity: str) -> None:
    Company(engine, seed=21)
    query = {"granularity": granularity, "range": "6m"}

    def value(key: str) -> float:
        found: float = ask(client, key, **query)["value"]
        return found

    def listed(key: str) -> list[dict[str, Any]]:
        return rows(client, key, **query)

    def near(expected: Decimal) -> Any:
        return pytest.approx(float(expected), rel=1e-12)

    assert value("revenue") == near(total(listed("revenue"), "amount"))
    assert value("backlog") == near(total(listed("backlog"), "amount"))
    assert value("arr") == near(12 * total(listed("arr"), "amount"))
    assert value("pipeline") == near(total(listed("pipeline"), "amount"))
    margin = listed("gm")
    assert value("gm") == near(total(margin, "profit") / total(margin, "amount"))
    both = listed("book_to_bill")
    assert value("book_to_bill") == near(
        total(both, "counted_booked") / total(both, "counted_recognized")
    )
    covered = listed("coverage_months")
    assert value("coverage_months") == near(
        total(covered, "counted_backlog") * 6 / total(covered, "counted_recognized")
    )
    observed = listed("uptime")
    up, seen = (
        sum((Decimal(row[column]) * Decimal(row["weight"]) for row in observed), Decimal(0))
        for column in ("up_seconds", "observed_seconds")
    )
    assert value("uptime") == near(up / seen)
    moved = listed("nrr")
    opening = Decimal(moved[0]["opening_mrr"])
    lost = total(moved, "churned_mrr") + total(moved, "contraction_mrr")
    assert value("nrr") == near((opening - lost + total(moved, "expansion_mrr")) / opening)
    paid = listed("payback")
    sold = of_kind(paid, "orders")
    earned = total(paid, "new_mrr") * total(sold, "profit") / total(sold, "amount")
    assert value("payback") == near(total(of_kind(paid, "expenses"), "amount") / earned)
    stock = listed("inventory_turns")
    turned = total(of_kind(stock, "expenses"), "amount") * 12
    assert value("inventory_turns") == near(turned / total(stock, "inventory_value"))
    deals = listed("forecast")
    closed = of_kind(deals, "closed_deals")
    won = total([row for row in closed if row["outcome"] == "won"], "amount")
    expected = sum(
        (
            Decimal(row["amount"])
            * (Decimal(row["win_rate"]) if row["win_rate"] else won / total(closed, "amount"))
            for row in of_kind(deals, "deals_due")
        ),
        Decimal(0),
    )
    assert value("forecast") == near(expected)


def test_a_forecast_from_the_trend_lists_the_orders_of_its_three_months(
    client: TestClient, engine: Engine
) -> None:
    for month, amount in (("02", 900), ("03", 100), ("04", 200), ("05", 300)):
        day = f"2025-{month}-10"
        add(engine, "orders", order(day, amount, recognized_on=day))
    assert [row["amount"] for row in rows(client, "forecast")] == ["100.00", "200.00", "300.00"]


def test_deals_that_all_have_a_win_rate_need_no_closed_deals(
    client: TestClient, engine: Engine
) -> None:
    add(
        engine,
        "pipeline",
        factories.deal("2025-06-15", 10, win_rate="0.5"),
        factories.deal("2025-04-15", 10, closed_on="2025-05-01", outcome="won"),
    )
    assert [row["kind"] for row in rows(client, "forecast")] == ["deals_due"]


def test_pages_follow_each_other_without_gap_or_repetition(
    client: TestClient, engine: Engine
) -> None:
    Company(engine, seed=22, orders=200)
    for key in ALL_METRICS:
        whole = rows(client, key)
        size = max(len(whole) // 3, 1)
        paged: list[dict[str, Any]] = []
        for number in range(1, len(whole) // size + 2):
            body = page(client, key, page=number, page_size=size)
            assert (body["page"], body["page_size"], body["total"]) == (number, size, len(whole))
            paged += body["rows"]
        assert paged == whole, key
        assert page(client, key, page=1_000_000)["rows"] == []
        counts = ask(client, key)["row_counts"]
        assert counts == {kind: len(of_kind(whole, kind)) for kind in counts}, key
        assert sum(counts.values()) == len(whole) > 0, key


def test_the_file_holds_the_same_rows(client: TestClient, engine: Engine) -> None:
    Company(engine, seed=23, orders=60)
    for key in ALL_METRICS:
        paged = rows(client, key)
        from_file = table(client, f"/api/kpis/{key}/rows.csv")
        assert len(from_file) == len(paged), key
        for one, other in zip(from_file, paged, strict=True):
            shown = {name: "" if value is None else value for name, value in other.items()}
            assert {name: one[name] for name in shown} == shown, key
            assert all(value == "" for name, value in one.items() if name not in shown)


def test_the_link_of_a_detail_leads_to_its_rows(client: TestClient, engine: Engine) -> None:
    Company(engine, seed=24, orders=60)
    body = ask(client, "revenue", granularity="quarter", range="6m")
    assert body["rows"] == "/api/kpis/revenue/rows?range=6m&granularity=quarter&as_of=2025-05-31"
    assert client.get(body["rows"]).json()["total"] == body["row_counts"]["orders"]


def test_money_is_an_exact_decimal_and_dates_are_iso(client: TestClient, engine: Engine) -> None:
    add(engine, "customers", factories.customer("C-1", "Ada", region="North"))
    add(
        engine,
        "orders",
        order(
            "2025-05-01",
            "-1234567890.1203",
            recognized_on="2025-05-02",
            profit="0.1",
            order_id="O-1",
            customer_id="C-1",
            segment="Home",
        ),
    )
    expected = {
        "kind": "orders",
        "order_id": "O-1",
        "customer_id": "C-1",
        "customer": "Ada",
        "booked_on": "2025-05-01",
        "recognized_on": "2025-05-02",
        "cancelled_on": None,
        "amount": "-1234567890.1203",
        "profit": "0.10",
        "type": "one_off",
        "product": None,
        "segment": "Home",
        "region": "North",
    }
    assert rows(client, "revenue") == [expected]
    (line,) = table(client, "/api/kpis/revenue/rows.csv")
    assert line["amount"] == "-1234567890.1203"


def test_a_cell_that_a_spreadsheet_would_run_is_neutralised(
    client: TestClient, engine: Engine
) -> None:
    bad = ["=HYPERLINK(1)", "+1", "-1+1", "@x", "\tx", "\rx"]
    add(
        engine,
        "orders",
        *(
            order("2025-05-01", -1, recognized_on="2025-05-02", product=text, order_id=f"O-{i}")
            for i, text in enumerate(bad)
        ),
    )
    lines = table(client, "/api/kpis/revenue/rows.csv")
    assert [line["product"] for line in lines] == [f"'{text}" for text in bad]
    assert {line["amount"] for line in lines} == {"-1.00"}


def test_rows_of_imported_totals_are_listed_where_orders_are_missing(
    client: TestClient, engine: Engine
) -> None:
    add(engine, "orders", order("2025-05-01", 40, recognized_on="2025-05-02"))
    add(
        engine,
        "revenue_trend",
        factories.given_trend("2025-04", 60, 60, 10),
        factories.given_trend("2025-05", 999, 999, 999),  # orders win
    )
    found = rows(client, "revenue")
    assert [row["kind"] for row in found] == ["orders", "revenue_trend"]
    assert found[1] == {
        "kind": "revenue_trend",
        "period": "2025-04",
        "recognized": "60.00",
        "booked": "60.00",
        "backlog": "10.00",
    }
    in_april = rows(client, "backlog", as_of="2025-04-30")
    assert [(row["kind"], row["backlog"]) for row in in_april] == [("revenue_trend", "10.00")]


def test_a_number_without_data_has_no_rows(client: TestClient, engine: Engine) -> None:
    add(engine, "orders", order("2024-01-01", 40))
    assert ask(client, "backlog")["reason"] == "no_data"
    assert rows(client, "backlog") == []
    assert table(client, "/api/kpis/backlog/rows.csv") == []


@pytest.mark.parametrize(
    "query",
    [
        {"page": "0"},
        {"page": "-1"},
        {"page": "x"},
        {"page": "1000001"},
        {"page_size": "0"},
        {"page_size": "501"},
        {"page": "99999999999999999999"},
        {"range": "1m"},
    ],
)
def test_bad_pages_are_400(client: TestClient, query: dict[str, str]) -> None:
    answer = client.get("/api/kpis/revenue/rows", params=query)
    assert answer.status_code == 400
    assert next(iter(query)) in answer.json()["detail"]


def test_the_screens_numbers_can_be_downloaded(client: TestClient, engine: Engine) -> None:
    Company(engine, seed=25)
    add(engine, "targets", factories.target("revenue", 10, watch=9, act=8))
    query = {"as_of": "2025-05-30", "range": "6m", "compare": "year_ago"}
    screen = client.get("/api/executive-dashboard", params=query).json()
    lines = table(client, "/api/export.csv", **query)
    kpis = {line["key"]: line for line in lines if line["section"] == "kpi"}
    assert list(kpis) == [kpi["key"] for kpi in screen["executiveKpis"]]
    for kpi in screen["executiveKpis"]:
        line = kpis[kpi["key"]]
        assert float(line["value"]) == kpi["value"]
        assert line["delta"] == "" or float(line["delta"]) == kpi["delta"]
        assert line["status"] == kpi.get("status", "")
        assert line["delta_reason"] == kpi.get("deltaReason", "")
        assert line["warnings"] == "; ".join(kpi["warnings"])
    assert {(line["compare"], line["as_of"]) for line in lines} == {("year_ago", "2025-05-30")}
    assert kpis["forecast"]["delta_reason"] == "not_comparable"
    assert kpis["gm"]["warnings"] == "profit_missing"
    assert float(kpis["gm"]["delta_abs"]) == screen["executiveKpis"][3]["deltaAbs"]
    assert kpis["gm"]["delta_unit"] == "ratio"
    assert kpis["revenue"]["unit"] == "£"
    assert kpis["revenue"]["period"] == "2024-11-01 to 2025-04-30"
    assert kpis["gm"]["unit"] == "ratio"
    trend = [line for line in lines if line["section"] == "trend"]
    assert [float(line["value"]) for line in trend] == [
        point[name]
        for point in screen["revenueTrend"]
        for name in ("recognized", "booked", "backlog")
    ]
    running = [line for line in lines if line["section"] == "running"]
    assert [float(line["value"]) for line in running] == [
        screen["running"][name] for name in ("recognized", "booked", "backlog")
    ]
    assert {line["period"] for line in running} == {"2025-05 to 2025-05-30"}


def test_an_export_without_data_says_why_each_number_is_missing(client: TestClient) -> None:
    lines = table(client, "/api/export.csv")
    assert {line["value"] for line in lines} == {""}
    assert {line["reason"] for line in lines if line["section"] == "kpi"} == {
        "no_data",
        "too_little_history",
    }
