"""A workbook is text and numbers as they are, and costs little more than the same CSV."""

import io
import re
import zipfile
from collections.abc import Callable
from time import thread_time
from xml.etree import ElementTree

import pytest

from api.csv_files import Cell, Number, write_csv
from api.xlsx_files import write_xlsx

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
MOST_TIMES_CSV = 9  # five when it was written; a library for any workbook took eighteen


def sheet_of(header: list[str], rows: list[list[Cell]]) -> ElementTree.Element:
    file = io.BytesIO()
    write_xlsx(file, header, rows)
    with zipfile.ZipFile(file) as book:
        assert book.testzip() is None
        parts = {name: ElementTree.fromstring(book.read(name)) for name in book.namelist()}
    return parts["xl/worksheets/sheet1.xml"]


def shown(text: str) -> str:
    """What a spreadsheet makes of a text: it reads ``_x0041_`` as a character."""
    return re.sub("_x([0-9A-Fa-f]{4})_", lambda found: chr(int(found[1], 16)), text)


@pytest.mark.parametrize(
    "text", ["_x0041_", "_x000D_", "a_x00e9_b", "_x", "two\r\nlines", "  both  ", "<&>\"'", "🧮"]
)
def test_a_text_is_shown_as_it_is(text: str) -> None:
    (cell,) = list(sheet_of(["n"], [[text]]).iter(f"{MAIN}c"))[1:]
    assert cell.get("t") == "inlineStr"
    assert shown("".join(cell.itertext())) == text


def test_numbers_are_exact_and_every_cell_knows_its_place() -> None:
    row: list[Cell] = [Number("-922337203685477.5807"), 1e-07, 7, None, *("x" * 24)]
    cells = list(sheet_of([f"c{number}" for number in range(28)], [row]).iter(f"{MAIN}c"))[28:]
    numbers = [cell.findtext(f"{MAIN}v") for cell in cells[:3]]
    assert numbers == ["-922337203685477.5807", "1e-07", "7"]
    assert [cell.get("r") for cell in cells[:4]] == ["A2", "B2", "C2", "E2"]
    assert [cell.get("r") for cell in cells[-3:]] == ["Z2", "AA2", "AB2"]


def test_the_header_is_bold_stays_in_sight_and_columns_are_as_wide_as_what_they_hold() -> None:
    sheet = sheet_of(["n", "a name that is longer"], [["x" * 100, "y"]])
    assert [cell.get("s") for cell in sheet.iter(f"{MAIN}c")] == ["1", "1", None, None]
    (pane,) = sheet.iter(f"{MAIN}pane")
    assert (pane.get("state"), pane.get("ySplit")) == ("frozen", "1")
    assert [column.get("width") for column in sheet.iter(f"{MAIN}col")] == ["41", "22"]


def test_a_workbook_costs_little_more_than_the_same_csv() -> None:
    row: list[Cell] = ["SO-1", "A customer & Co", "2025-05-01", None, Number("1234.5678"), "West"]
    header, rows = [f"c{number}" for number in range(12)], [row * 2] * 3000

    def seconds(write: Callable[..., None]) -> float:
        began = thread_time()
        write(io.BytesIO(), header, rows)
        return thread_time() - began

    csv, workbook = (min(seconds(write) for _ in range(5)) for write in (write_csv, write_xlsx))
    assert workbook < MOST_TIMES_CSV * csv, f"{workbook / csv:.1f} times"
