"""Whether this run is worse than the one before, with a stated rate of false alarms.

Both tests are exact: they count in how many of all equally likely ways to deal the pooled events
to the two runs this run would look at least as bad. Nothing is assumed of how samples are
distributed, only that events do not depend on each other.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from slo.objective import Threshold

ERROR_RATE = 0.01  # of one gate: the chance that any objective of an equal run is called worse
TOLERANCE = 1.2  # samples may be a fifth worse than the baseline's; another machine is, too
NEGLIGIBLE = 1e-20


@dataclass(frozen=True)
class Run:
    """What one run counted of one objective, and its samples where they are known."""

    good: int
    total: int
    samples: Sequence[float] | None = None


@dataclass(frozen=True)
class Comparison:
    """One objective beside its baseline. ``p_counts`` and ``p_samples`` are chances.

    Each is the chance that a run like the baseline's looks at least as bad. ``p_samples`` is None
    where samples are not known or have no worse side.
    """

    before: Run
    p_counts: float
    p_samples: float | None
    is_worse: bool


def compare(runs: Mapping[str, tuple[Threshold, Run, Run]]) -> dict[str, Comparison]:
    """Hold each run against the one before, by name: its threshold, this run, that run."""
    p_counts = {name: counts_test(now, before) for name, (_, now, before) in runs.items()}
    p_samples = {name: samples_test(*run) for name, run in runs.items()}
    made = {("counts", name): chance for name, chance in p_counts.items()}
    made |= {("samples", name): p for name, p in p_samples.items() if p is not None}
    worse = {name for _, name in significant(made)}
    return {
        name: Comparison(before, p_counts[name], p_samples[name], name in worse)
        for name, (_, _, before) in runs.items()
    }


def significant(chances: Mapping[tuple[str, str], float]) -> set[tuple[str, str]]:
    """The tests that Holm's correction still calls significant, all of them taken together."""
    found: set[tuple[str, str]] = set()
    for rank, (test, chance) in enumerate(sorted(chances.items(), key=lambda item: item[1])):
        if chance > ERROR_RATE / (len(chances) - rank):
            break
        found.add(test)
    return found


def counts_test(now: Run, before: Run) -> float:
    """Fisher's exact test, one-sided: are there more bad events?"""
    bad, bad_before = now.total - now.good, before.total - before.good
    return chance_of_as_many(bad, now.total, bad + bad_before, now.total + before.total)


def samples_test(threshold: Threshold, now: Run, before: Run) -> float | None:
    """The median test, one-sided and exact, against a baseline that is made a fifth worse.

    Counts this run's samples beyond the pooled median. None for a band, which has no worse side,
    and where samples are missing.
    """
    if threshold.op == "band" or not now.samples or not before.samples:
        return None
    more_is_worse = threshold.op in ("lt", "lte")
    sign, shift = (1, TOLERANCE) if more_is_worse else (-1, 1 / TOLERANCE)
    ours = [sign * value for value in now.samples]
    return percentile_test(ours, [sign * shift * value for value in before.samples], percent=50)


def percentile_test(now: Sequence[float], before: Sequence[float], percent: int) -> float:
    """Is a percentile higher? One-sided and exact; counts values beyond that of both together.

    Where that is the largest value of all, those that are as large are counted.
    """
    pooled = sorted([*now, *before])
    limit = pooled[-(-len(pooled) * percent // 100) - 1]
    least = min((value for value in pooled if value > limit), default=limit)
    beyond = sum(value >= least for value in now)
    every = sum(value >= least for value in pooled)
    return chance_of_as_many(beyond, len(now), every, len(pooled))


def chance_of_as_many(seen: int, drawn: int, marked: int, every: int) -> float:
    """The chance that ``drawn`` of ``every`` hold ``seen`` or more of the ``marked`` ones.

    The hypergeometric tail: each term from its neighbour's, outwards from the largest, so that
    nothing overflows and counts may be in the millions.
    """
    weights = dict(_weights(drawn, marked, every))
    tail = math.fsum(weight for count, weight in weights.items() if count >= seen)
    return tail / math.fsum(weights.values())


def _weights(drawn: int, marked: int, every: int) -> Iterator[tuple[int, float]]:
    """How likely each count is beside the likeliest, as far as that can be seen in a sum."""
    fewest, most = max(0, drawn + marked - every), min(drawn, marked)
    rest = every - marked - drawn
    peak = min(max((drawn + 1) * (marked + 1) // (every + 2), fewest), most)
    weight, count = 1.0, peak
    while count <= most and weight > NEGLIGIBLE:
        yield count, weight
        weight *= (marked - count) * (drawn - count) / ((count + 1) * (rest + count + 1))
        count += 1
    weight, count = 1.0, peak
    while count > fewest and weight > NEGLIGIBLE:
        weight *= count * (rest + count) / ((marked - count + 1) * (drawn - count + 1))
        count -= 1
        yield count, weight
