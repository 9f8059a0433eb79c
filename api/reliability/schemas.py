"""Bodies of ``GET /api/slo``, ``GET /api/slo/{name}`` and ``GET /api/quality-gates``."""

from datetime import datetime
from typing import ClassVar, Literal

from api.schema import ResponseModel

Verdict = Literal["pass", "fail", "insufficient_data", "not_applicable"]


class Threshold(ResponseModel):
    """What makes an event good: ``op`` and ``value``, or a band from ``low`` to ``high``."""

    absent_when_none: ClassVar[frozenset[str]] = frozenset({"op", "value", "low", "high"})

    metric: str
    unit: str
    op: Literal["lt", "lte", "gt", "gte", "band"] | None = None
    value: float | None = None
    low: float | None = None
    high: float | None = None


class Maintenance(ResponseModel):
    """Whole UTC hours that count for nothing. ``left_out`` is how many events fell into them.

    ``left_out`` counts what lies in the answer's window; it is 0 for what is only planned.
    """

    start: datetime
    end: datetime
    reason: str
    left_out: int


class Objective(ResponseModel):
    """One objective judged over one window. Counts alone decide the verdict.

    ``p95`` and ``p99`` are estimates within 1 %. ``budget_remaining`` is 1 when untouched, 0 when
    used up, negative beyond. ``interval`` bounds the good ratio (exact binomial, 95 %).
    ``counted_since`` is there when the objective is younger than the window: earlier events are
    not in ``good`` and ``total``, because nobody counted by this threshold and they are gone.
    Events of ``maintenance`` are in no number here but its own.
    """

    absent_when_none: ClassVar[frozenset[str]] = frozenset({"p99", "interval", "counted_since"})

    name: str
    title: str
    description: str
    good: int
    total: int
    target: float
    threshold: Threshold
    p95: float | None
    p99: float | None = None
    verdict: Verdict
    minimum_events: int
    good_ratio: float | None
    interval: tuple[float, float] | None = None
    budget_remaining: float | None
    burn_rates: dict[str, float | None]
    counted_since: datetime | None = None
    maintenance: list[Maintenance]


class SloReport(ResponseModel):
    """All objectives over one window."""

    window: str
    generated_at: datetime
    objectives: list[Objective]


class WindowResult(ResponseModel):
    """The same objective over another window."""

    window: str
    good: int
    total: int
    p95: float | None
    verdict: Verdict
    budget_remaining: float | None


class Sample(ResponseModel):
    """One of the slowest samples. ``trace_id`` leads to its trace, where the browser sent one."""

    value: float
    event_time: datetime
    event_type: str
    trace_id: str | None
    release: str | None


class DailyPoint(ResponseModel):
    """One UTC day of an objective."""

    day: str
    good: int
    total: int
    p95: float | None


class ObjectiveDetail(Objective):
    """One objective, with its standard windows, its days and its slowest samples."""

    window: str
    generated_at: datetime
    windows: list[WindowResult]
    daily: list[DailyPoint]
    slowest: list[Sample]


class Release(ResponseModel):
    """One release over the window, from single events. ``release`` is null where none was told.

    Percentiles are exact.
    """

    absent_when_none: ClassVar[frozenset[str]] = frozenset({"p99", "interval"})

    release: str | None
    good: int
    total: int
    good_ratio: float | None
    interval: tuple[float, float] | None = None
    p95: float | None
    p99: float | None = None
    verdict: Verdict
    first_seen: datetime
    last_seen: datetime


class ReleaseReport(ResponseModel):
    """One objective by release, the one seen last first.

    ``unknown`` says why there are no figures by release at all. ``not_shown`` were seen earlier.
    """

    absent_when_none: ClassVar[frozenset[str]] = frozenset({"unknown"})

    name: str
    window: str
    generated_at: datetime
    unknown: str | None = None
    not_shown: int
    releases: list[Release]


class GateCount(ResponseModel):
    """Exact counts of one metric."""

    good: int
    total: int


class GateTarget(ResponseModel):
    """What is asked of one metric: a threshold (or a band) and the share that must meet it."""

    absent_when_none: ClassVar[frozenset[str]] = frozenset({"threshold", "low", "high"})

    threshold: float | None = None
    low: float | None = None
    high: float | None = None
    target: float


class QualityGates(ResponseModel):
    """The same verdicts for simple clients, keyed by metric."""

    status: dict[str, Verdict]
    p95: dict[str, float | None]
    counts: dict[str, GateCount]
    targets: dict[str, GateTarget]
    window_days: int
