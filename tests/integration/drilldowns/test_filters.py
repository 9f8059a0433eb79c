"""A part of the company: what filters leave, against plain loops over the same rows."""

import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from api.storage.engine import open_engine
from tests import factories
from tests.conftest import ENGINES, postgresql_database
from tests.factories import Row, add, order
from tests.integration.drilldowns.conftest import opened_client
from tests.integration.drilldowns.test_detail import END, START, ask
from tests.integration.drilldowns.test_rows import rows, table
from tests.integration.drivers.company import Company, open_at, within
from tests.integration.drivers.test_drivers import ATTRIBUTES

WEST = {"region": "North", "segment": "Consumer"}
OF_ORDERS = ("revenue", "backlog", "gm", "book_to_bill", "coverage_months", "arr")
IN_WINDOW = within("recognized_on", START, END)


@dataclass(frozen=True)
class House:
    """A company that nobody changes, and the service over it."""

    company: Company
    client: TestClient


@pytest.fixture(scope="module", params=ENGINES)
def house(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[House]:
    """Made once for all tests that only read: most of their time would go into making it."""
    with ExitStack() as stack:
        if request.param == "sqlite":
            file = tmp_path_factory.mktemp("house") / "execdash.db"
            shutil.copy(request.getfixturevalue("sqlite_template"), file)
            url = f"sqlite:///{file}"
        else:
            names = ("postgresql_server", "postgresql_template")
            server, template = map(request.getfixturevalue, names)
            url = stack.enter_context(postgresql_database(server, template))
        engine = open_engine(url)
        stack.callback(engine.dispose)
        company = Company(engine, seed=41)
        yield House(company, stack.enter_context(opened_client(url)))


def amount(company: Company, chosen: dict[str, str], *counts: Any, column: str = "amount") -> float:
    """The sum over the orders that have all the elements and count."""
    found = [
        row[column]
        for row in company.orders
        if all(company.attribute(row, name) == element for name, element in chosen.items())
        and all(count(row) for count in counts)
    ]
    return float(Fraction(sum(found), 10_000))


def expected(company: Company, key: str, chosen: dict[str, str]) -> float:
    def summed(*counts: Any, column: str = "amount") -> float:
        return amount(company, chosen, *counts, column=column)

    def has_profit(row: Row) -> bool:
        return row["profit"] is not None

    booked = within("booked_on", START, END)
    half_year = within("recognized_on", "2024-12-01", END)
    in_may = within("recognized_on", "2025-05-01", END)
    naive = {
        "revenue": lambda: summed(IN_WINDOW),
        "backlog": lambda: summed(open_at(END)),
        "gm": lambda: (
            summed(IN_WINDOW, has_profit, column="profit") / summed(IN_WINDOW, has_profit)
        ),
        "book_to_bill": lambda: summed(booked) / summed(IN_WINDOW),
        "coverage_months": lambda: summed(open_at(END)) / (summed(half_year) / 6),
        "arr": lambda: 12 * summed(in_may, lambda row: row["type"] != "one_off"),
    }
    return naive[key]()


@pytest.mark.parametrize("key", OF_ORDERS)
def test_a_part_is_what_a_plain_loop_over_its_orders_gives(house: House, key: str) -> None:
    company, client = house.company, house.client
    for chosen in (WEST, {"region": "(not given)"}, {"customer": "Name of C-3"}):
        body = ask(client, key, **chosen)
        if body["value"] is None:
            assert body["reason"] == "zero_denominator"
            continue
        assert body["value"] == pytest.approx(expected(company, key, chosen)), chosen
        assert body["series"][-1]["period"] == "2025-05"
        assert body["kpi"]["value"] == body["value"]
        assert "target" not in body["kpi"]


@pytest.mark.parametrize("key", ["revenue", "backlog", "arr"])
def test_the_parts_of_all_elements_make_the_whole(house: House, key: str) -> None:
    company, client = house.company, house.client
    for by in ("region", "segment", "type"):
        whole = ask(client, key, by=by)
        elements = {company.attribute(row, by) for row in company.orders}
        parts = {name: ask(client, key, **{by: name}) for name in elements}
        for item in whole["breakdown"]:
            assert parts[item["name"]]["value"] == pytest.approx(item["value"]), by
        for place, point in enumerate(whole["series"]):
            summed = sum(part["series"][place]["value"] or 0 for part in parts.values())
            assert summed == pytest.approx(point["value"]), (by, point["period"])
        assert (
            sum(part["row_counts"].get("orders", 0) for part in parts.values())
            == whole["row_counts"]["orders"]
        )


@pytest.mark.parametrize("key", OF_ORDERS)
def test_breakdown_and_drivers_of_a_part_add_up_to_it(house: House, key: str) -> None:
    client = house.client
    for by in ("product", "region"):
        body = ask(client, key, region="North", by=by)
        shares = [item["share"] for item in body["breakdown"]]
        assert sum(shares) == pytest.approx(1 if body["value"] else 0), by
        assert body["drivers"]["now"] == body["value"]
        query = {"as_of": END, "region": "North", "by": by}
        drivers = client.get(f"/api/drivers/{key}", params=query).json()
        effects = sum(item["effect"] for item in drivers["contributions"])
        assert effects + drivers["residual"] == pytest.approx(drivers["change"]), by
        assert drivers["now"] == body["value"]
        assert drivers["residual"] == pytest.approx(0)


def test_the_movements_of_a_part_add_up_to_it(house: House) -> None:
    client = house.client
    for key in ("backlog", "arr"):
        body = ask(client, key, region="South", by="movement")
        assert sum(item["value"] for item in body["breakdown"]) == pytest.approx(body["value"])
        assert body["drivers"]["residual"] == pytest.approx(0)


def test_rows_and_files_follow_the_filter(house: House) -> None:
    company, client = house.company, house.client
    body = ask(client, "revenue", **WEST)
    found = rows(client, "revenue", **WEST)
    wanted = {
        row["order_id"]
        for row in company.orders
        if IN_WINDOW(row)
        and all(company.attribute(row, name) == element for name, element in WEST.items())
    }
    assert wanted
    assert {row["order_id"] for row in found} == wanted
    assert body["row_counts"] == {"orders": len(wanted)}
    assert body["rows"].endswith("&region=North&segment=Consumer")
    in_file = table(client, "/api/kpis/revenue/rows.csv", **WEST)
    assert {row["order_id"] for row in in_file} == wanted
    book = client.get("/api/kpis/revenue/rows.xlsx", params={"as_of": END} | WEST)
    assert book.status_code == 200


def test_an_orders_own_segment_and_region_win(client: TestClient, engine: Engine) -> None:
    add(engine, "customers", factories.customer("C-1", region="East", segment="Corporate"))
    add(
        engine,
        "orders",
        order("2025-05-01", 10, recognized_on="2025-05-02", region="West"),
        order("2025-05-01", 7, recognized_on="2025-05-02"),
    )
    assert ask(client, "revenue", region="West")["value"] == 10
    assert ask(client, "revenue", region="East")["value"] == 7
    assert ask(client, "revenue", segment="Corporate")["value"] == 17


@pytest.mark.parametrize("key", OF_ORDERS)
def test_an_element_that_does_not_exist_has_no_data(house: House, key: str) -> None:
    client = house.client
    body = ask(client, key, region="Atlantis' or 1=1")
    assert (body["value"], body["reason"]) == (None, "no_data")
    assert {point["value"] for point in body["series"]} == {None}
    assert body["breakdown"] == []
    assert body["row_counts"] == {}
    assert rows(client, key, region="Atlantis") == []


def test_a_covered_month_without_orders_of_a_part_is_zero(
    client: TestClient, engine: Engine
) -> None:
    add(
        engine,
        "orders",
        order("2025-04-01", 10, recognized_on="2025-04-02", region="West"),
        order("2025-05-01", 7, recognized_on="2025-05-02", region="East"),
    )
    points = {p["period"]: p["value"] for p in ask(client, "revenue", region="West")["series"]}
    assert (points["2025-03"], points["2025-04"], points["2025-05"]) == (None, 10, 0)


def test_months_known_by_totals_have_no_parts(client: TestClient, engine: Engine) -> None:
    add(engine, "revenue_trend", factories.given_trend("2025-04", 60))
    add(engine, "orders", order("2025-05-01", 7, recognized_on="2025-05-02", region="East"))
    body = ask(client, "revenue", region="East", range="6m")
    assert body["value"] == 7
    assert "partial_window" in body["warnings"]
    assert body["row_counts"] == {"orders": 1}


def test_uptime_of_a_service(house: House) -> None:
    company, client = house.company, house.client
    web = [
        row
        for row in company.services
        if row["service"] == "web" and START[:7] <= row["period"] <= END[:7]
    ]
    up = sum(Fraction(row["up_seconds"]) * Fraction(row["weight"]) for row in web)
    observed = sum(Fraction(row["observed_seconds"]) * Fraction(row["weight"]) for row in web)
    body = ask(client, "uptime", service="web")
    assert body["value"] == pytest.approx(float(up / observed))
    assert {row["service"] for row in rows(client, "uptime", service="web")} == {"web"}
    assert ask(client, "uptime", service="mail")["reason"] == "no_data"


def test_the_pipeline_of_a_stage(house: House) -> None:
    client = house.client
    whole = ask(client, "pipeline", by="stage")
    for item in whole["breakdown"]:
        part = ask(client, "pipeline", stage=item["name"])
        assert part["value"] == pytest.approx(item["value"])
        found = rows(client, "pipeline", stage=item["name"])
        assert {row["stage"] for row in found} == {item["name"]}
    assert ask(client, "pipeline", stage="Won it")["reason"] == "no_data"


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/api/kpis/nrr?region=West", "nrr cannot be filtered by it; allowed: none"),
        ("/api/kpis/payback/rows?region=West", "allowed: none"),
        ("/api/kpis/forecast?stage=Lead", "allowed: none"),
        ("/api/kpis/inventory_turns/rows.csv?product=Chair", "allowed: none"),
        (
            "/api/kpis/uptime?region=West",
            "region: uptime cannot be filtered by it; allowed: service",
        ),
        ("/api/kpis/pipeline/rows.xlsx?region=West", "allowed: stage, deal"),
        ("/api/kpis/revenue?service=web", "allowed: region, segment, product, customer, type"),
        ("/api/drivers/revenue?stage=Lead", "allowed: region, segment, product, customer, type"),
        ("/api/drivers/revenue?region=West&by=product&within=Chair", "within"),
        (f"/api/kpis/revenue?region={'x' * 201}", "200"),
        ("/api/kpis/revenue?region=", "region"),
        ("/api/kpis/revenue?region=West&region=East", "once"),
    ],
)
def test_what_cannot_be_filtered_is_refused_with_what_can(
    house: House, path: str, words: str
) -> None:
    answer = house.client.get(path)
    assert answer.status_code == 400, answer.text
    assert words in answer.json()["detail"]


def test_each_filter_has_an_answer_and_an_etag_of_its_own(house: House) -> None:
    client = house.client
    path = f"/api/kpis/revenue?as_of={END}"
    tags = {
        client.get(f"{path}{more}").headers["etag"]
        for more in ("", "&region=North", "&region=South")
    }
    assert len(tags) == 3
    again = client.get(f"{path}&region=North")
    same = client.get(f"{path}&region=North", headers={"If-None-Match": again.headers["etag"]})
    other = client.get(f"{path}&region=South", headers={"If-None-Match": again.headers["etag"]})
    assert (same.status_code, other.status_code) == (304, 200)


def test_what_can_be_filtered_is_told(house: House) -> None:
    client = house.client
    assert ask(client, "revenue")["filterable"] == list(ATTRIBUTES)
    assert ask(client, "uptime")["filterable"] == ["service"]
    assert ask(client, "pipeline")["filterable"] == ["stage", "deal"]
    for key in ("nrr", "payback", "forecast", "inventory_turns"):
        assert ask(client, key)["filterable"] == []
