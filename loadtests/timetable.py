"""When things are due, whatever became of what was due before.

A user who starts to think only after an answer asks less of a server that stalls, and so measures
less of the stall. Here the next step is due at its planned time, and its wait is part of its time.
Times are on the clock of ``time.perf_counter()``.
"""

import random
import time
from collections.abc import Callable, Iterator

import gevent


class Timetable:
    """One user's plan."""

    def __init__(self) -> None:
        self._due = time.perf_counter()
        self._is_due = False

    def think(self, shortest: float, longest: float) -> None:
        """Wait for the next step: due a random time after the one before was due."""
        self._due += random.uniform(shortest, longest)  # noqa: S311 - no secret
        sleep_until(self._due)
        self._is_due = True

    def begin(self) -> float:
        """When the request that is about to be sent began.

        The first of a step began when the step was due; the others are sent because of it.
        """
        now = time.perf_counter()
        began = min(self._due, now) if self._is_due else now
        self._is_due = False
        return began


def met_midway(draw: Callable[[], list[float]], longest: float) -> list[float]:
    """What is left of a course of waits that is met at a random moment of an endless row of them.

    No course lasts longer than ``longest``. Long ones are met more often.
    """
    waits = draw()
    while random.uniform(0, longest) > sum(waits):  # noqa: S311 - no secret
        waits = draw()
    passed = random.uniform(0, sum(waits))  # noqa: S311 - no secret
    while len(waits) > 1 and passed >= waits[0]:
        passed -= waits.pop(0)
    return [max(0.0, waits[0] - passed), *waits[1:]]


def arrivals(rate_per_second: float) -> Iterator[float]:
    """Times of a Poisson process from now on: people arrive independently of each other."""
    due = time.perf_counter()
    while True:
        due += random.expovariate(rate_per_second)
        yield due


def sleep_until(due: float) -> None:
    """Let others run until ``due``; at least once, when it is past."""
    gevent.sleep(max(0.0, due - time.perf_counter()))
