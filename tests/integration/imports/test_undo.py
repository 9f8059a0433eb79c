"""An import is taken back as if it had never been, or not at all."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from api.imports import trend
from api.imports.undo import Undone, UndoRefused, undo_import
from api.settings import Settings
from api.storage.engine import for_writing
from api.storage.replaced_tables import REPLACED
from api.storage.tables import data_version, imports, metadata
from tests.integration.imports.conftest import NOW, Import, csv_text

LATER = datetime(2026, 3, 5, tzinfo=UTC)
ORDERS = ["order_id", "customer_id", "booked_on", "recognized_on", "amount", "type"]
BUSINESS = [*REPLACED]
FILES: dict[str, tuple[list[str], list[str], list[str]]] = {
    "orders": (ORDERS, ["A", "C", "2024-01-05", "", "5", "one_off"], ["4", "2024-02-01"]),
    "customers": (["customer_id", "name"], ["C1", "Old"], ["New"]),
    "expenses": (
        ["expense_id", "incurred_on", "category", "amount"],
        ["E1", "2024-01-05", "cogs", "5"],
        ["6"],
    ),
    "retention": (
        ["period", "opening_mrr", "churned_mrr", "expansion_mrr"],
        ["2024-01", "5", "1", "1"],
        ["2"],
    ),
    "revenue_trend": (
        ["period", "recognized", "booked", "backlog"],
        ["2024-01", "5", "5", "0"],
        ["1"],
    ),
    "pipeline": (
        ["deal_id", "stage", "expected_close_on", "amount"],
        ["D1", "offer", "2024-05-01", "5"],
        ["6"],
    ),
    "uptime": (
        ["service", "period", "observed_seconds", "up_seconds"],
        ["web", "2024-01", "100", "99.5"],
        ["98"],
    ),
    "targets": (["kpi", "target"], ["gm", "30"], ["31.25"]),
    "risks": (
        ["title", "owner", "due", "status", "mitigation"],
        ["T", "O", "2024-01-01", "open", "M"],
        ["N"],
    ),
    "inventory": (["period", "inventory_value"], ["2024-01", "5"], ["6"]),
}
Undo = Callable[[int], Undone]


@pytest.fixture
def undo(engine: Engine) -> Undo:
    def undo(import_id: int) -> Undone:
        with Session(for_writing(engine)) as session:
            undone = undo_import(session, Settings.model_construct(), import_id, LATER, "Jo")
            session.commit()
            return undone

    return undo


def everything(engine: Engine) -> Mapping[str, list[Any]]:
    """All rows of the business tables, and what is kept to undo."""
    names = [*BUSINESS, *(table.name for table in REPLACED.values())]
    with engine.connect() as connection:
        return {
            name: sorted(map(tuple, connection.execute(select(metadata.tables[name]))), key=repr)
            for name in names
        }


def orders(*rows: tuple[str, str, str]) -> str:
    """Orders by id, day and amount."""
    return csv_text(ORDERS, [[a, "C", day, "", amount, "one_off"] for a, day, amount in rows])


def changed(row: list[str], values: list[str]) -> list[str]:
    """The row with other values in its last columns that a change may touch."""
    if row[-1] == "one_off":
        return [*row[:3], values[1], values[0], row[-1]]
    return [*row[: -len(values)], *values]


@pytest.mark.parametrize("kind", FILES)
def test_rows_of_every_kind_are_as_they_were(
    run: Import, undo: Undo, engine: Engine, kind: str
) -> None:
    header, row, values = FILES[kind]
    nothing = everything(engine)
    first = run(kind, csv_text(header, [row]))
    before = everything(engine)
    second = run(kind, csv_text(header, [changed(row, values)]))
    assert (second.inserted, second.updated) == (0, 1)
    assert everything(engine) != before
    assert second.import_id is not None
    assert first.import_id is not None
    undone = undo(second.import_id)
    assert (undone.taken_out, undone.put_back) == (0, 1)
    assert everything(engine) == before
    assert undo(first.import_id).taken_out == 1
    assert everything(engine) == nothing


def test_new_rows_go_and_changed_rows_come_back_with_their_totals(
    run: Import, undo: Undo, engine: Engine
) -> None:
    run("orders", orders(("A", "2024-01-05", "5"), ("B", "2024-02-05", "7")))
    before = everything(engine)
    run("orders", orders(("B", "2024-04-05", "8"), ("C", "2023-11-05", "9")))
    undone = undo(2)
    assert (undone.kind, undone.taken_out, undone.put_back) == ("orders", 1, 1)
    assert everything(engine) == before
    with Session(engine) as session:
        assert trend.differences(session) == []


def test_who_took_it_back_and_when_is_kept_and_every_process_notices(
    run: Import, undo: Undo, engine: Engine
) -> None:
    run("orders", orders(("A", "2024-01-05", "5")))
    with Session(engine) as session:
        version = session.execute(select(data_version.c.version)).scalar_one()
    undo(1)
    with Session(engine) as session:
        row = session.execute(select(imports)).mappings().one()
        assert (row["undone_by"], row["undone_at"]) == ("Jo", LATER)
        assert (row["actor"], row["imported_at"], row["inserted"]) == ("local", NOW, 1)
        assert session.execute(select(data_version.c.version)).scalar_one() > version


def test_it_is_refused_while_a_later_import_holds_the_same_rows(
    run: Import, undo: Undo, engine: Engine
) -> None:
    run("orders", orders(("A", "2024-01-05", "5"), ("B", "2024-01-05", "5")))
    run("orders", orders(("B", "2024-01-05", "6")))
    run("orders", orders(("B", "2024-01-05", "7")))
    run("orders", orders(("C", "2024-01-05", "1")))
    before = everything(engine)
    with pytest.raises(UndoRefused, match=r"undo those first, the last one first: 2$"):
        undo(1)
    with pytest.raises(UndoRefused, match=r"undo those first, the last one first: 3$"):
        undo(2)
    assert everything(engine) == before
    for import_id in (3, 2, 1):
        undo(import_id)
    assert [row[0] for row in everything(engine)["orders"]] == ["C"]


def test_it_is_undone_once_and_only_if_it_exists(run: Import, undo: Undo) -> None:
    run("orders", orders(("A", "2024-01-05", "5")))
    undo(1)
    with pytest.raises(UndoRefused, match="undone already, on 2026-03-05 00:00 UTC by Jo"):
        undo(1)
    with pytest.raises(UndoRefused, match="there is no import 9"):
        undo(9)


def test_what_was_replaced_long_ago_is_forgotten_and_then_refused(
    run: Import, undo: Undo, engine: Engine
) -> None:
    run("orders", orders(("A", "2024-01-05", "5")), now=datetime(2025, 1, 1, tzinfo=UTC))
    run("orders", orders(("A", "2024-01-05", "6")), now=datetime(2025, 1, 2, tzinfo=UTC))
    run("orders", orders(("B", "2024-01-05", "6")))
    assert everything(engine)["orders_replaced"] == []
    with pytest.raises(UndoRefused, match="not kept any more"):
        undo(2)
    with pytest.raises(UndoRefused, match="later imports changed the same rows"):
        undo(1)


def test_an_import_that_changed_nothing_can_be_undone(run: Import, undo: Undo) -> None:
    run("orders", orders(("A", "2024-01-05", "5")))
    run("orders", orders(("A", "2024-01-05", "5")))
    undone = undo(2)
    assert (undone.taken_out, undone.put_back) == (0, 0)


File = st.dictionaries(
    st.sampled_from("ABCDE"),
    st.tuples(st.sampled_from(["2024-01-05", "2024-02-06", "2024-04-07"]), st.integers(-9, 9)),
    min_size=1,
)


@settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(files=st.lists(File, min_size=1, max_size=5))
def test_undoing_from_the_last_to_the_first_walks_back_through_every_state(
    run: Import, undo: Undo, engine: Engine, files: list[dict[str, tuple[str, int]]]
) -> None:
    states, numbers = [], []
    for file in files:
        states.append(everything(engine))
        rows = ((key, day, str(amount)) for key, (day, amount) in file.items())
        numbers.append(run("orders", orders(*rows)).import_id)
    for state, number in zip(reversed(states), reversed(numbers), strict=True):
        assert number is not None
        undo(number)
        assert everything(engine) == state
