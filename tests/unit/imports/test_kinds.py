"""The rules of each kind, beyond those of a single cell."""

import io

import pytest
from sqlalchemy import String

from api.executive.kpis import KpiKey
from api.imports.cells import Cell
from api.imports.kinds import KINDS
from api.imports.mapping import ColumnMapping
from api.imports.reader import RowReader, decoded

GOOD = {
    "orders": {
        "order_id": "O1",
        "customer_id": "C1",
        "booked_on": "2024-01-05",
        "recognized_on": "2024-02-05",
        "amount": "10",
        "type": "one_off",
    },
    "customers": {"customer_id": "C1", "name": "Ann"},
    "expenses": {
        "expense_id": "E1",
        "incurred_on": "2024-01-05",
        "category": "cogs",
        "amount": "10",
    },
    "retention": {
        "period": "2024-01",
        "opening_mrr": "10",
        "churned_mrr": "1",
        "expansion_mrr": "2",
    },
    "revenue_trend": {"period": "2024-01", "recognized": "1", "booked": "2", "backlog": "3"},
    "pipeline": {
        "deal_id": "D1",
        "stage": "Proposal",
        "amount": "10",
        "expected_close_on": "2024-03-05",
    },
    "uptime": {
        "service": "web",
        "period": "2024-01",
        "up_seconds": "99.5",
        "observed_seconds": "100",
    },
    "targets": {"kpi": "revenue", "target": "10"},
    "risks": {
        "title": "Supplier",
        "owner": "Ann",
        "due": "2024-01-05",
        "mitigation": "Second source",
        "status": "open",
    },
    "inventory": {"period": "2024-01", "inventory_value": "10"},
}


def read(kind: str, **changes: str) -> RowReader:
    cells = GOOD[kind] | changes
    content = ",".join(cells) + "\n" + ",".join(cells.values()) + "\n"
    return RowReader(KINDS[kind], decoded(io.BytesIO(content.encode())), ColumnMapping())


def stored(kind: str, **changes: str) -> dict[str, Cell]:
    (row,) = read(kind, **changes)
    return dict(zip(("line", *KINDS[kind].columns), row, strict=True))


def reason(kind: str, **changes: str) -> tuple[str | None, str]:
    reader = read(kind, **changes)
    assert list(reader) == []
    (error,) = reader.errors
    return error.column, error.reason


@pytest.mark.parametrize("kind", GOOD)
def test_each_kind_takes_its_required_fields_alone(kind: str) -> None:
    assert stored(kind)["line"] == 2


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_fills_columns_of_its_table_and_knows_rows_by_its_key(kind: str) -> None:
    columns = set(KINDS[kind].table.c.keys())
    assert set(KINDS[kind].columns) <= columns
    assert set(KINDS[kind].key) <= set(KINDS[kind].columns)


@pytest.mark.parametrize(
    ("kind", "field", "length"),
    [
        (kind.name, field.name, column.type.length)
        for kind in KINDS.values()
        for field in kind.fields
        if isinstance((column := kind.table.c[field.name]).type, String) and column.type.length
    ],
)
def test_no_value_is_longer_than_its_column(kind: str, field: str, length: int) -> None:
    assert reason(kind, **{field: "x" * (length + 1)})[0] == field


@pytest.mark.parametrize(
    ("kind", "changes", "column", "words"),
    [
        ("orders", {"recognized_on": "2024-01-04"}, "recognized_on", "is before booked_on"),
        ("orders", {"recognized_on": "", "cancelled_on": "2024-01-04"}, "cancelled_on", "before"),
        ("orders", {"cancelled_on": "2024-03-01"}, "cancelled_on", "an order of its own"),
        ("orders", {"type": "One_Off"}, "type", "is not one of one_off, subscription, recurring"),
        ("expenses", {"category": "rent"}, "category", "is not one of sales_marketing, cogs,"),
        ("retention", {"churned_mrr": "-1"}, "churned_mrr", "'-1' is below 0"),
        ("pipeline", {"closed_on": "2024-03-01"}, "outcome", "must be given together"),
        ("pipeline", {"outcome": "won"}, "outcome", "must be given together"),
        ("pipeline", {"win_rate": "40"}, "win_rate", "is larger than 1"),
        (
            "pipeline",
            {"created_on": "2024-02-01", "closed_on": "2024-01-01", "outcome": "won"},
            "closed_on",
            "is before created_on",
        ),
        ("uptime", {"up_seconds": "100.1"}, "up_seconds", "is more than observed_seconds 100"),
        ("targets", {"kpi": "profit"}, "kpi", "is not one of backlog, uptime, nrr"),
        ("targets", {"good_direction": "left"}, "good_direction", "is not one of up, down"),
        ("targets", {"watch": "9", "act": "9.5"}, "act", "is above watch 9"),
        ("targets", {"kpi": "backlog", "watch": "9", "act": "8"}, "act", "is below watch 9"),
        ("risks", {"mitigation": "x" * 2_001}, "mitigation", "at most 2000"),
        ("inventory", {"inventory_value": "-1"}, "inventory_value", "is below 0"),
    ],
)
def test_a_row_that_contradicts_itself_is_refused(
    kind: str, changes: dict[str, str], column: str, words: str
) -> None:
    found = reason(kind, **changes)
    assert found[0] == column
    assert words in found[1]


def test_an_order_may_be_recognized_or_cancelled_on_the_day_it_is_booked() -> None:
    assert stored("orders", recognized_on="2024-01-05")["recognized_on"] == "2024-01-05"
    cancelled = stored("orders", recognized_on="", cancelled_on="2024-01-05")
    assert cancelled["cancelled_on"] == "2024-01-05"


def test_a_return_is_a_negative_order() -> None:
    assert stored("orders", amount="-10")["amount"] == -100_000


def test_thresholds_of_a_kpi_follow_the_direction_given_for_it() -> None:
    assert stored("targets", watch="9", act="9", good_direction="up")["act"] == "9"
    assert stored("targets", watch="8", act="9", good_direction="down")["act"] == "9"
    assert reason("targets", kpi="payback", watch="9", act="9.5", good_direction="up")[0] == "act"


def test_what_is_left_out_is_nothing_except_where_a_default_is_promised() -> None:
    assert stored("orders")["profit"] is None
    assert stored("retention")["new_mrr"] is None
    assert stored("uptime")["weight"] == "1"
    assert stored("targets")["period"] == ""
    assert stored("revenue_trend")["source"] == "given"


def test_every_kpi_can_have_a_target() -> None:
    for key in KpiKey:
        assert stored("targets", kpi=key.value)["kpi"] == key.value
