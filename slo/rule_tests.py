"""Tests of the generated rules, as files for ``promtool test rules``, generated beside them.

Objectives live through synthetic traffic side by side, and what must fire is worked out here from
plain counts: nothing is read back from the rules.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction
from typing import Any

from slo import promql
from slo.budget import bad_ratio_to_fire
from slo.objective import AlertTier, Objective
from slo.promql import EVENTS_COUNTER
from slo.rules import HEADER, STEP, dump, group_names

SCRAPE = timedelta(minutes=1)
EVENTS_A_SCRAPE = 2000
CLEAR = timedelta(minutes=2)  # of the moment a line is crossed: increases are extrapolated
BURNING_PART = Fraction(6, 10)  # of a long window, when its tier fires
BAD_OF_LOW_TRAFFIC = Fraction(8, 10)  # of the bad events that an alert needs
BAD_OF_ENOUGH_TRAFFIC = Fraction(13, 10)  # of the same: Prometheus extrapolates

DECIMALS = 6
ANY = ".*"
OF = '{slo=~"%s"}'  # filled with the objectives that are asked for
# Rounded: a ratio of extrapolated counts differs from the exact one in its last digits.
BUDGET = f"round({promql.BUDGET_REMAINING}{OF}, 1e-{DECIMALS})"


@dataclass(frozen=True)
class Stretch:
    """Steady traffic for some time."""

    length: timedelta
    bad_ratio: Fraction
    events_a_scrape: int = EVENTS_A_SCRAPE


@dataclass(frozen=True)
class Expected:
    """At one moment an expression has these samples (labels and value) and no other.

    ``%s`` in it stands for the objectives that are asked for.
    """

    at: timedelta
    expression: str
    objective: str
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
        _test("a few more bad events fire", list(map(_enough_traffic, objectives))),
    ]
    content = {
        "rule_files": [rules_name],
        # promtool evaluates every group at this pace, and counts of a step need theirs.
        "evaluation_interval": promql.duration(STEP),
        # Else in any order, and a window may lack its last step.
        "group_eval_order": group_names(objectives),
        "tests": tests,
    }
    return HEADER + dump(content)


def _tiers(objective: Objective) -> list[AlertTier]:
    """The tiers that can fire at all at this target."""
    return [tier for tier in objective.tiers if _limit(tier, objective) < 1]


def _limit(tier: AlertTier, objective: Objective) -> Fraction:
    return bad_ratio_to_fire(tier.burn_rate, objective.target)


def _fires_and_resets(objective: Objective, tier: AlertTier) -> Life:
    """Be well, then burn until the long window is over its line, then be well until both are not.

    A tier with other windows fires or resets at another time; so does one that averages ratios, as
    there is less and less traffic.
    """
    limit = _limit(tier, objective)
    well = Stretch(_part(tier.long, BURNING_PART), Fraction(0), 2 * EVENTS_A_SCRAPE)
    # In whole events: counters that drift in their last digit look as if they had been reset.
    bad = math.ceil(EVENTS_A_SCRAPE * min(Fraction(1), limit * _dilution(BURNING_PART)))
    ratio = Fraction(bad, EVENTS_A_SCRAPE)
    crossing = well.length + tier.long * float(_needed(limit / ratio))
    over = _steps(crossing + CLEAR) + max(2 * STEP, tier.short)
    after = Stretch(tier.short, Fraction(0), EVENTS_A_SCRAPE // 20)
    burning = Stretch(over - well.length, ratio)
    return Life(
        objective,
        (well, burning, after),
        (
            _firing(_steps(crossing - CLEAR), objective, [], tier.name),
            _firing(_steps(crossing + CLEAR) + STEP, objective, [tier.name], tier.name),
            _budget_left(over, objective, (well, burning)),
            _firing(over + _part(tier.short, Fraction(1, 2)), objective, [tier.name], tier.name),
            _firing(over + tier.short, objective, [], tier.name),
        ),
    )


def _dilution(part: Fraction) -> Fraction:
    """How much denser bad events stand in the last ``part`` of a window than in all of it.

    Before that part there is twice the traffic, and all of it good.
    """
    return (part + 2 * (1 - part)) / part


def _needed(density: Fraction) -> Fraction:
    """The part of a window whose share of all its events is ``density``: the inverse of that."""
    return 2 * density / (1 + density)


def _steps(length: timedelta) -> timedelta:
    return length // STEP * STEP


def _part(length: timedelta, part: Fraction) -> timedelta:
    return math.floor(length // STEP * part) * STEP


def _budget_left(at: timedelta, objective: Objective, traffic: Sequence[Stretch]) -> Expected:
    total = sum(each.length // SCRAPE * each.events_a_scrape for each in traffic)
    bad = sum(each.length // SCRAPE * each.events_a_scrape * each.bad_ratio for each in traffic)
    left = 1 - Fraction(bad) / total / (1 - objective.target)
    labels = f'{{service="{objective.service}", slo="{objective.name}"}}'
    return Expected(at, BUDGET, objective.name, ((labels, left),))


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
    series = (promql.error_ratio(STEP), promql.CURRENT_BURN_RATE, promql.BUDGET_REMAINING)
    empty = [*(name + OF for name in series), _firing_among(ANY)]
    return Life(
        objective,
        (Stretch(length, Fraction(1), events_a_scrape=0),),
        tuple(Expected(length, expression, objective.name) for expression in empty),
    )


def _enough_traffic(objective: Objective) -> Life:
    """A little more, and every tier that looks back so far fires."""
    enough = math.ceil(objective.alert_minimum_bad_events * BAD_OF_ENOUGH_TRAFFIC)
    burst = _steps(SCRAPE * (enough + STEP // SCRAPE - 1))
    firing = [tier.name for tier in _tiers(objective) if tier.long >= burst]
    return Life(
        objective,
        (Stretch(burst, Fraction(1), events_a_scrape=1),),
        (_firing(burst, objective, firing),),
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


def _firing(
    at: timedelta, objective: Objective, tiers: Sequence[str], among: str = ANY
) -> Expected:
    """These tiers fire, and no other ``among`` those that are asked for."""
    one = tuple((f'{{slo="{objective.name}", tier="{tier}"}}', Fraction(1)) for tier in tiers)
    return Expected(at, _firing_among(among), objective.name, one)


def _firing_among(tiers: str) -> str:
    alert = 'alertname="SloErrorBudgetBurn", alertstate="firing"'
    return f'sum by (slo, tier) (ALERTS{{{alert}, slo=~"%s", tier=~"{tiers}"}})'


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
    asked: dict[tuple[str, timedelta], list[Expected]] = {}
    for one in expected:
        asked.setdefault((one.expression, one.at), []).append(one)
    return [
        {
            "expr": expression % promql.any_of(one.objective for one in same),
            "eval_time": promql.duration(at),
            "exp_samples": [
                {"labels": labels, "value": round(float(value), DECIMALS)}
                for one in same
                for labels, value in one.samples
            ],
        }
        for (expression, at), same in asked.items()
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
