"""A page about one element: picked in the breakdown, kept in the URL, removed above the page."""

import re
from typing import Literal
from urllib.parse import urlencode

from playwright.sync_api import Page, expect

from tests.e2e.conftest import Service
from tests.e2e.test_accessible import violations


def test_a_row_of_the_breakdown_filters_the_page_until_it_is_removed(
    page: Page, demo_service: Service
) -> None:
    page.goto(f"{demo_service.url}/finance/kpis/revenue?by=region")
    value = page.get_by_test_id("kpi-value")
    expect(value).to_be_visible()
    whole = value.text_content() or ""
    row = page.get_by_role("region", name="Breakdown").locator("tbody th button").first
    name = row.inner_text()
    asked = re.escape(urlencode({"region": name}))
    row.focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(asked))
    chips = page.get_by_role("list", name="Filters")
    expect(chips).to_contain_text(f"Region: {name}")
    expect(value).not_to_have_text(whole)
    part = value.text_content() or ""
    themes: tuple[Literal["light", "dark"], ...] = ("dark", "light")
    for theme in themes:
        page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        assert violations(page) == [], theme
    page.reload()
    expect(value).to_have_text(part)
    page.get_by_role("button", name="Quarter").click()
    expect(page).to_have_url(re.compile(rf"granularity=quarter.*{asked}"))
    expect(page.get_by_role("link", name="CSV").last).to_have_attribute(
        "href", re.compile(rf"rows\.csv\?.*{asked}")
    )
    chips.get_by_role("button", name=f"Remove the filter region: {name}").click()
    expect(chips).to_have_count(0)
    expect(page).not_to_have_url(re.compile("[?&]region="))


def test_another_view_begins_with_the_first_page_of_its_rows(
    page: Page, demo_service: Service
) -> None:
    for change in ("6 months", "Quarter", "as of", "filter"):
        page.goto(f"{demo_service.url}/finance/kpis/revenue?by=region&page=2")
        pager = page.get_by_role("navigation", name="Pages of rows")
        expect(pager).to_contain_text("Page 2 of")
        if change == "as of":
            page.get_by_role("button", name="as of").click()
            page.get_by_label("as of").fill("2026-08-15")
        elif change == "filter":
            page.get_by_role("region", name="Breakdown").locator("tbody th button").first.click()
        else:
            page.get_by_role("button", name=change).click()
        expect(pager).to_contain_text("Page 1 of")
        expect(page).not_to_have_url(re.compile("[?&]page="))


def test_rows_are_sorted_by_keyboard_and_a_reload_keeps_it(
    page: Page, demo_service: Service
) -> None:
    page.goto(f"{demo_service.url}/finance/kpis/revenue?page=3")
    table = page.get_by_role("table", name="Rows behind Recognized Revenue")
    heading = table.get_by_role("columnheader", name="Amount")
    heading.get_by_role("button").focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"\?sort=-amount$"))
    expect(heading).to_have_attribute("aria-sort", "descending")
    expect(page.locator("[aria-busy=true]")).to_have_count(0)
    place = table.get_by_role("columnheader").all_inner_texts().index("Amount")
    cells = table.locator(f"tbody td:nth-child({place + 1})")
    amounts = [float(text.replace(",", "")) for text in cells.all_inner_texts()]
    assert amounts == sorted(amounts, reverse=True)
    assert violations(page) == []
    page.reload()
    expect(heading).to_have_attribute("aria-sort", "descending")
    expect(cells.first).to_have_text(f"{amounts[0]:,.2f}")
