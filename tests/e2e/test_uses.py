"""Whatever people do around the screen is counted as a use, and nothing personal with it."""

import re
import sqlite3
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing

import pytest
from playwright.sync_api import Page, expect

from api.ingest.vocabulary import FEATURES
from tests.e2e.conftest import Service, start_service
from tests.e2e.test_around import wait_for_keys
from tests.e2e.test_measured import ARRIVAL_SECONDS, leave, session_of
from tests.e2e.test_screen import open_dashboard

Use = tuple[str, str | None]  # the feature, and its KPI where it has one

NAME, SEARCH, DAY = "Ada Lovelace", "kiosk mode", "2026-08-15"

ON_THE_SCREEN: list[Use] = [
    ("compare", None),
    ("as_of", None),
    ("definition", "backlog"),
    ("rows", "backlog"),
    ("why", "gm"),
    ("why", "revenue"),
    ("drivers_by", "revenue"),
    ("drivers_inside", "revenue"),
    ("chart_table", None),
    ("export_xlsx", None),
]
AROUND_IT: list[Use] = [
    ("theme", None),
    ("palette_open", None),
    ("compare", None),
    ("palette", None),
    ("palette_open", None),
    ("why", "nrr"),
    ("palette", None),
    ("palette_open", None),
    ("palette", None),
    ("kiosk", None),
    ("print", None),
    ("palette", None),
    ("palette", None),
]
ON_A_PAGE: list[Use] = [
    ("table_sort", "gm"),
    ("filter_set", "gm"),
    ("filter_removed", "gm"),
    ("breakdown_by", "gm"),
    ("drivers_by", "gm"),
    ("rows", "gm"),
    ("export_xlsx", "gm"),
]
OF_ALERTS: list[Use] = [
    ("alert_details", "uptime"),
    ("alert_acknowledge", "uptime"),
    ("alert_assign", "uptime"),
    ("alert_snooze", "uptime"),
    ("alert_resolve", "uptime"),
]
OF_RELIABILITY: list[Use] = [("objectives_window", None), ("objective_open", None)]
ELSEWHERE = {"sign_out"}  # needs accounts: see the tests of those


@pytest.fixture(scope="module")
def own_service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """Demo data of its own: alerts are resolved."""
    service = start_service(tmp_path_factory.mktemp("uses"), "--demo")
    yield service
    service.stop()


def stored_uses(service: Service, session: str) -> Counter[Use]:
    """The uses of a session, but for those of waiting until keys are heard."""
    with closing(sqlite3.connect(f"file:{service.database}?mode=ro", uri=True)) as connection:
        rows = connection.execute(
            "SELECT used.text, kpi.text FROM user_events event"
            " JOIN user_event_meta used ON used.event_id = event.id AND used.metric = 'feature'"
            " LEFT JOIN user_event_meta kpi ON kpi.event_id = event.id AND kpi.metric = 'kpi'"
            " WHERE event.event_type = 'feature_use' AND event.session_id = ?",
            (session,),
        ).fetchall()
    return Counter((feature, kpi) for feature, kpi in rows if feature != "shortcuts")


def stored_texts(service: Service) -> set[str]:
    """Every text that any event has."""
    with closing(sqlite3.connect(f"file:{service.database}?mode=ro", uri=True)) as connection:
        rows = connection.execute("SELECT text FROM user_event_meta WHERE text IS NOT NULL")
        return {text for (text,) in rows}


def arrived(service: Service, page: Page, uses: list[Use]) -> None:
    """Leave the page, and wait until exactly these uses are stored."""
    session = session_of(page)
    leave(page)
    deadline = time.monotonic() + ARRIVAL_SECONDS
    while (found := stored_uses(service, session)) != Counter(uses):
        lacking, beyond = Counter(uses) - found, found - Counter(uses)
        assert time.monotonic() < deadline, f"lacking {lacking}, beyond {beyond}"
        time.sleep(0.2)


def test_every_feature_is_used_here() -> None:
    used = {*ON_THE_SCREEN, *AROUND_IT, *ON_A_PAGE, *OF_ALERTS, *OF_RELIABILITY}
    assert {feature for feature, _ in used} | ELSEWHERE | {"shortcuts"} == set(FEATURES)


def test_what_is_done_on_the_first_screen(page: Page, own_service: Service) -> None:
    open_dashboard(page, own_service)
    session_of(page)
    page.get_by_role("button", name="A year ago").click()
    expect(page).to_have_url(re.compile("compare=year_ago"))
    page.get_by_role("button", name="as of").click()
    field = page.get_by_label("as of")
    field.fill(DAY)
    expect(page).to_have_url(re.compile(f"as_of={DAY}"))
    page.get_by_role("button", name="Backlog", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="Next").click()
    page.get_by_role("dialog").get_by_role("button", name="Close").click()
    page.get_by_role("button", name="Why: Gross Margin").click()
    panel = page.get_by_role("region", name="What moved it")
    panel.get_by_label("KPI to explain").select_option(value="revenue")
    expect(panel).to_contain_text(re.compile("Recognized Revenue (rose|fell)"))
    by = panel.get_by_label("By", exact=True)
    other = "region" if by.input_value() != "region" else "segment"
    by.select_option(value=other)
    expect(by).to_have_value(other)
    opener = panel.locator("button[aria-expanded]").first
    opener.click()
    expect(opener).to_have_attribute("aria-expanded", "true")
    opener.click()  # closing is no use
    page.get_by_role("button", name="View as table: Revenue trend").click()
    with page.expect_download():
        page.get_by_role("link", name="Excel of this screen").click()
    arrived(own_service, page, ON_THE_SCREEN)
    assert DAY not in stored_texts(own_service)


def test_what_is_done_around_the_screen(page: Page, own_service: Service) -> None:
    page.add_init_script("window.print = () => dispatchEvent(new Event('beforeprint'))")
    open_dashboard(page, own_service)
    wait_for_keys(page)
    page.get_by_role("button", name=re.compile("Switch to the")).click()
    for asked, shown in (
        ("year to date", "compare=ytd_target"),
        ("moved NRR", "why=nrr"),
        (SEARCH, "kiosk=1"),
    ):
        page.keyboard.press("Control+k")
        page.keyboard.type(asked)
        page.keyboard.press("Enter")
        expect(page).to_have_url(re.compile(shown))
    expect(page.locator("html")).to_have_attribute("data-kiosk", "")
    page.keyboard.press("Escape")
    expect(page).not_to_have_url(re.compile("kiosk"))
    page.keyboard.press("p")
    page.keyboard.press("q")  # a switch, counted as such alone
    expect(page).to_have_url(re.compile("granularity=quarter"))
    page.keyboard.press("r")
    expect(page).to_have_url(re.compile("/reliability"))
    arrived(own_service, page, AROUND_IT)
    assert not stored_texts(own_service) & {SEARCH, "moved NRR"}


def test_what_is_done_on_the_page_of_a_kpi(page: Page, own_service: Service) -> None:
    page.goto(f"{own_service.url}/finance/kpis/gm?by=region")
    breakdown = page.get_by_role("region", name="Breakdown")
    breakdown.get_by_role("button", name="Share").click()
    element = breakdown.locator("tbody th button").first
    name = element.inner_text()
    element.click()
    chips = page.get_by_role("list", name="Filters")
    chips.get_by_role("button", name=f"Remove the filter region: {name}").click()
    expect(chips).to_have_count(0)
    page.get_by_label("Broken down by").select_option(value="segment")
    expect(page).to_have_url(re.compile("by=segment"))
    page.get_by_label("Explained by").select_option(value="product")
    expect(page).to_have_url(re.compile("drivers_by=product"))
    page.get_by_role("navigation", name="Pages of rows").get_by_role("button", name="Next").click()
    expect(page).to_have_url(re.compile("page=2"))
    with page.expect_download():
        page.get_by_role("link", name="Excel", exact=True).last.click()
    arrived(own_service, page, ON_A_PAGE)
    assert name not in stored_texts(own_service)


def test_what_is_done_about_an_alert(page: Page, own_service: Service) -> None:
    open_dashboard(page, own_service)
    session_of(page)
    alert = page.get_by_role("list", name="Alerts").locator("> li").first
    alert.get_by_role("button", name=re.compile("^Details")).click()
    alert.get_by_role("button", name=re.compile("^Acknowledge")).click()
    expect(alert).to_contain_text("Acknowledged by")
    alert.get_by_role("button", name=re.compile("^Assign")).click()
    page.keyboard.type(NAME)
    page.keyboard.press("Enter")
    expect(alert).to_contain_text(NAME)
    alert.get_by_role("button", name=re.compile("^Snooze")).click()
    alert.get_by_role("button", name="for 1 hour").click()
    expect(alert).to_contain_text("Snoozed by")
    alert.get_by_role("button", name=re.compile("^Resolve")).click()
    expect(page.get_by_text(NAME)).to_have_count(0)
    arrived(own_service, page, OF_ALERTS)
    assert NAME not in stored_texts(own_service)


def test_what_is_done_about_objectives(page: Page, own_service: Service) -> None:
    page.goto(f"{own_service.url}/reliability")
    session_of(page)
    page.get_by_role("button", name="30 days").click()
    expect(page).to_have_url(re.compile("window=30"))
    page.get_by_role("main").locator("button[aria-expanded]").first.click()
    expect(page).to_have_url(re.compile("objective="))
    arrived(own_service, page, OF_RELIABILITY)
