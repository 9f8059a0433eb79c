"""Body of ``GET /api/executive-dashboard``. Field names are promises to clients."""

from datetime import date, datetime
from typing import ClassVar

from api.alerts.schemas import Alert
from api.calendar import Compare, Granularity, Range
from api.executive.kpis import (
    Caution,
    DeltaReason,
    DeltaUnit,
    Direction,
    GoodDirection,
    KpiKey,
    Method,
    Reason,
    Status,
)
from api.schema import ResponseModel

__all__ = ["DeltaUnit", "Granularity", "KpiKey", "Range", "Reason"]  # others' bodies use these, too


class Timeframe(ResponseModel):
    """The window that was computed: complete months only, both dates included.

    With ``compare=ytd_target`` it is the fiscal year to date, whatever the range.
    """

    range: Range
    start_date: date
    end_date: date
    granularity: Granularity
    as_of: date
    fiscal_year_start_month: int


class Comparison(ResponseModel):
    """What was asked for with ``compare``, and the window that changes are measured from.

    Absent when nothing was asked for: then it is the window before.

    With ``ytd_target`` the cards' changes are against their targets; the drivers are measured
    from this window.
    """

    compare: Compare
    start_date: date
    end_date: date


class Interval(ResponseModel):
    """A forecast interval in money; ``level`` is its coverage, 0-1."""

    low: float
    high: float
    level: float


class Card(ResponseModel):
    """One number with its change, as cards and pages show it.

    ``value`` and ``deltaAbs`` are unrounded: money in the reporting currency, rates 0-1,
    payback and coverage in months. ``delta`` is the fractional change. Missing is ``null``.
    ``leftOutShare`` (0-1) is the part of uptime or gross margin that could not be judged: time
    nobody observed, orders whose profit is unknown.
    """

    absent_when_none: ClassVar[frozenset[str]] = frozenset(
        {
            "unit",
            "deltaReason",
            "status",
            "target",
            "reason",
            "method",
            "horizon",
            "interval",
            "isStatic",
            "leftOutShare",
        }
    )

    key: str
    label: str
    value: float | None
    unit: str | None = None
    delta: float | None
    deltaAbs: float | None
    deltaUnit: DeltaUnit
    deltaReason: DeltaReason | None = None
    direction: Direction | None
    goodDirection: GoodDirection
    status: Status | None = None
    target: float | None = None
    reason: Reason | None = None
    method: Method | None = None
    horizon: str | None = None
    interval: Interval | None = None
    isStatic: bool | None = None
    leftOutShare: float | None = None
    warnings: list[Caution]
    definition: str
    drilldown: str
    sparkline: list[float | None]


class Kpi(Card):
    """One number of the first screen."""

    key: KpiKey


class TrendPoint(ResponseModel):
    """One period of the window: flows over it, backlog at its end; money."""

    period: str
    recognized: float | None
    booked: float | None
    backlog: float | None


class Running(ResponseModel):
    """The month after the last complete one, from its first day through ``through``.

    That is the view's day, or the last one with orders where these ended before it.
    """

    period: str
    through: date
    recognized: float | None
    booked: float | None
    backlog: float | None


class Risk(ResponseModel):
    """One row of the risk panel."""

    id: int
    title: str
    owner: str
    due: date
    mitigation: str
    status: str


class Source(ResponseModel):
    """One kind of data behind the screen, and how far it reaches."""

    kind: str
    rows: int
    data_as_of: date | None
    imported_at: datetime | None
    demo: bool


class Freshness(ResponseModel):
    """How old the answer and its data are. ``demo`` marks generated demonstration data.

    ``today`` is the day of the answer in the reporting time zone.
    """

    data_as_of: date | None
    today: date
    generated_at: datetime
    stale: bool
    demo: bool
    sources: list[Source]


class Dashboard(ResponseModel):
    """The whole first screen."""

    absent_when_none: ClassVar[frozenset[str]] = frozenset({"comparison"})

    timeframe: Timeframe
    executiveKpis: list[Kpi]
    revenueTrend: list[TrendPoint]
    running: Running | None
    alerts: list[Alert]
    risks: list[Risk]
    freshness: Freshness
    comparison: Comparison | None = None
