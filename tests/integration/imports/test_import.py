"""A file goes into the database whole or not at all, and twice is the same as once."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import Engine, event, func, select

from api.imports import loader
from api.imports.errors import ImportRefused
from api.imports.kinds import CUSTOMERS, KINDS, ORDERS
from api.imports.mapping import ColumnMapping, read_mapping
from api.storage.tables import data_version, imports, orders
from tests.integration.imports.conftest import NOW, Import, csv_text, rows_of
from tests.unit.imports.test_kinds import GOOD

ROOT = Path(__file__).parents[3]
Counts = Callable[[], Mapping[str, int]]

HEADER = ["order_id", "customer_id", "booked_on", "recognized_on", "amount", "type", "region"]
THREE = [
    ["O1", "C1", "2024-01-05", "2024-01-20", "100.50", "one_off", "North"],
    ["O2", "C1", "2024-01-06", "", "20", "subscription", ""],
    ["O3", "C2", "2024-02-01", "2024-03-01", "-5.0001", "recurring", "South"],
]


def changed(rows: list[list[str]], index: int, **values: str) -> list[list[str]]:
    copy = [list(row) for row in rows]
    for name, value in values.items():
        copy[index][HEADER.index(name)] = value
    return copy


def test_rows_are_stored_as_written(run: Import, engine: Engine) -> None:
    result = run("orders", csv_text(HEADER, THREE))
    assert (result.inserted, result.updated, result.unchanged) == (3, 0, 0)
    first, second, third = rows_of(engine, "orders")
    assert first == {
        "order_id": "O1",
        "customer_id": "C1",
        "booked_on": date(2024, 1, 5),
        "recognized_on": date(2024, 1, 20),
        "cancelled_on": None,
        "amount": 1_005_000,
        "profit": None,
        "type": "one_off",
        "product": None,
        "segment": None,
        "region": "North",
    }
    assert (second["recognized_on"], second["region"]) == (None, None)
    assert third["amount"] == -50_001


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_is_inserted_then_unchanged(run: Import, kind: str) -> None:
    content = csv_text(list(GOOD[kind]), [list(GOOD[kind].values())])
    first, again = run(kind, content), run(kind, content)
    assert (first.inserted, first.updated, first.unchanged) == (1, 0, 0)
    assert (again.inserted, again.updated, again.unchanged) == (0, 0, 1)


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_is_updated_by_its_key(run: Import, engine: Engine, kind: str) -> None:
    field = {
        "customers": ("name", "Bea"),
        "retention": ("churned_mrr", "3"),
        "revenue_trend": ("backlog", "4"),
        "uptime": ("up_seconds", "98"),
        "targets": ("target", "11"),
        "risks": ("status", "closed"),
        "inventory": ("inventory_value", "11"),
    }.get(kind, ("amount", "11"))
    run(kind, csv_text(list(GOOD[kind]), [list(GOOD[kind].values())]))
    newer = GOOD[kind] | dict([field])
    result = run(kind, csv_text(list(newer), [list(newer.values())]))
    assert (result.inserted, result.updated, result.unchanged) == (0, 1, 0)
    (row,) = (r for r in rows_of(engine, KINDS[kind].table.name) if r.get("source") != "orders")
    parsed = KINDS[kind].field_named(field[0])
    assert parsed is not None
    stored = row[field[0]]
    assert (str(stored) if isinstance(stored, Decimal) else stored) == parsed.parse(field[1])


def test_new_changed_and_unchanged_rows_are_counted_apart(run: Import, engine: Engine) -> None:
    first = run("orders", csv_text(HEADER, THREE))
    newer = changed(THREE, 1, recognized_on="2024-02-02", amount="21")
    newer.append(["O4", "C3", "2024-02-03", "", "7", "one_off", "West"])
    second = run("orders", csv_text(HEADER, newer))
    assert (second.inserted, second.updated, second.unchanged) == (1, 1, 2)
    with engine.connect() as connection:
        owners = dict(
            connection.execute(select(orders.c.order_id, orders.c.import_id)).tuples().all()
        )
    kept, wrote = first.import_id, second.import_id
    assert owners == {"O1": kept, "O2": wrote, "O3": kept, "O4": wrote}


def test_a_row_is_matched_by_value_whatever_its_form(run: Import) -> None:
    header = ["kpi", "target"]
    run("targets", csv_text(header, [["gm", "0.50"]]))
    assert run("targets", csv_text(header, [["gm", "+0.5000"]])).unchanged == 1


def test_a_value_taken_away_is_a_change(run: Import, engine: Engine) -> None:
    run("orders", csv_text(HEADER, THREE))
    result = run("orders", csv_text(HEADER, changed(THREE, 0, region="", recognized_on="")))
    assert (result.updated, result.unchanged) == (1, 2)
    assert rows_of(engine, "orders")[0]["region"] is None


def test_an_import_records_who_when_and_what(run: Import, engine: Engine) -> None:
    result = run("orders", csv_text(HEADER, THREE))
    with engine.connect() as connection:
        row = connection.execute(select(imports)).mappings().one()
        version = connection.execute(select(data_version)).mappings().one()
    assert dict(row) == {
        "id": result.import_id,
        "kind": "orders",
        "filename": "orders.csv",
        "actor": "local",
        "imported_at": NOW,
        "inserted": 3,
        "updated": 0,
        "unchanged": 0,
        "demo": False,
        "undone_at": None,
        "undone_by": None,
    }
    assert version["version"] > 1
    assert version["changed_at"] == NOW


def test_a_dry_run_counts_and_writes_nothing(run: Import, counts: Counts) -> None:
    run("orders", csv_text(HEADER, THREE))
    before = counts()
    newer = [*changed(THREE, 1, amount="21"), ["O4", "C3", "2024-02-03", "", "7", "one_off", ""]]
    result = run("orders", csv_text(HEADER, newer), dry_run=True)
    assert result == loader.ImportResult(None, 1, 1, 2, ())
    assert counts() == before
    assert run("orders", csv_text(HEADER, newer)).inserted == 1


@pytest.mark.parametrize(
    "content",
    [
        "",
        ",".join(HEADER),
        csv_text(HEADER, [*THREE, ["O4", "C1", "2024-13-05", "", "1", "one_off", ""]]),
        csv_text(HEADER, [*THREE, ["O4", "C1", "2024-01-05", "", "1e5", "one_off", ""]]),
        csv_text(HEADER, [*THREE, THREE[0]]),
        csv_text(HEADER, THREE) + '"O4',
        csv_text(["order_id", *HEADER], [["O9", *THREE[0]]]),
        csv_text(HEADER[1:], THREE),
    ],
)
def test_a_bad_file_leaves_every_table_as_it_was(
    run: Import, counts: Counts, engine: Engine, content: str
) -> None:
    run("orders", csv_text(HEADER, changed(THREE, 0, amount="1")))
    before, stored = counts(), rows_of(engine, "orders")
    with pytest.raises(ImportRefused) as caught:
        run("orders", content)
    assert caught.value.errors
    assert counts() == before
    assert rows_of(engine, "orders") == stored
    assert run("orders", csv_text(HEADER, THREE)).updated == 1


def test_a_failure_while_writing_leaves_every_table_as_it_was(
    run: Import, counts: Counts, engine: Engine
) -> None:
    run("orders", csv_text(HEADER, THREE))
    before = counts()

    def fail(_c: object, _k: object, statement: str, *_rest: object) -> None:
        if statement.startswith("INSERT INTO orders"):
            raise OSError("the disk is gone")

    event.listen(engine, "before_cursor_execute", fail)
    newer = [*changed(THREE, 0, amount="1"), ["O4", "C3", "2024-02-03", "", "7", "one_off", ""]]
    with pytest.raises(OSError, match="the disk is gone"):
        run("orders", csv_text(HEADER, newer))
    event.remove(engine, "before_cursor_execute", fail)
    assert counts() == before
    assert run("orders", csv_text(HEADER, newer)).inserted == 1


def test_a_key_twice_in_a_file_is_named_with_both_lines(run: Import) -> None:
    rows = [*THREE, changed(THREE, 0, amount="1")[0], THREE[2], THREE[0]]
    with pytest.raises(ImportRefused) as caught:
        run("orders", csv_text(HEADER, rows))
    assert caught.value.rejected == 3
    assert [str(error) for error in caught.value.errors] == [
        "line 5, order_id: the same order_id is on line 2",
        "line 6, order_id: the same order_id is on line 4",
        "line 7, order_id: the same order_id is on line 2",
    ]


def test_bad_cells_and_repeated_keys_are_reported_together_in_line_order(run: Import) -> None:
    rows = [*THREE, THREE[0], changed(THREE, 0, order_id="O7", amount="x")[0], THREE[1]]
    with pytest.raises(ImportRefused) as caught:
        run("orders", csv_text(HEADER, rows))
    assert caught.value.rejected == 3
    assert [(error.line, error.column) for error in caught.value.errors] == [
        (5, "order_id"),
        (6, "amount"),
        (7, "order_id"),
    ]
    assert caught.value.detail.startswith("3 rows are bad and nothing was imported; line 5, ")


def test_a_key_of_two_fields_is_named_as_such(run: Import) -> None:
    rows = [
        ["web", "2024-01", "5", "5"],
        ["web", "2024-02", "5", "5"],
        ["web", "2024-01", "4", "5"],
    ]
    with pytest.raises(ImportRefused, match="the same service and period is on line 2"):
        run("uptime", csv_text(["service", "period", "up_seconds", "observed_seconds"], rows))


def test_no_more_than_twenty_repeats_are_listed(run: Import) -> None:
    rows = [["C1", f"name {number}"] for number in range(51)]
    with pytest.raises(ImportRefused) as caught:
        run("customers", csv_text(["customer_id", "name"], rows))
    assert caught.value.rejected == 50
    assert [error.line for error in caught.value.errors] == list(range(3, 23))


def test_a_customer_named_twice_alike_is_one_customer(run: Import, engine: Engine) -> None:
    rows = [["C1", "Ann", ""], ["C2", "Bea", "S"], ["C1", " Ann ", ""], ["C2", "Bea", "S"]]
    result = run("customers", csv_text(["customer_id", "name", "segment"], rows))
    assert result.inserted == 2
    assert [row["name"] for row in rows_of(engine, "customers")] == ["Ann", "Bea"]


def test_given_totals_stand_beside_those_kept_from_orders(run: Import, engine: Engine) -> None:
    run("orders", csv_text(HEADER, THREE))
    header = ["period", "recognized", "booked", "backlog"]
    result = run("revenue_trend", csv_text(header, [["2024-01", "1", "2", "3"]]))
    assert result.inserted == 1
    both = [row for row in rows_of(engine, "revenue_trend") if row["period"] == "2024-01"]
    assert {row["source"]: row["booked"] for row in both} == {"given": 20_000, "orders": 1_205_000}
    assert run("revenue_trend", csv_text(header, [["2024-01", "1", "2", "3"]])).unchanged == 1


def test_extra_columns_are_ignored_and_listed(run: Import) -> None:
    content = csv_text(["customer_id", "shoe", "name", "hat"], [["C1", "44", "Ann", "M"]])
    assert run("customers", content).ignored_columns == ("shoe", "hat")


def test_days_in_another_format_are_read_by_the_mapping(run: Import, engine: Engine) -> None:
    mapping = ColumnMapping(constants={"type": "one_off"}, date_format="%d.%m.%Y")
    content = csv_text(HEADER[:5], [["O1", "C1", "05.01.2024", "20.02.2024", "1"]])
    run("orders", content, mapping=mapping)
    (row,) = rows_of(engine, "orders")
    assert (row["booked_on"], row["recognized_on"]) == (date(2024, 1, 5), date(2024, 2, 20))


def test_the_superstore_file_imports_with_the_mapping_that_is_shipped(
    run: Import, engine: Engine
) -> None:
    shipped = (ROOT / "mappings/superstore.yaml").read_bytes()
    content = (ROOT / "tests/data/superstore.csv").read_text("utf-8")
    result = run("orders", content, mapping=read_mapping(shipped, ORDERS))
    assert result.inserted == 9_994
    people = run("customers", content, mapping=read_mapping(shipped, CUSTOMERS))
    assert people.inserted == 793
    months = {row["period"]: row for row in rows_of(engine, "revenue_trend")}
    assert months["2017-12"]["recognized"] == 970_534_590
    assert months["2017-12"]["booked"] == 838_293_188
    assert months["2017-12"]["backlog"] == 51_596_968
    year = sum(row["recognized"] for period, row in months.items() if period[:4] == "2017")
    assert year == 7_308_897_154
    with engine.connect() as connection:
        kinds = connection.execute(select(orders.c.type, func.count()).group_by(orders.c.type))
        assert [tuple(row) for row in kinds] == [("one_off", 9_994)]
    assert run("orders", content, mapping=read_mapping(shipped, ORDERS)).unchanged == 9_994


def test_amounts_that_do_not_add_up_in_the_database_are_refused(
    run: Import, counts: Counts
) -> None:
    most = "1000000000000"
    one_day = [[f"O{n}", "C", "2024-01-05", "", most, "one_off", ""] for n in range(1_000)]
    one_month = [
        [f"O{n}", "C", str(date(2024, 1, 1) + timedelta(n % 28)), "", most, "one_off", ""]
        for n in range(1_000)
    ]
    before = counts()
    for rows in (one_day, one_month):
        with pytest.raises(ImportRefused, match="add up to more than can be stored"):
            run("orders", csv_text(HEADER, rows))
        assert counts() == before


def test_two_imports_at_once_wait_for_each_other(run: Import, engine: Engine) -> None:
    rows = [[f"O{n}", "C", "2024-01-05", "", "1", "one_off", ""] for n in range(2_000)]
    content = csv_text(HEADER, rows)
    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(lambda _: run("orders", content), range(4)))
    assert sorted(result.inserted for result in results) == [0, 0, 0, 2_000]
    assert sorted(result.unchanged for result in results) == [0, 2_000, 2_000, 2_000]
    (month,) = rows_of(engine, "revenue_trend")
    assert month["booked_orders"] == 2_000


def test_names_are_values_and_never_sql(run: Import, engine: Engine) -> None:
    name = 'Robert\'); DROP TABLE customers;-- \\ %s ? :x "q" 🙂'
    run("customers", csv_text(["customer_id", "name"], [["C'1", name]]))
    assert rows_of(engine, "customers")[0]["name"] == name
