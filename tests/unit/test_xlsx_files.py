"""A workbook is text as it is, and numbers."""

import io
import zipfile
from xml.etree import ElementTree

import pytest

from api.csv_files import Cell, Number
from api.xlsx_files import write_xlsx

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def sheet_of(header: list[str], rows: list[list[Cell]]) -> ElementTree.Element:
    file = io.BytesIO()
    write_xlsx(file, header, rows)
    with zipfile.ZipFile(file) as book:
        assert book.testzip() is None
        return ElementTree.fromstring(book.read("xl/worksheets/sheet1.xml"))


@pytest.mark.parametrize("text", ["=1+1", "https://kpi.corp", "  both  ", "<&>\"'", "\U0001f9ee"])
def test_a_text_is_shown_as_it_is(text: str) -> None:
    (cell,) = list(sheet_of(["n"], [[text]]).iter(f"{MAIN}c"))[1:]
    assert cell.get("t") == "inlineStr"
    assert "".join(cell.itertext()) == text


def test_numbers_are_numbers_and_every_cell_knows_its_place() -> None:
    row: list[Cell] = [Number("-1234.5678"), 1e-07, 7, None, *("x" * 24)]
    cells = list(sheet_of([f"c{number}" for number in range(28)], [row]).iter(f"{MAIN}c"))[28:]
    numbers = [float(cell.findtext(f"{MAIN}v", "")) for cell in cells[:3]]
    assert numbers == [-1234.5678, 1e-07, 7]
    assert [cell.get("r") for cell in cells[:4]] == ["A2", "B2", "C2", "E2"]
    assert [cell.get("r") for cell in cells[-3:]] == ["Z2", "AA2", "AB2"]


def test_the_header_is_bold_and_stays_in_sight() -> None:
    sheet = sheet_of(["n", "a name that is longer"], [["x" * 100, "y"]])
    assert [cell.get("s") for cell in sheet.iter(f"{MAIN}c")] == ["1", "1", None, None]
    (pane,) = sheet.iter(f"{MAIN}pane")
    assert (pane.get("state"), pane.get("ySplit")) == ("frozen", "1")
