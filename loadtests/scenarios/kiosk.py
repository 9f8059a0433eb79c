"""A screen on a wall: the dashboard is opened once, and lives on its own polls."""

import gevent
from locust import task

from loadtests.scenarios.page import PageUser

HOUR_SECONDS = 3600.0


class Kiosk(PageUser):
    """Nobody touches it."""

    weight = 8

    @task
    def show(self) -> None:
        """Stay on the wall; load the page anew every hour."""
        self.open_dashboard()
        gevent.sleep(HOUR_SECONDS)
