"""The Reason bridge through the HTTP face, against plain loops over the same rows."""

from fractions import Fraction
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from tests import factories
from tests.factories import add, order
from tests.integration.drivers.company import Company, as_floats, open_at, within
from tests.plain import plain

ALL_KEYS = (
    "backlog",
    "uptime",
    "nrr",
    "gm",
    "payback",
    "revenue",
    "book_to_bill",
    "coverage_months",
    "arr",
    "forecast",
)
ATTRIBUTES = ("region", "segment", "product", "customer", "type")
NOW = ("2024-06-01", "2025-05-31")
BEFORE = ("2023-06-01", "2024-05-31")


def ask(client: TestClient, key: str, **query: str) -> dict[str, Any]:
    answer = client.get(f"/api/drivers/{key}", params={"as_of": "2025-05-31"} | query)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def effects(body: dict[str, Any]) -> dict[str, float]:
    return {item["name"]: item["effect"] for item in body["contributions"]}


def difference(now: dict[str, Fraction], before: dict[str, Fraction]) -> dict[str, Any]:
    names = now.keys() | before.keys()
    return as_floats({n: now.get(n, Fraction(0)) - before.get(n, Fraction(0)) for n in names})


@pytest.mark.parametrize("granularity", ["month", "quarter"])
@pytest.mark.parametrize("key", ALL_KEYS)
def test_every_bridge_adds_up_to_the_change(
    client: TestClient, engine: Engine, key: str, granularity: str
) -> None:
    Company(engine, seed=1)
    body = ask(client, key, range="6m", granularity=granularity)
    for by in body["dimensions"]:
        split = ask(client, key, range="6m", granularity=granularity, by=by)
        total = split["now"] if key == "forecast" else split["now"] - split["before"]
        summed = sum(effects_of["effect"] for effects_of in split["contributions"])
        assert summed == pytest.approx(total, rel=1e-9, abs=1e-9)
        assert split["residual"] == 0
        assert split["positive"] + split["negative"] == pytest.approx(total, abs=1e-9)
        assert "contributed" in split["sentence"]
        assert "caused" not in split["sentence"]
        assert "reason" not in split


def test_revenue_by_attribute_is_what_each_element_is_now_less_what_it_was(
    client: TestClient, engine: Engine
) -> None:
    company = Company(engine, seed=2)
    for by in ATTRIBUTES:
        now, before = (company.summed(by, within("recognized_on", *each)) for each in (NOW, BEFORE))
        body = ask(client, "revenue", by=by)
        assert effects(body) == pytest.approx(difference(now, before)), by
        assert body["change"] == pytest.approx(float(sum(now.values()) - sum(before.values())))
        sizes = [abs(item["effect"]) for item in body["contributions"]]
        assert sizes == sorted(sizes, reverse=True)


def test_backlog_by_attribute_compares_what_was_open_at_both_ends(
    client: TestClient, engine: Engine
) -> None:
    company = Company(engine, seed=3)
    for by in ATTRIBUTES:
        now, before = (company.summed(by, open_at(end)) for end in (NOW[1], BEFORE[1]))
        assert effects(ask(client, "backlog", by=by)) == pytest.approx(difference(now, before)), by


def test_backlog_rolls_forward_from_what_was_open(client: TestClient, engine: Engine) -> None:
    company = Company(engine, seed=3)
    expected = {
        name: sign * sum(company.summed("type", within(column, *NOW)).values(), Fraction(0))
        for name, column, sign in (
            ("Booked", "booked_on", 1),
            ("Recognized", "recognized_on", -1),
            ("Cancelled", "cancelled_on", -1),
        )
    }
    body = ask(client, "backlog")
    assert body["by"] == "movement"
    assert effects(body) == pytest.approx(as_floats(expected))


def test_arr_moves_by_customer(client: TestClient, engine: Engine) -> None:
    rows = [
        ("stays", "2024-05-10", 10),
        ("stays", "2025-05-10", 10),
        ("grows", "2024-05-10", 10),
        ("grows", "2025-05-10", 14),
        ("shrinks", "2024-05-10", 10),
        ("shrinks", "2025-05-10", 7),
        ("leaves", "2024-05-10", 10),
        ("arrives", "2025-05-31", 5),
    ]
    add(
        engine,
        "orders",
        *(
            order(day, amount, recognized_on=day, type="subscription", customer_id=customer)
            for customer, day, amount in rows
        ),
    )
    body = ask(client, "arr")
    assert body["by"] == "movement"
    assert effects(body) == {"New": 60, "Expansion": 48, "Contraction": -36, "Churn": -120}
    assert (body["now"], body["before"], body["change"]) == (432, 480, -48)
    assert body["offsetting"] is True


def test_gm_splits_into_each_regions_margin_and_weight(client: TestClient, engine: Engine) -> None:
    def sold(day: str, region: str, amount: int, profit: int) -> dict[str, Any]:
        return order(day, amount, recognized_on=day, region=region, profit=profit)

    add(
        engine,
        "orders",
        sold("2024-05-01", "East", 100, 30),
        sold("2024-05-01", "West", 100, 20),
        sold("2025-05-01", "East", 100, 30),
        sold("2025-05-01", "West", 100, 10),
        order("2025-05-01", 900, recognized_on="2025-05-02", region="East"),  # profit unknown
    )
    # Both windows are whole: orders frame them.
    add(engine, "orders", order("2023-06-01", 1), order("2024-06-01", 1))
    body = ask(client, "gm", by="region")
    shown = {(item["name"], item["kind"]): item["effect"] for item in body["contributions"]}
    assert shown[("West", "rate")] == pytest.approx(-0.05)
    assert sum(abs(effect) for effect in shown.values()) == pytest.approx(0.05)
    assert plain(body["sentence"]) == (
        "Gross Margin fell by 5.0 points to 20.0 % against the 12 months before."
        " The margin of West contributed -5.0 points (100 %)."
    )


def test_nrr_moves_by_churn_contraction_and_expansion(client: TestClient, engine: Engine) -> None:
    company = Company(engine, seed=4)

    def movements(first: str, last: str) -> dict[str, Fraction]:
        rows = [row for row in company.retention if first[:7] <= row["period"] <= last[:7]]
        opening = rows[0]["opening_mrr"]

        def part(column: str) -> Fraction:
            return Fraction(sum(row[column] or 0 for row in rows), opening)

        return {
            "Churn": -part("churned_mrr"),
            "Contraction": -part("contraction_mrr"),
            "Expansion": part("expansion_mrr"),
        }

    body = ask(client, "nrr")
    assert effects(body) == pytest.approx(difference(movements(*NOW), movements(*BEFORE)))
    assert {item["kind"] for item in body["contributions"]} == {"movement"}


def test_uptime_by_service_shows_the_minutes_lost(client: TestClient, engine: Engine) -> None:
    company = Company(engine, seed=5)
    lost = {
        service: sum(
            float(row["observed_seconds"] - row["up_seconds"]) / 60
            for row in company.services
            if row["service"] == service and "2024-06" <= row["period"] <= "2025-05"
        )
        for service in ("web", "api")
    }
    body = ask(client, "uptime")
    shown = {item["name"]: item["minutes_lost"] for item in body["contributions"]}
    assert shown == pytest.approx(lost)
    assert {item["kind"] for item in body["contributions"]} == {"rate", "mix"}


def test_payback_splits_over_expense_new_mrr_and_margin(client: TestClient, engine: Engine) -> None:
    Company(engine, seed=6)
    body = ask(client, "payback")
    assert set(effects(body)) == {"Sales and marketing expense", "New MRR", "Gross margin"}
    assert body["unit"] == "months"


def test_a_forecast_from_the_pipeline_is_made_of_its_stages(
    client: TestClient, engine: Engine
) -> None:
    add(engine, "orders", order("2025-05-01", 100, recognized_on="2025-05-02"))
    add(
        engine,
        "pipeline",
        factories.deal("2025-06-15", 1000, win_rate="0.5", stage="Proposal", name="Big"),
        factories.deal("2025-06-20", 200, win_rate="0.25", stage="Lead"),
        factories.deal("2025-06-20", 200, win_rate="0.25", stage="Lead", closed_on="2025-05-01"),
        factories.deal("2025-07-01", 900, win_rate="0.5", stage="Lead"),
    )
    body = ask(client, "forecast")
    assert body["dimensions"] == ["stage", "deal"]
    assert effects(body) == {"Proposal": 500, "Lead": 50}
    assert (body["now"], body["before"], body["change"]) == (550, None, None)
    assert plain(body["sentence"]) == (
        "The forecast of £550 for June 2025 adds up open deals times their win rates:"
        " Proposal contributed £500 (91 %) and Lead contributed £50 (9 %)."
    )
    assert "Big" in effects(ask(client, "forecast", by="deal"))


def test_a_forecast_from_the_trend_is_made_of_its_three_months(
    client: TestClient, engine: Engine
) -> None:
    for month, amount in (("03", 100), ("04", 200), ("05", 300)):
        day = f"2025-{month}-10"
        add(engine, "orders", order(day, amount, recognized_on=day))
    body = ask(client, "forecast")
    assert body["dimensions"] == ["month"]
    assert effects(body) == pytest.approx({"2025-03": 34, "2025-04": 68, "2025-05": 102})
    assert body["now"] == pytest.approx(204)


def test_the_dimension_that_needs_the_fewest_elements_is_shown_first(
    client: TestClient, engine: Engine
) -> None:
    def sold(day: str, amount: int, region: str, product: str) -> dict[str, Any]:
        return order(day, amount, recognized_on=day, region=region, product=product)

    add(
        engine,
        "orders",
        *(sold("2024-05-10", 100, region, product) for region in "NSEW" for product in "abcd"),
        *(
            sold("2025-05-10", 200 if product == "a" else 100, region, product)
            for region in "NSEW"
            for product in "abcd"
        ),
        order("2023-06-01", 1),
    )
    body = ask(client, "revenue")
    assert body["by"] == "product"
    assert body["dimensions"][:2] == ["product", "region"]
    assert plain(body["sentence"]) == (
        "Recognized Revenue rose by £400 (+25.0 %) to £2k against the 12 months before."
        " a contributed +£400 (100 %)."
    )


def test_effects_that_cancel_are_said_to_and_get_no_percentages(
    client: TestClient, engine: Engine
) -> None:
    for day, region, amount in (
        ("2024-05-10", "North", 100),
        ("2024-05-10", "South", 200),
        ("2025-05-10", "North", 200),
        ("2025-05-10", "South", 110),
    ):
        add(engine, "orders", order(day, amount, recognized_on=day, region=region))
    add(engine, "orders", order("2023-06-01", 1))
    body = ask(client, "revenue", by="region")
    assert body["offsetting"] is True
    assert (body["positive"], body["negative"]) == (100, -90)
    assert "%" not in body["sentence"]
    assert "rises sum to +£100, falls to -£90" in plain(body["sentence"])


def test_an_orders_own_attributes_win_over_its_customers(
    client: TestClient, engine: Engine
) -> None:
    add(engine, "customers", factories.customer("C-1", region="South", segment="Corporate"))
    for day in ("2024-05-10", "2025-05-10"):
        factor = 1 if day < "2025" else 3
        add(
            engine,
            "orders",
            order(day, 10 * factor, recognized_on=day, customer_id="C-1", region="North"),
            order(day, 20 * factor, recognized_on=day, customer_id="C-1"),
            order(day, 40 * factor, recognized_on=day, customer_id="unknown"),
        )
    add(engine, "orders", order("2023-06-01", 1))
    by_region = effects(ask(client, "revenue", by="region"))
    assert by_region == {"North": 20, "South": 40, "(not given)": 80}
    by_segment = effects(ask(client, "revenue", by="segment"))
    assert by_segment == {"Corporate": 60, "(not given)": 80}


def test_two_customers_of_one_name_are_told_apart(client: TestClient, engine: Engine) -> None:
    add(engine, "customers", *(factories.customer(key, "Twin") for key in ("C-1", "C-2")))
    for day in ("2024-05-10", "2025-05-10"):
        amounts = (1, 2) if day < "2025" else (11, 22)
        for customer, amount in zip(("C-1", "C-2"), amounts, strict=True):
            add(engine, "orders", order(day, amount, recognized_on=day, customer_id=customer))
    add(engine, "orders", order("2023-06-01", 1, customer_id="C-3"))
    shown = effects(ask(client, "revenue", by="customer"))
    assert shown == {"Twin (C-1)": 10, "Twin (C-2)": 20}


def test_a_long_tail_is_summed_up_and_the_bridge_still_adds_up(
    client: TestClient, engine: Engine
) -> None:
    add(engine, "orders", order("2023-06-01", 1))
    days = ("2024-05-10", "2025-05-10")
    add(
        engine,
        "orders",
        *(
            order(day, 1 + number * (day > "2025"), recognized_on=day, product=f"P{number:02}")
            for number in range(60)
            for day in days
        ),
    )
    body = ask(client, "revenue", by="product")
    assert len(body["contributions"]) == 51
    assert body["contributions"][-1] == {
        "name": "Other (10)",
        "effect": sum(range(10)),
        "kind": "additive",
    }
    assert sum(item["effect"] for item in body["contributions"]) == body["change"]


def test_totals_without_orders_leave_a_residual_that_is_printed(
    client: TestClient, engine: Engine
) -> None:
    add(
        engine,
        "orders",
        *(order(f"{y}-05-10", 50, recognized_on=f"{y}-05-10") for y in (2024, 2025)),
    )
    months = [f"2023-{m:02}" for m in range(6, 13)] + [f"2025-{m:02}" for m in range(1, 5)]
    add(engine, "revenue_trend", *(factories.given_trend(month, 100) for month in months))
    body = ask(client, "revenue", by="region")
    assert body["change"] == 400 - 700
    assert body["residual"] == -300
    assert plain(body["sentence"]).endswith("Not broken down: -£300.")


def test_totals_alone_cannot_be_broken_down_and_the_sentence_says_so(
    client: TestClient, engine: Engine
) -> None:
    months = [f"2023-{m:02}" for m in range(6, 13)] + [f"2025-{m:02}" for m in range(1, 6)]
    add(engine, "revenue_trend", *(factories.given_trend(month, 100, 50, 70) for month in months))
    body = ask(client, "revenue")
    assert (body["contributions"], body["residual"], body["change"]) == ([], -200, -200)
    assert "monthly totals, which cannot be broken down" in body["sentence"]
    backlog = ask(client, "backlog", by="region")
    assert (backlog["contributions"], backlog["now"]) == ([], 70)


@pytest.mark.parametrize("key", ALL_KEYS)
def test_a_key_without_data_says_what_is_missing(client: TestClient, key: str) -> None:
    body = ask(client, key)
    assert body["contributions"] == []
    assert body["now"] is None
    assert body["change"] is None
    assert "no data" in body["reason"] or "three months of history" in body["reason"]
    assert body["sentence"] == body["reason"]


def test_the_first_window_has_no_change_to_split(client: TestClient, engine: Engine) -> None:
    add(engine, "orders", order("2024-06-01", 50, recognized_on="2025-05-10"))
    body = ask(client, "revenue")
    assert body["now"] == 50
    assert body["contributions"] == []
    assert body["reason"].startswith("There is no Recognized Revenue for the window before")


def test_a_window_covered_in_part_is_not_compared(client: TestClient, engine: Engine) -> None:
    add(engine, "orders", order("2023-09-01", 50, recognized_on="2023-10-10"))
    add(engine, "orders", order("2025-05-01", 70, recognized_on="2025-05-10"))
    assert "only in part" in ask(client, "revenue")["reason"]


def test_an_unknown_key_is_404_and_says_which_there_are(client: TestClient) -> None:
    answer = client.get("/api/drivers/ebitda")
    assert answer.status_code == 404
    assert "revenue" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("query", "allowed"),
    [
        ({"by": "planet"}, "region"),
        ({"by": ""}, "region"),
        ({"range": "3m"}, "12m"),
        ({"granularity": "week"}, "quarter"),
        ({"as_of": "2025-07-01"}, "2025-06-20"),
    ],
)
def test_a_bad_query_is_400_and_says_what_is_allowed(
    client: TestClient, engine: Engine, query: dict[str, str], allowed: str
) -> None:
    answer = client.get("/api/drivers/revenue", params=query)
    assert answer.status_code == 400
    assert allowed in answer.json()["detail"]
