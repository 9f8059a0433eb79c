"""Tests of the generated rules, as files for ``promtool test rules``, generated beside them.

Objectives live through synthetic traffic side by side, and what must fire is worked out here from
plain counts: nothing is read back from the rules.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction
from typing import Any

from slo import promql
from slo.budget import bad_ratio_to_fire, budget_remaining
from slo.objective import AlertTier, Objective
from slo.promql import EVENTS_COUNTER
from slo.rules import HEADER, STEP, dump

SCRAPE = timedelta(minutes=1)
EVENTS_A_SCRAPE = 2000
BAD_OF_LOW_TRAFFIC = Fraction(8, 10)  # of the bad events that an alert needs

# Rounded: a ratio of extrapolated counts differs from the exact one in its last digits.
BUDGET = f"round({promql.BUDGET_REMAINING}, 0.000001)"
FIRING = 'sum by (slo, tier) (ALERTS{alertname="SloErrorBudgetBurn", alertstate="firing"})'


@dataclass(frozen=True)
class Stretch:
    """Steady traffic for some time."""

    length: timedelta
    bad_ratio: Fraction
    events_a_scrape: int = EVENTS_A_SCRAPE


@dataclass(frozen=True)
class Expected:
    """At one moment an expression has these samples (labels and value) and no other."""

    at: timedelta
    expression: str
    samples: tuple[tuple[str, Fraction], ...] = ()


@dataclass(frozen=True)
class Life:
    """What one objective lives through in a test, and what must be seen."""

    objective: Objective
    traffic: tuple[Stretch, ...]
    expected: tuple[Expected, ...]


def rule_tests_file(objectives: Sequence[Objective], rules_name: str) -> str:
    """The tests as a file for promtool, which reads the rules from ``rules_name`` beside it."""
    tiers = dict.fromkeys(tier.name for o in objectives for tier in _tiers(o))
    tests = [
        _test(
            f"{name} fires, and resets when its cause is gone",
            [
                _fires_and_resets(objective, tier)
                for objective in objectives
                for tier in _tiers(objective)
                if tier.name == name
            ],
        )
        for name in tiers
    ] + [
        _test("nothing fires just below the slowest tier", list(map(_stays_silent, objectives))),
        _test("no events are no ratio, no budget and no alert", list(map(_silence, objectives))),
        _test("a handful of bad events fires nothing", list(map(_low_traffic, objectives))),
    ]
    content = {
        "rule_files": [rules_name],
        # promtool evaluates every group at this pace, and counts of a step need theirs.
        "evaluation_interval": promql.duration(STEP),
        "tests": tests,
    }
    return HEADER + dump(content)


def _tiers(objective: Objective) -> list[AlertTier]:
    """The tiers that can fire at all at this target."""
    return [tier for tier in objective.tiers if _limit(tier, objective) < 1]


def _limit(tier: AlertTier, objective: Objective) -> Fraction:
    return bad_ratio_to_fire(tier.burn_rate, objective.target)


def _fires_and_resets(objective: Objective, tier: AlertTier) -> Life:
    """Burn a little faster than ``tier`` allows, then stop."""
    tiers = _tiers(objective)
    limits = {t.name: _limit(t, objective) for t in tiers}
    faster = [limit for limit in limits.values() if limit > limits[tier.name]]
    ratio = (limits[tier.name] + min([*faster, Fraction(1)])) / 2
    burning, clean = tier.long, max(t.short for t in tiers) + 2 * STEP
    firing = [name for name, limit in limits.items() if limit < ratio]
    good, total = ratio.denominator - ratio.numerator, ratio.denominator
    left = budget_remaining(good, total, objective.target)
    assert left is not None
    labels = f'{{service="{objective.service}", slo="{objective.name}"}}'
    return Life(
        objective,
        (Stretch(burning, ratio), Stretch(clean, Fraction(0))),
        (
            _firing(burning, objective, firing),
            Expected(burning, BUDGET, ((labels, left),)),
            _firing(burning + clean, objective, []),
        ),
    )


def _stays_silent(objective: Objective) -> Life:
    slowest = min((_limit(tier, objective) for tier in _tiers(objective)), default=Fraction(1))
    length = timedelta(hours=8)  # steady: every window sees the same ratio at every moment
    return Life(
        objective,
        (Stretch(length, slowest * Fraction(98, 100)),),
        tuple(_firing(length * part / 4, objective, []) for part in (1, 2, 3, 4)),
    )


def _silence(objective: Objective) -> Life:
    length = timedelta(hours=2)
    empty = (promql.error_ratio(STEP), promql.CURRENT_BURN_RATE, promql.BUDGET_REMAINING, FIRING)
    return Life(
        objective,
        (Stretch(length, Fraction(1), events_a_scrape=0),),
        tuple(Expected(length, expression) for expression in empty),
    )


def _low_traffic(objective: Objective) -> Life:
    """All events are bad, and too few to wake anyone."""
    few = int(objective.alert_minimum_bad_events * BAD_OF_LOW_TRAFFIC)
    burst, quiet = SCRAPE * few, timedelta(hours=8)
    return Life(
        objective,
        (Stretch(burst, Fraction(1), events_a_scrape=1), Stretch(quiet, Fraction(0), 0)),
        tuple(_firing(at, objective, []) for at in (2 * STEP, 6 * STEP, quiet)),
    )


def _firing(at: timedelta, objective: Objective, tiers: Sequence[str]) -> Expected:
    one = tuple((f'{{slo="{objective.name}", tier="{tier}"}}', Fraction(1)) for tier in tiers)
    return Expected(at, FIRING, one)


def _test(name: str, lives: Sequence[Life]) -> dict[str, Any]:
    return {
        "name": name,
        "interval": promql.duration(SCRAPE),
        "input_series": [
            {
                "series": f'{EVENTS_COUNTER}{{slo="{life.objective.name}", result="{result}"}}',
                "values": _values(life.traffic, bad=result == "bad"),
            }
            for life in lives
            for result in ("good", "bad")
        ],
        "promql_expr_test": _merged([one for life in lives for one in life.expected]),
    }


def _merged(expected: Sequence[Expected]) -> list[dict[str, Any]]:
    """One question for all objectives that ask the same at the same moment."""
    samples: dict[tuple[str, timedelta], list[dict[str, Any]]] = {}
    for one in expected:
        found = [{"labels": labels, "value": float(value)} for labels, value in one.samples]
        samples.setdefault((one.expression, one.at), []).extend(found)
    return [
        {"expr": expression, "eval_time": promql.duration(at), "exp_samples": found}
        for (expression, at), found in samples.items()
    ]


def _values(traffic: Sequence[Stretch], *, bad: bool) -> str:
    """Counter readings in promtool's notation: ``start+step x times``, a stretch each."""
    reading = Fraction(0)
    parts: list[str] = []
    for stretch in traffic:
        ratio = stretch.bad_ratio if bad else 1 - stretch.bad_ratio
        step, times = ratio * stretch.events_a_scrape, stretch.length // SCRAPE
        first = reading if not parts else reading + step
        steps = times if not parts else times - 1
        parts.append(f"{promql.decimal(first)}+{promql.decimal(step)}x{steps}")
        reading += step * times
    return " ".join(parts)
