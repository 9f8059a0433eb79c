"""Where the objectives stand, for people and for programs."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from fractions import Fraction
from itertools import chain
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.orm import Session

from api.errors import BadRequest, NotFound
from api.reliability.releases import releases
from api.reliability.schemas import (
    DailyPoint,
    GateCount,
    GateTarget,
    Maintenance,
    ObjectiveDetail,
    QualityGates,
    Release,
    ReleaseReport,
    Sample,
    SloReport,
    Threshold,
    WindowResult,
)
from api.reliability.schemas import Objective as ObjectiveBody
from api.storage import event_reads
from slo import gate, rollup, rollup_distributions, windows
from slo import releases as releases_of
from slo.budget import burn_rate
from slo.measurements import UNORDERED_UNITS, LeftOut
from slo.objective import Objective
from slo.rollup_conditions import known_from_hour
from slo.sources.rum import measure, percentile

HOUR = timedelta(hours=1)
STANDARD_DAYS = (1, 7, 28, 30)
SLOWEST_SAMPLES = 10
SLOWEST_HOURS = 48  # looked through at most for the slowest samples

Objectives = Sequence[Objective]


def report(session: Session, now: datetime, objectives: Objectives, window: str) -> SloReport:
    """All objectives over ``window``. Raises ``BadRequest``."""
    days = _days(window)
    connection = session.connection()
    return SloReport(
        window=windows.window_name(days),
        generated_at=now,
        objectives=[ObjectiveBody(**_body(connection, one, now, days)) for one in objectives],
    )


def detail(
    session: Session, now: datetime, objectives: Objectives, name: str, window: str
) -> ObjectiveDetail:
    """One objective with its windows, days and slowest samples.

    Raises ``NotFound`` and ``BadRequest``.
    """
    objective = _named(objectives, name)
    days = _days(window)
    connection = session.connection()
    return ObjectiveDetail(
        **_body(connection, objective, now, days),
        window=windows.window_name(days),
        generated_at=now,
        windows=[_window(connection, objective, now, n) for n in _standard_days(objective)],
        daily=_daily(connection, objective, now, days),
        slowest=_slowest(connection, objective, now, days),
    )


def by_release(
    session: Session,
    now: datetime,
    objectives: Objectives,
    name: str,
    window: str,
    only: str | None,
) -> ReleaseReport:
    """One objective release by release. Raises ``NotFound`` and ``BadRequest``."""
    objective = _named(objectives, name)
    days = _days(window)
    found = releases(session.connection(), objective, now, days, only)
    return ReleaseReport(
        name=name,
        window=windows.window_name(days),
        generated_at=now,
        unknown=found.unknown,
        not_shown=found.not_shown,
        releases=[_release(each) for each in found.releases],
    )


def _release(one: releases_of.Release) -> Release:
    judged = one.judgement
    return Release(
        release=one.name,
        good=judged.good,
        total=judged.total,
        good_ratio=_float(judged.good_ratio),
        interval=judged.interval,
        p95=judged.p95,
        p99=judged.percentile_value if judged.objective.percentile == 99 else None,
        verdict=judged.verdict,
        first_seen=one.first_seen,
        last_seen=one.last_seen,
    )


def quality_gates(
    session: Session, now: datetime, objectives: Objectives, days: int
) -> QualityGates:
    """The same verdicts by metric."""
    connection = session.connection()
    judged = [_judged(connection, one, now, days) for one in objectives]
    return QualityGates(
        status={one.objective.metric: one.verdict for one in judged},
        p95={one.objective.metric: one.p95 for one in judged},
        counts={one.objective.metric: GateCount(good=one.good, total=one.total) for one in judged},
        targets={one.metric: _target(one) for one in objectives},
        window_days=days,
    )


def _named(objectives: Objectives, name: str) -> Objective:
    objective = next((one for one in objectives if one.name == name), None)
    if objective is None:
        known = ", ".join(one.name for one in objectives)
        raise NotFound(f"There is no objective {name[:80]!r}. There are {known}.")
    return objective


def _days(window: str) -> int:
    try:
        return windows.parse_window(window)
    except windows.WindowError as error:
        raise BadRequest(f"{error}.") from None


def _judged(
    connection: Connection, objective: Objective, now: datetime, days: int
) -> gate.Judgement:
    return gate.judge(objective, measure(connection, objective, now, days))


def _body(connection: Connection, objective: Objective, now: datetime, days: int) -> dict[str, Any]:
    """The fields that a report and a detail share."""
    judged = _judged(connection, objective, now, days)
    return {
        "name": objective.name,
        "title": objective.title,
        "description": objective.description,
        "good": judged.good,
        "total": judged.total,
        "target": float(objective.target),
        "threshold": _threshold(objective),
        "p95": judged.p95,
        "p99": judged.percentile_value if objective.percentile == 99 else None,
        "verdict": judged.verdict,
        "minimum_events": objective.minimum_events,
        "good_ratio": _float(judged.good_ratio),
        "interval": judged.interval,
        "budget_remaining": _float(judged.budget_remaining),
        "burn_rates": _burn_rates(connection, objective, now),
        "counted_since": _counted_since(connection, objective, now, days),
        "maintenance": [_maintenance(each) for each in judged.left_out],
    }


def _maintenance(one: LeftOut) -> Maintenance:
    window = one.maintenance
    return Maintenance(
        start=window.start, end=window.end, reason=window.reason, left_out=one.events or 0
    )


def _counted_since(
    connection: Connection, objective: Objective, now: datetime, days: int
) -> datetime | None:
    """From when on the window's counts are complete; None when all of them are."""
    known_from = known_from_hour(connection, objective)
    if known_from is None:  # for some seconds after the start of a service with a new objective
        return now
    return rollup.hour_start(known_from) if known_from > _hours(now, days)[0] else None


def _burn_rates(
    connection: Connection, objective: Objective, now: datetime
) -> dict[str, float | None]:
    """How fast the budget burns over each window that the objective is watched by.

    Counts are hourly: windows start on an hour, and those under an hour are Prometheus's.
    """
    spans = {timedelta(days=days) for days in objective.shown_windows}
    spans.update(chain.from_iterable((tier.long, tier.short) for tier in objective.tiers))
    ordered = sorted(span for span in spans if span >= HOUR)
    if not ordered:
        return {}
    last = rollup.hour_number(now)
    counts = rollup.counts_since(
        connection, objective, [last - span // HOUR for span in ordered], last
    )
    return {
        _span_name(span): _float(burn_rate(good, total, objective.target))
        for span, (good, total) in zip(ordered, counts, strict=True)
    }


def _span_name(span: timedelta) -> str:
    days, rest = divmod(span, timedelta(days=1))
    return f"{span // HOUR}h" if rest else f"{days}d"


def _threshold(objective: Objective) -> Threshold:
    threshold = objective.threshold
    return Threshold(
        metric=objective.metric,
        unit=objective.unit,
        op=threshold.op,
        value=threshold.value,
        low=threshold.low,
        high=threshold.high,
    )


def _target(objective: Objective) -> GateTarget:
    threshold = objective.threshold
    return GateTarget(
        threshold=threshold.value,
        low=threshold.low,
        high=threshold.high,
        target=float(objective.target),
    )


def _standard_days(objective: Objective) -> list[int]:
    return sorted({*STANDARD_DAYS, *objective.shown_windows})


def _window(connection: Connection, objective: Objective, now: datetime, days: int) -> WindowResult:
    judged = _judged(connection, objective, now, days)
    return WindowResult(
        window=windows.window_name(days),
        good=judged.good,
        total=judged.total,
        p95=judged.p95,
        verdict=judged.verdict,
        budget_remaining=_float(judged.budget_remaining),
    )


def _daily(
    connection: Connection, objective: Objective, now: datetime, days: int
) -> list[DailyPoint]:
    """Every UTC day that the window touches, those without events too."""
    first, last = _hours(now, days)
    counts = rollup.daily_counts(connection, objective, first, last)
    samples = (
        {}
        if objective.unit in UNORDERED_UNITS
        else rollup_distributions.daily_distributions(connection, objective, first, last)
    )
    nothing = rollup.Counts(0, 0)
    return [
        DailyPoint(
            day=rollup.hour_start(24 * day).date().isoformat(),
            good=counts.get(day, nothing).good,
            total=counts.get(day, nothing).total,
            p95=percentile(samples[day], objective, 95) if day in samples else None,
        )
        for day in range(first // 24, last // 24 + 1)
    ]


def _slowest(
    connection: Connection, objective: Objective, now: datetime, days: int
) -> list[Sample]:
    """The slowest samples. Hours are looked through by their maximum, until no hour can add one."""
    first, last = _hours(now, days)
    found: list[event_reads.RawSample] = []
    for hour, highest in rollup.hours_by_maximum(
        connection, objective, first, last, limit=SLOWEST_HOURS
    ):
        if len(found) == SLOWEST_SAMPLES and highest <= found[-1].value:
            break
        since = rollup.hour_start(hour)
        found += event_reads.slowest(connection, objective, since, since + HOUR, SLOWEST_SAMPLES)
        found = sorted(found, key=lambda sample: -sample.value)[:SLOWEST_SAMPLES]
    return [Sample(**vars(sample)) for sample in found]


def _hours(now: datetime, days: int) -> tuple[int, int]:
    return rollup.hour_number(windows.window_start(now, days)), rollup.hour_number(now)


def _float(ratio: Fraction | None) -> float | None:
    return None if ratio is None else float(ratio)
