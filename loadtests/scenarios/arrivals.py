"""Requests that arrive at a set rate and do not wait for answers (open loop)."""

import time
import uuid
from typing import ClassVar

from gevent.pool import Pool
from locust import task
from locust.env import Environment

from loadtests.browsing import SCREEN_API, BrowsingUser
from loadtests.events import EVENTS_API, batch, event
from loadtests.timetable import arrivals, sleep_until

MOST_PER_SECOND = 100.0  # of one user, so that workers share the rate
MOST_WAITING = 5000  # of one user; beyond it the server is lost, and the generator must not be


class ArrivingUser(BrowsingUser):
    """Not a person but a stream of them. Each request's time counts from when it was due."""

    abstract = True
    concurrency = MOST_WAITING
    rate_per_second: ClassVar[float] = 1.0

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        self._under_way = Pool(MOST_WAITING)

    @task
    def stream(self) -> None:
        """Send and send. How late each is sent is the generator's own fault."""
        for due in arrivals(self.rate_per_second):
            sleep_until(due)
            self.run_state.add_lag((time.perf_counter() - due) * 1000)
            self._under_way.spawn(self.arrive, due)

    def on_stop(self) -> None:
        """Let go of what is under way, and let it be kept how long that has waited."""
        self._under_way.kill()

    def arrive(self, due: float) -> None:
        """Ask once."""
        raise NotImplementedError


class ScreenArrivals(ArrivingUser):
    """People who ask for the first screen's numbers."""

    def arrive(self, due: float) -> None:
        """Ask for the default view."""
        self.ask(SCREEN_API, begun=due)


class RumArrivals(ArrivingUser):
    """Browsers that send what they measured."""

    def arrive(self, due: float) -> None:
        """Send as many events as --rum-batch says; the rate is of events."""
        session_id = str(uuid.uuid4())
        events = [
            event("alerts_poll", session_id, alerts_poll_interval_ms=30_000.0)
            for _ in range(self.options.rum_batch)
        ]
        self.send(EVENTS_API, batch(events), begun=due)
