"""A CSV that a spreadsheet opens as what it is, and never runs."""

import asyncio
import csv
import io
from collections.abc import Iterator

import pytest

from api.csv_files import BYTES_IN_MEMORY, Cell, csv_response, safe_cell


async def body_of(header: list[str], rows: Iterator[list[Cell]]) -> bytes:
    response = csv_response(header, rows, "rows.csv")
    chunks = [chunk async for chunk in response.body_iterator]
    assert all(isinstance(chunk, bytes) for chunk in chunks)
    return b"".join(chunk for chunk in chunks if isinstance(chunk, bytes))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("=1+1", "'=1+1"),
        ("+44 20", "'+44 20"),
        ("-2+3", "'-2+3"),
        ("-", "'-"),
        ("--1", "'--1"),
        ("-1 ", "'-1 "),
        ("-1\n=1", "'-1\n=1"),
        ("-\u0661", "'-\u0661"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\r=1"),
        ("\n=1", "'\n=1"),
        ("\uff1d1+1", "'\uff1d1+1"),
        ("-12.50", "-12.50"),
        ("-12", "-12"),
        (-0.5, "-0.5"),
        (-1e-07, "-1e-07"),
        (None, ""),
        ("a=b", "a=b"),
        ("12.50", "12.50"),
        (7, "7"),
    ],
)
def test_only_real_negative_numbers_may_start_like_a_formula(value: Cell, text: str) -> None:
    assert safe_cell(value) == text


def test_cells_survive_commas_quotes_lines_and_letters() -> None:
    row: list[Cell] = ['a,b"c', "two\nlines", "Zoë", None, 5]
    body = asyncio.run(body_of(["one", "two", "three", "four", "five"], iter([row])))
    assert body.startswith(b"\xef\xbb\xbfone,")
    lines = list(csv.reader(io.StringIO(body.decode("utf-8-sig"), newline="")))
    assert lines[1] == ['a,b"c', "two\nlines", "Zoë", "", "5"]


def test_many_rows_leave_in_chunks_and_in_order() -> None:
    count = BYTES_IN_MEMORY // 20
    body = asyncio.run(body_of(["n"], ([f"{number:030}"] for number in range(count))))
    numbers = [int(line) for line in body.decode("utf-8-sig").splitlines()[1:]]
    assert numbers == list(range(count))


def test_rows_that_cannot_be_read_fail_before_anything_is_sent() -> None:
    def rows() -> Iterator[list[Cell]]:
        yield ["fine"]
        raise ConnectionError

    with pytest.raises(ConnectionError):
        csv_response(["n"], rows(), "rows.csv")
