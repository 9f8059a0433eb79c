"""Body of ``GET /api/drivers/{key}``: what contributed to a change."""

from typing import ClassVar, Literal

from api.executive.schemas import Comparison, DeltaUnit, Timeframe
from api.schema import ResponseModel


class Contribution(ResponseModel):
    """One element's part of the change, in the KPI's own unit.

    ``minutes_lost`` is there for services: minutes observed and not up, in the window now.
    """

    absent_when_none: ClassVar[frozenset[str]] = frozenset({"minutes_lost"})

    name: str
    effect: float
    kind: Literal["additive", "rate", "mix", "movement"]
    minutes_lost: float | None = None


class Within(ResponseModel):
    """The contribution that was opened: an element of a dimension."""

    by: str
    name: str


class Drivers(ResponseModel):
    """The bridge from ``before`` to ``now``. Effects and ``residual`` sum to ``change``.

    ``dimensions`` are what ``by`` may be, those first that explain the change by the fewest
    elements. ``offsetting`` says that large effects cancel, so that shares of the change would
    mislead. A forecast has no change: its effects sum to its value, ``now``. ``reason`` says what
    is missing when there is no bridge. With ``within`` the effects sum to that one contribution,
    ``change`` (of a forecast: ``now``), and ``dimensions`` are what ``then`` may be.
    """

    absent_when_none: ClassVar[frozenset[str]] = frozenset({"comparison", "reason", "within"})

    metric: str
    by: str
    dimensions: list[str]
    timeframe: Timeframe
    unit: DeltaUnit
    now: float | None
    before: float | None
    change: float | None
    contributions: list[Contribution]
    positive: float | None
    negative: float | None
    residual: float | None
    offsetting: bool
    sentence: str
    reason: str | None = None
    within: Within | None = None
    comparison: Comparison | None = None
