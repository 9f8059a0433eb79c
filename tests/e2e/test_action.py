"""Action: alerts are handled on the screen, and polling disturbs nobody."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.clock import let_pass, until_polled
from tests.e2e.conftest import PATIENCE_MS, SHIFTS, Service, start_service
from tests.e2e.test_screen import open_dashboard


@pytest.fixture(scope="module")
def own_service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """Demo data of its own: these tests change them."""
    service = start_service(tmp_path_factory.mktemp("action"), "--demo")
    yield service
    service.stop()


def test_polls_move_nothing_and_take_no_focus(page: Page, own_service: Service) -> None:
    page.clock.install()
    page.add_init_script(SHIFTS)
    open_dashboard(page, own_service)
    alerts = page.get_by_role("list", name="Alerts")
    alerts.get_by_role("button", name=re.compile("^Assign")).nth(1).click()
    field = alerts.get_by_role("textbox")
    page.keyboard.type("Ad")
    page.clock.run_for(2_000)
    page.wait_for_timeout(600)  # what follows a click at once is no shift that counts
    page.evaluate("window.shifts.length = 0")
    first = alerts.locator("li").first
    first_box, first_node = first.bounding_box(), first.element_handle()
    for _ in range(2):
        until_polled(page)
        expect(field).to_be_focused()
    # Meanwhile somebody else acknowledges the first alert.
    listed = page.request.get(f"{own_service.url}/api/alerts").json()["alerts"]
    page.request.post(f"{own_service.url}/api/alerts/{listed[0]['id']}/acknowledge")
    until_polled(page)
    expect(first).to_contain_text("Acknowledged")
    page.keyboard.type("a")
    expect(field).to_have_value("Ada")
    assert first.bounding_box() == first_box
    assert first_node.evaluate("node => node.isConnected")  # the same element, not drawn anew
    assert page.evaluate("window.shifts") == []


def test_polls_that_find_nothing_new_cost_no_body_and_are_as_fresh_as_any(
    browser: Browser, own_service: Service
) -> None:
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-GB")
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    page.clock.install()
    open_dashboard(page, own_service)
    for _ in range(6):  # three minutes
        answer = until_polled(page)
    assert answer.request.sizes()["responseBodySize"] == 0
    assert len(answer.json()["alerts"]) == 3  # of the browser's own copy
    said = page.get_by_role("status").filter(has_text=re.compile("open of|Not updated"))
    context.set_offline(True)
    let_pass(page, 40)
    expect(said).to_have_text("Not updated")  # heard from half a minute ago
    let_pass(page, 90)  # an age grows once a minute
    expect(said).to_have_text(re.compile(r"Not updated for [12] min"))
    context.set_offline(False)
    until_polled(page)
    expect(said).to_have_text(re.compile("open of 3"))
    context.close()


def test_who_did_what_is_seen_in_the_alert(page: Page, own_service: Service) -> None:
    open_dashboard(page, own_service)
    alert = page.get_by_role("list", name="Alerts").locator("> li").last
    expect(alert).to_contain_text(re.compile(r"(rose|fell) by"))  # its driver
    alert.get_by_role("button", name=re.compile("^Details")).click()
    expect(alert).to_contain_text("Opened by local")
    alert.get_by_role("button", name=re.compile("^Acknowledge")).click()
    expect(alert).to_contain_text("Acknowledged by local")
    alert.get_by_role("button", name=re.compile("^Assign")).click()
    page.keyboard.type("Ada")
    page.keyboard.press("Enter")
    expect(alert).to_contain_text("Assigned by local: Ada")
    alert.get_by_role("button", name=re.compile("^Snooze")).click()
    alert.get_by_role("button", name="for 1 hour").click()
    expect(alert).to_contain_text("Snoozed by local: until")


def test_an_alert_leads_to_its_page_and_a_resolved_one_leaves(
    browser: Browser, own_service: Service
) -> None:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    open_dashboard(page, own_service)
    alerts = page.get_by_role("list", name="Alerts").locator("> li")
    expect(alerts).to_have_count(3)
    uptime = alerts.filter(has_text="Uptime below")
    uptime.get_by_role("button", name=re.compile("^Resolve")).click()
    expect(alerts).to_have_count(2)
    alerts.filter(has_text="Gross Margin below").get_by_role("link").click()
    expect(page).to_have_url(re.compile("/finance/kpis/gm"))
    context.close()
