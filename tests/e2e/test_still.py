"""Nothing on a page moves by itself: not while it loads, nor when its numbers go stale."""

import re
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.e2e.clock import let_pass
from tests.e2e.conftest import PATIENCE_MS, SHIFTS, Service
from tests.e2e.test_screen import open_page

WIDTHS = [360, 1120, 1440]
NOT_CURRENT = re.compile("^Not current")


@pytest.fixture
def still(browser: Browser) -> Any:
    """Opens pages that note what moves; errors in their consoles are part of these tests."""
    contexts = []

    def opened(width: int) -> Page:
        context = browser.new_context(viewport={"width": width, "height": 900}, locale="en-GB")
        contexts.append(context)
        context.set_default_timeout(PATIENCE_MS)
        page = context.new_page()
        page.add_init_script(SHIFTS)
        return page

    yield opened
    for context in contexts:
        context.close()


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("path", ["/dashboard", "/finance/kpis/gm"])
def test_a_page_that_loads_moves_nothing(
    still: Any,
    demo_service: Service,
    superstore_service: Service,
    empty_service: Service,
    path: str,
    width: int,
) -> None:
    """Also where the data end early, or there are none."""
    for service in (demo_service, superstore_service, empty_service):
        page: Page = still(width)
        page.goto(f"{service.url}{path}")
        page.wait_for_load_state("networkidle")
        page.wait_for_timeout(300)
        assert page.evaluate("window.shifts") == [], service.url


@pytest.mark.parametrize("query", ["", "?kiosk=1"])
@pytest.mark.parametrize("width", WIDTHS)
def test_polls_that_fail_and_recover_move_nothing(
    still: Any, demo_service: Service, width: int, query: str
) -> None:
    page: Page = still(width)
    page.clock.install()
    open_page(page, demo_service, f"/dashboard{query}")
    let_pass(page, 10)
    page.evaluate("window.shifts.length = 0")  # a wall takes its larger type when it begins
    page.context.set_offline(True)
    let_pass(page, 200)  # three tries, at most two minutes from now
    banner = page.get_by_role("status").filter(has_text=NOT_CURRENT)
    expect(banner).to_be_in_viewport(ratio=1)
    expect(page.get_by_text(re.compile("Not updated")).first).to_be_visible()
    covers_none_of_the_numbers(page)
    page.context.set_offline(False)
    let_pass(page, 200)
    expect(banner).to_have_count(0)
    assert page.evaluate("window.shifts") == []


@pytest.mark.parametrize("width", WIDTHS)
def test_numbers_that_go_stale_and_come_back_move_nothing(
    still: Any, demo_service: Service, width: int
) -> None:
    page: Page = still(width)
    is_away = True

    def answer(route: Route) -> None:
        got = route.fetch()
        body = got.json()
        body["freshness"]["stale"] = is_away
        route.fulfill(response=got, json=body)

    page.clock.install()
    open_page(page, demo_service, "/dashboard")
    page.route("**/api/executive-dashboard?*", answer)
    let_pass(page, 130)
    banner = page.get_by_role("status").filter(has_text=NOT_CURRENT)
    expect(banner).to_contain_text("The database is away.")
    expect(banner).to_be_in_viewport(ratio=1)
    covers_none_of_the_numbers(page)
    let_pass(page, 600)  # ages grow, by a digit too
    is_away = False
    let_pass(page, 130)
    expect(banner).to_have_count(0)
    assert page.evaluate("window.shifts") == []


COVERED = """banner => {
  const { left, top, right, bottom } = banner.getBoundingClientRect()
  const isUnder = (element, { left, right, top, bottom }) =>
    document.elementsFromPoint((left + right) / 2, (top + bottom) / 2).includes(element)
  const range = document.createRange()
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  const covered = []
  while (texts.nextNode()) {
    const text = texts.currentNode
    if (banner.contains(text) || !text.parentElement.checkVisibility()) continue
    range.selectNodeContents(text)
    for (const box of range.getClientRects()) {
      if (box.left < right && box.right > left && box.top < bottom && box.bottom > top) {
        if (isUnder(text.parentElement, box)) covered.push(text.textContent)
      }
    }
  }
  return covered
}"""


def covers_none_of_the_numbers(page: Page) -> None:
    """Scrolled to its end, nothing of the page is under the banner."""
    page.evaluate("scrollTo(0, document.scrollingElement.scrollHeight)")
    banner = page.get_by_role("status").filter(has_text=NOT_CURRENT)
    assert banner.evaluate(COVERED) == []
    page.evaluate("scrollTo(0, 0)")
