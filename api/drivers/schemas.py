"""Body of ``GET /api/drivers/{key}``: what contributed to a change."""

from typing import ClassVar, Literal

from api.executive.schemas import DeltaUnit, Timeframe
from api.schema import ResponseModel


class Contribution(ResponseModel):
    """One element's part of the change, in the KPI's own unit."""

    name: str
    effect: float
    kind: Literal["additive", "rate", "mix", "movement"]


class Drivers(ResponseModel):
    """The bridge from ``before`` to ``now``. Effects and ``residual`` sum to ``change``.

    ``offsetting`` says that large effects cancel, so that shares of the change would mislead.
    ``reason`` says what is missing when there is no bridge.
    """

    absent_when_none: ClassVar[frozenset[str]] = frozenset({"reason"})

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
