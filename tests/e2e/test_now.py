"""Now: how much, against what, is that good; and what a number is made of."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Service, until_measured
from tests.e2e.test_accessible import violations
from tests.e2e.test_measured import leave, session_of, wait_for
from tests.e2e.test_screen import CARDS, HIGHLIGHTS, open_dashboard

CUT_OFF = """buttons => buttons
  .filter(button => button.scrollWidth > button.clientWidth)
  .map(button => button.textContent)"""


@pytest.mark.parametrize(("width", "height"), [(1440, 900), (1920, 1080)])
def test_the_whole_screen_is_there_without_scrolling(
    page: Page, demo_service: Service, width: int, height: int
) -> None:
    page.set_viewport_size({"width": width, "height": height})
    open_dashboard(page, demo_service)
    size = page.evaluate(
        "[document.scrollingElement.scrollWidth, document.scrollingElement.scrollHeight]"
    )
    assert size == [width, height]
    names = page.locator("article h3 button, li h3 button[aria-haspopup]")
    assert names.all_text_contents() == [*CARDS, *HIGHLIGHTS]
    assert names.evaluate_all(CUT_OFF) == []
    expect(page.get_by_role("list", name="Risks").locator("li").first).to_be_in_viewport(ratio=1)
    third = page.get_by_role("list", name="Alerts").locator("> li").nth(2)
    expect(third).to_be_in_viewport(ratio=1)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_enter_on_a_card_opens_its_definition_with_inputs_and_rows(
    page: Page, demo_service: Service, theme: str
) -> None:
    page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
    open_dashboard(page, demo_service)
    name = page.get_by_role("button", name="Backlog", exact=True)
    name.focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name=re.compile("Backlog"))
    worked = dialog.get_by_test_id("worked-formula")
    amount = r"£[\d,]+\.\d\d"
    expect(worked).to_have_text(
        re.compile(rf"^{amount} \+ {amount} − {amount} − {amount} = {amount}$")
    )
    expect(dialog.get_by_text(re.compile(r"Rows behind this number: orders \d+"))).to_be_visible()
    expect(dialog.get_by_role("table").locator("tbody tr")).to_have_count(10)
    assert dialog.evaluate("dialog => dialog.contains(document.activeElement)")
    assert violations(page) == []
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(name).to_be_focused()


def test_every_number_has_a_definition(page: Page, demo_service: Service) -> None:
    open_dashboard(page, demo_service)
    for label in (*CARDS, *HIGHLIGHTS):
        page.get_by_role("button", name=label, exact=True).click()
        dialog = page.get_by_role("dialog", name=re.compile(re.escape(label)))
        expect(dialog.get_by_test_id("worked-formula")).to_have_text(re.compile(r"[=£]"))
        expect(dialog.get_by_role("table")).to_be_visible()
        dialog.get_by_role("button", name="Close", exact=True).click()
        expect(dialog).to_have_count(0)


def test_the_page_is_two_clicks_away_through_the_definition(
    page: Page, demo_service: Service
) -> None:
    open_dashboard(page, demo_service)
    session = session_of(page)
    page.get_by_role("button", name="Gross Margin", exact=True).click()
    page.get_by_role("dialog").get_by_role("link", name="Open the page").click()
    expect(page).to_have_url(re.compile("/finance/kpis/gm"))
    expect(page.get_by_role("heading", name="Rows behind it")).to_be_visible()
    until_measured(page, "drilldown")
    leave(page)
    found = wait_for(demo_service, session, "drilldown")
    assert found["drilldown"]["drilldown_clicks"] == 2


def test_the_comparison_is_the_readers_choice_and_stays_in_the_address(
    page: Page, demo_service: Service
) -> None:
    open_dashboard(page, demo_service, "?range=6m")
    revenue = page.locator("article", has=page.get_by_role("button", name="Recognized Revenue"))
    before = revenue.inner_text()
    page.get_by_role("button", name="A year ago").click()
    expect(page).to_have_url(re.compile("compare=year_ago"))
    expect(page.get_by_text("against the same months a year ago").first).to_be_visible()
    expect(revenue).not_to_have_text(before)
    page.reload()
    expect(page.get_by_role("button", name="A year ago")).to_have_attribute("aria-pressed", "true")
    page.get_by_role("link", name="Recognized Revenue", exact=True).click()
    expect(page).to_have_url(re.compile("/sales/kpis/revenue.*compare=year_ago"))
    expect(page.get_by_text("against the same months a year ago").first).to_be_visible()
    page.go_back()
    page.go_back()
    expect(page.get_by_role("button", name="Window before")).to_have_attribute(
        "aria-pressed", "true"
    )


def test_the_year_to_date_has_its_own_window_and_a_range_leaves_it(
    page: Page, demo_service: Service
) -> None:
    open_dashboard(page, demo_service, "?as_of=2026-10-31")
    page.get_by_role("button", name="Year to date, target").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Jan 2026 \N{EN DASH} Oct 2026")
    for name in ("6 months", "12 months"):
        expect(page.get_by_role("button", name=name)).to_have_attribute("aria-pressed", "false")
    page.get_by_role("button", name="12 months").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Nov 2025 \N{EN DASH} Oct 2026")
    expect(page).not_to_have_url(re.compile("compare="))
