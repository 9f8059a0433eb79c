"""What the numbers are held against, as the client chooses."""

from decimal import Decimal
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from tests.factories import add, order, retention, target
from tests.integration.executive.conftest import Start

URL = "/api/executive-dashboard"


def given_revenue(engine: Engine) -> None:
    """Recognized in month m of year y: 100 x (y - 2020) + m. Profit is a tenth of it."""
    rows = []
    for year in (2021, 2022, 2023, 2024):
        for month in range(1, 13 if year < 2024 else 7):
            day, sold = f"{year}-{month:02}-05", 100 * (year - 2020) + month
            rows.append(order(day, sold, recognized_on=day, profit=Decimal(sold) / 10))
    add(engine, "orders", *rows)


def amount(year: int, *months: int) -> int:
    return sum(100 * (year - 2020) + month for month in months)


def kpi(client: TestClient, key: str, **query: str) -> dict[str, Any]:
    answer = client.get(URL, params=query)
    assert answer.status_code == 200, answer.text
    cards: dict[str, dict[str, Any]] = {
        card["key"]: card for card in answer.json()["executiveKpis"]
    }
    return cards[key] | {name: answer.json().get(name) for name in ("timeframe", "comparison")}


def test_half_a_year_against_the_same_months_a_year_ago(start: Start, engine: Engine) -> None:
    given_revenue(engine)
    client = start()
    now = amount(2024, *range(1, 7))
    previous = kpi(client, "revenue", range="6m")
    year_ago = kpi(client, "revenue", range="6m", compare="year_ago")
    assert previous["value"] == year_ago["value"] == now
    assert previous["deltaAbs"] == now - amount(2023, *range(7, 13))
    assert year_ago["deltaAbs"] == now - amount(2023, *range(1, 7))
    assert year_ago["delta"] == pytest.approx(now / amount(2023, *range(1, 7)) - 1)
    assert year_ago["timeframe"] == previous["timeframe"]
    assert previous["comparison"] is None
    assert year_ago["comparison"] == {
        "compare": "year_ago",
        "start_date": "2023-01-01",
        "end_date": "2023-06-30",
    }


@pytest.mark.parametrize(
    ("first_month", "months", "start_date"),
    [(1, range(1, 7), "2024-01-01"), (4, range(4, 7), "2024-04-01")],
)
def test_the_year_to_date_is_held_against_the_sum_of_its_targets(
    start: Start, engine: Engine, first_month: int, months: range, start_date: str
) -> None:
    given_revenue(engine)
    add(engine, "targets", target("revenue", 400, watch=380, act=350), target("gm", "0.15"))
    client = start(fiscal_year_start_month=first_month)
    shown = kpi(client, "revenue", compare="ytd_target")
    now, goal = amount(2024, *months), 400 * len(months)
    assert (shown["value"], shown["target"]) == (now, goal)
    assert (shown["deltaAbs"], shown["direction"]) == (now - goal, "up")
    assert shown["delta"] == pytest.approx((now - goal) / goal)
    assert shown["status"] == "good"
    assert shown["timeframe"]["start_date"] == start_date
    margin = kpi(client, "gm", compare="ytd_target")
    assert (margin["deltaAbs"], margin["direction"]) == (pytest.approx(-0.05), "down")


def test_the_year_to_date_does_not_depend_on_the_range(start: Start, engine: Engine) -> None:
    given_revenue(engine)
    client = start()
    half, whole = (
        client.get(URL, params={"range": span, "compare": "ytd_target"}).json()
        for span in ("6m", "12m")
    )
    assert half["executiveKpis"] == whole["executiveKpis"]
    assert len(half["revenueTrend"]) == 6


def test_without_a_target_there_is_nothing_to_be_held_against(start: Start, engine: Engine) -> None:
    given_revenue(engine)
    add(engine, "retention", *(retention(f"2024-{month:02}", 100) for month in range(1, 7)))
    add(engine, "targets", target("nrr", 1))
    client = start()
    for key, reason in (
        ("revenue", "no_target"),
        ("nrr", "no_target"),
        ("forecast", "not_comparable"),
    ):
        shown = kpi(client, key, compare="ytd_target")
        assert (shown["delta"], shown["deltaAbs"], shown["direction"]) == (None, None, None), key
        assert shown["deltaReason"] == reason, key


def test_a_comparison_that_does_not_exist_is_refused_with_those_that_do(start: Start) -> None:
    client = start()
    for path in (URL, "/api/drivers/revenue", "/api/kpis/revenue", "/api/kpis/revenue/rows"):
        answer = client.get(path, params={"compare": "budget"})
        assert answer.status_code == 400
        for allowed in ("previous", "year_ago", "ytd_target"):
            assert allowed in answer.text


def test_each_comparison_has_an_answer_and_an_etag_of_its_own(start: Start, engine: Engine) -> None:
    given_revenue(engine)
    client = start()
    asked = [{"range": "6m", "compare": name} for name in ("previous", "year_ago", "ytd_target")]
    tags = [client.get(URL, params=query).headers["etag"] for query in asked]
    assert len(set(tags)) == 3
    for query, tag in zip(asked, tags, strict=True):
        again = client.get(URL, params=query, headers={"If-None-Match": tag})
        assert again.status_code == 304
        assert client.get(URL, params=query).headers["etag"] == tag
    assert client.get(URL, params={"range": "6m"}).headers["etag"] == tags[0]


def test_the_definition_of_a_year_to_date_has_its_inputs_and_rows(
    start: Start, engine: Engine
) -> None:
    given_revenue(engine)
    client = start()
    detail = client.get("/api/kpis/revenue", params={"compare": "ytd_target"}).json()
    assert detail["value"] == detail["kpi"]["value"] == amount(2024, *range(1, 7))
    assert detail["row_counts"] == {"orders": 6}
    assert client.get(detail["rows"]).json()["total"] == 6
