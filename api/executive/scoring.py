"""One KPI with everything a card shows about it. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from api.calendar import Compare, Period, Window
from api.executive.comparison import (
    Change,
    Judgement,
    against_target,
    change,
    judgement,
)
from api.executive.facts import Facts
from api.executive.forecasting import forecast, forecast_with_interval
from api.executive.formulas import BY_WINDOW, KpiResult
from api.executive.kpis import KpiKey, Status


@dataclass(frozen=True)
class Score:
    """A KPI over a window, against an earlier window or its target.

    ``sparkline`` has one value a period, None where there is none.
    """

    key: KpiKey
    now: KpiResult
    before: KpiResult
    change: Change
    judgement: Judgement
    status: Status | None
    sparkline: tuple[Fraction | None, ...]


def score(key: KpiKey, facts: Facts, window: Window, compare: Compare = Compare.PREVIOUS) -> Score:
    """One KPI, as a card shows it."""
    now = evaluate(key, facts, window)
    before = evaluate_period(key, facts, window.baseline(compare))
    lines = judgement(key, facts.goals, window)
    # Part of a window's revenue says nothing against the target of all of it.
    unfair = key is KpiKey.REVENUE and now.partial
    return Score(
        key,
        now,
        before,
        against_target(key, now, lines.target)
        if compare is Compare.YTD_TARGET
        else change(key, now, before),
        lines,
        None if unfair else lines.status(now.value),
        tuple(result.value for result in history(key, facts, window, window.sparkline)),
    )


def evaluate(key: KpiKey, facts: Facts, window: Window) -> KpiResult:
    """One KPI's value over a window that ends at T, with its inputs or the reason for none."""
    if key is KpiKey.FORECAST:
        return forecast_with_interval(facts, window)
    return BY_WINDOW[key](facts, window)


def evaluate_period(key: KpiKey, facts: Facts, window: Window) -> KpiResult:
    """One KPI over a window that may end before T.

    A forecast is the one made then, from what was known then; a static value has no history.
    """
    if key is KpiKey.FORECAST:
        return forecast(facts, window)
    result = BY_WINDOW[key](facts, window)
    return KpiResult(None, reason="no_data") if result.is_static else result


def history(
    key: KpiKey, facts: Facts, window: Window, periods: Iterable[Period]
) -> list[KpiResult]:
    """One KPI at each of ``periods``, each a window of its own."""
    return [evaluate_period(key, facts, window.single(period)) for period in periods]
