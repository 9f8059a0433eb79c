"""The first screen in a real browser, as the people who use it see it."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Service

CARDS = ("Backlog", "Uptime", "NRR", "Gross Margin", "CAC Payback", "Recognized Revenue")
HIGHLIGHTS = ("Book-to-Bill", "Coverage Months", "ARR", "Forecast")
DRILLDOWNS = (
    "/operations/uptime",
    "/sales/kpis/pipeline",
    "/sales/kpis/revenue",
    "/supply",
    "/supply/kpis/inventory_turns",
    "/finance/kpis/revenue",
    "/finance/kpis/nrr",
    "/finance/kpis/gm",
    "/finance/kpis/payback",
    "/finance/kpis/arr",
    "/reliability",
)


def open_dashboard(page: Page, service: Service, query: str = "") -> None:
    page.goto(f"{service.url}/dashboard{query}")
    expect(page.get_by_role("link", name="Backlog", exact=True).first).to_be_visible()


def open_page(page: Page, service: Service, path: str) -> None:
    """Open ``path`` and wait until its numbers and charts are there."""
    page.goto(f"{service.url}{path}")
    expect(page.get_by_role("main").locator("svg, canvas, table").first).to_be_attached()
    page.wait_for_load_state("networkidle")


def trend_rows(page: Page) -> int:
    return page.locator("table", has_text="Recognized").first.locator("tbody tr").count()


def paths_of_links(page: Page) -> set[str]:
    hrefs = page.eval_on_selector_all("a[href]", "links => links.map(link => link.href)")
    return {urlsplit(href).path for href in hrefs}


def test_ten_numbers_trend_risks_and_alerts_fit_one_screen(
    page: Page, demo_service: Service
) -> None:
    open_dashboard(page, demo_service)
    for label in (*CARDS, *HIGHLIGHTS):
        link = page.get_by_role("link", name=re.compile(rf"^{label}(:|$)"))
        expect(link.first).to_be_in_viewport()
    expect(page.get_by_role("heading", name=re.compile("Risks")).first).to_be_in_viewport()
    expect(page.get_by_role("heading", name=re.compile("Alerts")).first).to_be_in_viewport()
    size = page.evaluate(
        "[document.scrollingElement.scrollWidth, document.scrollingElement.scrollHeight]"
    )
    assert size == [1920, 1080]


def test_demo_data_are_labelled_as_such(page: Page, demo_service: Service) -> None:
    open_dashboard(page, demo_service)
    expect(page.get_by_text("Demo data").first).to_be_visible()


def test_the_root_leads_to_the_dashboard_and_keeps_the_view(
    page: Page, demo_service: Service
) -> None:
    page.goto(f"{demo_service.url}/?range=6m")
    expect(page).to_have_url(re.compile(r"/dashboard\?range=6m"))


def test_a_switch_changes_the_chart_and_the_url_and_back_takes_it_back(
    page: Page, demo_service: Service
) -> None:
    open_dashboard(page, demo_service)
    page.get_by_role("button", name="View as table: Revenue trend").click()
    before = trend_rows(page)
    page.get_by_role("button", name="Quarter").click()
    expect(page).to_have_url(re.compile("granularity=quarter"))
    expect(page.locator("table", has_text="Recognized").first).to_contain_text("Q")
    quarters = trend_rows(page)
    assert quarters < before
    page.get_by_role("button", name="6 months").click()
    expect(page).to_have_url(re.compile("range=6m"))
    page.go_back()
    expect(page).not_to_have_url(re.compile("range=6m"))
    page.go_back()
    expect(page).not_to_have_url(re.compile("granularity=quarter"))
    expect(page.get_by_role("button", name="Month", exact=True)).to_have_attribute(
        "aria-pressed", "true"
    )
    assert trend_rows(page) == before
    page.go_forward()
    expect(page).to_have_url(re.compile("granularity=quarter"))
    expect(page.get_by_role("button", name="Quarter")).to_have_attribute("aria-pressed", "true")


def test_a_mouse_switches_when_it_presses_and_back_when_it_lets_go_beside(
    page: Page, demo_service: Service
) -> None:
    open_dashboard(page, demo_service)
    quarter = page.get_by_role("button", name="Quarter", exact=True)
    box = quarter.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    expect(quarter).to_have_attribute("aria-pressed", "true")
    expect(page).to_have_url(re.compile("granularity=quarter"))
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 5 * box["height"])
    page.mouse.up()
    expect(page.get_by_role("button", name="Month", exact=True)).to_have_attribute(
        "aria-pressed", "true"
    )
    expect(page).not_to_have_url(re.compile("granularity=quarter"))


def test_a_reload_keeps_the_view(page: Page, demo_service: Service) -> None:
    open_dashboard(page, demo_service, "?range=6m&granularity=quarter")
    page.reload()
    expect(page.get_by_role("button", name="6 months")).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_role("button", name="Quarter")).to_have_attribute("aria-pressed", "true")
    assert parse_qs(urlsplit(page.url).query)["granularity"] == ["quarter"]


@pytest.mark.parametrize("path", DRILLDOWNS)
def test_every_drill_down_is_reached_in_at_most_two_clicks(
    page: Page, demo_service: Service, path: str
) -> None:
    open_dashboard(page, demo_service, "?range=6m")
    link = page.locator(f'a[href^="{path}?"]').filter(visible=True)
    if link.count() == 0:
        page.get_by_role("button", name="All pages").click()
    link.first.click()
    expect(page).to_have_url(re.compile(rf"{re.escape(path)}\?.*range=6m"))
    expect(page.get_by_role("main").get_by_role("heading").first).to_be_visible()
    expect(page.get_by_role("main")).not_to_contain_text("went wrong")


@pytest.mark.parametrize("path", DRILLDOWNS)
def test_every_drill_down_opens_by_its_address_alone(
    page: Page, demo_service: Service, path: str
) -> None:
    open_page(page, demo_service, path)
    assert "/dashboard" in paths_of_links(page)


def test_without_data_the_screen_says_how_to_bring_some_in_and_shows_no_zero(
    page: Page, empty_service: Service
) -> None:
    page.goto(f"{empty_service.url}/dashboard")
    expect(page.get_by_text("execdash import orders")).to_be_visible()
    expect(page.get_by_role("main")).not_to_contain_text("£0")


def test_real_orders_show_their_figures_and_the_rest_says_no_data(
    page: Page, superstore_service: Service
) -> None:
    open_dashboard(page, superstore_service, "?as_of=2017-12-31")
    main = page.get_by_role("main")
    for figure in ("£731k", "£5.16k", "12.6 %", "£94.5k"):
        expect(main.get_by_text(figure, exact=True).first).to_be_visible()
    # No subscriptions, no expenses, no uptime: NRR, payback, uptime and ARR cannot be known.
    expect(main.get_by_text("No data", exact=True)).to_have_count(4)
    expect(page.get_by_text("Demo data")).to_have_count(0)


def test_where_the_data_end_before_the_window_the_page_leads_to_the_last_day_that_has_some(
    page: Page, superstore_service: Service
) -> None:
    page.goto(f"{superstore_service.url}/dashboard")
    link = page.locator('a[href*="as_of=201"]').first
    expect(link).to_be_visible()
    link.click()
    expect(page.get_by_role("main").get_by_text("£731k", exact=True).first).to_be_visible()
