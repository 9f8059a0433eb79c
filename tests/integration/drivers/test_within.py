"""A contribution opens its own contributions, which sum to it."""

from fractions import Fraction
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from tests import factories
from tests.factories import add, order
from tests.integration.drivers.company import Company, as_floats, within
from tests.integration.drivers.test_drivers import (
    ALL_KEYS,
    ATTRIBUTES,
    BEFORE,
    NOW,
    ask,
    difference,
    effects,
)


def whole_effects(body: dict[str, Any]) -> dict[str, float]:
    """Each element's effect: rate and mix together."""
    sums: dict[str, float] = {}
    for item in body["contributions"]:
        sums[item["name"]] = sums.get(item["name"], 0) + item["effect"]
    return sums


@pytest.mark.parametrize("key", ALL_KEYS)
def test_every_contribution_opens_and_its_parts_sum_to_it(
    client: TestClient, engine: Engine, key: str
) -> None:
    Company(engine, seed=1, orders=150)
    query = {"range": "6m", "compare": "year_ago"}
    for by in ask(client, key, **query)["dimensions"][:2]:
        split = ask(client, key, by=by, **query)
        for name, effect in list(whole_effects(split).items())[:2]:
            opened = ask(client, key, by=by, within=name, **query)
            assert opened["within"] == {"by": by, "name": name}
            if key == "forecast" and by == "deal":  # the end of the road
                assert opened["contributions"] == []
                continue
            assert opened["sentence"].startswith(f"Within {name}") or effect == 0
            for then in opened["dimensions"][:2]:
                parts = ask(client, key, by=by, within=name, then=then, **query)
                summed = sum(item["effect"] for item in parts["contributions"])
                assert summed == pytest.approx(effect, rel=1e-9, abs=1e-9), (by, name, then)
                assert (parts["by"], parts["residual"]) == (then, 0)


def test_a_regions_revenue_by_segment_is_what_a_loop_over_its_orders_finds(
    client: TestClient, engine: Engine
) -> None:
    company = Company(engine, seed=2)
    for by in ATTRIBUTES:
        for name in list(effects(ask(client, "revenue", by=by)))[:2]:
            then = "segment" if by != "segment" else "region"

            def counted(span: tuple[str, str], by: str = by, name: str = name) -> Any:
                lies_in = within("recognized_on", *span)
                return lambda row: lies_in(row) and company.attribute(row, by) == name

            now, before = (company.summed(then, counted(each)) for each in (NOW, BEFORE))
            body = ask(client, "revenue", by=by, within=name, then=then)
            assert effects(body) == pytest.approx(difference(now, before)), (by, name)


def test_booked_opens_into_who_ordered(client: TestClient, engine: Engine) -> None:
    company = Company(engine, seed=3)
    booked = as_floats(company.summed("region", within("booked_on", *NOW)))
    body = ask(client, "backlog", by="movement", within="Booked", then="region")
    assert effects(body) == pytest.approx(booked)


def test_arr_movements_open_into_their_customers(client: TestClient, engine: Engine) -> None:
    rows = [("grows", "2024-05-10", 10), ("grows", "2025-05-10", 14), ("new", "2025-05-31", 5)]
    sold = (
        order(day, amount, recognized_on=day, type="subscription", customer_id=customer)
        for customer, day, amount in rows
    )
    add(engine, "orders", *sold)
    add(engine, "customers", factories.customer("new", "Newcomer"))
    assert effects(ask(client, "arr", by="movement", within="New")) == {"Newcomer": 60}
    assert effects(ask(client, "arr", by="movement", within="Expansion")) == {"grows": 48}


def test_two_customers_of_one_name_open_apart(client: TestClient, engine: Engine) -> None:
    for customer, amount in (("c1", 10), ("c2", 7)):
        add(
            engine,
            "orders",
            order("2023-06-01", 1, recognized_on="2023-06-01", customer_id=customer),
            order("2025-05-01", amount, recognized_on="2025-05-01", customer_id=customer),
        )
        add(engine, "customers", factories.customer(customer, "Same", region=f"of {customer}"))
    body = ask(client, "revenue", by="customer", within="Same (c1)", then="region")
    assert effects(body) == {"of c1": 9}
    assert body["change"] == 9


def test_monthly_totals_leave_a_residual(client: TestClient, engine: Engine) -> None:
    add(
        engine,
        "revenue_trend",
        factories.given_trend("2023-06", backlog=100),
        factories.given_trend("2024-05", backlog=100),
        factories.given_trend("2025-05", backlog=130, booked=30, recognized=0),
    )
    body = ask(client, "backlog", by="movement", within="Booked")
    assert body["contributions"] == []
    assert body["residual"] == body["change"] == 30
    assert "cannot be broken down" in body["sentence"]


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ({"within": "East"}, "within: needs by"),
        ({"by": "region", "then": "segment"}, "then: needs within"),
        ({"by": "region", "within": "Mars"}, "within: 'Mars' is no element of region here"),
        ({"by": "region", "within": "East", "then": "region"}, "allowed: "),
        ({"by": "region", "within": "x" * 201}, "within"),
    ],
)
def test_what_cannot_be_opened_is_refused_with_what_is_allowed(
    client: TestClient, engine: Engine, query: dict[str, str], says: str
) -> None:
    Company(engine, seed=2)
    answer = client.get("/api/drivers/revenue", params={"as_of": "2025-05-31"} | query)
    assert answer.status_code == 400
    assert says in answer.text


@pytest.mark.parametrize(
    ("compare", "now", "before"),
    [
        ("previous", ("2024-12-01", "2025-05-31"), ("2024-06-01", "2024-11-30")),
        ("year_ago", ("2024-12-01", "2025-05-31"), ("2023-12-01", "2024-05-31")),
        ("ytd_target", ("2025-01-01", "2025-05-31"), ("2024-01-01", "2024-05-31")),
    ],
)
def test_the_baseline_is_what_the_client_compares_with(
    client: TestClient, engine: Engine, compare: str, now: Any, before: Any
) -> None:
    company = Company(engine, seed=5)
    sums = [company.summed("region", within("recognized_on", *each)) for each in (now, before)]
    body = ask(client, "revenue", range="6m", compare=compare, by="region")
    assert effects(body) == pytest.approx(difference(*sums))
    assert body["before"] == pytest.approx(float(sum(sums[1].values(), Fraction(0))))
    frame = body["timeframe"]
    assert (frame["start_date"], frame["end_date"]) == now
    if compare == "previous":
        assert "comparison" not in body
    else:
        assert body["comparison"] == {
            "compare": compare,
            "start_date": before[0],
            "end_date": before[1],
        }


def test_backlog_against_a_year_ago_rolls_forward_over_the_whole_year(
    client: TestClient, engine: Engine
) -> None:
    company = Company(engine, seed=3)
    booked = sum(company.summed("type", within("booked_on", *NOW)).values(), Fraction(0))
    body = ask(client, "backlog", range="6m", compare="year_ago")
    assert effects(body)["Booked"] == pytest.approx(float(booked))
    assert body["residual"] == 0
