"""The demonstration company: deterministic, consistent with itself, and with a story to find."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from typing import Any

import pytest

from api.calendar import Month, last_complete_month, months_between
from api.demo.company import LATE_PRODUCT, MARGIN_REGION
from api.demo.files import files
from api.imports.kinds import KINDS
from api.imports.mapping import ColumnMapping
from api.imports.reader import RowReader

DAYS = (
    date(2026, 11, 21),
    date(2026, 10, 31),  # a month's last day: there is no running month
    date(2027, 1, 1),
    date(2028, 2, 29),
)
Row = Mapping[str, Any]
a_day = pytest.mark.parametrize("through", DAYS)


@cache
def company(through: date) -> Mapping[str, tuple[Row, ...]]:
    """Every row of every file, as the importer reads it; no row may be bad."""
    found = {}
    for file in files(through):
        kind = KINDS[file.kind]
        reader = RowReader(kind, file.lines, ColumnMapping())
        found[file.kind] = tuple(
            dict(zip(("line", *kind.columns), row, strict=True)) for row in reader
        )
        assert reader.errors == []
        assert reader.ignored_columns == ()
    return found


def by_month(rows: list[Row], day: str, value: str = "amount") -> dict[str, int]:
    sums: dict[str, int] = defaultdict(int)
    for row in rows:
        if row[day] is not None:
            sums[row[day][:7]] += row[value]
    return sums


def backlog(rows: tuple[Row, ...], end: date) -> int:
    at = end.isoformat()

    def open_at(row: Row) -> bool:
        return row["booked_on"] <= at and all(
            row[name] is None or row[name] > at for name in ("recognized_on", "cancelled_on")
        )

    return sum(row["amount"] for row in rows if open_at(row))


def test_the_same_day_gives_the_same_company() -> None:
    def lines(through: date) -> list[str]:
        return [line for file in files(through) for line in file.lines]

    assert lines(DAYS[0]) == lines(DAYS[0])
    assert lines(DAYS[0]) != lines(DAYS[0] + timedelta(1))


@a_day
def test_every_kind_but_given_totals_is_there_and_of_a_size_to_feel_real(through: date) -> None:
    rows = company(through)
    assert set(rows) == set(KINDS) - {"revenue_trend"}
    assert 30_000 < len(rows["orders"]) < 60_000
    assert len({row["region"] for row in rows["customers"]}) == 4
    assert len({row["name"] for row in rows["customers"]}) == len(rows["customers"])


@a_day
def test_orders_cover_36_months_and_nothing_lies_in_the_future(through: date) -> None:
    rows = company(through)
    orders = rows["orders"]
    booked = {row["booked_on"][:7] for row in orders}
    first = Month.of(through).plus(-35)
    assert booked == {month.label for month in months_between(first, Month.of(through))}
    for name in ("booked_on", "recognized_on", "cancelled_on"):
        assert max(row[name] or "" for row in orders) <= through.isoformat()
    assert max(row["incurred_on"] for row in rows["expenses"]) <= through.isoformat()
    for name in ("created_on", "closed_on"):
        assert max(row[name] or "" for row in rows["pipeline"]) <= through.isoformat()


@a_day
def test_orders_keep_to_known_customers_that_exist_when_they_order(through: date) -> None:
    rows = company(through)
    since = {row["customer_id"]: row["created_on"] for row in rows["customers"]}
    assert all(since[row["customer_id"]] <= row["booked_on"] for row in rows["orders"])


@a_day
def test_retention_tells_the_same_as_the_subscription_orders(through: date) -> None:
    rows = company(through)
    recurring = by_month(
        [row for row in rows["orders"] if row["type"] != "one_off"], "recognized_on"
    )
    retention = rows["retention"]
    last = last_complete_month(through)
    assert retention[-1]["period"] == last.label
    for row, following in zip(retention, [*retention[1:], None], strict=True):
        closing = (
            row["opening_mrr"]
            - row["churned_mrr"]
            - row["contraction_mrr"]
            + row["expansion_mrr"]
            + row["new_mrr"]
        )
        assert closing == recurring[row["period"]]
        assert following is None or following["opening_mrr"] == closing
    year = retention[-12:]
    kept = sum(r["expansion_mrr"] - r["churned_mrr"] - r["contraction_mrr"] for r in year)
    assert 0.97 < 1 + kept / year[0]["opening_mrr"] < 1.12


@a_day
def test_costs_of_goods_are_what_orders_cost(through: date) -> None:
    rows = company(through)
    recognized = [row for row in rows["orders"] if row["recognized_on"]]
    amounts, profits = (by_month(recognized, "recognized_on", v) for v in ("amount", "profit"))
    cogs = by_month([r for r in rows["expenses"] if r["category"] == "cogs"], "incurred_on")
    for month in list(months_between(last_complete_month(through).plus(-11), Month.of(through))):
        if month.last_day <= through:
            assert cogs[month.label] == amounts[month.label] - profits[month.label]


@a_day
def test_one_region_loses_margin_in_the_last_months_and_others_do_not(through: date) -> None:
    last = last_complete_month(through)
    lately = {last.plus(-offset).label for offset in range(3)}
    before = {last.plus(-offset).label for offset in range(6, 18)}
    regions = {row["region"] for row in company(through)["orders"]}
    lost = {r: _margin(through, r, before) - _margin(through, r, lately) for r in regions}
    assert lost.pop(MARGIN_REGION) > 0.12
    assert max(lost.values()) < 0.04


def _margin(through: date, region: str, months: set[str]) -> float:
    rows = [
        row
        for row in company(through)["orders"]
        if row["region"] == region and (row["recognized_on"] or "")[:7] in months
    ]
    return float(sum(row["profit"] for row in rows) / sum(row["amount"] for row in rows))


@a_day
def test_the_backlog_jumps_in_the_last_complete_month_because_of_one_product(
    through: date,
) -> None:
    orders = company(through)["orders"]
    last = last_complete_month(through)
    history = [backlog(orders, last.plus(-offset).last_day) for offset in range(1, 13)]
    now = backlog(orders, last.last_day)
    assert now > 1.5 * max(history)
    late = tuple(row for row in orders if row["product"] == LATE_PRODUCT)
    assert backlog(late, last.last_day) > 0.6 * now


@a_day
def test_one_month_of_one_service_was_bad(through: date) -> None:
    down = {
        (row["service"], row["period"]): 1
        - Decimal(row["up_seconds"]) / Decimal(row["observed_seconds"])
        for row in company(through)["uptime"]
    }
    worst = max(down, key=lambda place: down[place])
    assert worst[1] == last_complete_month(through).label
    assert down.pop(worst) > Decimal("0.015")
    assert max(down.values()) < Decimal("0.0015")


@a_day
def test_one_risk_is_overdue(through: date) -> None:
    today = (through + timedelta(1)).isoformat()
    due = [row["due"] for row in company(through)["risks"]]
    assert sum(day < today for day in due) == 1


@a_day
def test_deals_are_closed_with_an_outcome_or_open(through: date) -> None:
    deals = company(through)["pipeline"]
    won, lost, still_open = (
        sum(row["outcome"] == outcome for row in deals) for outcome in ("won", "lost", None)
    )
    assert 0.35 < won / (won + lost) < 0.7
    assert still_open > 100
    assert {row["stage"] for row in deals if row["outcome"] is None} == {
        "Qualified",
        "Solution",
        "Proposal",
        "Negotiation",
    }
