"""The service's own answers as samples of the objectives that judge the API."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from slo.rollup import Cell, Place, Rollup, hour_number, hour_start

API = "/api/"
DASHBOARD = "/api/executive-dashboard"
EVENT_TYPE = "api_response"


@dataclass(slots=True)
class _Answers:
    """The answers of one hour."""

    statuses: list[float] = field(default_factory=list)
    latencies_ms: list[float] = field(default_factory=list)


class OwnSamples:
    """Collects answers between two folds. Used on the event loop only."""

    def __init__(self, rollup: Rollup, clock: Callable[[], datetime]) -> None:
        self._rollup = rollup
        self._clock = clock
        self._hours: dict[int, _Answers] = {}
        self._latest = _Answers()
        self._latest_until = -math.inf  # as told by perf_counter: the clock is too slow to ask
        self._cells: dict[Place, Cell] = {}

    def observer(self, route: str, method: str) -> Callable[[int, float, float], None]:
        """Takes the answers of one route into account: status, seconds, and when each ended.

        ``route`` is a template, and the end is told as by ``time.perf_counter``.
        """
        if not route.startswith(API):
            return lambda *_: None
        is_timed = route == DASHBOARD and method == "GET"

        def observe(status: int, seconds: float, ended: float) -> None:
            if ended >= self._latest_until:
                self._turn_to(self._clock(), ended)
            answers = self._latest
            answers.statuses.append(status)
            if is_timed:
                answers.latencies_ms.append(seconds * 1000)

        return observe

    def take(self) -> dict[Place, Cell]:
        """What came together since the last ``take``, and what was given back."""
        cells, self._cells = self._cells, {}
        hours, self._hours, self._latest_until = self._hours, {}, -math.inf
        for hour, answers in hours.items():
            for metric, values in (
                ("api_status_code", answers.statuses),
                ("api_latency_ms", answers.latencies_ms),
            ):
                if values:
                    self._rollup.add(cells, Place(metric, EVENT_TYPE, hour), values)
        return cells

    def give_back(self, cells: dict[Place, Cell]) -> None:
        """Keep what could not be stored for the next time."""
        self._cells = cells

    def _turn_to(self, now: datetime, ended: float) -> None:
        hour = hour_number(now)
        self._latest = self._hours.setdefault(hour, _Answers())
        self._latest_until = ended + (hour_start(hour + 1) - now).total_seconds()
