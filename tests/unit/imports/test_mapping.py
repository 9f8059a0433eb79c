"""Mapping files and --map: which column holds which field."""

from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.imports.kinds import CUSTOMERS, ORDERS
from api.imports.mapping import ColumnMapping, MappingError, read_mapping, with_columns

FILE = b"""
orders:
  columns: {order_id: Row ID, amount: Sales}
  constants: {type: one_off}
  date_format: "%d/%m/%Y"
customers: {}
"""


def test_a_file_has_a_section_per_kind() -> None:
    mapping = read_mapping(FILE, ORDERS)
    assert mapping.columns == {"order_id": "Row ID", "amount": "Sales"}
    assert mapping.constants == {"type": "one_off"}
    assert mapping.date_format == "%d/%m/%Y"
    assert read_mapping(FILE, CUSTOMERS) == ColumnMapping()


def test_an_assignment_wins_over_the_file() -> None:
    mapping = with_columns(read_mapping(FILE, ORDERS), ORDERS, ["amount=Net = x", "type=Kind"])
    assert mapping.columns == {"order_id": "Row ID", "amount": "Net = x", "type": "Kind"}
    assert mapping.constants == {}


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "a section per kind"),
        (b"- orders", "a section per kind"),
        (b"orders: [", "it is not YAML"),
        (b"\xff\xfe\x00", "it is not YAML"),
        (b"orders: 5", "mapping: orders: "),
        (b"customers: {}", "it has no section for orders"),
        (b"orders: {}\nproducts: {}", "'products' is not a kind; kinds are orders, customers"),
        (b"orders: {columns: {price: Sales}}", "orders has no field 'price'; fields are order_id"),
        (b"orders: {columns: {amount: 5}}", "orders.columns.amount: must be text; put it in quot"),
        (b"orders: {columns: {order_id: No}}", "orders.columns.order_id: must be text; put it in"),
        (b"orders: {columns: {amount: ''}}", "orders.columns.amount: "),
        (b"orders: {column: {amount: Sales}}", "orders.column: "),
        (b"orders: {constants: {type: once}}", "orders.constants.type: 'once' is not one of"),
        (b"orders: {columns: {type: T}, constants: {type: one_off}}", "both a column and a const"),
        (b"orders: {date_format: '%Y-%m'}", "does not give whole dates"),
        (b"orders: {date_format: '%d/%m/%y %'}", "does not give whole dates"),
        (b"orders: {date_format: 'day'}", "does not give whole dates"),
        (b"orders: {date_format: " + b"1:" * 300 + b"1.5}", "it is not YAML: int too large"),
        (b"orders: &a {}", "anchors and aliases (& and *) are not allowed"),
        (b"orders: *a", "anchors and aliases (& and *) are not allowed"),
        (b"orders: {<<: {columns: {}}}", "merge keys (<<) are not allowed"),
        (b"orders: !!int ''", "tags (!) are not allowed"),
        (b"#" * 70_000, "is larger than"),
        (b"[" * 60_000, "it is not YAML"),
    ],
)
def test_a_mapping_that_cannot_be_used_is_refused_with_the_place(
    content: bytes, reason: str
) -> None:
    with pytest.raises(MappingError) as caught:
        read_mapping(content, ORDERS)
    assert reason in caught.value.detail
    assert "\n" not in caught.value.detail


def test_a_few_lines_that_stand_for_millions_are_refused_at_once() -> None:
    levels = ["l0: &l0 {a: b}"]
    for number in range(1, 9):
        ten = ", ".join([f"*l{number - 1}"] * 10)
        levels.append(f"l{number}: &l{number} {{<<: [{ten}]}}")
    began = process_time()
    with pytest.raises(MappingError, match="anchors and aliases"):
        read_mapping("\n".join(levels).encode(), ORDERS)
    assert process_time() - began < 0.5


@given(st.binary(max_size=200))
def test_any_bytes_are_a_mapping_or_a_mapping_error(content: bytes) -> None:
    for wrapped in (content, b"orders: " + content):
        try:
            mapping = read_mapping(wrapped, ORDERS)
        except MappingError:
            continue
        assert isinstance(mapping, ColumnMapping)


@pytest.mark.parametrize("assignment", ["amount", "=Sales", "amount=", ""])
def test_an_assignment_is_field_equals_column(assignment: str) -> None:
    with pytest.raises(MappingError, match="write FIELD=COLUMN"):
        with_columns(ColumnMapping(), ORDERS, [assignment])


def test_an_assignment_to_an_unknown_field_is_refused() -> None:
    with pytest.raises(MappingError, match="orders has no field 'price'"):
        with_columns(ColumnMapping(), ORDERS, ["price=Sales"])
