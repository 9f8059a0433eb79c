"""What Prometheus scraped of the service's own counter of judged events.

``increase()`` extrapolates to the window's edges, so its answers are no whole numbers: each is
rounded to the nearest event. Counts differ from the stored ones by what happened around the edges
and between the last scrape and a restart. Which threshold the service counted by, nobody can see.

The counter runs through maintenance. It is left out by asking for the stretches between.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal, TypeAlias
from urllib.parse import urlencode

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from slo.maintenance import Maintenance, counted
from slo.measurements import MOST_EVENTS, BadResult, LeftOut, Measurement, Unreachable
from slo.objective import Objective
from slo.promql import EVENTS_COUNTER, any_of, duration
from slo.rollup import hour_number, hour_start
from slo.sources import web
from slo.windows import window_name

Result: TypeAlias = Literal["good", "bad"]
SecondsSince1970 = Annotated[float, Field(gt=10**9, lt=10**11)]  # what a calendar can hold


class Labels(BaseModel):
    """Which counter a number belongs to."""

    slo: str
    result: Result


class Series(BaseModel):
    """One number of the answer, with the time it was worked out for."""

    metric: Labels
    value: tuple[float, float]


class Vector(BaseModel):
    """Several series at one moment."""

    resultType: Literal["vector"]  # noqa: N815 - Prometheus' own spelling
    result: list[Series]


class Answer(BaseModel):
    """The body of ``GET /api/v1/query``, as far as it is needed here."""

    model_config = ConfigDict(extra="ignore")

    status: Literal["success"]
    data: Vector
    warnings: list[str] = []


class Moment(BaseModel):
    """What time it is, as Prometheus has it."""

    resultType: Literal["scalar"]  # noqa: N815 - Prometheus' own spelling
    result: tuple[float, SecondsSince1970]


class TimeAnswer(BaseModel):
    """The body of an answer to ``time()``."""

    model_config = ConfigDict(extra="ignore")

    data: Moment


class PrometheusSource:
    """Judges by what a Prometheus holds of a rolling window, which ends at this very moment."""

    name = "prometheus"

    def __init__(self, url: str, window_days: int) -> None:
        self._address = web.base_address(url)
        self._window_days = window_days

    def measure(self, objectives: Sequence[Objective]) -> Mapping[str, Measurement]:
        """Count between maintenance. Raises Unreachable, or BadResult without counts."""
        by_maintenance: dict[tuple[Maintenance, ...], list[Objective]] = {}
        for objective in objectives:
            by_maintenance.setdefault(objective.maintenance, []).append(objective)
        measured: dict[str, Measurement] = {}
        for windows, members in by_maintenance.items():
            measured |= self._measure(members, windows)
        return measured

    def _measure(
        self, objectives: Sequence[Objective], maintenance: tuple[Maintenance, ...]
    ) -> dict[str, Measurement]:
        stretches = [f"[{window_name(self._window_days)}]"]
        apart: tuple[LeftOut, ...] = ()
        if maintenance:
            now = self._time()
            since = now - timedelta(days=self._window_days)
            stretches = _stretches(maintenance, since, now)
            apart = tuple(LeftOut(each, None) for each in maintenance if each.end > since)
        increases: dict[tuple[str, Result], float] = defaultdict(float)
        for stretch in stretches:
            for one in self._ask(objectives, stretch):
                increases[one.metric.slo, one.metric.result] += one.value[1]
        return {
            objective.name: Measurement(good, good + bad, left_out=apart)
            for objective in objectives
            if (good := _events(increases, objective.name, "good")) is not None
            # The service starts both at 0: one without the other is not to be judged.
            and (bad := _events(increases, objective.name, "bad")) is not None
        }

    def _time(self) -> datetime:
        body = web.fetch(f"{self._address}/api/v1/query?query=time()")
        try:
            return datetime.fromtimestamp(TimeAnswer.model_validate_json(body).data.result[1], UTC)
        except ValidationError as error:
            raise BadResult(f"{self._address} did not answer as Prometheus does") from error

    def _ask(self, objectives: Sequence[Objective], stretch: str) -> list[Series]:
        names = any_of(objective.name for objective in objectives)
        counter = f'{EVENTS_COUNTER}{{slo=~"{names}"}}'
        query = f"sum by (slo, result) (increase({counter}{stretch}))"
        body = web.fetch(f"{self._address}/api/v1/query?{urlencode({'query': query})}")
        try:
            answer = Answer.model_validate_json(body)
        except ValidationError as error:
            raise BadResult(f"{self._address} did not answer as Prometheus does") from error
        if answer.warnings:  # a part of the series may be missing
            raise Unreachable(self._address, f"answered in part: {answer.warnings[0]}")
        return answer.data.result


def _stretches(maintenance: Sequence[Maintenance], since: datetime, now: datetime) -> list[str]:
    """The window as PromQL's ranges, maintenance cut out."""
    hours = range(hour_number(since), hour_number(now) + 1)
    ends = [
        (max(since, hour_start(each.start)), min(now, hour_start(each.stop)))
        for each in counted(maintenance, hours)
    ]
    return [
        f"[{duration(end - start)}] @ {end.timestamp():.3f}" for start, end in ends if start < end
    ]


def _events(increases: Mapping[tuple[str, Result], float], name: str, result: Result) -> int | None:
    increase = increases.get((name, result))
    if increase is None:
        return None
    if not 0 <= increase <= MOST_EVENTS:  # NaN is no count either
        raise BadResult(f"{name}: {increase} {result} events is not a count")
    return round(increase)
