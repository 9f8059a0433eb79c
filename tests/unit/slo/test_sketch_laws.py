"""Merging is an addition, and any traffic is read as the ``ddsketch`` library reads it."""

import math
import random
from collections import Counter
from collections.abc import Callable
from fractions import Fraction

import pytest
from ddsketch import LogCollapsingLowestDenseDDSketch
from hypothesis import given
from hypothesis import strategies as st

from slo import sketch
from tests.unit.slo.test_sketch import (
    SHARES,
    _bimodal,
    _constant,
    _heavy_tailed,
    _log_normal,
    encoded,
    nearest_rank,
    samples,
    within_one_percent,
)


def plus(left: bytes, right: bytes) -> bytes:
    """One sketch added to another."""
    return sketch.add(left, buckets(sketch.merge([right])))


def buckets(one: sketch.Sketch) -> Counter[int]:
    counts = Counter({one.first + lane: number for lane, number in enumerate(one.lanes) if number})
    return counts + Counter({sketch.ZERO: one.zeros})


def library(values: list[float]) -> LogCollapsingLowestDenseDDSketch:
    theirs = LogCollapsingLowestDenseDDSketch(sketch.RELATIVE_ACCURACY, bin_limit=4096)
    for value in values:
        theirs.add(value)
    return theirs


def their_buckets(theirs: LogCollapsingLowestDenseDDSketch) -> Counter[int]:
    store = theirs._store
    found = {index + store.offset: int(number) for index, number in enumerate(store.bins) if number}
    return Counter(found) + Counter({sketch.ZERO: int(theirs._zero_count)})


def their_quantile(theirs: LogCollapsingLowestDenseDDSketch, share: Fraction) -> float:
    """Nearest rank; the library's own ranks run from 0 to count - 1."""
    rank = math.ceil(share * int(theirs.count)) - 1
    value = theirs.get_quantile_value(rank / max(theirs.count - 1, 1))
    assert value is not None
    return float(value)


@given(samples, samples)
def test_the_order_of_two_does_not_matter(left: list[float], right: list[float]) -> None:
    one, other = encoded(left), encoded(right)
    whole = sketch.merge([encoded(left + right)])
    assert sketch.merge([plus(one, other)]) == sketch.merge([plus(other, one)]) == whole


@given(samples, samples, samples)
def test_the_grouping_of_three_does_not_matter(
    first: list[float], second: list[float], third: list[float]
) -> None:
    a, b, c = map(encoded, (first, second, third))
    left, right = plus(plus(a, b), c), plus(a, plus(b, c))
    assert sketch.merge([left]) == sketch.merge([right]) == sketch.merge([c, a, b])


@given(samples)
def test_nothing_added_changes_nothing(values: list[float]) -> None:
    one = encoded(values)
    assert plus(one, sketch.EMPTY) == one
    assert sketch.merge([plus(sketch.EMPTY, one)]) == sketch.merge([one])


@given(st.lists(samples, min_size=1, max_size=5))
def test_merged_parts_are_the_librarys_merged_parts(parts: list[list[float]]) -> None:
    theirs = library([])
    for part in parts:
        theirs.merge(library(part))
    ours = sketch.merge(map(encoded, parts))
    assert buckets(ours) == their_buckets(theirs)
    assert ours.count == theirs.count


@pytest.mark.parametrize("draw", [_heavy_tailed, _constant, _bimodal, _log_normal])
@pytest.mark.parametrize("size", [1, 2, 3, 20, 1000])
def test_ours_and_the_librarys_quantiles_are_the_same_and_within_bounds(
    draw: Callable[[random.Random], float], size: int
) -> None:
    source = random.Random(size)
    values = [abs(draw(source)) for _ in range(size)]
    ours, theirs = sketch.merge([encoded(values)]), library(values)
    assert buckets(ours) == their_buckets(theirs)
    for share in SHARES[:-1]:
        estimate = ours.quantile(share)
        assert estimate == pytest.approx(their_quantile(theirs, share), rel=1e-9), share
        assert within_one_percent(estimate, nearest_rank(values, share)), share
