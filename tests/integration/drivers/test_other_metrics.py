"""What moved the open pipeline and the inventory turns, against plain loops over the same rows."""

from collections import defaultdict
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from tests import factories
from tests.factories import Row, add
from tests.integration.drivers.company import Company
from tests.plain import plain

END = "2025-05-31"
BEFORE, NOW = date(2024, 5, 31), date(2025, 5, 31)


def ask(client: TestClient, path: str, **query: str) -> dict[str, Any]:
    answer = client.get(path, params={"as_of": END} | query)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def effects(body: dict[str, Any]) -> dict[str, float]:
    return {item["name"]: item["effect"] for item in body["contributions"]}


def is_open(deal: Row, day: date) -> bool:
    created, closed = deal["created_on"], deal["closed_on"]
    return (created is None or created <= day) and (closed is None or closed > day)


def amount(deal: Row) -> Fraction:
    return Fraction(deal["amount"], 10_000)


def moved(deals: list[Row], element: str) -> dict[str, Fraction]:
    sums: dict[str, Fraction] = defaultdict(Fraction)
    for deal in deals:
        sums[deal[element]] += amount(deal) * (is_open(deal, NOW) - is_open(deal, BEFORE))
    return {name: effect for name, effect in sums.items() if effect}


@pytest.mark.parametrize("seed", [62, 63, 64])
@pytest.mark.parametrize("compare", ["previous", "year_ago", "ytd_target"])
@pytest.mark.parametrize("key", ["pipeline", "inventory_turns"])
def test_effects_sum_to_the_change_whatever_the_dimension(
    client: TestClient, engine: Engine, key: str, compare: str, seed: int
) -> None:
    Company(engine, seed=seed)
    query = {"compare": compare, "range": "6m"}
    for by in ask(client, f"/api/drivers/{key}", **query)["dimensions"]:
        body = ask(client, f"/api/drivers/{key}", by=by, **query)
        assert body["by"] == by
        assert body["residual"] == 0, body["sentence"]
        assert sum(effects(body).values()) == pytest.approx(body["now"] - body["before"])
        assert body["change"] == pytest.approx(body["now"] - body["before"])


def test_the_pipeline_moves_by_what_came_and_went(client: TestClient, engine: Engine) -> None:
    company = Company(engine, seed=64)
    body = ask(client, "/api/drivers/pipeline")
    assert body["dimensions"][0] == "movement"
    known: dict[str, Fraction] = defaultdict(Fraction)
    for deal in company.deals:
        step = is_open(deal, NOW) - is_open(deal, BEFORE)
        if step > 0:
            known["New deals"] += amount(deal)
        elif step < 0:
            known[deal["outcome"].capitalize()] -= amount(deal)
        elif all(day and BEFORE < day <= NOW for day in (deal["created_on"], deal["closed_on"])):
            known["New deals"] += amount(deal)  # it came and went in between
            known[deal["outcome"].capitalize()] -= amount(deal)
    assert effects(body) == {name: pytest.approx(float(size)) for name, size in known.items()}
    assert {"New deals", "Won", "Lost"} == set(known)
    assert "Earlier amounts and stages of a deal are not kept" in body["sentence"]


def test_the_pipelines_change_by_stage_and_by_deal(client: TestClient, engine: Engine) -> None:
    company = Company(engine, seed=65)
    for by, element in (("stage", "stage"), ("deal", "deal_id")):
        shown = effects(ask(client, "/api/drivers/pipeline", by=by))
        expected = moved(company.deals, element)
        assert {name: size for name, size in shown.items() if size} == {
            name: pytest.approx(float(size)) for name, size in expected.items()
        }
    stage = ask(client, "/api/drivers/pipeline", by="stage", within="Lead")
    assert stage["by"] == "deal"
    assert stage["residual"] == 0
    of_lead = [deal for deal in company.deals if deal["stage"] == "Lead"]
    whole = sum(moved(of_lead, "deal_id").values())
    assert stage["change"] == pytest.approx(float(whole))


@pytest.mark.parametrize("compare", ["previous", "ytd_target"])
@pytest.mark.parametrize("key", ["pipeline", "inventory_turns"])
def test_every_contribution_opens_and_its_parts_sum_to_it(
    client: TestClient, engine: Engine, key: str, compare: str
) -> None:
    Company(engine, seed=68)
    query = {"range": "6m", "compare": compare}
    path = f"/api/drivers/{key}"
    for by in ask(client, path, **query)["dimensions"]:
        for name, effect in list(effects(ask(client, path, by=by, **query)).items())[:4]:
            opened = ask(client, path, by=by, within=name, **query)
            assert opened["change"] == effect
            if by == "deal":  # the end of the road
                assert "cannot be broken down further" in opened["sentence"]
                continue
            for then in opened["dimensions"]:
                parts = ask(client, path, by=by, within=name, then=then, **query)
                assert parts["residual"] == 0, (by, name, then)
                assert sum(effects(parts).values()) == pytest.approx(effect)


@pytest.mark.parametrize("then", ["stage", "deal"])
def test_what_came_and_went_opens_into_its_deals(
    client: TestClient, engine: Engine, then: str
) -> None:
    company = Company(engine, seed=64)
    element = "stage" if then == "stage" else "deal_id"
    won: dict[str, Fraction] = defaultdict(Fraction)
    for deal in company.deals:
        closed, created = deal["closed_on"], deal["created_on"]
        if closed and BEFORE < closed <= NOW and (created is None or created <= NOW):
            won[deal[element]] -= amount(deal) * (deal["outcome"] == "won")
    body = ask(client, "/api/drivers/pipeline", by="movement", within="Won", then=then)
    assert body["dimensions"] == ["stage", "deal"]
    assert effects(body) == {name: float(size) for name, size in won.items() if size}


def test_a_deal_that_was_closed_without_an_outcome_is_named_so(
    client: TestClient, engine: Engine
) -> None:
    add(
        engine,
        "pipeline",
        factories.deal("2025-09-01", 70, created_on="2024-01-01"),
        factories.deal("2025-04-01", 30, created_on="2024-01-01", closed_on="2025-03-05"),
    )
    body = ask(client, "/api/drivers/pipeline")
    assert effects(body)["Closed, outcome not given"] == -30
    assert plain(body["sentence"]).startswith(
        "Open Pipeline fell by £30 (-30.0 %) to £70 since the end of May 2024."
        " Closed, outcome not given contributed -£30 (100 %)."
    )


def test_a_part_of_the_pipeline_has_its_own_change(client: TestClient, engine: Engine) -> None:
    company = Company(engine, seed=66)
    body = ask(client, "/api/kpis/pipeline", stage="Proposal")
    own = [deal for deal in company.deals if deal["stage"] == "Proposal"]
    change = sum((moved(own, "stage") or {"Proposal": Fraction(0)}).values())
    assert body["kpi"]["deltaAbs"] == pytest.approx(float(change))
    assert body["drivers"]["change"] == pytest.approx(float(change))
    assert ask(client, "/api/drivers/pipeline", stage="Proposal") == body["drivers"]


@pytest.mark.parametrize("key", ["pipeline", "inventory_turns"])
def test_the_detail_has_the_change_its_past_and_its_drivers(
    client: TestClient, engine: Engine, key: str
) -> None:
    Company(engine, seed=67)
    body = ask(client, f"/api/kpis/{key}", range="6m")
    card, drivers = body["kpi"], body["drivers"]
    assert card["key"] == key
    assert card["value"] == body["value"] == drivers["now"]
    assert card["deltaAbs"] == drivers["change"]
    assert card["delta"] == pytest.approx(drivers["change"] / drivers["before"])
    assert card["direction"] == ("up" if drivers["change"] > 0 else "down")
    assert card["drilldown"].endswith(f"/kpis/{key}")
    assert len(card["sparkline"]) == 12
    assert card["sparkline"][-6:] == [point["value"] for point in body["series"]]
    assert drivers == ask(client, f"/api/drivers/{key}", range="6m")
    against = ask(client, f"/api/kpis/{key}", compare="ytd_target")["kpi"]
    assert (against["delta"], against["deltaReason"]) == (None, "no_target")


def test_turns_split_into_cost_and_inventory(client: TestClient, engine: Engine) -> None:
    months = [f"{2023 + index // 12}-{index % 12 + 1:02}" for index in range(5, 29)]
    for index, month in enumerate(months):
        is_now = index >= 12
        add(engine, "expenses", factories.expense(f"{month}-10", 20 if is_now else 10, "cogs"))
        stock = Decimal(60 if is_now else 40)
        add(engine, "inventory", factories.inventory(month, stock))
    body = ask(client, "/api/drivers/inventory_turns")
    assert (body["before"], body["now"]) == (3, 4)
    assert body["by"] == "factor"
    # 120 more a year at the mean of 1/40 and 1/60; at a mean cost of 180, 1/60 against 1/40.
    assert effects(body) == {"Cost of goods sold": 2.5, "Mean inventory": -1.5}
    assert plain(body["sentence"]) == (
        "Inventory Turns rose by 1.00x to 4.00x against the 12 months before."
        " Cost of goods sold contributed +2.50x and Mean inventory contributed -1.50x."
    )


def test_each_factor_of_turns_opens_into_its_months(client: TestClient, engine: Engine) -> None:
    """Twice the cost in one month, and a third more inventory in another."""
    months = [f"{2023 + index // 12}-{index % 12 + 1:02}" for index in range(5, 29)]
    for month in months:
        cost = 120 if month == "2025-02" else 60
        stock = Decimal(80 if month == "2024-09" else 60)
        add(engine, "expenses", factories.expense(f"{month}-10", cost, "cogs"))
        add(engine, "inventory", factories.inventory(month, stock))
    by_cost = ask(client, "/api/drivers/inventory_turns", by="factor", within="Cost of goods sold")
    assert (by_cost["by"], len(by_cost["contributions"])) == ("month", 12)
    assert {name for name, effect in effects(by_cost).items() if effect} == {"2025-02"}
    assert "February 2025 contributed" in by_cost["sentence"]
    before, now = Fraction(60), Fraction(60 * 11 + 80, 12)  # mean inventories
    assert effects(by_cost)["2025-02"] == float(60 * (1 / before + 1 / now) / 2)
    by_stock = ask(client, "/api/drivers/inventory_turns", by="factor", within="Mean inventory")
    assert {name for name, effect in effects(by_stock).items() if effect} == {"2024-09"}
    assert effects(by_stock)["2024-09"] == float(Fraction(720 + 780, 2) * (1 / now - 1 / before))


def test_what_is_missing_is_named(client: TestClient, engine: Engine) -> None:
    none = ask(client, "/api/kpis/inventory_turns")
    assert none["kpi"]["deltaReason"] == "no_previous"
    assert none["drivers"]["contributions"] == []
    assert "there are no data for it" in none["drivers"]["reason"]
    for month in ("2025-03", "2025-04", "2025-05"):
        add(engine, "expenses", factories.expense(f"{month}-10", 20, "cogs"))
        add(engine, "inventory", factories.inventory(month, Decimal(60)))
    young = ask(client, "/api/kpis/inventory_turns")
    assert young["value"] is not None
    assert "no Inventory Turns for the window before" in young["drivers"]["reason"]
    year_ago = ask(client, "/api/drivers/inventory_turns", range="6m", compare="year_ago")
    assert "for the same months a year before" in year_ago["reason"]
    add(engine, "expenses", factories.expense("2024-02-10", 20, "cogs"))
    add(engine, "inventory", factories.inventory("2024-02", Decimal(60)))
    partly = ask(client, "/api/kpis/inventory_turns")
    assert (partly["kpi"]["delta"], partly["kpi"]["deltaReason"]) == (None, "partial_window")
    assert "only in part" in partly["drivers"]["reason"]
