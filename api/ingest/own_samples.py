"""The service's own answers as samples of the objectives that judge the API."""

from collections.abc import Callable
from datetime import datetime

from slo.rollup import Cell, Place, Rollup, hour_number

API = "/api/"
DASHBOARD = "/api/executive-dashboard"
EVENT_TYPE = "api_response"


class OwnSamples:
    """Collects answers between two folds. Used on the event loop only."""

    def __init__(self, rollup: Rollup, clock: Callable[[], datetime]) -> None:
        self._rollup = rollup
        self._clock = clock
        self._statuses: dict[int, list[float]] = {}
        self._latencies_ms: dict[int, list[float]] = {}
        self._cells: dict[Place, Cell] = {}

    def observe(self, route: str, method: str, status: int, duration_seconds: float) -> None:
        """Take one answer into account. ``route`` is a template."""
        if not route.startswith(API):
            return
        hour = hour_number(self._clock())
        self._statuses.setdefault(hour, []).append(float(status))
        if route == DASHBOARD and method == "GET":
            self._latencies_ms.setdefault(hour, []).append(duration_seconds * 1000)

    def take(self) -> dict[Place, Cell]:
        """What came together since the last ``take``, and what was given back."""
        cells, self._cells = self._cells, {}
        for metric, by_hour in (
            ("api_status_code", self._statuses),
            ("api_latency_ms", self._latencies_ms),
        ):
            for hour, values in by_hour.items():
                self._rollup.add(cells, Place(metric, EVENT_TYPE, hour), values)
            by_hour.clear()
        return cells

    def give_back(self, cells: dict[Place, Cell]) -> None:
        """Keep what could not be stored for the next time."""
        self._cells = cells
