"""What is around the numbers: keys, palette, kiosk, paper, files, themes."""

import csv
import io
import re
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.clock import let_pass
from tests.e2e.conftest import Service
from tests.e2e.test_accessible import violations
from tests.e2e.test_screen import CARDS, open_dashboard

SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
A4_LANDSCAPE = rb"/MediaBox \[0 0 84[12](\.\d+)? 59[45](\.\d+)?\]"


def wait_for_keys(page: Page) -> None:
    """Keys come when the page is idle: press until one is heard."""
    expect(page.get_by_role("main")).to_be_visible()
    dialog = page.get_by_role("dialog", name="Keyboard shortcuts")
    for _ in range(50):
        page.keyboard.press("?")
        page.wait_for_timeout(200)
        if dialog.is_visible():
            break
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)


def test_keys_switch_the_window_and_the_theme(page: Page, demo_service: Service) -> None:
    open_dashboard(page, demo_service)
    wait_for_keys(page)
    page.keyboard.press("q")
    expect(page).to_have_url(re.compile("granularity=quarter"))
    page.keyboard.press("6")
    expect(page).to_have_url(re.compile("range=6m"))
    page.keyboard.press("t")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.keyboard.press("r")
    expect(page).to_have_url(re.compile(r"/reliability\?range=6m"))


FIRST_SEEN = """new MutationObserver((_, observer) => {
  if (document.body === null) return
  observer.disconnect()
  window.firstSeen = document.documentElement.dataset.theme ?? 'the system'
}).observe(document, { childList: true, subtree: true })"""


def test_a_theme_that_was_chosen_is_there_before_anything_else_is(
    page: Page, demo_service: Service
) -> None:
    page.add_init_script(FIRST_SEEN)
    open_dashboard(page, demo_service)
    for other in ("dark", "light", "dark"):
        page.get_by_role("button", name=f"Switch to the {other} theme").click()
    page.reload()
    assert page.evaluate("window.firstSeen") == "dark"
    page.get_by_role("button", name="Switch to the light theme").click()
    page.goto(f"{demo_service.url}/supply")
    assert page.evaluate("window.firstSeen") == "the system"


NO_COOKIES = "Object.defineProperty(document, 'cookie', { get: () => '', set() {} })"


def test_a_theme_lasts_as_long_as_the_page_where_cookies_are_refused(
    page: Page, demo_service: Service
) -> None:
    page.add_init_script(NO_COOKIES)
    open_dashboard(page, demo_service)
    for other in ("dark", "light", "dark"):
        page.get_by_role("button", name=f"Switch to the {other} theme").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


def test_single_keys_can_be_switched_off_and_the_palette_stays(
    page: Page, demo_service: Service
) -> None:
    open_dashboard(page, demo_service)
    wait_for_keys(page)
    page.keyboard.press("?")
    page.get_by_role("checkbox").uncheck()
    assert violations(page) == []
    page.get_by_role("button", name="Close").click()
    page.keyboard.press("q")
    page.keyboard.press("Control+k")
    expect(page.get_by_role("combobox", name="Search commands")).to_be_focused()
    assert "quarter" not in page.url
    page.keyboard.type("keyboard short")
    page.keyboard.press("Enter")
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name="Close").click()
    page.keyboard.press("q")
    expect(page).to_have_url(re.compile("granularity=quarter"))


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_palette_leads_anywhere_by_keyboard_and_gives_the_focus_back(
    page: Page, demo_service: Service, theme: str
) -> None:
    page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
    open_dashboard(page, demo_service)
    button = page.get_by_role("button", name="Commands")
    button.focus()
    page.keyboard.press("Enter")
    field = page.get_by_role("combobox", name="Search commands")
    expect(field).to_be_focused()
    assert violations(page) == []
    page.keyboard.press("Escape")
    expect(button).to_be_focused()
    page.keyboard.press("Enter")
    field.fill("margin")
    chosen = page.get_by_role("dialog").get_by_role("option", selected=True)
    expect(chosen).to_contain_text("Gross margin")
    page.keyboard.press("ArrowDown")
    expect(chosen).to_contain_text("Why it moved")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/finance/kpis/gm"))


def test_a_palette_without_a_match_says_so(page: Page, demo_service: Service) -> None:
    open_dashboard(page, demo_service)
    page.get_by_role("button", name="Commands").click()
    page.get_by_role("combobox", name="Search commands").fill("no such thing")
    expect(page.get_by_text("Nothing is called")).to_be_visible()


def test_a_wall_shows_all_numbers_and_nothing_to_press(page: Page, demo_service: Service) -> None:
    open_dashboard(page, demo_service, "?kiosk=1")
    for label in CARDS:
        expect(page.get_by_role("link", name=label, exact=True).first).to_be_in_viewport()
        expect(page.get_by_role("heading", name=label, exact=True)).to_be_in_viewport()
    expect(page.locator("html")).to_have_attribute("data-kiosk", "")
    expect(page.get_by_text(re.compile(r"^as of \d"))).to_be_visible()
    assert page.get_by_role("button").filter(visible=True).all_inner_texts() == ["Leave kiosk mode"]
    size = page.evaluate(
        "[document.scrollingElement.scrollWidth, document.scrollingElement.scrollHeight]"
    )
    assert size == [1920, 1080]
    assert violations(page) == []
    page.get_by_role("button", name="Leave kiosk mode").focus()
    page.keyboard.press("Enter")
    expect(page).not_to_have_url(re.compile("kiosk"))
    expect(page.get_by_role("navigation", name="Pages")).to_be_visible()


def test_the_first_screen_is_one_page_of_paper(
    page: Page, demo_service: Service, tmp_path: Path
) -> None:
    open_dashboard(page, demo_service)
    page.wait_for_load_state("networkidle")
    printed = page.pdf(prefer_css_page_size=True, print_background=True)
    assert len(re.findall(rb"/Type\s*/Page[^s]", printed)) == 1
    assert re.search(A4_LANDSCAPE, printed)
    page.emulate_media(media="print")
    for heading in ("Backlog", "Recognized Revenue", "Forecast"):
        expect(page.get_by_role("heading", name=heading, exact=True)).to_be_visible()
    expect(page.get_by_role("button", name="Booked", exact=True)).to_be_visible()
    expect(page.get_by_role("button", name=re.compile(r"^as of \d"))).to_be_visible()
    expect(page.get_by_role("group", include_hidden=True).filter(visible=True)).to_have_count(0)
    for pressed in ("Details", "Acknowledge", "Snooze", "Why?"):
        expect(page.get_by_text(pressed, exact=True).first).to_be_hidden()


def test_the_screen_is_exported_as_csv_and_excel(page: Page, demo_service: Service) -> None:
    open_dashboard(page, demo_service, "?range=6m")
    with page.expect_download() as csv_file:
        page.get_by_role("link", name="CSV of this screen").click()
    text = csv_file.value.path().read_text(encoding="utf-8-sig")
    assert {"backlog", "forecast"} <= {row["key"] for row in csv.DictReader(io.StringIO(text))}
    with page.expect_download() as workbook:
        page.get_by_role("link", name="Excel of this screen").click()
    assert workbook.value.suggested_filename.endswith(".xlsx")
    assert zipfile.is_zipfile(workbook.value.path())


@pytest.mark.parametrize(("key", "link"), [("e", "This page as CSV"), ("x", "This page as Excel")])
def test_a_drill_down_exports_itself_by_key_and_by_link(
    page: Page, demo_service: Service, key: str, link: str
) -> None:
    asked = "range=6m&granularity=month&compare=year_ago"
    page.goto(f"{demo_service.url}/finance/kpis/revenue?{asked}&by=region&drivers_by=segment")
    region = page.get_by_role("region", name="Breakdown").locator("tbody th button").first
    name = region.inner_text()
    region.click()
    expect(page.get_by_role("list", name="Filters")).to_contain_text(name)
    expect(page.locator("[aria-busy=true]")).to_have_count(0)
    value = page.get_by_test_id("kpi-value").inner_text()
    wait_for_keys(page)
    with page.expect_download() as by_key:
        page.keyboard.press(key)
    with page.expect_download() as by_link:
        page.get_by_role("link", name=link).click()
    assert by_key.value.suggested_filename.startswith("revenue-")
    header, *rows = lines_of(by_key.value.path())
    assert lines_of(by_link.value.path()) == [header, *rows]
    lines = [dict(zip(header, row, strict=True)) for row in rows]
    assert {line["filters"] for line in lines} == {f"region={name}"}
    assert {line["compare"] for line in lines} == {"year_ago"}
    assert {line["by"] for line in lines if line["section"] == "driver"} == {"segment"}
    assert len([line for line in lines if line["section"] == "series"]) == 6
    (own,) = [line for line in lines if line["section"] == "value"]
    assert value == f"£{float(own['value']) / 1e6:.3g}M"
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_contain_text("Export this page as CSV")


def lines_of(file: Path) -> list[list[str]]:
    """A CSV or a workbook, as the texts of its cells."""
    if not zipfile.is_zipfile(file):
        content = file.read_bytes()
        assert content.startswith(b"\xef\xbb\xbf")
        return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    with zipfile.ZipFile(file) as archive:
        sheet = ElementTree.fromstring(archive.read("xl/worksheets/sheet1.xml"))
    rows = [
        {re.sub(r"\d", "", cell.get("r", "")): "".join(cell.itertext()) for cell in row}
        for row in sheet.iter(f"{SHEET}row")
    ]
    return [[row.get(column, "") for column in rows[0]] for row in rows]


def test_a_charts_table_is_exported_with_exact_numbers(page: Page, demo_service: Service) -> None:
    open_dashboard(page, demo_service)
    page.get_by_role("button", name="View as table: Revenue trend").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download as CSV: Revenue trend").click()
    assert download.value.suggested_filename == "revenue-trend.csv"
    text = download.value.path().read_text(encoding="utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert len(rows) >= 12
    assert re.fullmatch(r"\d{4}-\d{2}", rows[0]["Period"])
    assert float(rows[0]["Recognized"]) > 1000
    exported = page.evaluate("performance.getEntriesByName('execdash:export_csv')[0].detail")
    assert exported == {"from": "/dashboard", "to": "csv table"}


@pytest.mark.parametrize(
    ("path", "title"),
    [
        ("/supply", "Roll-forward"),
        ("/supply", "What moved it"),
        ("/finance/kpis/gm", "Gross Margin by region"),
        ("/operations/uptime", "Minutes lost by service"),
        ("/reliability?objective=ttfb", "Time to first byte: Standard windows"),
    ],
)
def test_every_table_is_a_workbook_too_with_the_same_cells_as_its_csv(
    page: Page, demo_service: Service, path: str, title: str
) -> None:
    page.goto(f"{demo_service.url}{path}")
    as_table = page.get_by_role("button", name=f"View as table: {title}")
    expect(page.get_by_role("table").first).to_be_visible()
    if as_table.count():
        as_table.click()
    files = []
    for kind in ("CSV", "Excel"):
        with page.expect_download() as download:
            page.get_by_role("link", name=f"Download as {kind}: {title}", exact=True).click()
        files.append(download.value.path())
    lines = list(csv.reader(io.StringIO(files[0].read_text(encoding="utf-8-sig"))))
    assert len(lines) > 1
    cells = sheet_cells(files[1])
    assert [[text for _, text in row] for row in cells] == [
        [text.removeprefix("'") for text in line] for line in lines
    ]
    assert any(kind == "n" and text for row in cells for kind, text in row)


def sheet_cells(workbook: Path) -> list[list[tuple[str, str]]]:
    """Each row's cells as (kind, text): ``n`` a number or nothing, ``inlineStr`` a text."""
    with zipfile.ZipFile(workbook) as archive:
        assert archive.testzip() is None
        sheet = ElementTree.fromstring(archive.read("sheet.xml"))
    rows = sheet.iter(f"{SHEET}row")
    return [[(cell.get("t", "n"), "".join(cell.itertext())) for cell in row] for row in rows]


def test_numbers_follow_the_readers_locale(page: Page, demo_service: Service) -> None:
    browser = page.context.browser
    assert browser is not None
    german = browser.new_context(locale="de-DE").new_page()
    german.goto(f"{demo_service.url}/dashboard")
    value = german.get_by_role("main").locator("article p").first
    expect(value).to_have_text(re.compile(r"^£\d+,\d+[kM]$"))
    german.context.close()


PLAIN_NAMES = """main => [...main.querySelectorAll('th')].filter(
  name => name.checkVisibility() && name.innerText.trim() === '').length"""


def names_are_shown(page: Page) -> None:
    """Columns have their headings, and services their names."""
    table = page.get_by_role("table", name="Weighted minutes lost by service")
    for name in ("Service", "Minutes lost", "Uptime"):
        expect(table.get_by_text(name, exact=True)).to_be_visible()
    expect(table.locator("tbody th button").first).to_be_visible()
    assert page.get_by_role("main").evaluate(PLAIN_NAMES) == 0


def test_tables_have_their_names_on_a_wall_and_cannot_be_pressed(
    page: Page, demo_service: Service
) -> None:
    page.goto(f"{demo_service.url}/operations/uptime?kiosk=1")
    names_are_shown(page)
    heading = page.get_by_role("button", name="Minutes lost", exact=True)
    assert heading.evaluate("one => getComputedStyle(one).pointerEvents") == "none"


def test_tables_have_their_names_on_paper(page: Page, demo_service: Service) -> None:
    page.goto(f"{demo_service.url}/operations/uptime")
    expect(page.get_by_role("table").first).to_be_visible()
    page.emulate_media(media="print")
    names_are_shown(page)


def test_without_a_network_the_page_says_that_it_is_not_current(
    browser: Browser, demo_service: Service
) -> None:
    page = browser.new_context(locale="en-GB").new_page()
    page.clock.install()
    open_dashboard(page, demo_service)
    page.wait_for_load_state("networkidle")
    page.context.set_offline(True)
    let_pass(page, 200)  # three tries, at most two minutes from now
    expect(page.get_by_text("Not current.")).to_be_visible()
    expect(page.get_by_text(re.compile("Not updated")).first).to_be_visible()
    page.context.close()


def test_a_date_is_typed_in_peace_and_counts_at_enter(page: Page, demo_service: Service) -> None:
    open_dashboard(page, demo_service, "?as_of=2026-08-15")
    wait_for_keys(page)
    day = page.get_by_role("button", name="as of 15 Aug 2026")
    day.focus()
    page.keyboard.press("Enter")
    field = page.get_by_label("as of")
    expect(field).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    page.wait_for_timeout(200)
    assert "as_of=2026-08-15" in page.url
    typed = "2026-07-14"
    expect(field).to_have_value(typed)
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(f"as_of={typed}"))
    expect(field).to_be_focused()
    expect(field).to_have_value(typed)
    page.go_back()
    expect(field).to_have_value("2026-08-15")
    for _ in range(3):  # the day, the calendar, and out of the field
        page.keyboard.press("Tab")
    expect(day).to_be_visible()


def test_a_pointer_opens_the_field_for_a_day(page: Page, demo_service: Service) -> None:
    open_dashboard(page, demo_service, "?as_of=2026-08-15")
    wait_for_keys(page)
    width = page.get_by_role("button", name="as of 15 Aug 2026").bounding_box()
    page.get_by_role("button", name="as of 15 Aug 2026").click()
    field = page.get_by_label("as of")
    expect(field).to_be_focused()
    assert field.bounding_box() == width
    field.fill("2026-06-30")
    expect(page).to_have_url(re.compile("as_of=2026-06-30"))


def test_single_keys_rest_behind_a_dialog(page: Page, demo_service: Service) -> None:
    open_dashboard(page, demo_service)
    wait_for_keys(page)
    page.get_by_role("button", name="Backlog", exact=True).click()
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("q")
    page.wait_for_timeout(200)
    assert "quarter" not in page.url


def test_what_two_selects_choose_is_in_their_names(page: Page, demo_service: Service) -> None:
    page.goto(f"{demo_service.url}/finance/kpis/gm")
    expect(page.get_by_role("combobox", name="Broken down by")).to_be_visible()
    expect(page.get_by_role("combobox", name="Explained by")).to_be_visible()
