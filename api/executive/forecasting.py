"""The forecast, and how far past forecasts were off. Pure.

A forecast made at T is about the period after T. It adds up the open deals that should close
in it, each times its win rate. Where that cannot be done it follows the recent trend.
"""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from api.calendar import Granularity, Month, Window
from api.executive.facts import MONEY_SCALE, Deals, Facts, money
from api.executive.formulas import KpiResult, Part

TREND_MONTHS = 3
TREND_GROWTH = Fraction(102, 100)
WIN_RATE_MONTHS = 12
INTERVAL_LEVEL = Fraction(8, 10)
FEWEST_ERRORS = 6
MOST_ERRORS = {Granularity.MONTH: 24, Granularity.QUARTER: 12}


def forecast(facts: Facts, window: Window) -> KpiResult:
    """The forecast made at the window's end, from what was known then; without its interval."""
    result = _from_pipeline(facts, window) or _from_trend(facts, window)
    return replace(result, horizon=window.next_period)


def forecast_with_interval(facts: Facts, window: Window) -> KpiResult:
    """The forecast made at the window's end, with the range that past errors suggest.

    The range is there from six past one-step errors on. It runs between the empirical 10 % and
    90 % quantiles of (actual - forecast), each added to the forecast, and is widened where that
    is needed to hold the forecast itself.
    """
    made = forecast(facts, window)
    errors = past_errors(facts, window)
    if made.value is None or len(errors) < FEWEST_ERRORS:
        return made
    tail = (1 - INTERVAL_LEVEL) / 2
    low = min(quantile(errors, tail), Fraction(0))
    high = max(quantile(errors, 1 - tail), Fraction(0))
    return replace(made, interval=(made.value + low, made.value + high))


def past_errors(facts: Facts, window: Window) -> list[Fraction]:
    """Actual minus forecast, for the latest periods up to T that have both."""
    errors = []
    for period in window.history(MOST_ERRORS[window.granularity]).periods:
        made = forecast(facts, window.single(period).previous)
        if made.value is not None and all(month in facts.orders for month in period.months):
            actual = sum(facts.orders[month].recognized for month in period.months)
            errors.append(money(actual) - made.value)
    return errors


def quantile(values: Sequence[Fraction], probability: Fraction) -> Fraction:
    """The empirical quantile at position ``(n + 1) x probability`` of the sorted values.

    Between two values it is interpolated; beyond the outermost it is the outermost. This
    position makes a new value fall below it with just that probability.
    """
    ordered = sorted(values)
    position = min(max((len(ordered) + 1) * probability, Fraction(1)), Fraction(len(ordered)))
    below = int(position)
    above = min(below + 1, len(ordered))
    share = position - below
    return ordered[below - 1] * (1 - share) + ordered[above - 1] * share


def _from_pipeline(facts: Facts, window: Window) -> KpiResult | None:
    """Sum of amount x win rate; None when a counted deal has no rate or no rate is to be had."""
    end = window.last_month
    due = [deal for month in window.next_period.months for deal in facts.deals_due.get(month, ())]
    counted = [deal for deal in due if deal.open_at(end)]
    common = _closed_win_rate(facts, end)
    if common is None and (not counted or any(deal.win_rate is None for deal in counted)):
        return None
    expected = sum((deal.amount * _win_rate(deal, common) for deal in counted), start=Fraction(0))
    parts = (
        Part("open_deals", money(sum(deal.amount for deal in counted)), "money"),
        Part("closed_win_rate", common, "ratio"),
    )
    return KpiResult(expected / MONEY_SCALE, parts, method="pipeline")


def _win_rate(deal: Deals, common: Fraction | None) -> Fraction:
    rate = common if deal.win_rate is None else Fraction(deal.win_rate)
    assert rate is not None
    return rate


def _closed_win_rate(facts: Facts, end: Month) -> Fraction | None:
    """Won over won and lost amount of the deals closed in the twelve months up to ``end``."""
    months = (end.plus(-ago) for ago in range(WIN_RATE_MONTHS))
    closed = [deal for month in months for deal in facts.deals_closed.get(month, ())]
    known = [deal for deal in closed if deal.exists_at(end)]
    won = sum(deal.amount for deal in known if deal.outcome == "won")
    lost = sum(deal.amount for deal in known if deal.outcome == "lost")
    return Fraction(won, won + lost) if won + lost > 0 else None


def _from_trend(facts: Facts, window: Window) -> KpiResult:
    """Mean recognized of the three months up to T, plus 2 %; three times that for a quarter."""
    end = window.last_month
    months = (end.plus(-ago) for ago in range(TREND_MONTHS))
    rows = [row for month in months if (row := facts.orders_known_at(month, end))]
    if len(rows) < TREND_MONTHS:
        return KpiResult(None, reason="too_little_history", method="trend")
    recognized = money(sum(row.recognized for row in rows))
    value = recognized / TREND_MONTHS * TREND_GROWTH * window.granularity.months
    parts = (
        Part("recognized", recognized, "money"),
        Part("history_months", Fraction(TREND_MONTHS), "count"),
        Part("growth", TREND_GROWTH, "ratio"),
        Part("horizon_months", Fraction(window.granularity.months), "count"),
    )
    return KpiResult(value, parts, method="trend")
