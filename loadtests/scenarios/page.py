"""An open dashboard: its first screen, and what it asks for by itself."""

import random
import re
import time
import uuid
from typing import Any
from urllib.parse import urlencode

import gevent
from locust.env import Environment

from loadtests.browsing import SCREEN_API, BrowsingUser
from loadtests.events import EVENTS_API, Event, batch, event
from loadtests.run import POLL_INTERVAL

# As the page does; the objective says how far off is still good.
POLL_SECONDS = 30.0
POLL_JITTER_SECONDS = 2.0
SCREEN_REFRESH_POLLS = 4  # the screen is asked for anew every two minutes
ALERTS_API = "/api/alerts"
GATHER_SECONDS = 5.0  # events wait this long for company

ASSETS = re.compile(rb'(?:src|href)="(/assets/[^"]+)"')


class PageUser(BrowsingUser):
    """Somebody with one open page."""

    abstract = True

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        self.range, self.granularity = "12m", "month"
        self._session_id = str(uuid.uuid4())
        self._etags: dict[str, str] = {}
        self._assets_cached = False
        self._gathered: list[Event] = []
        self._greenlets: list[gevent.Greenlet[[], None]] = []

    def on_stop(self) -> None:
        """Close the page."""
        gevent.killall(self._greenlets)

    def open_dashboard(self) -> None:
        """Load the page as a browser does: document, files that are not cached, the screen."""
        body, ttfb_ms = self.open_page("/dashboard")
        if not self._assets_cached:
            for path in sorted({match.decode() for match in ASSETS.findall(body)}):
                self.get(path, "/assets/{file}")
            self._assets_cached = True
        self.ask_for_screen()
        self.beacon("page_view", ttfb_ms=ttfb_ms)
        self.keep_open()

    def keep_open(self) -> None:
        """Let the page do what it does by itself."""
        if not self._greenlets:
            self._greenlets = [gevent.spawn(self._poll), gevent.spawn(self._send_gathered)]

    def ask_for_screen(self) -> None:
        """Ask for the numbers of the chosen view, if they changed."""
        self._ask_again(f"{SCREEN_API}?{self.view}", SCREEN_API)

    def _ask_again(self, path: str, name: str, **timing: Any) -> None:
        """Ask as a browser does, which shows the tag of the answer that it has."""
        known = self._etags.get(path)
        etag = self.ask(path, name, {"If-None-Match": known} if known else None, **timing)
        if etag:
            self._etags[path] = etag

    @property
    def view(self) -> str:
        """The chosen range and granularity, as every address holds them."""
        return urlencode({"range": self.range, "granularity": self.granularity})

    def beacon(self, event_type: str, **meta: Any) -> None:
        """Keep what a browser would measure, to be sent with what comes next."""
        self._gathered.append(event(event_type, self._session_id, **meta))

    def _send_gathered(self) -> None:
        while True:
            gevent.sleep(GATHER_SECONDS)
            if self._gathered:
                gathered, self._gathered = self._gathered, []
                self.send(EVENTS_API, batch(gathered))

    def _poll(self) -> None:
        """Poll as the page does: the next one is due a while after the last one was answered.

        The first is due anywhere in that time, and any of four asks for the screen, too: people
        who come together do not ask together.
        """
        polls = random.randrange(SCREEN_REFRESH_POLLS)  # noqa: S311 - no secret
        gevent.sleep(random.uniform(0, POLL_SECONDS))  # noqa: S311 - no secret
        last: float | None = None
        while True:
            waiting = None if last is None else (POLL_INTERVAL, last)
            self._ask_again(ALERTS_API, ALERTS_API, begun=time.perf_counter(), waiting=waiting)
            now = time.perf_counter()
            if last is not None:
                interval_ms = (now - last) * 1000
                self.run_state.add(POLL_INTERVAL, interval_ms, last)
                self.beacon("alerts_poll", alerts_poll_interval_ms=interval_ms)
            last = now
            polls += 1
            if polls % SCREEN_REFRESH_POLLS == 0:
                self.ask_for_screen()
            jitter = random.uniform(-POLL_JITTER_SECONDS, POLL_JITTER_SECONDS)  # noqa: S311 - no secret
            gevent.sleep(POLL_SECONDS + jitter)
