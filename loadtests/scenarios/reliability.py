"""An engineer who watches the reliability page while others work."""

from typing import ClassVar

from locust import task

from loadtests.browsing import BrowsingUser

WINDOWS = ("1d", "7d", "28d")
REFRESH_SECONDS = 60.0  # as the page does


class Engineer(BrowsingUser):
    """Opens the page, then lets it refresh."""

    weight = 2
    objective_names: ClassVar[tuple[str, ...]] = ()

    def on_start(self) -> None:
        """Open the page."""
        self.open_page("/reliability")
        self._turn = 0

    @task
    def look(self) -> None:
        """See all objectives, then one in depth."""
        window = WINDOWS[self._turn % len(WINDOWS)]
        self.ask(f"/api/slo?window={window}", "/api/slo")
        if self.objective_names:
            name = self.objective_names[self._turn % len(self.objective_names)]
            self.ask(f"/api/slo/{name}?window={window}", "/api/slo/{name}")
        self._turn += 1
        self.timetable.think(REFRESH_SECONDS, REFRESH_SECONDS)
