"""Readers of other locales: numbers of a page are in their writing, and files are in nobody's."""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import Service, start_service, watched
from tests.e2e.test_screen import open_page

PAGES = (
    "/dashboard",
    "/sales/kpis/pipeline",
    "/supply",
    "/finance/kpis/gm",
    "/finance/kpis/payback",
    "/operations/uptime",
    "/reliability?objective=ttfb",
)
NUMBER = re.compile(r"(?<![\w.,:])\d[\d.,\u202f\u00a0]*\d(?![\w:])|(?<![\w.,:])\d(?![\w:])")
RELEASE = re.compile(r"\d\d?(\.\d\d?){2}")  # a name, whoever reads it
CURRENCY = "CHF\u00a0"  # a word, with a space that does not break


@dataclass(frozen=True)
class Writing:
    """How a locale writes numbers."""

    locale: str
    group: str
    decimal: str

    def written(self, number: float, digits: int) -> str:
        """A number as its reader expects it."""
        english = f"{abs(number):,.{digits}f}"
        return english.translate({ord(","): self.group, ord("."): self.decimal})

    def strange(self, text: str) -> list[str]:
        """Numbers in a text that are written in another way."""
        whole = rf"\d{{1,3}}({re.escape(self.group)}\d{{3}})+|\d+"
        own = re.compile(rf"({whole})({re.escape(self.decimal)}\d+)?")
        found = (one.rstrip("\u202f\u00a0.,") for one in NUMBER.findall(text))
        return [one for one in found if not own.fullmatch(one) and not RELEASE.fullmatch(one)]


WRITINGS = (
    Writing("de-DE", ".", ","),
    Writing("fr-FR", "\u202f", ","),
    Writing("fa-IR", ",", "."),  # of its digits the Latin ones, as in all the words
)


@pytest.fixture(scope="module")
def swiss_service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """Demo data in a currency that is no sign."""
    folder = tmp_path_factory.mktemp("swiss")
    service = start_service(folder, "--demo", settings={"EXECDASH_CURRENCY": "CHF"})
    yield service
    service.stop()


@pytest.fixture(params=WRITINGS, ids=lambda writing: writing.locale)
def writing(request: pytest.FixtureRequest) -> Writing:
    chosen: Writing = request.param
    return chosen


@pytest.fixture
def reader(browser: Browser, writing: Writing) -> Iterator[Page]:
    context = browser.new_context(
        viewport={"width": 1440, "height": 900}, locale=writing.locale, timezone_id="Europe/Zurich"
    )
    yield from watched(context)


@pytest.mark.parametrize("path", PAGES)
def test_every_number_of_a_page_is_in_the_readers_writing(
    reader: Page, swiss_service: Service, writing: Writing, path: str
) -> None:
    open_page(reader, swiss_service, path)
    text = reader.get_by_role("main").inner_text()
    assert len(NUMBER.findall(text)) > 20
    assert writing.strange(text) == []
    assert "£" not in text


def test_a_number_is_the_same_wherever_it_stands(
    reader: Page, swiss_service: Service, writing: Writing
) -> None:
    detail = reader.request.get(f"{swiss_service.url}/api/kpis/revenue").json()
    value, end = detail["value"], detail["timeframe"]["end_date"]
    open_page(reader, swiss_service, "/dashboard")
    reader.get_by_role("button", name="Recognized Revenue", exact=True).click()
    dialog = reader.get_by_role("dialog")
    worked = dialog.get_by_test_id("worked-formula")
    expect(worked).to_contain_text(writing.written(value, 2))
    compact = f"{CURRENCY}{writing.written(value / 1e6, 1)}M"
    expect(dialog.get_by_role("heading", level=2)).to_contain_text(compact)
    year, _, day = end.split("-")
    expect(dialog).to_contain_text(re.compile(rf"to {int(day)} [A-Z][a-z]{{2}} {year}"))
    expect(dialog.get_by_role("table")).to_be_visible()
    assert writing.strange(dialog.inner_text()) == []


def test_files_are_in_no_readers_writing(
    reader: Page, swiss_service: Service, writing: Writing, tmp_path: Path
) -> None:
    points = reader.request.get(f"{swiss_service.url}/api/kpis/revenue").json()["series"]
    open_page(reader, swiss_service, "/finance/kpis/revenue")
    reader.get_by_role("button", name="View as table: Over time").click()
    with reader.expect_download() as table:
        reader.get_by_role("link", name="Download as CSV: Over time").click()
    rows = list(csv.reader(io.StringIO(table.value.path().read_text(encoding="utf-8-sig"))))
    assert [float(row[1]) for row in rows[1 : len(points) + 1]] == [
        point["value"] for point in points
    ]
    with reader.expect_download() as file:
        reader.keyboard.press("e")
    as_asked = reader.request.get(f"{swiss_service.url}/api/kpis/revenue.csv").body()
    assert file.value.path().read_bytes() == as_asked
