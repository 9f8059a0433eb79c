"""A running service's own answer to ``GET /api/slo``, judged here by our file."""

from collections.abc import Mapping, Sequence

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

from slo.maintenance import Maintenance
from slo.measurements import MOST_EVENTS, BadResult, LeftOut, Measurement
from slo.objective import Objective, Threshold
from slo.sources import web
from slo.sources.samples import FiniteNumber
from slo.windows import window_name


class ServedThreshold(BaseModel):
    """The comparison that the service counted by."""

    model_config = ConfigDict(extra="ignore")

    op: str | None = None
    value: float | None = None
    low: float | None = None
    high: float | None = None


class ServedMaintenance(BaseModel):
    """Hours that the service left out of its counts."""

    model_config = ConfigDict(extra="ignore")

    start: AwareDatetime
    end: AwareDatetime
    reason: str
    left_out: int


class ServedObjective(BaseModel):
    """What the service says of one objective. Its own verdict is not taken over."""

    model_config = ConfigDict(extra="ignore")

    name: str
    good: int
    total: int
    threshold: ServedThreshold
    p95: FiniteNumber | None = None
    p99: FiniteNumber | None = None
    maintenance: list[ServedMaintenance] = []


class ServedReport(BaseModel):
    """The body of ``GET /api/slo``, as far as it is needed here."""

    model_config = ConfigDict(extra="ignore")

    objectives: list[ServedObjective]


class HttpSource:
    """Judges by what a running service counted in a rolling window.

    A service with accounts is shown ``token``. Raises BadResult for what can be no token.
    """

    name = "http"

    def __init__(self, url: str, window_days: int, token: str | None = None) -> None:
        self._token = (token or "").strip() or None
        if self._token and not (self._token.isascii() and self._token.isprintable()):
            raise BadResult("the token must be one line of printable ASCII characters")
        self._url = f"{web.base_address(url)}/api/slo?window={window_name(window_days)}"

    def measure(self, objectives: Sequence[Objective]) -> Mapping[str, Measurement]:
        """Ask the service once. Raises Unreachable, or BadResult on another threshold."""
        served = {one.name: one for one in self._ask().objectives}
        return {
            objective.name: _measurement(objective, served[objective.name])
            for objective in objectives
            if objective.name in served
        }

    def _ask(self) -> ServedReport:
        body = web.fetch(self._url, self._token)
        try:
            return ServedReport.model_validate_json(body)
        except ValidationError as error:
            raise BadResult(f"{self._url} did not answer with an SLO report") from error


def _measurement(objective: Objective, served: ServedObjective) -> Measurement:
    theirs = served.threshold
    ours = objective.threshold
    if Threshold(ours.op, theirs.value, theirs.low, theirs.high) != ours or theirs.op != ours.op:
        raise BadResult(
            f"{objective.name}: the service counts by another threshold than this file's"
        )
    if not 0 <= served.good <= served.total <= MOST_EVENTS:
        raise BadResult(f"{objective.name}: {served.good} of {served.total} is not a count")
    apart = tuple(
        LeftOut(Maintenance(one.start, one.end, one.reason), one.left_out)
        for one in served.maintenance
    )
    return Measurement(served.good, served.total, served.p95, served.p99, left_out=apart)
