"""Whether the load generator's own lateness decided what became of an objective.

Whoever asks late, or looks at an answer late, measures a longer time and never a shorter one. So
what passes has passed, however late the generator was. What fails may have failed because of it,
unless it fails with that lateness taken off, too. A browser beside a late generator had to wait for
a processor as well, how often is not known: what its page timed meanwhile may have been anything.
A status is no time.
"""

import math
from collections.abc import Iterator, Sequence

from loadtests.run import POLL_INTERVAL, RENDER, SWITCH, Kind, Run
from slo import evaluation
from slo.objectives import Objective, Threshold

TIMED_BY_PAGES = (RENDER, SWITCH)
FROM_ANSWER_TO_ANSWER = (POLL_INTERVAL,)  # lateness at its start makes it shorter


def in_doubt(run: Run, objectives: Sequence[Objective], allowed_ms: float) -> list[Objective]:
    """Those that may have another verdict had the generator never been later than allowed."""
    timed = [one for one in objectives if one.unit == "ms"]
    return [one for one in timed if len(_verdicts(run, one, allowed_ms)) > 1]


def _verdicts(run: Run, objective: Objective, allowed_ms: float) -> set[evaluation.Verdict]:
    """What becomes of the samples at their best, and at their worst."""
    possible = list(_possible(run, objective, allowed_ms))
    best, worst = sum(map(any, possible)), sum(map(all, possible))
    return {evaluation.judge(good, len(possible), objective) for good in (best, worst)}


def _possible(run: Run, objective: Objective, allowed_ms: float) -> Iterator[list[bool]]:
    """For each sample whether it is good, at all values that it may have had in truth."""
    kinds: list[Kind] = [(objective.metric, event_type) for event_type in objective.event_types]
    for kind in kinds:
        if kind not in run.samples:
            continue
        series = run.samples[kind]
        for value, at in zip(series.values, series.at_seconds, strict=True):
            late = run.latest_ms(at - value / 1000, at)
            if kind in TIMED_BY_PAGES and late > allowed_ms:
                late = math.inf
            most = value + late if kind in FROM_ANSWER_TO_ANSWER else value
            yield _good_between(objective.threshold, value - late, most)


def _good_between(threshold: Threshold, least: float, most: float) -> list[bool]:
    """Whether the ends are good, and each bound that lies between them."""
    inside = (bound for bound in threshold.bounds if least <= bound <= most)
    return [threshold.is_good(value) for value in (least, most, *inside)]
