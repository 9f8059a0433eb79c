"""Replays counted events through the alert policy: which alerts, when, and the budget spent. Pure.

Minutes are whole UTC minutes since 1970. A tier fires as the Prometheus rules do: the share of bad
events is over its line in the long and in the short window, and the long one holds enough bad ones.
Minutes of maintenance count for nothing, and nothing fires in them.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction
from itertools import accumulate, islice

from slo import budget
from slo.budget import bad_ratio_to_fire
from slo.maintenance import Maintenance
from slo.measurements import LeftOut
from slo.objective import AlertTier, Objective
from slo.rollup import Counts

MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Alert:
    """A tier that fired from the end of minute ``first`` to the end of minute ``last``."""

    tier: AlertTier
    first: int
    last: int

    @property
    def minutes(self) -> int:
        """For how long it would have fired."""
        return self.last - self.first + 1


@dataclass(frozen=True)
class Replay:
    """What the policy would have made of the events; ``spent`` is None without events.

    ``spent`` is the part of these minutes' own budget that the bad events used: 1 is all of it.
    ``left_out`` is the maintenance among them.
    """

    objective: Objective
    counts: Counts
    spent: Fraction | None
    alerts: tuple[Alert, ...]
    left_out: tuple[LeftOut, ...] = ()


def replay(objective: Objective, by_minute: Mapping[int, Counts], minutes: range) -> Replay:
    """Run the objective's tiers over ``minutes``; minutes without events are absent.

    ``by_minute`` should reach back by the longest window of the tiers: the rules look there, too.
    """
    earlier = objective.longest_alert_window // MINUTE
    reach = range(minutes.start - earlier, minutes.stop)
    windows = [one for one in objective.maintenance if _minutes(one, minutes)]
    apart = {minute for one in objective.maintenance for minute in _minutes(one, reach)}
    nothing = Counts(0, 0)
    counts = [nothing if at in apart else by_minute.get(at, nothing) for at in reach]
    totals = _sums([each.total for each in counts])
    good = _sums([each.good for each in counts])
    bad = [total - fine for total, fine in zip(totals, good, strict=True)]
    own = Counts(good[-1] - good[earlier], totals[-1] - totals[earlier])
    left = budget.budget_remaining(own.good, own.total, objective.target)
    alerts = [
        Alert(tier, minutes[first], minutes[last])
        for tier in objective.tiers
        for first, last in _stretches(
            fires and at not in apart
            for fires, at in zip(
                islice(_fires(objective, tier, totals, bad), earlier, None), minutes, strict=True
            )
        )
    ]
    return Replay(
        objective,
        own,
        None if left is None else 1 - left,
        tuple(sorted(alerts, key=lambda alert: (alert.first, alert.last))),
        tuple(LeftOut(one, _total(by_minute, _minutes(one, minutes))) for one in windows),
    )


def _total(by_minute: Mapping[int, Counts], minutes: range) -> int:
    return sum(by_minute[minute].total for minute in minutes if minute in by_minute)


def _minutes(window: Maintenance, minutes: range) -> range:
    """The minutes of a window that lie in the stretch."""
    hours = window.hours
    return range(max(minutes.start, 60 * hours.start), min(minutes.stop, 60 * hours.stop))


def _sums(numbers: Sequence[int]) -> list[int]:
    """Of the first 0, 1, 2, ... numbers."""
    return list(accumulate(numbers, initial=0))


def _fires(
    objective: Objective, tier: AlertTier, totals: Sequence[int], bad: Sequence[int]
) -> Iterator[bool]:
    """Whether the tier fires at each minute's end."""
    line = bad_ratio_to_fire(tier.burn_rate, objective.target)
    long, short = tier.long // MINUTE, tier.short // MINUTE

    def over(end: int, length: int) -> bool:
        start = max(0, end - length)
        total = totals[end] - totals[start]
        return total > 0 and bad[end] - bad[start] > line * total

    for end in range(1, len(totals)):
        enough = bad[end] - bad[max(0, end - long)] >= objective.alert_minimum_bad_events
        yield enough and over(end, short) and over(end, long)


def _stretches(flags: Iterator[bool]) -> Iterator[tuple[int, int]]:
    """First and last index of each run of true ones."""
    first = None
    last = -1
    for index, flag in enumerate(flags):
        if flag and first is None:
            first = index
        if not flag and first is not None:
            yield first, last
            first = None
        last = index
    if first is not None:
        yield first, last
