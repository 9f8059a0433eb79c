"""What the browser measures of itself arrives in the database, with plausible values."""

import json
import re
import sqlite3
import time
from contextlib import closing

from playwright.sync_api import Browser, Page, Request, expect

from tests.e2e.conftest import Service
from tests.e2e.test_screen import open_dashboard

ARRIVAL_SECONDS = 15
JITTER_MS = 5_000


class SentEvents:
    """The ids of the events that a page sends."""

    def __init__(self, page: Page) -> None:
        self.ids: list[str] = []
        page.on("request", self._note)

    def _note(self, request: Request) -> None:
        if request.url.endswith("/api/events"):
            body = json.loads(request.post_data or "{}")
            self.ids += [event["event_id"] for event in body["events"]]


def stored(service: Service, event_ids: list[str]) -> dict[str, dict[str, float]]:
    """The numbers of the given events, by event type."""
    marks = ",".join("?" * len(event_ids))
    with closing(sqlite3.connect(f"file:{service.database}?mode=ro", uri=True)) as connection:
        rows = connection.execute(
            "SELECT e.event_type, m.metric, m.v FROM user_events e"
            " JOIN user_event_meta m ON m.event_id = e.id"
            f" WHERE m.v IS NOT NULL AND e.event_id IN ({marks})",
            event_ids,
        ).fetchall()
    found: dict[str, dict[str, float]] = {}
    for event_type, metric, value in rows:
        found.setdefault(event_type, {})[metric] = value
    return found


def wait_for(service: Service, sent: SentEvents, *event_types: str) -> dict[str, dict[str, float]]:
    """The stored numbers, as soon as every one of ``event_types`` has arrived."""
    deadline = time.monotonic() + ARRIVAL_SECONDS
    while time.monotonic() < deadline:
        found = stored(service, list(dict.fromkeys(sent.ids)))
        if set(event_types) <= set(found):
            return found
        time.sleep(0.2)
    raise AssertionError(f"of {event_types} only {sorted(found)} arrived; sent {len(sent.ids)}")


def leave(page: Page) -> None:
    """Hide the page, which is when it sends what it measured."""
    page.goto("about:blank")


def test_the_events_of_this_very_session_are_in_the_database(
    page: Page, demo_service: Service
) -> None:
    sent = SentEvents(page)
    open_dashboard(page, demo_service)
    page.get_by_role("button", name="Quarter").click()
    expect(page).to_have_url(re.compile("granularity=quarter"))
    page.wait_for_timeout(500)
    page.get_by_role("link", name="Gross Margin", exact=True).first.click()
    expect(page.get_by_role("heading", name="Rows behind it")).to_be_visible()
    page.wait_for_timeout(500)
    leave(page)
    found = wait_for(demo_service, sent, "page_view", "switch_range_or_granularity", "drilldown")
    view = found["page_view"]
    assert 0 < view["ttfb_ms"] < view["render_total_ms"] < 20_000
    assert 0 < found["switch_range_or_granularity"]["switch_latency_ms"] < 5_000
    assert found["drilldown"]["drilldown_clicks"] == 1
    assert 0 < found["drilldown"]["drilldown_duration_ms"] < 20_000


def test_alerts_are_polled_every_thirty_seconds_with_jitter(
    page: Page, demo_service: Service
) -> None:
    polls: list[str] = []
    page.on("request", lambda r: polls.append(r.url) if r.url.endswith("/api/alerts") else None)
    page.clock.install()
    open_dashboard(page, demo_service)
    page.clock.run_for(1_000)
    seen = len(polls)
    for _ in range(4):
        page.clock.run_for(30_000 + JITTER_MS)
        page.wait_for_timeout(300)
    assert 4 <= len(polls) - seen <= 5


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


def test_global_privacy_control_stops_all_measuring(
    browser: Browser, demo_service: Service
) -> None:
    context = browser.new_context(extra_http_headers={"Sec-GPC": "1"})
    context.add_init_script(
        "Object.defineProperty(navigator, 'globalPrivacyControl', { get: () => true })"
    )
    page = context.new_page()
    sent = SentEvents(page)
    open_dashboard(page, demo_service)
    page.get_by_role("button", name="Quarter").click()
    expect(page).to_have_url(re.compile("granularity=quarter"))
    leave(page)
    context.close()
    assert sent.ids == []
