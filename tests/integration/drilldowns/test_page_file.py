"""A drill-down page as one file: what the page shows, unrounded, with the view it was asked in."""

from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from tests.factories import add, order
from tests.integration.drilldowns.test_detail import ALL_METRICS, END, ask
from tests.integration.drilldowns.test_rows import table
from tests.integration.drivers.company import Company

Lines = list[dict[str, str]]
QUERY = {"range": "6m", "granularity": "quarter", "compare": "year_ago"}


def of(lines: Lines, section: str, **also: str) -> Lines:
    return [
        line
        for line in lines
        if line["section"] == section and all(line[name] == text for name, text in also.items())
    ]


def number(text: str) -> float | None:
    return float(text) if text else None


@pytest.mark.parametrize("key", ALL_METRICS)
def test_the_file_of_a_page_holds_what_its_answer_holds(
    client: TestClient, engine: Engine, key: str
) -> None:
    Company(engine, seed=41)
    body = ask(client, key, **QUERY)
    lines = table(client, f"/api/kpis/{key}.csv", **QUERY)
    (value,) = of(lines, "value")
    assert number(value["value"]) == body["value"]
    assert value["name"] == body["label"]
    series = of(lines, "series")
    assert [(line["period"], number(line["value"])) for line in series] == [
        (point["period"], point["value"]) for point in body["series"]
    ]
    inputs = {
        (line["period"], line["name"]): number(line["value"]) for line in of(lines, "series_input")
    }
    assert inputs == {
        (point["period"], name): part
        for point in body["series"]
        for name, part in point["parts"].items()
    }
    assert [
        (line["by"], line["name"], number(line["value"]), number(line["share"]))
        for line in of(lines, "breakdown")
    ] == [(body["by"], item["name"], item["value"], item["share"]) for item in body["breakdown"]]
    assert [(line["name"], number(line["value"])) for line in of(lines, "input")] == [
        (part["name"], part["value"]) for part in body["formula"]["inputs"]
    ]
    assert moved(lines) == [
        (item["kind"], item["name"], item["effect"]) for item in body["drivers"]["contributions"]
    ]


def moved(lines: Lines) -> list[tuple[str, str, float | None]]:
    return [
        (line["kind"], line["name"], number(line["value"]))
        for line in of(lines, "driver")
        if line["kind"] in {"additive", "rate", "mix", "movement"}
    ]


def test_the_headlines_change_its_drivers_and_their_sum(client: TestClient, engine: Engine) -> None:
    Company(engine, seed=42)
    body = ask(client, "gm", **QUERY)
    lines = table(client, "/api/kpis/gm.csv", **QUERY)
    (value,) = of(lines, "value")
    assert number(value["delta_abs"]) == body["kpi"]["deltaAbs"]
    assert (value["unit"], value["delta_unit"]) == ("ratio", "ratio")
    (before,) = of(lines, "driver", kind="before")
    (now,) = of(lines, "driver", kind="now")
    assert before["period"] == "2023-10-01 to 2024-03-31"
    assert now["period"] == "2024-10-01 to 2025-03-31"
    (residual,) = of(lines, "driver", kind="residual")
    steps = [float(line["value"]) for line in (before, residual)]
    effects = [effect for _, _, effect in moved(lines) if effect is not None]
    assert sum(steps) + sum(effects) == pytest.approx(float(now["value"]))


def test_every_row_tells_of_which_view_and_elements_it_is(
    client: TestClient, engine: Engine
) -> None:
    Company(engine, seed=43)
    query = {"region": "North", "segment": "Consumer", "range": "6m"}
    lines = table(client, "/api/kpis/revenue.csv", **query)
    told = ("metric", "filters", "range", "granularity", "compare", "as_of")
    assert {tuple(line[name] for name in told) for line in lines} == {
        ("revenue", "region=North; segment=Consumer", "6m", "month", "previous", END)
    }
    (value,) = of(lines, "value")
    assert number(value["value"]) == ask(client, "revenue", **query)["value"]


def test_breakdown_and_drivers_are_by_what_the_page_asks_for(
    client: TestClient, engine: Engine
) -> None:
    Company(engine, seed=44)
    lines = table(client, "/api/kpis/revenue.csv", by="product", drivers_by="region")
    assert {line["by"] for line in of(lines, "breakdown")} == {"product"}
    assert {line["by"] for line in of(lines, "driver")} == {"region"}
    asked = client.get("/api/drivers/revenue", params={"as_of": END, "by": "region"}).json()
    assert moved(lines) == [
        (item["kind"], item["name"], item["effect"]) for item in asked["contributions"]
    ]


def test_names_that_start_a_formula_are_text_and_negative_numbers_are_numbers(
    client: TestClient, engine: Engine
) -> None:
    add(
        engine,
        "orders",
        order("2025-05-01", "-12.50", recognized_on="2025-05-02", region="=HYPERLINK(1)"),
    )
    answer = client.get("/api/kpis/revenue.csv", params={"as_of": END, "by": "region"})
    lines = table(client, "/api/kpis/revenue.csv", by="region")
    (part,) = of(lines, "breakdown")
    assert part["name"] == "'=HYPERLINK(1)"
    assert part["value"] == "-12.5"
    assert answer.headers["content-disposition"] == f'attachment; filename="revenue-{END}.csv"'


def test_missing_is_empty_and_says_why(client: TestClient) -> None:
    lines: Any = table(client, "/api/kpis/revenue.csv")
    (value,) = of(lines, "value")
    assert (value["value"], value["reason"]) == ("", "no_data")
    assert of(lines, "breakdown") == []
