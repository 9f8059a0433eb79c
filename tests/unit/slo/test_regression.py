"""The tests against a baseline: exact, rarely wrong, and not blind."""

import math
import random
from fractions import Fraction
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slo.objective import Threshold
from slo.regression import (
    ERROR_RATE,
    Run,
    chance_of_as_many,
    compare,
    counts_test,
    percentile_test,
    samples_test,
    significant,
)

UNDER = Threshold("lt", value=300)
OVER = Threshold("gte", value=5)
BAND = Threshold("band", low=25, high=35)


def naive_tail(seen: int, drawn: int, marked: int, every: int) -> Fraction:
    """Every way to draw, one by one."""
    ways = list(combinations(range(every), drawn))
    return Fraction(sum(sum(one < marked for one in way) >= seen for way in ways), len(ways))


def exact_tail(seen: int, drawn: int, marked: int, every: int) -> Fraction:
    """The same by binomial coefficients in whole numbers."""
    total = math.comb(every, drawn)
    ways = (
        math.comb(marked, k) * math.comb(every - marked, drawn - k)
        for k in range(max(seen, 0), min(drawn, marked) + 1)
    )
    return Fraction(sum(ways), total)


@pytest.mark.parametrize("every", [2, 5, 9])
def test_the_chance_is_that_of_all_ways_to_draw(every: int) -> None:
    for drawn in range(1, every):
        for marked in range(every + 1):
            for seen in range(max(0, drawn + marked - every), min(drawn, marked) + 1):
                chance = chance_of_as_many(seen, drawn, marked, every)
                naive = naive_tail(seen, drawn, marked, every)
                assert chance == pytest.approx(float(naive), rel=1e-12)
                assert naive == exact_tail(seen, drawn, marked, every)


@settings(max_examples=50, deadline=None)
@given(st.data())
def test_large_counts_are_as_exact(data: st.DataObject) -> None:
    drawn = data.draw(st.integers(1, 1200))
    every = drawn + data.draw(st.integers(1, 1200))
    marked = data.draw(st.integers(0, every))
    fewest, most = max(0, drawn + marked - every), min(drawn, marked)
    middle = drawn * marked // every
    seen = min(max(middle + data.draw(st.integers(-60, 60)), fewest), most)
    chance = chance_of_as_many(seen, drawn, marked, every)
    expected = float(exact_tail(seen, drawn, marked, every))
    assert chance == pytest.approx(expected, rel=1e-9, abs=1e-18)


def test_millions_of_events_take_no_time() -> None:
    now, before = Run(4_749_000, 5_000_000), Run(4_750_000, 5_000_000)
    spread = math.sqrt(10_000_000 * 0.0501 * 0.9499 / 4)
    # The curve that such counts come close to.
    normal = math.erfc(499.5 / spread / math.sqrt(2)) / 2
    assert counts_test(now, before) == pytest.approx(normal, rel=1e-5)
    assert counts_test(before, now) == pytest.approx(1 - normal, rel=1e-3)
    assert counts_test(Run(0, 5_000_000), before) == 0.0


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 400), st.integers(1, 400), st.data())
def test_of_equal_runs_counts_are_called_worse_no_oftener_than_stated(
    ours: int, theirs: int, data: st.DataObject
) -> None:
    """Whatever the share of bad events: for each number of them, over every way to fall."""
    bad = data.draw(st.integers(0, ours + theirs))
    alarm = Fraction(0)
    for mine in range(max(0, bad - theirs), min(bad, ours) + 1):
        chance = counts_test(Run(ours - mine, ours), Run(theirs - (bad - mine), theirs))
        if chance <= ERROR_RATE:
            ways = math.comb(ours, mine) * math.comb(theirs, bad - mine)
            alarm += Fraction(ways, math.comb(ours + theirs, bad))
    assert alarm <= Fraction(ERROR_RATE) * (1 + Fraction(1, 10**9))


def test_equal_runs_of_many_objectives_rarely_fail_a_gate() -> None:
    """Both tests of three objectives, corrected for being six; seeded, so always the same."""
    source = random.Random(2026)
    rounds, alarms = 1500, 0
    for _ in range(rounds):
        runs = {}
        for name in ("a", "b", "c"):
            now, before = ([source.lognormvariate(5, 0.6) for _ in range(60)] for _ in range(2))
            runs[name] = (UNDER, run(now), run(before))
        alarms += any(one.is_worse for one in compare(runs).values())
    assert alarms <= ERROR_RATE * rounds


def run(values: list[float], threshold: Threshold = UNDER) -> Run:
    return Run(sum(map(threshold.is_good, values)), len(values), sorted(values))


@given(st.integers(200, 2000), st.integers(0, 10))
def test_many_more_bad_events_are_found(events: int, percent: int) -> None:
    before = Run(events - events * percent // 100, events)
    now = Run(events - events * (percent + 15) // 100, events)
    found = compare({"it": (UNDER, now, before)})["it"]
    assert found.is_worse
    assert not compare({"it": (UNDER, before, now)})["it"].is_worse


@settings(max_examples=40, deadline=None)
@given(st.integers(100, 400), st.randoms(use_true_random=False))
def test_samples_that_doubled_are_found_though_every_one_is_good(
    events: int, source: random.Random
) -> None:
    fast = [source.uniform(40, 60) for _ in range(events)]
    slow = [2 * value for value in fast]
    found = compare({"it": (UNDER, run(slow), run(fast))})["it"]
    assert found.p_counts == 1
    assert found.is_worse
    assert not compare({"it": (UNDER, run(fast), run(slow))})["it"].is_worse


def test_samples_a_tenth_slower_are_another_machine() -> None:
    fast = [50 + n / 100 for n in range(400)]
    assert not compare({"it": (UNDER, run([1.1 * v for v in fast]), run(fast))})["it"].is_worse
    assert compare({"it": (UNDER, run([1.4 * v for v in fast]), run(fast))})["it"].is_worse


def test_the_worse_side_is_the_thresholds() -> None:
    high, low = [float(n) for n in range(100, 200)], [float(n) for n in range(10, 20)] * 10
    assert samples_test(OVER, run(low, OVER), run(high, OVER)) == pytest.approx(0, abs=1e-15)
    assert samples_test(OVER, run(high, OVER), run(low, OVER)) == 1
    assert samples_test(BAND, run(high, BAND), run(low, BAND)) is None
    assert samples_test(UNDER, Run(1, 1), run(low)) is None


@settings(max_examples=60, deadline=None)
@given(
    values=st.lists(st.sampled_from([1.0, 2.0, 2.5, 7.0]), min_size=4, max_size=9),
    drawn=st.integers(1, 3),
    percent=st.sampled_from([50, 90, 95]),
)
def test_a_percentile_is_called_higher_no_oftener_than_its_chance(
    values: list[float], drawn: int, percent: int
) -> None:
    ways = list(combinations(range(len(values)), drawn))
    chances = [
        percentile_test(
            [values[at] for at in way],
            [value for at, value in enumerate(values) if at not in way],
            percent,
        )
        for way in ways
    ]
    for chance in set(chances):
        as_low = sum(other <= chance for other in chances)
        assert Fraction(as_low, len(ways)) <= Fraction(chance).limit_denominator(10**6)


def test_a_higher_percentile_is_seen_where_all_values_are_the_same() -> None:
    assert percentile_test([26.0] * 20, [25.0] * 20, 95) < 1e-9
    assert percentile_test([25.0] * 20, [25.0] * 20, 95) == 1
    assert percentile_test([25.0] * 20, [26.0] * 20, 95) == 1


def test_holm_asks_more_of_the_smallest() -> None:
    one, two, three = ("counts", "a"), ("counts", "b"), ("counts", "c")
    assert significant({one: 0.0033, two: 0.0051, three: 0.02}) == {one}
    assert significant({one: 0.0033, two: 0.0049, three: 0.02}) == {one, two}
    assert significant({one: 0.0034, two: 0.0049, three: 0.009}) == set()
    assert significant({}) == set()


@pytest.mark.parametrize(("bad", "found"), [(9, False), (10, True)])
def test_a_small_run_sees_what_the_documentation_says(bad: int, found: bool) -> None:
    same = [50 + n / 10 for n in range(220)]
    runs = {name: (UNDER, run(same), run(same)) for name in ("a", "b")}
    runs["c"] = (UNDER, run([*same[bad:], *[400.0] * bad]), run(same))
    assert compare(runs)["c"].is_worse is found
