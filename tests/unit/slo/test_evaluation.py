import math
from dataclasses import dataclass
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slo.evaluation import (
    Verdict,
    displayed_percentile,
    exit_code,
    good_ratio,
    interval,
    judge,
)
from slo.objective import Threshold


@dataclass(frozen=True)
class Goal:
    target: Fraction = Fraction(95, 100)
    minimum_events: int = 200


@pytest.mark.parametrize(
    ("good", "total", "verdict"),
    [
        pytest.param(0, 0, "insufficient_data", id="no data never passes"),
        pytest.param(199, 199, "insufficient_data", id="one event short of the minimum, all good"),
        pytest.param(0, 199, "insufficient_data", id="one event short of the minimum, all bad"),
        pytest.param(0, 200, "fail", id="all bad"),
        pytest.param(190, 200, "pass", id="exactly the target"),
        pytest.param(189, 200, "fail", id="one event below the target"),
        pytest.param(949_999_999_999, 10**12, "fail", id="a trillionth below the target"),
        pytest.param(200, 200, "pass", id="all good"),
    ],
)
def test_counts_alone_decide_the_verdict(good: int, total: int, verdict: str) -> None:
    assert judge(good, total, Goal()) == verdict


def test_no_events_are_insufficient_even_when_the_minimum_is_none() -> None:
    assert judge(0, 0, Goal(minimum_events=0)) == "insufficient_data"


@pytest.mark.parametrize(("good", "total"), [(-1, 5), (6, 5), (0, -1)])
def test_counts_that_cannot_be_are_refused(good: int, total: int) -> None:
    with pytest.raises(ValueError, match="not a count"):
        judge(good, total, Goal())


def test_a_ratio_without_events_is_none_and_not_zero() -> None:
    assert good_ratio(0, 0) is None
    assert good_ratio(0, 3) == 0


@pytest.mark.parametrize(
    ("verdicts", "code"),
    [
        ([], 3),
        (["not_applicable"], 3),
        (["pass"], 0),
        (["pass", "not_applicable"], 0),
        (["pass", "insufficient_data"], 3),
        (["pass", "fail", "insufficient_data"], 1),
    ],
)
def test_several_verdicts_become_one_exit_code(verdicts: list[Verdict], code: int) -> None:
    assert exit_code(verdicts) == code


def test_an_unreachable_source_is_unknown_unless_something_failed() -> None:
    assert exit_code(["pass"], unreachable=True) == 3
    assert exit_code(["fail"], unreachable=True) == 1


def nearest_rank(samples: list[float], percent: int) -> float:
    return sorted(samples)[math.ceil(Fraction(percent * len(samples), 100)) - 1]


@given(
    st.lists(st.floats(250, 350), min_size=200, max_size=400),
    st.floats(-0.01, 0.01),
    st.sampled_from([Threshold("lt", 300.0), Threshold("lte", 300.0)]),
)
def test_a_displayed_p95_never_contradicts_the_verdict(
    samples: list[float], error: float, line: Threshold
) -> None:
    good = sum(map(line.is_good, samples))
    verdict = judge(good, len(samples), Goal())
    exact = nearest_rank(samples, 95)
    assert (verdict == "pass") == line.is_good(exact)

    shown = displayed_percentile(exact * (1 + error), verdict, line)

    assert shown is not None
    assert line.is_good(shown) == (verdict == "pass")
    assert shown == pytest.approx(exact, rel=0.0101)


@pytest.mark.parametrize(
    ("op", "verdict", "estimate", "shown"),
    [
        ("lt", "pass", 299.0, 299.0),
        ("lt", "pass", 300.0, 298.2),
        ("lt", "pass", 301.0, 298.2),
        ("lt", "fail", 299.0, 300.0),
        ("lt", "fail", 301.0, 301.0),
        ("lte", "pass", 301.0, 300.0),
        ("lte", "fail", 300.0, 301.8),
        ("gt", "pass", 299.0, 301.8),
        ("gt", "fail", 301.0, 300.0),
        ("gte", "pass", 299.0, 300.0),
        ("gte", "fail", 300.0, 298.2),
        ("lt", "insufficient_data", 301.0, 301.0),
    ],
)
def test_an_estimate_moves_only_when_it_stands_on_the_wrong_side(
    op: str, verdict: str, estimate: float, shown: float
) -> None:
    line = Threshold(op, 300.0)  # type: ignore[arg-type]  # a table of plain words
    moved = displayed_percentile(estimate, verdict, line)  # type: ignore[arg-type]  # likewise
    assert moved == pytest.approx(shown)


def test_a_band_and_a_missing_estimate_stay_as_they_are() -> None:
    band = Threshold("band", low=25.0, high=35.0)
    assert displayed_percentile(36.0, "pass", band) == 36.0
    assert displayed_percentile(None, "pass", Threshold("lt", 300.0)) is None


def tail(good: range, total: int, p: Fraction) -> Fraction:
    """The exact probability that a binomial count lies in ``good``."""
    return sum(
        (math.comb(total, k) * p**k * (1 - p) ** (total - k) for k in good), start=Fraction(0)
    )


@given(st.integers(1, 60).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_bounds_are_the_exact_binomial_ones(counts: tuple[int, int]) -> None:
    good, total = counts
    bounds = interval(good, total)
    assert bounds is not None
    low, high = map(Fraction, bounds)
    # At the low bound so many or more good events have a chance of 2.5 %; at the high bound so few.
    if good > 0:
        assert float(tail(range(good, total + 1), total, low)) == pytest.approx(0.025, rel=1e-9)
    if good < total:
        assert float(tail(range(good + 1), total, high)) == pytest.approx(0.025, rel=1e-9)
    assert low <= Fraction(good, total) <= high


def test_bounds_at_the_ends_reach_zero_and_one() -> None:
    assert list(interval(0, 10) or ()) == pytest.approx([0.0, 1 - 0.025**0.1])
    assert list(interval(10, 10) or ()) == pytest.approx([0.025**0.1, 1.0])
    assert interval(0, 0) is None


@pytest.mark.parametrize("total", [10_000, 1_000_000, 100_000_000])
def test_bounds_of_many_events_approach_the_normal_ones(total: int) -> None:
    bounds = interval(total * 95 // 100, total)
    assert bounds is not None
    width = 2 * 1.959964 * math.sqrt(0.95 * 0.05 / total)
    assert bounds[1] - bounds[0] == pytest.approx(width, rel=0.02)
    assert bounds[0] < 0.95 < bounds[1]
