"""Browsers that send batches and send them again until they are acknowledged."""

import http.client
import threading
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from sqlalchemy import Engine, func, select

from api.slo_commands import StoredRawEvents
from api.storage.event_tables import event_ids, user_event_meta, user_events
from slo.objectives import load_objectives
from slo.rollup import hour_number
from slo.rollup_conditions import asked, unknown
from slo.verification import verify
from tests.faults.process import exchange

EVENTS = 25  # in each request
RETENTION = timedelta(days=35)
JUDGED = [one for one in load_objectives() if one.name in ("ttfb", "render")]


def page_views(number: int) -> list[dict[str, Any]]:
    return [page_view(str(uuid.uuid4())) for _ in range(number)]


def page_view(event_id: str) -> dict[str, Any]:
    """An event whose numbers follow from its id."""
    return {
        "event_type": "page_view",
        "event_id": event_id,
        "meta": {"ttfb_ms": int(event_id[:4], 16) % 600, "render_total_ms": 900},
    }


class Listening(Protocol):
    """What answers at a port of loopback, to those who send these headers."""

    @property
    def port(self) -> int: ...

    @property
    def headers(self) -> Mapping[str, str]: ...


class Browser(threading.Thread):
    """One connection at a time; what was not acknowledged is sent again with the same ids."""

    def __init__(self, service: Listening) -> None:
        super().__init__()
        self._service = service
        self._stopping = threading.Event()
        self._working = threading.Event()
        self._working.set()
        self.sent: set[str] = set()
        self.acknowledged: set[str] = set()
        self.statuses: list[int] = []
        self.seconds: list[float] = []  # that each of those took
        self.without_advice = 0  # refusals that do not say when to come back
        self.broken = 0  # connections that ended in the middle

    def run(self) -> None:
        while not self._stopping.is_set():
            connection = http.client.HTTPConnection("127.0.0.1", self._service.port, timeout=60)
            try:
                while self._working.wait() and not self._stopping.is_set():
                    self._deliver(connection, page_views(EVENTS))
            except (OSError, http.client.HTTPException):
                self.broken += 1
                time.sleep(0.02)
            finally:
                connection.close()

    def pause(self) -> None:
        """Begin no new batch; what is not acknowledged is still sent again."""
        self._working.clear()

    def go_on(self) -> None:
        self._working.set()

    def stop(self) -> None:
        self._stopping.set()
        self._working.set()

    def _deliver(
        self, connection: http.client.HTTPConnection, events: list[dict[str, Any]]
    ) -> None:
        ids = {one["event_id"] for one in events}
        self.sent |= ids
        while True:
            started = time.monotonic()
            try:
                answer = exchange(connection, events, self._service.headers)
            except (OSError, http.client.HTTPException):
                self.broken += 1
                connection.close()
                if self._stopping.is_set():
                    return
                time.sleep(0.02)
                continue
            self.seconds.append(time.monotonic() - started)
            self.statuses.append(answer.status)
            if answer.status == 200:
                assert answer.body["accepted"] + answer.body["duplicates"] == len(events)
                self.acknowledged |= ids
                return
            self.without_advice += "Retry-After" not in answer.headers
            if self._stopping.is_set():
                return
            time.sleep(0.1)


@contextmanager
def browsing(service: Listening, number: int = 4) -> Iterator[list[Browser]]:
    """Browsers at work; at the end each has finished or given up its last batch."""
    browsers = [Browser(service) for _ in range(number)]
    for browser in browsers:
        browser.start()
    try:
        yield browsers
    finally:
        for browser in browsers:
            browser.stop()
        for browser in browsers:
            browser.join()


@contextmanager
def resting(browsers: Sequence[Browser]) -> Iterator[None]:
    """Nothing new is sent meanwhile."""
    for browser in browsers:
        browser.pause()
    try:
        yield
    finally:
        for browser in browsers:
            browser.go_on()


def wait_for_acknowledgements(browsers: Sequence[Browser], each: int) -> None:
    """Until every browser had so many more events acknowledged."""
    wanted = [len(browser.acknowledged) + each for browser in browsers]
    deadline = time.monotonic() + 90
    while any(
        len(browser.acknowledged) < number for browser, number in zip(browsers, wanted, strict=True)
    ):
        assert time.monotonic() < deadline, "events are not acknowledged any more"
        time.sleep(0.01)


def wait_until_objectives_are_counted(engine: Engine) -> None:
    """A service that was just started counts its objectives first; before that nothing holds."""
    deadline = time.monotonic() + 60
    while True:
        with engine.connect() as connection:
            if not unknown(connection, asked(JUDGED)):
                return
        assert time.monotonic() < deadline
        time.sleep(0.05)


def check_stored(engine: Engine, acknowledged: set[str], sent: set[str] | None = None) -> int:
    """Everything acknowledged is there once, and the rollup equals the events; how many."""
    now = datetime.now(UTC)
    hours = range(hour_number(now) - 24, hour_number(now) + 2)
    raw = StoredRawEvents((now - RETENTION).date())
    with engine.connect() as connection:
        stored = list(connection.execute(select(user_events.c.event_id)).scalars())
        assert len(stored) == len(set(stored))
        assert acknowledged <= set(stored)
        assert sent is None or set(stored) <= sent
        assert set(connection.execute(select(event_ids.c.event_id)).scalars()) == set(stored)
        numbers = select(func.count()).select_from(user_event_meta)
        assert connection.execute(numbers).scalar_one() == 2 * len(stored)
        for objective in JUDGED:
            found = verify(connection, raw, objective, hours)
            assert found.holds, found
            assert found.rollup.total == found.exact.total == len(stored)
    return len(stored)
