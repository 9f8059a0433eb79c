"""An executive's session: open the dashboard, switch, drill down, leave it open and let it poll."""

import random
import re
import time
import uuid
from datetime import UTC, datetime
from typing import Any, ClassVar
from urllib.parse import urlencode

import gevent
from locust import task

from loadtests.browsing import DASHBOARD_API, BrowsingUser
from loadtests.run import POLL_INTERVAL

# The page polls this often and this evenly; the objective says how far off is still good.
POLL_SECONDS = 30.0
POLL_JITTER_SECONDS = 2.0
THINK_SECONDS = (2.0, 8.0)  # between two things that a person does

RANGES = ("6m", "12m")
GRANULARITIES = ("month", "quarter")
KPIS = ("backlog", "uptime", "nrr", "gm", "payback", "revenue", "arr", "coverage_months")
ASSETS = re.compile(rb'(?:src|href)="(/assets/[^"]+)"')


class Executive(BrowsingUser):
    """One person with one open page."""

    weight = 10
    think_scale: ClassVar[float] = 1.0

    def on_start(self) -> None:
        """Open the dashboard, as every session begins."""
        self._session_id = str(uuid.uuid4())
        self._range, self._granularity = "12m", "month"
        self._etags: dict[str, str] = {}
        self._assets_cached = False
        self._poller = gevent.spawn(self._poll)
        self._open()

    def on_stop(self) -> None:
        """Close the page."""
        self._poller.kill()

    def wait_time(self) -> float:
        """Think before the next step."""
        return random.uniform(*THINK_SECONDS) * self.think_scale  # noqa: S311 - no secret

    @task(2)
    def reopen(self) -> None:
        """Come back to the dashboard through its address."""
        self._open()

    @task(3)
    def switch(self) -> None:
        """Choose another range or granularity."""
        if random.random() < 0.5:  # noqa: S311 - no secret
            self._range = _other(RANGES, self._range)
        else:
            self._granularity = _other(GRANULARITIES, self._granularity)
        self._ask_for_screen()

    @task(3)
    def drill_down(self) -> None:
        """Open a KPI: its series, what drives it, and the rows behind it."""
        key = random.choice(KPIS)  # noqa: S311 - no secret
        view = self._view()
        self.ask(f"/api/kpis/{key}?{view}", "/api/kpis/{key}")
        self.ask(f"/api/drivers/{key}?{view}", "/api/drivers/{key}")
        self.ask(f"/api/kpis/{key}/rows?{view}&page=1&page_size=50", "/api/kpis/{key}/rows")
        self._beacon("drilldown", kpi=key)

    @task(1)
    def check_alerts(self) -> None:
        """Follow an alert."""
        self.ask("/api/alerts")
        self._beacon("alert_click", to="/finance/kpis/gm")

    def _open(self) -> None:
        body, ttfb_ms = self.open_page("/dashboard")
        if not self._assets_cached:
            for path in sorted({match.decode() for match in ASSETS.findall(body)}):
                self.get(path, "/assets/{file}")
            self._assets_cached = True
        self._ask_for_screen()
        self._beacon("page_view", ttfb_ms=ttfb_ms)

    def _ask_for_screen(self) -> None:
        path = f"{DASHBOARD_API}?{self._view()}"
        known = self._etags.get(path)
        etag = self.ask(path, DASHBOARD_API, {"If-None-Match": known} if known else None)
        if etag:
            self._etags[path] = etag

    def _view(self) -> str:
        return urlencode({"range": self._range, "granularity": self._granularity})

    def _poll(self) -> None:
        """Poll as the page does: the next one is due a while after the last one was answered."""
        last: float | None = None
        while True:
            jitter = random.uniform(-POLL_JITTER_SECONDS, POLL_JITTER_SECONDS)  # noqa: S311 - no secret
            gevent.sleep(POLL_SECONDS + jitter)
            self.ask("/api/alerts")
            now = time.perf_counter()
            if last is not None:
                interval_ms = (now - last) * 1000
                self.run_state.add(POLL_INTERVAL, interval_ms)
                self._beacon("alerts_poll", alerts_poll_interval_ms=interval_ms)
            last = now

    def _beacon(self, event_type: str, **meta: Any) -> None:
        """Send what a browser would; marked synthetic, so that no objective counts it."""
        event = {
            "event_type": event_type,
            "event_id": str(uuid.uuid4()),
            "event_time": _utc_now(),
            "session_id": self._session_id,
            "meta": {**meta, "synthetic": True},
        }
        self.send("/api/events", {"sent_at": _utc_now(), "events": [event]})


def _other(choices: tuple[str, str], current: str) -> str:
    return choices[1] if current == choices[0] else choices[0]


def _utc_now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
