"""What Prometheus scraped of the service's own counter of judged events.

``increase()`` extrapolates to the window's edges, so its answers are no whole numbers: each is
rounded to the nearest event. Counts differ from the stored ones by what happened around the edges
and between the last scrape and a restart. Which threshold the service counted by, nobody can see.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Literal, TypeAlias
from urllib.parse import urlencode

from pydantic import BaseModel, ConfigDict, ValidationError

from slo.measurements import BadResult, Measurement, Unreachable
from slo.objective import Objective
from slo.promql import EVENTS_COUNTER, any_of
from slo.sources import web
from slo.windows import window_name

Result: TypeAlias = Literal["good", "bad"]


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


class PrometheusSource:
    """Judges by what a Prometheus holds of a rolling window, which ends at this very moment."""

    name = "prometheus"

    def __init__(self, url: str, window_days: int) -> None:
        self._address = web.base_address(url)
        self._window = window_name(window_days)

    def measure(self, objectives: Sequence[Objective]) -> Mapping[str, Measurement]:
        """Ask once. Raises Unreachable, or BadResult when the answer holds no counts."""
        if not objectives:
            return {}
        increases = {
            (one.metric.slo, one.metric.result): one.value[1] for one in self._ask(objectives)
        }
        return {
            objective.name: Measurement(good, good + bad)
            for objective in objectives
            if (good := _events(increases, objective.name, "good")) is not None
            # The service starts both at 0: one without the other is not to be judged.
            and (bad := _events(increases, objective.name, "bad")) is not None
        }

    def _ask(self, objectives: Sequence[Objective]) -> list[Series]:
        names = any_of(objective.name for objective in objectives)
        counter = f'{EVENTS_COUNTER}{{slo=~"{names}"}}'
        query = f"sum by (slo, result) (increase({counter}[{self._window}]))"
        body = web.fetch(f"{self._address}/api/v1/query?{urlencode({'query': query})}")
        try:
            answer = Answer.model_validate_json(body)
        except ValidationError as error:
            raise BadResult(f"{self._address} did not answer as Prometheus does") from error
        if answer.warnings:  # a part of the series may be missing
            raise Unreachable(f"{self._address} answered in part: {answer.warnings[0]}")
        return answer.data.result


def _events(increases: Mapping[tuple[str, Result], float], name: str, result: Result) -> int | None:
    increase = increases.get((name, result))
    if increase is None:
        return None
    if not math.isfinite(increase) or increase < 0:
        raise BadResult(f"{name}: {increase} {result} events is not a count")
    return round(increase)
