"""Each number in depth, through the HTTP face, against plain loops over the same rows."""

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from tests import factories
from tests.factories import Row, add, order
from tests.integration.drilldowns.conftest import opened_client
from tests.integration.drivers.company import Company, as_floats, months, open_at, within
from tests.integration.drivers.test_drivers import ALL_KEYS, ATTRIBUTES
from tests.plain import plain

ALL_METRICS = (*ALL_KEYS, "pipeline", "inventory_turns")
START, END = "2024-06-01", "2025-05-31"


def ask(client: TestClient, key: str, **query: str) -> dict[str, Any]:
    answer = client.get(f"/api/kpis/{key}", params={"as_of": END} | query)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def values(body: dict[str, Any]) -> dict[str, float]:
    return {item["name"]: item["value"] for item in body["breakdown"]}


def shares(body: dict[str, Any]) -> dict[str, float]:
    return {item["name"]: item["share"] for item in body["breakdown"]}


def known(shown: dict[str, float]) -> dict[str, float]:
    return {name: value for name, value in shown.items() if value is not None}


def share_of(sums: dict[str, Fraction]) -> dict[str, Any]:
    total = sum(sums.values())
    return as_floats({name: value / total for name, value in sums.items()})


@pytest.mark.parametrize("granularity", ["month", "quarter"])
@pytest.mark.parametrize("key", ALL_KEYS)
def test_a_detail_repeats_the_first_screens_number(
    client: TestClient, engine: Engine, key: str, granularity: str
) -> None:
    Company(engine, seed=11)
    query = {"as_of": END, "granularity": granularity, "range": "6m"}
    screen = client.get("/api/executive-dashboard", params=query).json()
    (card,) = [kpi for kpi in screen["executiveKpis"] if kpi["key"] == key]
    body = ask(client, key, granularity=granularity, range="6m")
    assert body["kpi"] == card
    assert body["value"] == card["value"]
    assert body["timeframe"] == screen["timeframe"]
    assert body["drivers"]["metric"] == key
    assert [point["value"] for point in body["series"]] == card["sparkline"][-len(body["series"]) :]
    assert len(body["series"]) == (6 if granularity == "month" else 2)


@pytest.mark.parametrize("key", ALL_METRICS)
def test_every_breakdown_adds_up_to_the_value_or_to_the_whole_denominator(
    client: TestClient, engine: Engine, key: str
) -> None:
    Company(engine, seed=12)
    dimensions = ask(client, key)["dimensions"]
    assert dimensions
    for by in dimensions:
        body = ask(client, key, by=by)
        assert body["by"] == by
        assert sum(shares(body).values()) == pytest.approx(1), by
        if key in {"gm", "book_to_bill", "coverage_months", "uptime"}:
            weighted = sum(i["value"] * i["share"] for i in body["breakdown"] if i["share"])
            assert weighted == pytest.approx(body["value"]), by
        else:
            assert sum(values(body).values()) == pytest.approx(body["value"]), by


@pytest.mark.parametrize(
    ("key", "counts"),
    [
        ("revenue", within("recognized_on", START, END)),
        ("backlog", open_at(END)),
    ],
)
def test_sums_by_attribute(
    client: TestClient, engine: Engine, key: str, counts: Callable[[Row], bool]
) -> None:
    company = Company(engine, seed=13)
    for by in ATTRIBUTES:
        sums = company.summed(by, counts)
        body = ask(client, key, by=by)
        assert values(body) == pytest.approx(as_floats(sums)), by
        assert shares(body) == pytest.approx(share_of(sums)), by
        sizes = [abs(item["value"]) for item in body["breakdown"]]
        assert sizes == sorted(sizes, reverse=True)


def test_arr_by_attribute_is_twelve_times_the_last_month(
    client: TestClient, engine: Engine
) -> None:
    company = Company(engine, seed=14)
    in_may = within("recognized_on", "2025-05-01", END)
    for by in ATTRIBUTES:
        sums = company.summed(by, lambda row: in_may(row) and row["type"] != "one_off")
        expected = {name: 12 * value for name, value in sums.items()}
        assert values(ask(client, "arr", by=by)) == pytest.approx(as_floats(expected)), by


def test_gross_margin_by_attribute(client: TestClient, engine: Engine) -> None:
    company = Company(engine, seed=15)
    in_window = within("recognized_on", START, END)

    def counts(row: Row) -> bool:
        return in_window(row) and row["profit"] is not None

    for by in ATTRIBUTES:
        amounts = company.summed(by, counts)
        profits = company.summed(by, counts, "profit")
        body = ask(client, "gm", by=by)
        margins = {n: profits[n] / amounts[n] for n in amounts if amounts[n] > 0}
        assert known(values(body)) == pytest.approx(as_floats(margins)), by
        assert shares(body) == pytest.approx(share_of(amounts)), by


def test_book_to_bill_and_coverage_by_attribute(client: TestClient, engine: Engine) -> None:
    company = Company(engine, seed=16, orders=900)
    for by in ATTRIBUTES:
        booked = company.summed(by, within("booked_on", START, END))
        recognized = company.summed(by, within("recognized_on", START, END))
        ratios = {n: booked.get(n, Fraction(0)) / r for n, r in recognized.items() if r > 0}
        shown = known(values(ask(client, "book_to_bill", by=by)))
        assert shown == pytest.approx(as_floats(ratios)), by
        backlog = company.summed(by, open_at(END))
        recent = company.summed(by, within("recognized_on", "2024-12-01", END))
        covered = {n: backlog.get(n, Fraction(0)) / (r / 6) for n, r in recent.items() if r > 0}
        shown = known(values(ask(client, "coverage_months", by=by)))
        assert shown == pytest.approx(as_floats(covered)), by


def test_uptime_by_service_has_the_weighted_share_of_observed_time(
    client: TestClient, engine: Engine
) -> None:
    add(
        engine,
        "uptime",
        *(factories.uptime(month, 90, 100, service="web", weight=3) for month in months()),
        *(factories.uptime(month, 100, 100, service="api", weight=1) for month in months()),
    )
    body = ask(client, "uptime")
    assert values(body) == {"web": 0.9, "api": 1.0}
    assert shares(body) == {"web": 0.75, "api": 0.25}
    assert plain(body["formula"]["worked"]) == "4,440 / 4,800 = 92.50 %"
    assert [item["unit"] for item in body["formula"]["inputs"]] == ["seconds"] * 3


def test_backlog_and_arr_and_nrr_start_from_what_was_there(
    client: TestClient, engine: Engine
) -> None:
    company = Company(engine, seed=17)
    opened = sum(company.summed("type", open_at("2024-05-31")).values())
    body = ask(client, "backlog")
    assert list(values(body)) == ["Opening", "Booked", "Recognized", "Cancelled"]
    assert values(body)["Opening"] == pytest.approx(float(opened))
    assert values(ask(client, "nrr"))["Opening"] == 1
    assert list(values(ask(client, "arr"))) == [
        "Opening",
        "New",
        "Expansion",
        "Contraction",
        "Churn",
    ]


@pytest.mark.parametrize("compare", ["previous", "year_ago", "ytd_target"])
def test_arr_by_movement_starts_where_its_drivers_do(
    client: TestClient, engine: Engine, compare: str
) -> None:
    Company(engine, seed=17)
    body = ask(client, "arr", range="6m", compare=compare)
    shown = values(body)
    assert shown.pop("Opening") == pytest.approx(body["drivers"]["before"])
    by_movement = ask(client, "arr", range="6m", compare=compare, by="movement")["drivers"]
    effects = {item["name"]: item["effect"] for item in by_movement["contributions"]}
    assert shown == pytest.approx(effects)


def test_open_pipeline_by_stage_and_at_each_months_end(client: TestClient, engine: Engine) -> None:
    add(
        engine,
        "pipeline",
        factories.deal("2026-01-01", 100, stage="Lead"),
        factories.deal("2026-01-01", 50, stage="Lead", created_on="2025-05-31"),
        factories.deal("2026-01-01", 30, stage="Proposal", created_on="2025-06-01"),
        factories.deal("2025-01-01", 20, stage="Proposal", closed_on="2025-06-01"),
        factories.deal("2025-01-01", 10, stage="Proposal", closed_on="2025-05-31"),
    )
    body = ask(client, "pipeline")
    assert values(body) == {"Lead": 150, "Proposal": 20}
    assert (body["value"], body["unit"]) == (170, "money")
    assert [point["value"] for point in body["series"][-2:]] == [130, 170]
    assert body["row_counts"] == {"pipeline": 3}
    assert {item["name"]: item["effect"] for item in body["drivers"]["contributions"]} == {
        "New deals": 50,
        "Won": 0,
        "Lost": 0,
        "Closed, outcome not given": -10,
    }
    assert (body["kpi"]["deltaAbs"], body["kpi"]["direction"]) == (40, "up")
    assert plain(body["formula"]["worked"]) == "3 deals worth £170.00"


def test_inventory_turns_are_annualised_cogs_over_mean_inventory(
    client: TestClient, engine: Engine
) -> None:
    add(
        engine,
        "expenses",
        factories.expense("2024-12-15", 60, "cogs"),
        factories.expense("2025-05-31", 40, "cogs"),
        factories.expense("2025-05-31", 900, "operations"),
    )
    add(engine, "inventory", *(factories.inventory(f"2025-0{m}", 100 * m) for m in range(1, 6)))
    body = ask(client, "inventory_turns", range="6m")
    # Five months are covered by both: January to May, with 40 of cogs and a mean of 300.
    assert body["value"] == pytest.approx(40 * 12 / 5 / 300)
    assert body["warnings"] == ["partial_window"]
    assert values(body)["2025-05"] == pytest.approx(body["value"])
    assert [point["value"] for point in body["series"]] == [None, 0, 0, 0, 0, 0.96]
    assert body["row_counts"] == {"expenses": 1, "inventory": 5}
    assert plain(body["formula"]["worked"]) == "(£40.00 x 12 / 5) / £300.00 = 0.320x"


def test_a_series_has_the_parts_of_each_period(client: TestClient, engine: Engine) -> None:
    company = Company(engine, seed=18)
    body = ask(client, "book_to_bill", range="6m")
    april = body["series"][-2]
    assert april["period"] == "2025-04"
    for part, column in (("booked", "booked_on"), ("recognized", "recognized_on")):
        summed = company.summed("type", within(column, "2025-04-01", "2025-04-30"))
        assert april["parts"][part] == pytest.approx(float(sum(summed.values())))


@pytest.mark.parametrize(
    ("key", "worked"),
    [
        ("revenue", "£90.00"),
        ("backlog", "£0.00 + £160.50 - £90.00 - £5.00 = £65.50"),
        ("gm", "£9.00 / £90.00 = 10.00 %"),
        ("book_to_bill", "£160.50 / £90.00 = 1.783x"),
        ("arr", "12 x £30.00 = £360.00"),
        ("coverage_months", "£65.50 / (£90.00 / 6) = 4.37 months"),
        ("nrr", "(£1,000.00 - £120.00 - £0.00 + £240.00) / £1,000.00 = 112.00 %"),
        ("payback", "£60.00 / (£120.00 x 10.00 %) = 5.00 months"),
        ("forecast", "£90.00 / 3 x 102.00 % x 1 = £30.60"),
    ],
)
def test_formulas_are_worked_with_their_numbers(
    client: TestClient, engine: Engine, key: str, worked: str
) -> None:
    add(
        engine,
        "orders",
        order("2024-06-01", "60.5"),
        order("2025-03-01", 60, recognized_on="2025-03-02", profit=6),
        order("2025-05-02", 30, recognized_on="2025-05-03", profit=3, type="subscription"),
        order("2025-05-02", 5),
        order("2025-05-02", 5, cancelled_on="2025-05-04"),
    )
    add(engine, "retention", *(factories.retention(m, 1000, 10, 20, new=10) for m in months()))
    add(engine, "expenses", factories.expense("2024-06-10", 60), factories.expense("2025-05-10", 0))
    body = ask(client, key, range="12m")
    assert plain(body["formula"]["worked"]) == worked
    assert body["formula"]["text"]


def test_a_formula_without_a_value_has_rule_and_inputs_but_no_sum(
    client: TestClient, engine: Engine
) -> None:
    add(engine, "orders", order("2025-05-02", 30))
    body = ask(client, "book_to_bill")
    assert (body["value"], body["reason"]) == (None, "zero_denominator")
    assert body["formula"]["worked"] is None
    assert {i["name"]: i["value"] for i in body["formula"]["inputs"]} == {
        "booked": 30,
        "recognized": 0,
    }
    assert body["breakdown"] == []


@pytest.mark.parametrize("key", ALL_METRICS)
def test_without_data_a_detail_has_a_reason_and_nothing_else(client: TestClient, key: str) -> None:
    body = ask(client, key)
    assert body["value"] is None
    assert body["reason"] in {"no_data", "too_little_history"}
    assert body["breakdown"] == []
    assert sum(body["row_counts"].values()) == 0
    assert all(point["value"] is None for point in body["series"])


@pytest.mark.parametrize(
    ("why", "new", "warning"),
    [
        ("closing 110 agrees with May's orders", 30, None),
        (
            "closing 100 does not",
            20,
            "Two sources disagree on the MRR of May 2025: orders give £110.00, retention gives"
            " £100.00, a gap of £10.00.",
        ),
        (
            "without new MRR the opening is held against April's orders",
            None,
            "Two sources disagree on the MRR of April 2025: orders give £95.50, retention gives"
            " £100.00, a gap of £4.50.",
        ),
    ],
)
def test_a_gap_between_orders_and_retention_is_printed(
    client: TestClient, engine: Engine, why: str, new: int | None, warning: str | None
) -> None:
    for day, amount in (("2025-04-10", "95.5"), ("2025-05-10", "110")):
        add(engine, "orders", order(day, amount, recognized_on=day, type="recurring"))
        add(engine, "orders", order(day, 1000, recognized_on=day))
    add(
        engine,
        "retention",
        factories.retention("2025-05", 100, 25, 10, contraction=5, new=new),
    )
    expected = [warning] if warning else []
    for key in ("arr", "nrr"):
        assert [w for w in ask(client, key)["warnings"] if " " in w] == expected, why
    assert [w for w in ask(client, "revenue")["warnings"] if " " in w] == []


def test_a_long_tail_is_one_element_that_keeps_the_sum(client: TestClient, engine: Engine) -> None:
    add(
        engine,
        "orders",
        *(
            order("2025-05-01", number, recognized_on="2025-05-02", product=f"P{number}", profit=1)
            for number in range(1, 61)
        ),
    )
    body = ask(client, "revenue", by="product")
    assert len(body["breakdown"]) == 51
    assert body["breakdown"][-1]["name"] == "Other (10)"
    assert body["breakdown"][-1]["value"] == sum(range(1, 11))
    margins = ask(client, "gm", by="product")["breakdown"]
    assert margins[-1]["name"] == "Other (10)"
    assert margins[-1]["value"] == pytest.approx(10 / sum(range(1, 11)))


def test_totals_without_orders_are_an_element_of_their_own(
    client: TestClient, engine: Engine
) -> None:
    add(engine, "orders", order("2025-05-01", 40, recognized_on="2025-05-02", region="East"))
    add(engine, "revenue_trend", factories.given_trend("2025-04", 60))
    body = ask(client, "revenue", by="region")
    assert values(body) == {"East": 40, "(not broken down)": 60}
    assert shares(body) == {"East": 0.4, "(not broken down)": 0.6}
    assert body["row_counts"] == {"orders": 1, "revenue_trend": 1}


def test_an_unknown_key_is_404_and_says_which_there_are(client: TestClient) -> None:
    for path in ("/api/kpis/ebitda", "/api/kpis/ebitda/rows", "/api/kpis/ebitda/rows.csv"):
        answer = client.get(path)
        assert answer.status_code == 404
        assert "inventory_turns" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("key", "by", "allowed"),
    [
        ("revenue", "stage", "region, segment, product, customer, type"),
        ("uptime", "region", "service"),
        ("payback", "factor", "period"),
        ("pipeline", "region", "stage, deal"),
        ("forecast", "stage", "month"),
    ],
)
def test_a_bad_dimension_is_400_and_says_what_is_allowed(
    client: TestClient, key: str, by: str, allowed: str
) -> None:
    answer = client.get(f"/api/kpis/{key}", params={"by": by})
    assert answer.status_code == 400
    assert answer.json()["detail"] == f"by: '{by}' is not allowed for {key}; allowed: {allowed}"


def test_a_static_payback_is_shown_as_configured(database_url: str) -> None:
    with opened_client(database_url, payback_static_months="14.5") as client:
        body = ask(client, "payback")
    assert body["value"] == 14.5
    assert body["kpi"]["isStatic"] is True
    assert body["dimensions"] == []
    assert plain(body["formula"]["worked"]) == "14.50 months"
    assert "configured value" in body["drivers"]["reason"]
