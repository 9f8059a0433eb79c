"""A CSV that a spreadsheet opens as what it is, and never runs."""

import csv
import io

import pytest

from api.csv_files import Cell, safe_cell, write_csv


def written(header: list[str], rows: list[list[Cell]]) -> bytes:
    file = io.BytesIO()
    write_csv(file, header, rows)
    return file.getvalue()


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
    body = written(["one", "two", "three", "four", "five"], [row])
    assert body.startswith(b"\xef\xbb\xbfone,")
    lines = list(csv.reader(io.StringIO(body.decode("utf-8-sig"), newline="")))
    assert lines[1] == ['a,b"c', "two\nlines", "Zoë", "", "5"]
