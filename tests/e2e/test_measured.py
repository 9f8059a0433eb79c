"""What the browser measures of itself arrives in the database, with plausible values."""

import re
import sqlite3
import time
from contextlib import closing

import pytest
from playwright.sync_api import Page, Request, expect

from tests.e2e.clock import until_next_poll
from tests.e2e.conftest import Service, until, until_measured
from tests.e2e.test_screen import open_dashboard

ARRIVAL_SECONDS = 15
POLL_MS, JITTER_MS = 30_000, 5_000
# A function: an expression is evaluated anew at each try, which the page's policy forbids.
SESSION = "() => sessionStorage.getItem('execdash.session')"
STEP_MS = 1_000
GATHERED_MS = 7_000  # a page sends what it measured within five seconds


def session_of(page: Page) -> str:
    """The id that a page gives to all events of its tab, once its script has taken over."""
    session: str = page.wait_for_function(SESSION).json_value()
    return session


def stored(service: Service, session: str) -> dict[str, dict[str, float]]:
    """The numbers of a session's events, by event type."""
    with closing(sqlite3.connect(f"file:{service.database}?mode=ro", uri=True)) as connection:
        rows = connection.execute(
            "SELECT e.event_type, m.metric, m.v FROM user_events e"
            " JOIN user_event_meta m ON m.event_id = e.id"
            " WHERE m.v IS NOT NULL AND e.session_id = ?",
            (session,),
        ).fetchall()
    found: dict[str, dict[str, float]] = {}
    for event_type, metric, value in rows:
        found.setdefault(event_type, {})[metric] = value
    return found


def wait_for(service: Service, session: str, *event_types: str) -> dict[str, dict[str, float]]:
    """The stored numbers, as soon as every one of ``event_types`` has arrived."""
    deadline = time.monotonic() + ARRIVAL_SECONDS
    while time.monotonic() < deadline:
        found = stored(service, session)
        if set(event_types) <= set(found):
            return found
        time.sleep(0.2)
    raise AssertionError(f"of {event_types} only {sorted(found)} arrived")


def leave(page: Page) -> None:
    """Hide the page, which is when it sends what it measured."""
    page.goto("about:blank")


def test_what_a_page_asks_for_while_it_loads_belongs_to_its_trace(
    page: Page, demo_service: Service
) -> None:
    with page.expect_request("**/api/executive-dashboard?*") as asked:
        document = page.goto(f"{demo_service.url}/dashboard")
    assert document is not None
    told = re.search(r"00-([0-9a-f]{32})-[0-9a-f]{16}-0[0-3]", document.headers["server-timing"])
    assert told
    assert asked.value.headers["traceparent"] == told[0]
    answer = asked.value.response()
    assert answer is not None
    assert told[1] in answer.headers["server-timing"]


def test_the_events_of_this_very_session_are_in_the_database(
    page: Page, demo_service: Service
) -> None:
    open_dashboard(page, demo_service)
    session = session_of(page)
    page.get_by_role("button", name="Quarter").click()
    expect(page).to_have_url(re.compile("granularity=quarter"))
    until_measured(page, "switch_range_or_granularity")
    page.get_by_role("link", name="Gross Margin", exact=True).first.click()
    expect(page.get_by_role("heading", name="Rows behind it")).to_be_visible()
    until_measured(page, "drilldown")
    leave(page)
    found = wait_for(demo_service, session, "page_view", "switch_range_or_granularity", "drilldown")
    view = found["page_view"]
    assert 0 < view["ttfb_ms"] < view["render_total_ms"] < 20_000
    assert 0 < found["switch_range_or_granularity"]["switch_latency_ms"] < 5_000
    assert found["drilldown"]["drilldown_clicks"] == 1
    assert 0 < found["drilldown"]["drilldown_duration_ms"] < 20_000


def test_alerts_are_polled_every_thirty_seconds_with_jitter(
    page: Page, demo_service: Service
) -> None:
    page.clock.install()
    open_dashboard(page, demo_service)
    waits_ms = [until_next_poll(page, STEP_MS)[1] for _ in range(4)]
    # The first began before the clock was looked at; each of the others is a whole wait.
    for waited_ms in waits_ms[1:]:
        assert POLL_MS - JITTER_MS - STEP_MS <= waited_ms <= POLL_MS + JITTER_MS + STEP_MS


def test_a_hidden_page_does_not_poll(page: Page, demo_service: Service) -> None:
    polls: list[str] = []
    page.on("request", lambda r: polls.append(r.url) if r.url.endswith("/api/alerts") else None)
    page.clock.install()
    open_dashboard(page, demo_service)
    page.evaluate(
        """() => {
          Object.defineProperty(document, 'visibilityState', { get: () => 'hidden' })
          document.dispatchEvent(new Event('visibilitychange'))
        }"""
    )
    seen = len(polls)
    page.clock.run_for(180_000)
    page.wait_for_timeout(300)
    assert len(polls) == seen


GPC = "Object.defineProperty(navigator, 'globalPrivacyControl', { get: () => true })"
DNT = "Object.defineProperty(navigator, 'doNotTrack', { get: () => '1' })"


@pytest.mark.parametrize(("asked", "measured"), [("", True), (GPC, False), (DNT, False)])
def test_who_asks_not_to_be_measured_is_not(
    page: Page, demo_service: Service, asked: str, measured: bool
) -> None:
    sent: list[Request] = []
    page.on("request", lambda r: sent.append(r) if r.url.endswith("/api/events") else None)
    page.add_init_script(asked)
    open_dashboard(page, demo_service)
    page.get_by_role("button", name="Quarter").click()
    expect(page).to_have_url(re.compile("granularity=quarter"))
    page.get_by_role("button", name="View as table: Revenue trend").click()
    page.get_by_role("button", name="Why: Gross Margin").click()
    if measured:
        until(page, lambda: len(sent) > 0)
    else:
        page.wait_for_timeout(GATHERED_MS)
        assert sent == []
    assert (page.evaluate("sessionStorage.length + localStorage.length") > 0) == measured
