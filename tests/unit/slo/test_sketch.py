"""The sketch against the samples themselves, and against another implementation."""

import math
import random
from collections import Counter
from collections.abc import Callable
from fractions import Fraction
from itertools import chain

import pytest
from ddsketch import LogCollapsingLowestDenseDDSketch
from hypothesis import given
from hypothesis import strategies as st

from slo import sketch

SHARES = [Fraction(1, 100), Fraction(1, 2), Fraction(95, 100), Fraction(99, 100), Fraction(1)]

measured = st.floats(min_value=sketch.SMALLEST, max_value=600_000)
with_zero = st.one_of(st.just(0.0), measured)
samples = st.lists(with_zero, min_size=1, max_size=60)


def encoded(values: list[float]) -> bytes:
    return sketch.add(sketch.EMPTY, sketch.count_buckets(values))


def nearest_rank(values: list[float], share: Fraction) -> float:
    return sorted(values)[math.ceil(share * len(values)) - 1]


def within_one_percent(estimate: float | None, truth: float) -> bool:
    assert estimate is not None
    return abs(estimate - truth) <= truth * (sketch.RELATIVE_ACCURACY + 1e-9)


@given(samples, st.fractions(min_value=Fraction(1, 1000), max_value=1))
def test_every_quantile_is_within_one_percent_of_the_nearest_rank(
    values: list[float], share: Fraction
) -> None:
    estimate = sketch.merge([encoded(values)]).quantile(share)
    assert within_one_percent(estimate, nearest_rank(values, share))


def _heavy_tailed(source: random.Random) -> float:
    return min(source.paretovariate(0.7) * 20, 600_000)


def _constant(_source: random.Random) -> float:
    return 123.456


def _bimodal(source: random.Random) -> float:
    return source.gauss(40, 3) if source.random() < 0.9 else source.gauss(9000, 500)


def _log_normal(source: random.Random) -> float:
    return source.lognormvariate(5, 1.5)


@pytest.mark.parametrize("draw", [_heavy_tailed, _constant, _bimodal, _log_normal])
@pytest.mark.parametrize("size", [1, 2, 19, 20, 21, 100, 5000])
def test_the_bound_holds_for_every_kind_of_traffic(
    draw: Callable[[random.Random], float], size: int
) -> None:
    source = random.Random(size)
    values = [abs(draw(source)) for _ in range(size)]
    hours = [encoded(values[start::7]) for start in range(min(7, size))]
    merged = sketch.merge(hours)
    assert merged.count == size
    for share in SHARES:
        assert within_one_percent(merged.quantile(share), nearest_rank(values, share)), share


@given(st.lists(samples, min_size=1, max_size=6), st.randoms())
def test_neither_order_nor_grouping_of_merges_matters(
    parts: list[list[float]], shuffle: random.Random
) -> None:
    whole = sketch.merge([encoded(list(chain.from_iterable(parts)))])
    shuffled = parts[:]
    shuffle.shuffle(shuffled)
    assert sketch.merge(map(encoded, shuffled)) == whole
    grown = sketch.EMPTY
    for part in shuffled:
        grown = sketch.add(grown, sketch.count_buckets(part))
    assert sketch.merge([grown]) == whole
    assert sketch.merge([grown, sketch.EMPTY]) == whole


def test_the_same_samples_fill_the_same_buckets_as_in_the_ddsketch_library() -> None:
    source = random.Random(5)
    values = [source.lognormvariate(5, 1.5) for _ in range(20_000)]
    theirs = LogCollapsingLowestDenseDDSketch(sketch.RELATIVE_ACCURACY, bin_limit=4096)
    for value in values:
        theirs.add(value)
    store = theirs._store
    their_buckets = {index + store.offset: count for index, count in enumerate(store.bins) if count}
    assert sketch.count_buckets(values) == their_buckets
    ours = sketch.merge([encoded(values)])
    for share in SHARES[:-1]:
        rank = math.ceil(share * len(values)) - 1
        assert ours.quantile(share) == pytest.approx(
            theirs.get_quantile_value(rank / (len(values) - 1)), rel=1e-9
        )


def test_without_samples_there_is_no_quantile() -> None:
    assert sketch.merge([]).quantile(Fraction(1, 2)) is None
    assert sketch.merge([sketch.EMPTY]).count == 0


def test_zeros_and_what_is_nearly_zero_are_read_as_zero() -> None:
    merged = sketch.merge([encoded([0.0, 1e-7, 5.0])])
    assert merged.quantile(Fraction(2, 3)) == 0.0
    assert within_one_percent(merged.quantile(Fraction(1)), 5.0)


@pytest.mark.parametrize("value", [-0.001, math.nan, math.inf, 1e13])
def test_what_no_measurement_is_is_refused(value: float) -> None:
    with pytest.raises(ValueError, match=r"a sketch holds values|cannot convert"):
        sketch.count_buckets([1.0, value])


@pytest.mark.parametrize("share", [Fraction(0), Fraction(11, 10)])
def test_a_share_outside_zero_to_one_is_refused(share: Fraction) -> None:
    with pytest.raises(ValueError, match="a quantile lies"):
        sketch.merge([encoded([1.0])]).quantile(share)


def test_sums_beyond_a_stored_lane_do_not_spill_into_the_next() -> None:
    many = sketch.add(sketch.EMPTY, Counter({100: 2**32 - 1, 101: 5}))
    merged = sketch.merge([many, many, many])
    assert merged.lanes == (3 * (2**32 - 1), 15)
    assert merged.count == 3 * (2**32 + 4)


def test_a_sketch_of_an_unknown_version_is_refused() -> None:
    with pytest.raises(ValueError, match="version 9"):
        sketch.merge([b"\x09" + sketch.EMPTY[1:]])
