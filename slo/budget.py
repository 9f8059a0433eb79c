"""Error budgets and burn rates from counts, exact. None where there are no events."""

from fractions import Fraction

from slo.evaluation import check_counts


def burn_rate(good: int, total: int, target: Fraction) -> Fraction | None:
    """How fast the budget burns: 1 spends it exactly over the period, 2 in half of it."""
    check_counts(good, total)
    return Fraction(total - good, total) / (1 - target) if total else None


def budget_remaining(good: int, total: int, target: Fraction) -> Fraction | None:
    """The part of the window's budget that is left: 1 untouched, 0 used up, negative beyond."""
    spent = burn_rate(good, total, target)
    return None if spent is None else 1 - spent


def bad_events_left(good: int, total: int, target: Fraction) -> Fraction | None:
    """How many more of the events seen could have been bad; negative when overspent."""
    check_counts(good, total)
    return total * (1 - target) - (total - good) if total else None


def bad_ratio_to_fire(burn: Fraction, target: Fraction) -> Fraction:
    """The share of bad events at which a tier of this burn rate fires; over 1 it never can."""
    return burn * (1 - target)
