from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slo.budget import bad_events_left, bad_ratio_to_fire, budget_remaining, burn_rate

TARGET = Fraction(95, 100)


@pytest.mark.parametrize(
    ("good", "total", "left"),
    [
        pytest.param(1000, 1000, 1, id="untouched"),
        pytest.param(975, 1000, Fraction(1, 2), id="half used"),
        pytest.param(950, 1000, 0, id="used up is zero"),
        pytest.param(900, 1000, -1, id="overspent is negative"),
        pytest.param(0, 0, None, id="no events, no budget"),
    ],
)
def test_the_budget_is_what_the_bad_events_have_left(
    good: int, total: int, left: Fraction | None
) -> None:
    assert budget_remaining(good, total, TARGET) == left


@pytest.mark.parametrize(
    ("good", "total", "rate"),
    [(95, 100, 1), (100, 100, 0), (0, 100, 20), (90, 100, 2), (0, 0, None)],
)
def test_a_burn_rate_of_one_spends_the_budget_exactly(
    good: int, total: int, rate: int | None
) -> None:
    assert burn_rate(good, total, TARGET) == rate


def test_events_left_count_down_to_the_target() -> None:
    assert bad_events_left(960, 1000, TARGET) == 10
    assert bad_events_left(940, 1000, TARGET) == -10
    assert bad_events_left(0, 0, TARGET) is None


def test_a_tier_beyond_all_bad_can_never_fire() -> None:
    assert bad_ratio_to_fire(Fraction("13.44"), TARGET) == Fraction("0.672")
    assert bad_ratio_to_fire(Fraction("13.44"), Fraction(90, 100)) > 1


@given(
    st.integers(0, 10**6).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))),
    st.fractions(Fraction(1, 1000), Fraction(999, 1000)),
)
def test_budget_and_burn_rate_say_the_same(counts: tuple[int, int], target: Fraction) -> None:
    good, total = counts
    rate, left = burn_rate(good, total, target), budget_remaining(good, total, target)
    if not total:
        assert rate is None
        assert left is None
        return
    assert rate is not None
    assert left == 1 - rate
    assert (left >= 0) == (Fraction(good, total) >= target)
