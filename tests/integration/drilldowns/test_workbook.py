"""The same tables as Excel workbooks: numbers stay numbers, and nothing in them is a formula."""

import io
import zipfile
from decimal import Decimal
from xml.etree import ElementTree

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from api import xlsx_files
from tests.factories import add, order
from tests.integration.drilldowns.test_detail import ALL_METRICS, END
from tests.integration.drilldowns.test_rows import table
from tests.integration.drivers.company import Company

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
Cells = list[list[tuple[str, str]]]


def workbook(client: TestClient, path: str) -> Cells:
    """Each row's cells as (kind, text): ``n`` a number, ``inlineStr`` a text."""
    answer = client.get(path, params={"as_of": END})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == XLSX
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        sheet = ElementTree.fromstring(archive.read("xl/worksheets/sheet1.xml"))
    assert sheet.find(f".//{MAIN}f") is None  # not one formula
    return [[_cell(cell) for cell in row] for row in sheet.iter(f"{MAIN}row")]


def _cell(cell: ElementTree.Element) -> tuple[str, str]:
    return cell.get("t", "n"), "".join(cell.itertext())


def as_text(cell: tuple[str, str]) -> str | Decimal:
    return Decimal(cell[1]) if cell[0] == "n" else cell[1]


ROWS = [f"/api/kpis/{key}/rows" for key in ALL_METRICS]
PAGES = [f"/api/kpis/{key}" for key in ALL_METRICS]


@pytest.mark.parametrize("path", ["/api/export", *PAGES, *ROWS])
def test_a_workbook_holds_what_the_csv_holds(client: TestClient, engine: Engine, path: str) -> None:
    Company(engine, seed=23, orders=60)
    lines = table(client, f"{path}.csv")
    header, *rows = workbook(client, f"{path}.xlsx")
    assert len(rows) == len(lines)
    for line, row in zip(lines, rows, strict=True):
        assert [name for _, name in header] == list(line)
        filled = [text for text in line.values() if text != ""]
        assert len(filled) == len(row)
        for text, cell in zip(filled, row, strict=True):
            shown = as_text(cell)
            assert shown == (text if isinstance(shown, str) else pytest.approx(Decimal(text)))


def test_negative_amounts_are_numbers_and_formulas_are_text(
    client: TestClient, engine: Engine
) -> None:
    bad = ["=HYPERLINK(1)", "+1", "-1+1", "@x", "https://example.org", "007", "1.10", "a\x01b"]
    orders = (
        order("2025-05-01", "-12.50", recognized_on="2025-05-02", product=text, order_id=f"O-{i}")
        for i, text in enumerate(bad)
    )
    add(engine, "orders", *orders)
    header, *rows = workbook(client, "/api/kpis/revenue/rows.xlsx")
    names = [name for _, name in header]
    cells = [cell for row in rows for cell in row]
    assert {as_text(cell) for cell in cells if cell[0] == "n"} == {Decimal("-12.5")}
    assert "amount" in names
    texts = {text for kind, text in cells if kind == "inlineStr"}
    assert {text.replace("\x01", "") for text in bad} <= texts


def test_more_rows_than_a_sheet_holds_are_refused_with_the_way_out(
    client: TestClient, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(xlsx_files, "MOST_ROWS", 2)
    recognized = (order("2025-05-01", 1, recognized_on="2025-05-02") for _ in range(3))
    add(engine, "orders", *recognized)
    answer = client.get("/api/kpis/revenue/rows.xlsx", params={"as_of": END})
    assert answer.status_code == 400
    assert "take CSV" in answer.json()["detail"]
