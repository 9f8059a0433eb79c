"""The service's own answers as samples of the objectives that judge the API."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from slo.rollup import Cell, Place, Rollup, hour_number, hour_start

API = "/api/"
DASHBOARD = "/api/executive-dashboard"
EVENT_TYPE = "api_response"
NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(slots=True)
class _Answers:
    """The answers between two instants."""

    start: datetime = NEVER
    end: datetime = NEVER
    statuses: list[float] = field(default_factory=list)
    latencies_ms: list[float] = field(default_factory=list)


class OwnSamples:
    """Collects answers between two folds. Used on the event loop only."""

    def __init__(self, rollup: Rollup, clock: Callable[[], datetime]) -> None:
        self._rollup = rollup
        self._clock = clock
        self._hours: dict[int, _Answers] = {}
        self._latest = _Answers()
        self._cells: dict[Place, Cell] = {}

    def observe(self, route: str, method: str, status: int, duration_seconds: float) -> None:
        """Take one answer into account. ``route`` is a template."""
        if not route.startswith(API):
            return
        now, answers = self._clock(), self._latest
        if not answers.start <= now < answers.end:
            answers = self._latest = self._of(hour_number(now))
        answers.statuses.append(status)
        if route == DASHBOARD and method == "GET":
            answers.latencies_ms.append(duration_seconds * 1000)

    def take(self) -> dict[Place, Cell]:
        """What came together since the last ``take``, and what was given back."""
        cells, self._cells = self._cells, {}
        hours, self._hours, self._latest = self._hours, {}, _Answers()
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

    def _of(self, hour: int) -> _Answers:
        new = _Answers(hour_start(hour), hour_start(hour + 1))
        return self._hours.setdefault(hour, new)
