"""The CSV reader: whatever is well-formed reads back, whatever is not is named by its line."""

import csv
import io
from collections.abc import Sequence
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.imports import reader
from api.imports.errors import ImportRefused
from api.imports.kinds import CUSTOMERS, KINDS, ORDERS, Kind
from api.imports.mapping import ColumnMapping
from api.imports.reader import RowReader, csv_rows, decoded

CELLS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20)
HEADER = "customer_id,name,region"


def read_bytes(content: bytes) -> list[tuple[int, list[str]]]:
    return list(csv_rows(decoded(io.BytesIO(content))))


def read(kind: Kind, content: str | bytes, **columns: str) -> RowReader:
    raw = content.encode() if isinstance(content, str) else content
    return RowReader(kind, decoded(io.BytesIO(raw)), ColumnMapping(columns=columns))


def refused(kind: Kind, content: str | bytes) -> ImportRefused:
    with pytest.raises(ImportRefused) as caught:
        list(read(kind, content))
    return caught.value


@given(st.lists(st.lists(CELLS, min_size=1, max_size=5), max_size=8))
def test_whatever_the_csv_module_writes_reads_back(rows: list[list[str]]) -> None:
    written = io.StringIO(newline="")
    csv.writer(written).writerows(rows)
    assert [cells for _, cells in read_bytes(written.getvalue().encode())] == rows


@given(st.binary(max_size=300))
def test_any_bytes_are_rows_or_an_import_error(content: bytes) -> None:
    for kind in KINDS.values():
        with suppress(ImportRefused):  # and nothing else
            list(read(kind, content))


@given(
    header=st.lists(st.sampled_from(["order_id", "amount", "type", "", '"', "x\n", "é"])),
    body=st.text(st.sampled_from('a1",\n\r\t-.;é\0')),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252"]),
)
def test_any_header_and_text_are_rows_or_an_import_error(
    header: Sequence[str], body: str, encoding: str
) -> None:
    with suppress(ImportRefused):
        list(read(ORDERS, (",".join(header) + "\n" + body).encode(encoding)))


def test_a_byte_order_mark_and_windows_line_ends_change_nothing() -> None:
    plain = f"{HEADER}\nC1,Ann,North\nC2,Bea,South\n".encode()
    windows = b"\xef\xbb\xbf" + plain.replace(b"\n", b"\r\n")
    assert list(read(CUSTOMERS, windows)) == list(read(CUSTOMERS, plain))


def test_lines_are_counted_where_rows_start_also_after_quoted_line_breaks() -> None:
    content = f'{HEADER}\nC1,"Ann\nMarie\nLee",North\n\nC2,Bea,South\n'
    rows = read(CUSTOMERS, content)
    assert [(row[0], row[2]) for row in rows] == [(2, "Ann\nMarie\nLee"), (6, "Bea")]


def test_the_last_line_needs_no_line_end() -> None:
    assert len(list(read(CUSTOMERS, f"{HEADER}\nC1,Ann,North"))) == 1


def test_columns_may_stand_in_any_order_and_extra_ones_are_listed() -> None:
    rows = read(CUSTOMERS, "shoe size, name ,customer_id,\n44,Ann,C1,\n")
    assert [row[1:3] for row in rows] == [["C1", "Ann"]]
    assert rows.ignored_columns == ("shoe size",)


def test_a_column_name_may_be_broken_over_lines() -> None:
    content = 'customer_id,"Full\nname"\nC1,Ann\n'
    assert [row[2] for row in read(CUSTOMERS, content, name="Full name")] == ["Ann"]
    assert [row[2] for row in read(CUSTOMERS, content, name="Full\nname")] == ["Ann"]


def test_a_field_is_read_from_the_column_that_the_mapping_names() -> None:
    rows = read(CUSTOMERS, "Key,Who,name\nC1,Ann,other\n", customer_id="Key", name="Who")
    assert [row[1:3] for row in rows] == [["C1", "Ann"]]
    assert rows.ignored_columns == ("name",)


@pytest.mark.parametrize(
    ("content", "line", "reason"),
    [
        (b"", 1, "the file is empty"),
        (b"\n\n", 1, "the file is empty"),
        (b"\xef\xbb\xbf", 1, "the file is empty"),
        (HEADER.encode(), 1, "a header and no rows"),
        (f"{HEADER}\n\n".encode(), 1, "a header and no rows"),
        (f"{HEADER}\nC1,Zoë,N\n".encode("cp1252"), 2, "byte 6 (0xeb) is not UTF-8"),
        (f"{HEADER}\n".encode("utf-16"), 1, "UTF-16; save it as UTF-8"),
        (f"{HEADER}\n".encode("utf-16-le"), 1, "NUL byte"),
        (f"{HEADER}\nC1,A\0nn,N\n".encode(), 2, "NUL byte"),
        (f'{HEADER}\nC1,Ann,N\nC2,"Bea,S\n'.encode(), 3, "never closed"),
        (f'{HEADER}\nC1,"Ann"x,N\n'.encode(), 2, "text after its closing quote"),
        (f"{HEADER}\rC1,Ann,N\r".encode(), 1, "bare carriage return"),
        (f'{HEADER}\nC1,"{"x" * 200_000}",N\n'.encode(), 2, "a cell is too long"),
        (f"{HEADER}\nC1,{'x' * reader.MAX_ROW_BYTES},N\n".encode(), 2, "is longer than"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_at_its_line(
    content: bytes, line: int, reason: str
) -> None:
    error = refused(CUSTOMERS, content)
    assert [found.line for found in error.errors] == [line]
    assert reason in error.errors[0].reason
    assert reason in error.detail


def test_a_row_of_many_quoted_lines_is_bounded() -> None:
    cell = '"' + "x\n" * 1_000 + '",'
    content = f"{HEADER}\n" + cell.replace("\n", "\n") * 600
    assert "ends a row longer than" in refused(CUSTOMERS, content).errors[0].reason


@pytest.mark.parametrize(
    ("header", "column", "reason"),
    [
        ("customer_id,region", "name", "is missing (--map name=COLUMN)"),
        ("customer_id,name,name", "name", "is the name of two columns"),
        ("customer_id,name,x,x", "x", "is the name of two columns"),
        ("customer_id,Name", "name", "is missing"),
        ("customer_id,name,\x1b[31m", None, "the name of column 3 is not printable"),
        ("customer_id,name," + "x" * 300, None, "the name of column 3 is longer than"),
        ("customer_id,name" + ",x" * 1_000, None, "has 1002 columns, at most"),
    ],
)
def test_a_header_that_does_not_fit_is_refused(
    header: str, column: str | None, reason: str
) -> None:
    error = refused(CUSTOMERS, f"{header}\n1,2,3\n").errors[0]
    assert (error.line, error.column) == (1, column)
    assert reason in error.reason


def test_a_header_with_other_separators_is_refused_with_the_cause() -> None:
    assert "separated by semicolons" in refused(CUSTOMERS, "customer_id;name\nC1;Ann\n").summary
    assert "separated by tabs" in refused(CUSTOMERS, "customer_id\tname\nC1\tAnn\n").summary


def test_a_mapped_column_that_the_file_has_not_is_refused_even_for_an_optional_field() -> None:
    with pytest.raises(ImportRefused, match=r"line 1, Area: is missing"):
        read(CUSTOMERS, f"{HEADER}\nC1,Ann,N\n", region="Area")


def test_every_bad_row_is_counted_and_the_first_twenty_are_named() -> None:
    good, bad = "O{},C,2024-01-05,5,one_off", "O{},C,2024-01-05,five,one_off"
    lines = ["order_id,customer_id,booked_on,amount,type"]
    lines += [(bad if number % 2 else good).format(number) for number in range(100)]
    rows = read(ORDERS, "\n".join(lines))
    assert len(list(rows)) == 50
    assert rows.rejected == 50
    assert [error.line for error in rows.errors] == list(range(3, 43, 2))
    assert {error.column for error in rows.errors} == {"amount"}
    assert rows.errors[0].reason == "'five' is not an amount such as 1234.56"


def test_a_row_with_too_few_or_too_many_cells_is_bad() -> None:
    rows = read(CUSTOMERS, f"{HEADER}\nC1,Ann\nC2,Bea,S,more\n")
    assert list(rows) == []
    assert [error.reason for error in rows.errors] == [
        "has 2 cells, the header has 3",
        "has 4 cells, the header has 3",
    ]


def test_a_required_cell_may_not_be_empty_and_an_optional_one_may() -> None:
    rows = read(CUSTOMERS, f"{HEADER}\nC1,,N\nC2,  ,N\nC3,Cem,\n")
    assert list(rows) == [[4, "C3", "Cem", None, None, None, None]]
    assert [(error.line, error.column, error.reason) for error in rows.errors] == [
        (2, "name", "is empty"),
        (3, "name", "is empty"),
    ]


def test_errors_name_the_column_as_the_file_does() -> None:
    rows = read(
        ORDERS,
        "order_id,customer_id,booked_on,Shipped,amount,type\nO,C,2024-01-05,2024-01-04,1,one_off",
        recognized_on="Shipped",
    )
    assert list(rows) == []
    assert rows.errors[0].column == "Shipped"
