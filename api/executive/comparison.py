"""What a value is held against: an earlier window, and its targets. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from api.calendar import Month, Window
from api.executive.facts import Goal
from api.executive.formulas import KpiResult
from api.executive.kpis import SPECS, DeltaReason, Direction, GoodDirection, KpiKey, Status

NRR_MONTHS = 12


@dataclass(frozen=True)
class Change:
    """From what was before to what is now; ``fraction`` is null where it would mislead."""

    fraction: Fraction | None = None
    difference: Fraction | None = None
    direction: Direction | None = None
    reason: DeltaReason | None = None


@dataclass(frozen=True)
class Judgement:
    """The lines a value is held against, in its own unit, and which way is good."""

    target: Fraction | None
    watch: Fraction | None
    act: Fraction | None
    good_direction: GoodDirection

    def status(self, value: Fraction | None) -> Status | None:
        """Where the value stands; a value on a line has not crossed it. None without lines."""
        if value is None or (self.watch is None and self.act is None):
            return None
        if self._crossed(value, self.act):
            return "act"
        return "watch" if self._crossed(value, self.watch) else "good"

    def _crossed(self, value: Fraction, line: Fraction | None) -> bool:
        if line is None:
            return False
        return value < line if self.good_direction == "up" else value > line


def change(key: KpiKey | None, now: KpiResult, before: KpiResult) -> Change:
    """The change against an earlier window; the key is None for what is no KPI."""
    reason = _not_comparable(key, now, before)
    if reason is not None or now.value is None or before.value is None:
        return Change(reason=reason)
    return _measured(now.value, before.value)


def against_target(key: KpiKey | None, now: KpiResult, target: Fraction | None) -> Change:
    """How far a value is from its target, as a change."""
    reason = _not_comparable(key, now, KpiResult(target))
    if reason is not None or now.value is None or target is None:
        return Change(reason="no_target" if reason == "no_previous" else reason)
    return _measured(now.value, target)


def _measured(now: Fraction, before: Fraction) -> Change:
    difference = now - before
    if before > 0:
        return Change(difference / before, difference, _sign(difference))
    if before == now == 0:
        return Change(Fraction(0), difference, "flat")
    return Change(None, difference, _sign(difference), "previous_not_positive")


def _not_comparable(key: KpiKey | None, now: KpiResult, before: KpiResult) -> DeltaReason | None:
    """Why the two are not held against each other at all; None when they are."""
    if now.is_static:
        return "static"
    if key is KpiKey.FORECAST:  # every forecast is about another period
        return "not_comparable"
    if before.value is None:
        return "no_previous"
    if now.value is None:
        return "not_comparable"
    return "partial_window" if now.partial or before.partial else None


def judgement(key: KpiKey, goals: Sequence[Goal], window: Window) -> Judgement:
    """The lines for one KPI over one window.

    Recognized revenue is held against the sum of its months' targets, any other KPI against the
    last period's; a sum is None when a month of it has none.
    """
    own = {goal.month: goal for goal in goals if goal.kpi == key}
    last = _goal(own, window.last_month)
    good_direction = (last.good_direction if last else None) or SPECS[key].good_direction
    if key is KpiKey.NRR and len(window.months) != NRR_MONTHS:
        return Judgement(None, None, None, good_direction)
    rows = [_goal(own, month) for month in _judged_months(key, window)]
    return Judgement(
        _sum([row.target if row else None for row in rows]),
        _sum([row.watch if row else None for row in rows]),
        _sum([row.act if row else None for row in rows]),
        good_direction,
    )


def _judged_months(key: KpiKey, window: Window) -> tuple[Month, ...]:
    if key is KpiKey.REVENUE:
        return window.months
    if key is KpiKey.FORECAST:  # of a quarter it is an amount of three months, too
        return window.periods[-1].months
    return (window.last_month,)


def _goal(own: dict[Month | None, Goal], month: Month) -> Goal | None:
    return own.get(month) or own.get(None)


def _sum(values: Sequence[Fraction | None]) -> Fraction | None:
    known = [value for value in values if value is not None]
    return sum(known, start=Fraction(0)) if len(known) == len(values) else None


def _sign(difference: Fraction) -> Direction:
    if difference == 0:
        return "flat"
    return "up" if difference > 0 else "down"
