"""Looks for promises that cannot be kept or judged, in files whose form is right. Pure.

An ``error`` is certain: something will never work. A ``warning`` depends on how many events come.
A ``note`` says what a setting means.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction
from typing import Literal

from slo.budget import bad_ratio_to_fire
from slo.objective import AlertTier, Objective
from slo.promql import duration

Level = Literal["error", "warning", "note"]

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Finding:
    """One thing to know of one objective."""

    level: Level
    objective: str
    message: str


@dataclass(frozen=True)
class Measured:
    """What the service measures: event types by metric, and histogram bounds where it has them.

    ``bounds`` are in the metric's own unit. A metric without a histogram is absent from them.
    """

    event_types: Mapping[str, Collection[str]]
    bounds: Mapping[str, Collection[float]]


def lint(
    objectives: Iterable[Objective],
    measured: Measured,
    events_a_day: Mapping[str, Fraction] | None = None,
) -> list[Finding]:
    """Every finding, in the order of the objectives.

    ``events_a_day`` is how many events each objective sees; without it nothing is said of volume.
    """
    findings: list[Finding] = []
    for objective in objectives:
        findings += _what_is_measured(objective, measured)
        findings += _tiers(objective)
        if events_a_day is not None:
            findings += _volume(objective, events_a_day.get(objective.name, Fraction(0)))
    return findings


def _what_is_measured(objective: Objective, measured: Measured) -> Iterator[Finding]:
    name, metric = objective.name, objective.metric
    known = measured.event_types.get(metric)
    if known is None:
        listed = ", ".join(sorted(measured.event_types))
        yield Finding("error", name, f"nothing measures {metric!r}; measured are {listed}")
        return
    for event_type in objective.event_types:
        if event_type not in known:
            allowed = ", ".join(sorted(known))
            yield Finding("error", name, f"{event_type!r} has no {metric}; {allowed} has")
    bounds = measured.bounds.get(metric)
    if bounds is not None:
        for bound in objective.threshold.bounds:
            if bound not in bounds:
                yield Finding(
                    "error",
                    name,
                    f"the histogram has no bucket at {bound:g} {objective.unit}, so its panels"
                    " cannot show the threshold; restart the service with this file",
                )


def _tiers(objective: Objective) -> Iterator[Finding]:
    for tier in objective.tiers:
        ratio = bad_ratio_to_fire(tier.burn_rate, objective.target)
        if ratio >= 1:
            yield Finding(
                "error",
                objective.name,
                f"tier {tier.name} can never fire: a burn rate of {float(tier.burn_rate):g} at a"
                f" target of {float(objective.target * 100):g} % asks for more than all events"
                " to be bad",
            )
        else:
            yield Finding(
                "note",
                objective.name,
                f"tier {tier.name} ({tier.severity}) fires over {float(ratio * 100):.3g} % bad"
                f" events in {duration(tier.long)} and {duration(tier.short)}",
            )


def _volume(objective: Objective, a_day: Fraction) -> Iterator[Finding]:
    for days in sorted({*objective.shown_windows, objective.window_days}):
        expected = a_day * days
        if expected < objective.minimum_events:
            yield Finding(
                "warning",
                objective.name,
                f"{days}d is too short: about {int(expected):,} events come, a verdict needs"
                f" {objective.minimum_events:,}",
            )
    for tier in objective.tiers:
        yield from _volume_of_tier(objective, tier, a_day)


def _volume_of_tier(objective: Objective, tier: AlertTier, a_day: Fraction) -> Iterator[Finding]:
    expected = a_day * Fraction(tier.long // timedelta(seconds=1), DAY // timedelta(seconds=1))
    if expected < objective.alert_minimum_bad_events:
        yield Finding(
            "warning",
            objective.name,
            f"tier {tier.name} stays silent at this volume: about {int(expected):,} events come in"
            f" {duration(tier.long)}, and it needs {objective.alert_minimum_bad_events} bad ones",
        )
