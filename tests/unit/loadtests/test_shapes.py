"""How many people each shape asks for, and when their steps are due."""

import itertools
import math
import random
import statistics
import time

import pytest

from loadtests.shapes import SHAPES, people
from loadtests.timetable import Timetable, arrivals, met_midway


@pytest.mark.parametrize(
    ("shape", "at_seconds", "expected"),
    [
        ("steady", 0, 1000),
        ("steady", 299, 1000),
        ("ramp", 0, 1),  # a run without users is over
        ("ramp", 150, 500),
        ("ramp", 300, 1000),
        ("spike", 99, 100),
        ("spike", 100, 1000),
        ("spike", 199, 1000),
        ("spike", 200, 100),
        ("soak", 7.5, 500),
        ("soak", 15, 1000),
        ("soak", 299, 1000),
    ],
)
def test_each_shape_has_its_course(shape: str, at_seconds: float, expected: int) -> None:
    assert people(shape, 1000, 300, at_seconds) == expected


@pytest.mark.parametrize("shape", SHAPES)
def test_a_run_without_an_end_has_everyone_or_a_course_that_ended(shape: str) -> None:
    assert people(shape, 50, 0, 10) == (5 if shape == "spike" else 50)


def test_arrivals_are_a_poisson_process_of_the_rate() -> None:
    begun = time.perf_counter()
    due = list(itertools.islice(arrivals(50.0), 20_000))
    gaps = [after - before for before, after in itertools.pairwise([begun, *due])]
    assert min(gaps) >= 0
    # Mean and standard deviation of an exponential are both 1/rate; five standard errors of room.
    room = 5 / 50 / math.sqrt(len(gaps))
    assert statistics.fmean(gaps) == pytest.approx(1 / 50, abs=room)
    assert statistics.pstdev(gaps) == pytest.approx(1 / 50, abs=2 * room)


def test_what_is_met_midway_is_met_as_often_as_it_is_long() -> None:
    left = [
        met_midway(lambda: random.choice([[1.0], [4.0, 5.0]]), longest=20.0) for _ in range(10_000)
    ]
    # Nine of ten moments of an endless row lie in a long one, four of its nine in the first wait.
    room = 5 * math.sqrt(0.25 / len(left))
    assert statistics.fmean(len(waits) == 2 for waits in left) == pytest.approx(0.4, abs=room)
    assert statistics.fmean(waits[-1] for waits in left) == pytest.approx(3.3, abs=10 * room)
    assert all(waits[0] >= 0 for waits in left)


def test_waits_of_no_time_are_met_at_their_end() -> None:
    assert met_midway(lambda: [0.0, 0.0], longest=0.0) == [0.0]


def test_a_step_that_is_late_began_when_it_was_due() -> None:
    before = time.perf_counter()
    timetable = Timetable()
    made = time.perf_counter()
    time.sleep(0.3)  # the answer before took longer than the think time
    timetable.think(0.1, 0.1)
    assert before + 0.1 <= timetable.begin() <= made + 0.1
    # What a step asks for besides is sent because of its first answer.
    answered = time.perf_counter()
    assert timetable.begin() >= answered


def test_a_step_that_is_on_time_begins_now() -> None:
    timetable = Timetable()
    timetable.think(0.05, 0.05)
    late = time.perf_counter() - timetable.begin()
    assert late >= 0
