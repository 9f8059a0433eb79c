"""What a wall does by itself: pages in turn, awake, up to date; and pages on paper."""

import re

import pytest
from playwright.sync_api import Page, Route, ViewportSize, expect

from tests.e2e.conftest import Service, until
from tests.e2e.test_screen import DRILLDOWNS, open_dashboard, open_page

LOCKS = """
  window.locks = []
  navigator.wakeLock.request = kind => {
    window.locks.push(kind)
    return Promise.resolve({})
  }
"""
HIDE_AND_SHOW = """
  for (const state of ['hidden', 'visible']) {
    Object.defineProperty(document, 'visibilityState', { value: state, configurable: true })
    document.dispatchEvent(new Event('visibilitychange'))
  }
"""
WIDER_THAN_PAPER = """() => {
  const edge = document.documentElement.clientWidth + 1
  return [...document.querySelectorAll('main :is(td, th, section, p, svg, dl)')]
    .filter(one => one.checkVisibility() && one.getBoundingClientRect().right > edge)
    .map(one => one.textContent.slice(0, 40))
}"""
PAPER: ViewportSize = {"width": 1062, "height": 733}  # A4 landscape less its margins, in CSS pixels
MOST_SHEETS = 8
WALLS: tuple[ViewportSize, ...] = (
    {"width": 1920, "height": 1080},
    {"width": 2560, "height": 1440},
    {"width": 3840, "height": 2160},
)


def test_a_wall_shows_its_pages_in_turn(page: Page, demo_service: Service) -> None:
    page.clock.install()
    open_dashboard(page, demo_service, "?kiosk=1&rotate=10&range=6m")
    for path in ("/supply", "/operations/uptime", "/reliability", "/dashboard"):
        page.wait_for_load_state("networkidle")
        page.clock.run_for(10_500)
        expect(page).to_have_url(re.compile(rf"{path}\?.*range=6m.*kiosk=1&rotate=10"))


@pytest.mark.parametrize("size", WALLS, ids=lambda size: str(size["width"]))
def test_a_wall_shows_every_risk_whole(
    page: Page, demo_service: Service, size: ViewportSize
) -> None:
    page.set_viewport_size(size)
    open_dashboard(page, demo_service, "?kiosk=1")
    expect(page.locator("html")).to_have_attribute("data-kiosk", "")
    risks = page.get_by_role("list", name="Risks").locator("> li")
    expect(risks).to_have_count(5)
    for risk in risks.all():
        expect(risk).to_be_in_viewport(ratio=1)


@pytest.mark.parametrize("query", ["?kiosk=1", "?kiosk=1&rotate=9", "?kiosk=1&rotate=often"])
def test_a_wall_stays_where_it_is_unless_told_how_long(
    page: Page, demo_service: Service, query: str
) -> None:
    page.clock.install()
    open_dashboard(page, demo_service, query)
    page.wait_for_load_state("networkidle")
    page.clock.run_for(60_000)
    assert "/dashboard" in page.url


def test_a_wall_is_kept_awake_also_after_it_was_hidden(page: Page, demo_service: Service) -> None:
    page.add_init_script(LOCKS)
    open_dashboard(page, demo_service, "?kiosk=1")
    page.wait_for_function("() => window.locks.length === 1")
    page.evaluate(HIDE_AND_SHOW)
    assert page.evaluate("window.locks") == ["screen", "screen"]


def test_no_other_page_is_kept_awake(page: Page, demo_service: Service) -> None:
    page.add_init_script(LOCKS)
    open_dashboard(page, demo_service)
    page.wait_for_load_state("networkidle")
    assert page.evaluate("window.locks") == []


def test_a_wall_takes_up_a_new_release(page: Page, demo_service: Service) -> None:
    def newer(route: Route) -> None:
        """The document as another release would answer it, when the page asks for it."""
        if route.request.is_navigation_request():
            route.continue_()
            return
        got = route.fetch()
        html = re.sub(r'(<script type="module"[^>]* src=")[^"]+', r"\1/assets/new.js", got.text())
        route.fulfill(response=got, body=html)

    page.clock.install()
    open_dashboard(page, demo_service, "?kiosk=1")
    page.wait_for_load_state("networkidle")
    page.evaluate("window.before = true")
    page.clock.run_for(5 * 60_000)
    page.wait_for_timeout(500)
    assert page.evaluate("window.before")  # the same release is no reason
    page.route("**/dashboard?*", newer)
    page.clock.run_for(5 * 60_000)
    page.wait_for_function("() => window.before === undefined")
    expect(page.get_by_role("link", name="Backlog", exact=True).first).to_be_visible()


def test_a_click_on_an_alert_is_measured(page: Page, demo_service: Service) -> None:
    open_dashboard(page, demo_service)
    page.wait_for_load_state("networkidle")
    sent: list[str] = []
    page.on("request", lambda one: sent.append(one.post_data or ""))
    page.get_by_role("list", name="Alerts").get_by_role("link").first.click()
    expect(page).not_to_have_url(re.compile("/dashboard"))
    until(page, lambda: any('"alert_click"' in body for body in sent))


@pytest.mark.parametrize("path", DRILLDOWNS)
def test_every_page_fits_its_paper(page: Page, demo_service: Service, path: str) -> None:
    open_page(page, demo_service, path)
    printed = page.pdf(prefer_css_page_size=True, print_background=True)
    sheets = len(re.findall(rb"/Type\s*/Page[^s]", printed))
    assert 1 <= sheets <= MOST_SHEETS
    page.set_viewport_size(PAPER)
    page.emulate_media(media="print")
    assert page.evaluate(WIDER_THAN_PAPER) == []
