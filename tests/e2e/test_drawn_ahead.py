"""The first screen that comes with the document, and how the page's code takes it over."""

import re

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from loadtests.chromium import MARKED, VIEWPORT
from tests.e2e.conftest import Service, until, until_measured

# The drawn cards as they came, for a look at whether they are the same ones later.
REMEMBER = """
document.addEventListener('DOMContentLoaded', () => {
  globalThis.__cards = [...document.querySelectorAll('article')]
})
globalThis.__shift = 0
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) globalThis.__shift += entry.value
}).observe({ type: 'layout-shift', buffered: true })
"""
# The light trend while the chart library's covers it, and what is changed in it from here on.
COVERED = """
() => {
  const covered = document.querySelector('[data-covered="true"]')
  return [...covered?.querySelectorAll('text') ?? []].map((text) => text.textContent)
}
"""
WATCH = """
() => {
  globalThis.__changes = 0
  const light = document.querySelector('[data-covered="true"] > *')
  new MutationObserver((changes) => { globalThis.__changes += changes.length }).observe(
    light, { subtree: true, childList: true, attributes: true, characterData: true })
  addEventListener('click', () => requestAnimationFrame(() => {
    const covered = light.parentElement.dataset.covered
    globalThis.__seen = [light.textContent, covered, globalThis.__changes]
  }), { capture: true })
}
"""


def test_the_screen_is_there_without_any_script(browser: Browser, demo_service: Service) -> None:
    context = browser.new_context(viewport=VIEWPORT, locale="en-GB", java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{demo_service.url}/dashboard")
    expect(page.get_by_role("article")).to_have_count(6)
    expect(page.get_by_text(re.compile(r"^\D{1,3}\d[\d.]*[kMB]$")).first).to_be_visible()
    expect(page.get_by_role("img", name=re.compile("^Revenue trend")).first).to_be_visible()
    context.close()


def test_the_first_paint_waits_for_no_file_but_the_document(
    page: Page, demo_service: Service
) -> None:
    waiting: list[Route] = []

    def hold(route: Route) -> None:
        waiting.append(route)

    page.route(re.compile("/assets/"), hold)
    page.goto(f"{demo_service.url}/dashboard", wait_until="commit")
    page.wait_for_function(MARKED, arg="first-contentful-paint")
    card, trend = page.get_by_role("article").first, page.get_by_role("img", name="Revenue trend")
    sizes = [each.bounding_box() for each in (card, trend.first)]
    assert all(size is not None and size["height"] > 100 for size in sizes)
    assert card.evaluate("card => getComputedStyle(card).borderTopStyle") == "solid"
    assert waiting
    for route in waiting:
        route.continue_()


def test_what_was_drawn_is_taken_over_as_it_is(page: Page, demo_service: Service) -> None:
    page.add_init_script(REMEMBER)
    page.goto(f"{demo_service.url}/dashboard")
    until_measured(page, "page_view")
    cards = "globalThis.__cards.filter(card => card.isConnected).length"
    assert page.evaluate(cards) == 6
    assert page.evaluate("globalThis.__shift") == 0


@pytest.mark.parametrize("system", ["light", "dark"])
def test_the_theme_button_offers_the_other_theme(
    page: Page, demo_service: Service, system: str
) -> None:
    page.emulate_media(color_scheme="dark" if system == "dark" else "light")
    page.goto(f"{demo_service.url}/dashboard")
    other = "light" if system == "dark" else "dark"
    button = page.get_by_role("button", name=f"Switch to the {other} theme")
    expect(button).to_be_visible()
    button.click()
    expect(page.locator("html")).to_have_attribute("data-theme", other)


def test_a_click_before_the_pages_code_is_there_is_done_when_it_is(
    page: Page, demo_service: Service
) -> None:
    waiting: list[Route] = []

    def hold(route: Route) -> None:
        waiting.append(route)

    code = re.compile(r"/assets/start-.*\.js")
    page.route(code, hold)
    page.goto(f"{demo_service.url}/dashboard", wait_until="commit")
    page.get_by_role("button", name="Quarter", exact=True).click()
    until(page, lambda: len(waiting) > 0)
    page.wait_for_timeout(200)
    assert "granularity" not in page.url
    for route in waiting:
        route.continue_()
    expect(page).to_have_url(re.compile("granularity=quarter"))


def test_the_other_trend_is_drawn_before_it_is_asked_for(page: Page, demo_service: Service) -> None:
    page.goto(f"{demo_service.url}/dashboard")
    page.wait_for_function(f"() => ({COVERED})().some((name) => name.startsWith('Q'))")
    page.evaluate(WATCH)
    page.get_by_role("button", name="Quarter", exact=True).click()
    page.wait_for_function("() => globalThis.__seen !== undefined")
    text, covered, changes = page.evaluate("globalThis.__seen")
    assert "Q" in text
    assert (covered, changes) == ("false", 0)
    page.wait_for_function(f"() => ({COVERED})().some((name) => name.startsWith('Jan'))")
