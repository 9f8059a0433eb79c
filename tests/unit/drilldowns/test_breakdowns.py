"""A breakdown adds up to its whole, however long its tail and whatever it misses."""

from fractions import Fraction

from hypothesis import assume, given
from hypothesis import strategies as st

from api.csv_files import exact
from api.drilldowns import breakdowns
from api.drilldowns.queries import money_text
from api.drivers.decomposition import Parts

UNITS = st.integers(-(10**9), 10**9).map(lambda units: Fraction(units, 10_000))
NAMES = st.integers(0, 200).map(str)


@given(st.dictionaries(NAMES, UNITS), UNITS)
def test_a_sums_elements_add_up_to_the_total(sums: dict[str, Fraction], total: Fraction) -> None:
    items = breakdowns.of_sum(sums, total)
    assert sum((item.value or Fraction(0) for item in items), Fraction(0)) == total
    if total and items:
        assert sum((item.share or Fraction(0) for item in items), Fraction(0)) == 1
    assert len(items) <= breakdowns.MOST_SHOWN + 2


@given(st.dictionaries(NAMES, st.builds(Parts, UNITS, UNITS)), UNITS, UNITS)
def test_a_ratios_shares_add_up_to_the_whole_denominator(
    parts: dict[str, Parts], numerator: Fraction, denominator: Fraction
) -> None:
    assume(denominator > 0)
    items = breakdowns.of_ratio(parts, Parts(numerator, denominator))
    assert sum((item.share or Fraction(0) for item in items), Fraction(0)) == 1
    weighted = [item for item in items if item.value is not None and item.share is not None]
    if len(weighted) == len(items):
        pulled = sum(((i.value or 0) * (i.share or 0) for i in weighted), Fraction(0))
        assert pulled == numerator / denominator


@given(st.integers(-(10**18), 10**18))
def test_money_as_text_is_exact(amount: int) -> None:
    text = money_text(amount)
    assert Fraction(text) == Fraction(amount, 10_000)
    assert 2 <= len(text.rpartition(".")[2]) <= 4


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_in_a_file_reads_back_as_the_same_number(value: float) -> None:
    text = exact(value)
    assert text is not None
    assert float(text) == value
    assert "e" not in text
