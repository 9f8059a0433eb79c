"""The focus of somebody at the keyboard survives what they and others do, and stays in sight."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.clock import until_polled
from tests.e2e.conftest import Service, start_service
from tests.e2e.test_screen import open_dashboard

# Whether the focused element can be seen where it is, at each of its corners a little inside.
IN_SIGHT = """() => {
  const focused = document.activeElement
  const { left, top, right, bottom } = focused.getBoundingClientRect()
  return [[left + 2, top + 2], [right - 2, bottom - 2]].every(([x, y]) => {
    const seen = document.elementFromPoint(x, y)
    return seen !== null && (focused.contains(seen) || seen.contains(focused))
  })
}"""


# Scrolls so that the element at a place lies at the upper edge, under what stands still there, and
# puts the focus on the one beside it. Whether it is covered now.
PUT_UNDER = """(dialog, [place, beside]) => {
  const all = [...dialog.querySelectorAll('a[href], button, [tabindex="0"]')]
  const element = all[place]
  all[beside].focus({ preventScroll: true })
  const { top } = element.getBoundingClientRect()
  dialog.scrollTop += top - dialog.getBoundingClientRect().top - 4
  const moved = element.getBoundingClientRect()
  const isTall = element.offsetHeight > innerHeight / 3
  return !isTall && !element.contains(document.elementFromPoint(moved.left + 4, moved.top + 4))
}"""


@pytest.fixture
def own_service(tmp_path: Any) -> Iterator[Service]:
    """Demo data of its own: these tests change them."""
    service = start_service(tmp_path, "--demo")
    yield service
    service.stop()


def focused_name(page: Page) -> str:
    """What the focused element is called."""
    name: str = page.evaluate(
        "document.activeElement.ariaLabel ?? document.activeElement.textContent"
    )
    return name


def alert_of_focus(page: Page) -> str:
    """The title of the alert that has the focus; empty where none has."""
    title: str = page.evaluate(
        "document.activeElement.closest('[aria-label=Alerts] > li')"
        "?.querySelector('h3').textContent ?? ''"
    )
    return title


def test_an_alert_that_leaves_hands_the_focus_on(own_service: Service, page: Page) -> None:
    page.clock.install()
    open_dashboard(page, own_service)
    items = page.get_by_role("list", name="Alerts").locator("> li")
    titles = items.locator("h3").all_text_contents()
    listed = page.request.get(f"{own_service.url}/api/alerts").json()["alerts"]
    assert len(listed) == 3

    def resolved_elsewhere(place: int) -> None:
        address = f"{own_service.url}/api/alerts/{listed[place]['id']}/resolve"
        assert page.request.post(address).ok
        left = items.count() - 1
        until_polled(page)
        expect(items).to_have_count(left)

    items.nth(1).get_by_role("button", name=re.compile("^Resolve")).focus()
    page.keyboard.press("Enter")
    expect(items).to_have_count(2)
    assert alert_of_focus(page) == titles[2]  # the next one
    resolved_elsewhere(2)
    assert alert_of_focus(page) == titles[0]  # the one before, as no other follows
    resolved_elsewhere(0)
    expect(page.get_by_role("list", name="Alerts")).to_be_focused()
    expect(page.get_by_text("Nothing needs attention.")).to_be_visible()


def test_a_filter_that_is_removed_hands_the_focus_to_the_next_one(
    page: Page, demo_service: Service
) -> None:
    page.goto(f"{demo_service.url}/finance/kpis/revenue?region=DACH&segment=Enterprise")
    chips = page.get_by_role("list", name="Filters").get_by_role("button")
    expect(chips).to_have_count(2)
    chips.first.focus()
    page.keyboard.press("Enter")
    expect(chips).to_have_count(1)
    expect(chips).to_be_focused()
    page.keyboard.press("Enter")
    expect(chips).to_have_count(0)
    expect(page.get_by_role("main")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("main").get_by_role("link").first).to_be_focused()


def test_the_pager_keeps_the_focus_at_both_ends(page: Page, demo_service: Service) -> None:
    page.goto(f"{demo_service.url}/operations/uptime?page=2")
    pages = page.get_by_role("navigation", name="Pages of rows")
    before, after = (pages.get_by_role("button", name=name) for name in ("Previous", "Next"))
    before.focus()
    page.keyboard.press("Enter")
    expect(pages).to_contain_text("Page 1 of")
    expect(before).to_be_focused()
    expect(before).to_be_disabled()
    page.keyboard.press("Enter")
    page.wait_for_timeout(200)
    expect(pages).to_contain_text("Page 1 of")
    last = int((pages.inner_text().split("of ")[1]).split()[0])
    after.focus()
    for number in range(2, last + 1):
        page.keyboard.press("Enter")
        expect(pages).to_contain_text(f"Page {number} of")
    expect(after).to_be_focused()
    expect(after).to_be_disabled()


def open_low_dialog(page: Page, service: Service) -> Locator:
    """A definition in a window so low that most of it is scrolled."""
    page.set_viewport_size({"width": 1440, "height": 480})
    open_dashboard(page, service)
    page.get_by_role("button", name="Backlog", exact=True).click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("table")).to_be_visible()
    return dialog


@pytest.mark.parametrize("keys", ["Tab", "Shift+Tab"])
def test_nothing_that_stands_still_covers_the_focus(
    page: Page, demo_service: Service, keys: str
) -> None:
    dialog = open_low_dialog(page, demo_service)
    covered = []
    for _ in range(30):
        page.keyboard.press(keys)
        inside = dialog.evaluate("dialog => dialog.contains(document.activeElement)")
        tall = page.evaluate("document.activeElement.offsetHeight > innerHeight / 3")
        if inside and not tall and not page.evaluate(IN_SIGHT):
            covered.append(focused_name(page))
    assert covered == []


@pytest.mark.parametrize(("key", "aside"), [("Tab", -1), ("Shift+Tab", 1)])
def test_what_is_reached_under_the_head_of_a_dialog_comes_out(
    page: Page, demo_service: Service, key: str, aside: int
) -> None:
    dialog = open_low_dialog(page, demo_service)
    in_head = dialog.locator("header").locator("a, button").count()
    were_covered = []
    for place in range(in_head + 1, in_head + 7):
        is_covered = dialog.evaluate(PUT_UNDER, [place, place + aside])
        page.keyboard.press(key)
        if is_covered:
            were_covered.append(focused_name(page))
            assert page.evaluate(IN_SIGHT), focused_name(page)
    assert len(were_covered) > 2
