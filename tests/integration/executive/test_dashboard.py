"""``GET /api/executive-dashboard``, seen from outside."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine, insert

from api.storage.tables import alerts
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
from tests.integration.executive.conftest import Clock, Start

URL = "/api/executive-dashboard"
KEYS = [
    "backlog", "uptime", "nrr", "gm", "payback", "revenue",
    "book_to_bill", "coverage_months", "arr", "forecast",
]  # fmt: skip
ALWAYS = {
    "key", "label", "value", "delta", "deltaAbs", "deltaUnit", "direction", "goodDirection",
    "warnings", "definition", "drilldown", "sparkline",
}  # fmt: skip


def screen(client: TestClient, query: str = "") -> dict[str, Any]:
    response = client.get(f"{URL}?{query}")
    assert response.status_code == 200, response.text
    body: dict[str, Any] = response.json()
    return body


def kpi(body: dict[str, Any], key: str) -> dict[str, Any]:
    found: dict[str, Any] = next(kpi for kpi in body["executiveKpis"] if kpi["key"] == key)
    return found


def test_an_empty_database_gives_a_whole_screen_without_a_single_number(start: Start) -> None:
    body = screen(start())
    assert list(body) == [
        "timeframe", "executiveKpis", "revenueTrend", "running", "alerts", "risks", "freshness",
    ]  # fmt: skip
    assert [kpi["key"] for kpi in body["executiveKpis"]] == KEYS
    for shown in body["executiveKpis"]:
        assert shown["value"] is shown["delta"] is shown["deltaAbs"] is shown["direction"] is None
        late = "too_little_history" if shown["key"] == "forecast" else "no_data"
        assert shown["reason"] == late
        assert shown["deltaReason"]
        assert shown["sparkline"] == [None] * 12
    assert body["revenueTrend"] == [
        {"period": f"{year}-{month:02}", "recognized": None, "booked": None, "backlog": None}
        for year, months in ((2023, range(7, 13)), (2024, range(1, 7)))
        for month in months
    ]
    nothing = {"recognized": None, "booked": None, "backlog": None}
    assert body["running"] == {"period": "2024-07", "through": "2024-07-09", **nothing}
    assert (body["alerts"], body["risks"]) == ([], [])
    assert body["freshness"] == {
        "data_as_of": None,
        "today": "2024-07-10",
        "generated_at": "2024-07-10T09:00:00Z",
        "stale": False,
        "demo": False,
        "sources": [],
    }


def test_cards_name_their_unit_their_page_and_what_they_mean(start: Start) -> None:
    shown = {kpi["key"]: kpi for kpi in screen(start(currency="EUR"))["executiveKpis"]}
    assert {key: (kpi.get("unit"), kpi["deltaUnit"]) for key, kpi in shown.items()} == {
        "backlog": ("€", "money"),
        "uptime": (None, "pp"),
        "nrr": (None, "pp"),
        "gm": (None, "pp"),
        "payback": ("mo", "months"),
        "revenue": ("€", "money"),
        "book_to_bill": (None, "x"),
        "coverage_months": ("mo", "months"),
        "arr": ("€", "money"),
        "forecast": ("€", "money"),
    }
    assert {key: kpi["drilldown"] for key, kpi in shown.items()} == {
        "backlog": "/supply",
        "uptime": "/operations/uptime",
        "nrr": "/finance/kpis/nrr",
        "gm": "/finance/kpis/gm",
        "payback": "/finance/kpis/payback",
        "revenue": "/sales/kpis/revenue",
        "book_to_bill": "/finance/kpis/revenue",
        "coverage_months": "/supply",
        "arr": "/finance/kpis/arr",
        "forecast": "/sales/kpis/pipeline",
    }
    assert [key for key, kpi in shown.items() if kpi["goodDirection"] == "down"] == [
        "backlog",
        "payback",
    ]
    for kpi in shown.values():
        assert kpi["definition"].endswith(".")
        assert kpi["definition"].count(". ") == 0
        assert set(kpi) >= ALWAYS


def test_what_does_not_apply_to_a_card_is_absent_not_null(engine: Engine, start: Start) -> None:
    for month in range(1, 13):
        add(engine, "orders", order(f"2023-{month:02}-05", recognized_on=f"2023-{month:02}-09"))
        add(engine, "orders", order(f"2022-{month:02}-05", recognized_on=f"2022-{month:02}-09"))
    body = screen(start(), "as_of=2023-12-31")
    assert set(kpi(body, "revenue")) == ALWAYS | {"unit"}
    assert set(kpi(body, "forecast")) == ALWAYS | {
        "unit", "deltaReason", "method", "horizon", "interval",
    }  # fmt: skip


def test_the_view_is_the_clients_choice(start: Start) -> None:
    body = screen(start(fiscal_year_start_month=4), "range=6m&granularity=quarter&as_of=2024-05-31")
    assert body["timeframe"] == {
        "range": "6m",
        "start_date": "2023-10-01",
        "end_date": "2024-03-31",
        "granularity": "quarter",
        "as_of": "2024-05-31",
        "fiscal_year_start_month": 4,
    }
    assert [point["period"] for point in body["revenueTrend"]] == ["2024-Q3", "2024-Q4"]
    assert {len(kpi["sparkline"]) for kpi in body["executiveKpis"]} == {8}
    assert kpi(body, "forecast")["horizon"] == "2025-Q1"
    assert body["running"] is None


@pytest.mark.parametrize(
    ("timezone", "yesterday"),
    [("UTC", "2024-06-30"), ("Pacific/Auckland", "2024-07-01"), ("America/New_York", "2024-06-30")],
)
def test_without_as_of_it_is_yesterday_in_the_reporting_time_zone(
    start: Start, clock: Clock, timezone: str, yesterday: str
) -> None:
    clock.now = datetime(2024, 7, 1, 20, tzinfo=UTC)
    assert screen(start(timezone=timezone))["timeframe"]["as_of"] == yesterday


REFUSED = [
    ("range=7m", "'6m' or '12m'"),
    ("range=", "'6m' or '12m'"),
    ("range=12M", "'6m' or '12m'"),
    ("granularity=day", "'month' or 'quarter'"),
    ("as_of=2024-07-11", "1900-01-01 to 2024-07-10"),
    ("as_of=1899-12-31", "1900-01-01 to 2024-07-10"),
    ("as_of=0001-01-01", "1900-01-01 to 2024-07-10"),
    ("as_of=9999-12-31", "1900-01-01 to 2024-07-10"),
    ("as_of=2024-02-30", "a date such as 2024-06-30"),
    ("as_of=", "a date such as 2024-06-30"),
    ("as_of=yesterday", "a date such as 2024-06-30"),
    ("as_of=1500000000", "a date such as 2024-06-30"),
    ("as_of=20240630", "a date such as 2024-06-30"),
    ("as_of=2024-06-30T00:00:00", "a date such as 2024-06-30"),
    ("as_of=%D9%A2%D9%A0%D9%A2%D9%A4-06-30", "a date such as 2024-06-30"),
    ("as_of=%00", "a date such as 2024-06-30"),
]


def test_bad_values_are_refused_with_what_is_allowed(start: Start) -> None:
    client = start()
    for query, allowed in REFUSED:
        response = client.get(f"{URL}?{query}")
        assert response.status_code == 400, query
        assert response.headers["content-type"] == "application/problem+json", query
        problem = response.json()
        assert problem["status"] == 400, query
        assert query.partition("=")[0] in problem["detail"], query
        assert allowed in problem["detail"], query


def test_today_and_the_earliest_day_are_fine(start: Start) -> None:
    client = start()
    for query in ("as_of=2024-07-10", "as_of=1900-01-01"):
        screen(client, query)


def test_the_running_month_is_apart_and_ends_with_as_of(engine: Engine, start: Start) -> None:
    add(
        engine,
        "orders",
        order("2024-06-01", 100),
        order("2024-06-20", 10, recognized_on="2024-07-05"),
        order("2024-07-02", 5, recognized_on="2024-07-20"),
        order("2024-06-03", 40, cancelled_on="2024-07-03"),
        order("2024-07-09", 0),
        order("2024-07-15", 1000),
    )
    add(engine, "revenue_trend", given_trend("2024-07", 1, 2, 3))
    client = start()
    body = screen(client, "as_of=2024-07-09")
    running = {"period": "2024-07", "through": "2024-07-09"}
    assert body["running"] == running | {"recognized": 10, "booked": 5, "backlog": 105}
    assert kpi(body, "backlog")["value"] == 150
    assert kpi(body, "revenue")["value"] == 0
    # At quarter granularity the window may end months before; the running month is the same.
    quarterly = screen(client, "as_of=2024-05-10&granularity=quarter")
    assert quarterly["timeframe"]["end_date"] == "2024-03-31"
    assert quarterly["running"]["period"] == "2024-05"
    nothing = {"recognized": None, "booked": None, "backlog": None}
    assert screen(client, "as_of=2024-07-01")["running"] == {
        "period": "2024-07", "through": "2024-07-01", **nothing,
    }  # fmt: skip
    assert screen(client, "as_of=2024-06-30")["running"] is None


def test_the_running_month_reaches_no_further_than_its_orders(engine: Engine, start: Start) -> None:
    add(engine, "orders", order("2024-05-20"), order("2024-07-03", 5), order("2024-07-15"))
    add(engine, "revenue_trend", given_trend("2024-07"))
    client = start()
    assert screen(client)["running"]["through"] == "2024-07-03"
    assert screen(client, "as_of=2024-07-02")["running"]["through"] == "2024-07-02"
    assert screen(client, "as_of=2024-05-25")["running"]["through"] == "2024-05-25"


def test_orders_of_today_reach_today(engine: Engine, start: Start) -> None:
    add(engine, "orders", order("2024-07-09"), order("2024-07-10"))
    assert screen(start(), "as_of=2024-07-10")["running"]["through"] == "2024-07-10"


def test_given_totals_of_the_running_month_say_nothing_about_part_of_it(
    engine: Engine, start: Start
) -> None:
    add(engine, "revenue_trend", given_trend("2024-06", 1, 2, 3), given_trend("2024-07", 1, 2, 3))
    nothing = {"recognized": None, "booked": None, "backlog": None}
    assert screen(start())["running"] == {"period": "2024-07", "through": "2024-07-09", **nothing}


def test_what_is_dated_after_the_window_has_not_happened(engine: Engine, start: Start) -> None:
    add(
        engine,
        "orders",
        order("2023-12-10", 100, recognized_on="2024-02-01"),
        order("2024-03-10", 70),
    )
    client = start()
    then = screen(client, "as_of=2023-12-31")
    assert (kpi(then, "backlog")["value"], kpi(then, "revenue")["value"]) == (100, 0)
    # In January nothing had happened since; that there would be more was not known yet.
    quiet = screen(client, "as_of=2024-01-31")
    assert (kpi(quiet, "backlog")["value"], kpi(quiet, "backlog")["reason"]) == (None, "no_data")
    later = screen(client, "as_of=2024-03-31")
    assert later["revenueTrend"][-3:] == [
        {"period": "2024-01", "recognized": 0, "booked": 0, "backlog": 100},
        {"period": "2024-02", "recognized": 100, "booked": 0, "backlog": 0},
        {"period": "2024-03", "recognized": 0, "booked": 70, "backlog": 70},
    ]


def test_money_is_exact_to_the_last_ten_thousandth(engine: Engine, start: Start) -> None:
    amounts = ["0.1", "0.2", "900000000000.0001"]
    add(engine, "orders", *(order("2024-06-01", a, recognized_on="2024-06-02") for a in amounts))
    assert kpi(screen(start()), "revenue")["value"] == 900000000000.3001


def test_targets_give_cards_a_target_a_status_and_a_good_direction(
    engine: Engine, start: Start
) -> None:
    add(engine, "orders", order("2024-06-01", 100))
    add(
        engine,
        "targets",
        target("backlog", 80, watch="99.9999", act="100", good_direction="down"),
        target("arr", 5, watch=4, act=3, good_direction="down"),
    )
    body = screen(start())
    assert (kpi(body, "backlog")["status"], kpi(body, "backlog")["target"]) == ("watch", 80)
    assert "status" not in kpi(body, "arr")
    assert kpi(body, "arr")["goodDirection"] == "down"


def test_a_static_payback_is_marked(start: Start) -> None:
    shown = kpi(screen(start(payback_static_months="13.5")), "payback")
    assert (shown["value"], shown["isStatic"], shown["deltaReason"]) == (13.5, True, "static")
    assert shown["delta"] is shown["deltaAbs"] is shown["direction"] is None


def test_payback_and_what_was_left_out_of_the_margin(engine: Engine, start: Start) -> None:
    add(
        engine,
        "orders",
        *(order("2024-06-01", 100, recognized_on="2024-06-02", profit=50) for _ in range(3)),
        order("2024-06-01", 100, recognized_on="2024-06-02"),
    )
    add(engine, "expenses", expense("2024-06-30", 60), expense("2024-06-30", 9, "cogs"))
    add(engine, "retention", retention("2024-06", new=10))
    body = screen(start(), "as_of=2024-06-30")
    assert kpi(body, "payback")["value"] == 12
    assert kpi(body, "gm")["leftOutShare"] == 0.25
    assert kpi(body, "gm")["warnings"] == ["partial_window", "profit_missing"]


@pytest.mark.parametrize(
    ("spent", "new"), [("2024-01", "2024-03"), ("2024-03", "2024-01")], ids=["revenue", "cost"]
)
def test_what_is_first_given_after_the_window_was_never_given(
    engine: Engine, start: Start, spent: str, new: str
) -> None:
    for month in ("2024-01", "2024-02", "2024-03"):
        add(engine, "orders", order(f"{month}-01", recognized_on=f"{month}-02", profit=50))
        add(engine, "expenses", expense(f"{month}-01", 9, "cogs"))
        add(engine, "retention", retention(month, new=5 if month == new else None))
    add(engine, "expenses", expense(f"{spent}-15", 60))
    client = start()
    assert kpi(screen(client, "as_of=2024-02-29"), "payback")["reason"] == "no_data"
    assert kpi(screen(client, "as_of=2024-03-31"), "payback")["value"] == 24


def test_uptime_weighs_and_leaves_unobserved_time_out(engine: Engine, start: Start) -> None:
    june = 30 * 86_400
    add(engine, "uptime", uptime("2024-06", "1295999.5", june // 2))
    shown = kpi(screen(start()), "uptime")
    assert shown["value"] == 1295999.5 / 1296000
    assert shown["leftOutShare"] == 0.5


def test_freshness_names_every_kind_of_data_and_how_far_it_reaches(
    engine: Engine, start: Start, clock: Clock
) -> None:
    imported_at = datetime(2024, 7, 9, 8, tzinfo=UTC)
    add(
        engine, "orders",
        order("2024-07-01", recognized_on="2025-01-01"), order("2024-07-08"),
        imported_at=imported_at,
    )  # fmt: skip
    add(engine, "customers", customer("C-1", created_on="2020-05-01"))
    add(engine, "expenses", expense("2024-03-05"))
    add(engine, "retention", retention("2024-05"))
    add(engine, "revenue_trend", given_trend("2024-07"))
    add(engine, "pipeline", deal("2030-01-01", created_on="2024-02-02"))
    add(engine, "uptime", uptime("2024-06", 1, 1))
    add(engine, "targets", target("revenue", 1), demo=True)
    add(engine, "risks", risk())
    add(engine, "inventory", inventory("2024-04"))
    shown = screen(start())["freshness"]
    assert [(s["kind"], s["rows"], s["data_as_of"], s["demo"]) for s in shown["sources"]] == [
        ("orders", 2, "2024-07-08", False),
        ("customers", 1, "2020-05-01", False),
        ("expenses", 1, "2024-03-05", False),
        ("retention", 1, "2024-05-31", False),
        ("revenue_trend", 1, "2024-07-09", False),
        ("pipeline", 1, "2024-02-02", False),
        ("uptime", 1, "2024-06-30", False),
        ("targets", 1, None, True),
        ("risks", 1, None, False),
        ("inventory", 1, "2024-04-30", False),
    ]
    assert shown["sources"][0]["imported_at"] == "2024-07-09T08:00:00Z"
    assert (shown["data_as_of"], shown["demo"]) == ("2024-07-09", True)


def test_demo_data_are_no_longer_named_when_none_are_left(engine: Engine, start: Start) -> None:
    add(engine, "orders", demo=True)
    add(engine, "orders", order("2024-07-01"))
    assert screen(start())["freshness"]["demo"] is False


def test_freshness_follows_orders_where_other_kinds_reach_further(
    engine: Engine, start: Start
) -> None:
    add(engine, "orders", order("2024-03-05"))
    add(engine, "uptime", uptime("2024-06", 1, 1))
    assert screen(start())["freshness"]["data_as_of"] == "2024-03-05"


def test_without_orders_freshness_follows_the_other_kinds(engine: Engine, start: Start) -> None:
    add(engine, "uptime", uptime("2024-06", 1, 1))
    add(engine, "expenses", expense("2024-03-05"))
    assert screen(start())["freshness"]["data_as_of"] == "2024-06-30"


def test_risks_come_by_due_date_and_alerts_are_current_whatever_the_view(
    engine: Engine, start: Start
) -> None:
    add(
        engine, "risks",
        risk("b", due="2024-09-01"), risk("é", due="2024-08-01"), risk("a", due="2024-09-01"),
    )  # fmt: skip
    open_alert(engine)
    body = screen(start(), "as_of=2020-01-01")
    assert [risk["title"] for risk in body["risks"]] == ["é", "a", "b"]
    assert set(body["risks"][0]) == {"id", "title", "owner", "due", "mitigation", "status"}
    assert [(alert["title"], alert["severity"]) for alert in body["alerts"]] == [("Low", "high")]


def open_alert(engine: Engine, **columns: Any) -> None:
    with engine.begin() as connection:
        connection.execute(
            insert(alerts).values(
                {
                    "type": "slo_burn",  # only its sender resolves it
                    "fingerprint": "ttfb",
                    "title": "Low",
                    "description": "It is low.",
                    "severity": "high",
                    "status": "open",
                    "created_at": datetime(2024, 7, 1, tzinfo=UTC),
                }
                | columns
            )
        )


def test_a_snooze_that_ends_shows_on_the_screen_without_any_import(
    engine: Engine, start: Start, clock: Clock
) -> None:
    wakes = clock.now + timedelta(minutes=5)
    open_alert(engine, status="snoozed", snoozed_until=wakes)
    client = start()
    assert screen(client)["alerts"][0]["status"] == "snoozed"
    clock.now = wakes
    assert screen(client)["alerts"][0]["status"] == "open"


def test_a_new_day_is_a_new_view_even_from_memory(start: Start, clock: Clock) -> None:
    client = start(timezone="Europe/London")
    clock.now = datetime(2024, 7, 10, 22, 59, 59, tzinfo=UTC)
    assert screen(client)["timeframe"]["as_of"] == "2024-07-09"
    clock.now = datetime(2024, 7, 10, 23, 0, tzinfo=UTC)
    assert screen(client)["timeframe"]["as_of"] == "2024-07-10"


def test_today_is_of_the_reporting_time_zone_and_a_new_one_is_a_new_answer(
    start: Start, clock: Clock
) -> None:
    client, query = start(timezone="Europe/London"), "as_of=2024-05-31"
    clock.now = datetime(2024, 7, 10, 22, 59, 59, tzinfo=UTC)
    before = client.get(f"{URL}?{query}")
    assert before.json()["freshness"]["today"] == "2024-07-10"
    clock.now = datetime(2024, 7, 10, 23, 0, tzinfo=UTC)
    after = client.get(f"{URL}?{query}", headers={"If-None-Match": before.headers["etag"]})
    assert after.status_code == 200
    assert after.json()["freshness"]["today"] == "2024-07-11"
