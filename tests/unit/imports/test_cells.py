"""Cells: what each type accepts, what it stores, and why it refuses."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.imports.cells import FIRST_DAY, LAST_DAY, day, decimal, money, period, text

ANY_TEXT = st.text(st.sampled_from("0123456789.,-+eE NaInfinity_٣\n"), max_size=30)


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("0", 0),
        ("12", 120_000),
        ("-12.5", -125_000),
        ("+1", 10_000),
        ("0012.3400", 123_400),
        ("957.5775", 9_575_775),
        ("1.50000", 15_000),
        ("-0.0001", -1),
        ("1000000000000", 10**16),
        ("0" * 40 + "7", 70_000),
    ],
)
def test_money_is_kept_in_ten_thousandths(written: str, stored: int) -> None:
    assert money()(written) == stored


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("1e5", "is not an amount"),
        ("1,000", "is not an amount"),
        (" 12 ", "is not an amount"),
        ("NaN", "is not an amount"),
        ("inf", "is not an amount"),
        ("1_000", "is not an amount"),
        ("£5", "is not an amount"),
        ("(5)", "is not an amount"),
        (".5", "is not an amount"),
        ("5.", "is not an amount"),
        ("--5", "is not an amount"),
        ("٣", "is not an amount"),
        ("5\n", "is not an amount"),
        ("0.00001", "is finer than 1/10,000"),
        ("1000000000000.0001", "is larger than"),
        ("9" * 5_000, "is larger than"),
    ],
)
def test_money_that_is_no_plain_amount_is_refused(written: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        money()(written)


@given(st.integers(-(10**16), 10**16))
def test_every_amount_of_ten_thousandths_reads_back(amount: int) -> None:
    assert money()(format(Decimal(amount) / 10_000, "f")) == amount


@given(ANY_TEXT)
def test_money_gives_a_bounded_integer_or_a_reason(written: str) -> None:
    try:
        amount = money()(written)
    except ValueError:
        return
    assert isinstance(amount, int)
    assert Decimal(amount) / 10_000 == Decimal(written)


def test_money_may_have_a_minimum() -> None:
    assert money(minimum=0)("0") == 0
    with pytest.raises(ValueError, match=r"'-0\.0001' is below 0"):
        money(minimum=0)("-0.0001")


@pytest.mark.parametrize(
    ("written", "stored"),
    [("1.50", "1.5"), ("0.0", "0"), ("-0", "0"), ("100", "100"), ("0.9950", "0.995")],
)
def test_one_number_has_one_form(written: str, stored: str) -> None:
    assert decimal()(written) == stored


@given(ANY_TEXT)
def test_a_number_keeps_its_value_exactly_or_is_refused(written: str) -> None:
    try:
        stored = decimal()(written)
    except ValueError:
        return
    assert isinstance(stored, str)
    assert Decimal(stored) == Decimal(written)
    assert len(stored) <= 40


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("1.01", "is larger than 1"),
        ("9" * 5_000, "is larger than 1"),
        ("-0.1", "is below 0"),
        ("1e-1", "is not a number"),
        ("0.12345678901", "more than 10 decimals"),
    ],
)
def test_a_number_outside_its_bounds_is_refused(written: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        decimal(0, 1)(written)


@given(st.dates(date.fromisoformat(FIRST_DAY), date.fromisoformat(LAST_DAY)))
def test_every_day_reads_back(a_day: date) -> None:
    assert day()(a_day.isoformat()) == a_day.isoformat()
    assert day("%d/%m/%Y")(f"{a_day:%d/%m/%Y}") == a_day.isoformat()


@pytest.mark.parametrize(
    "written",
    ["2024-02-30", "2024-1-5", "20240105", "2024-W01-1", "05/01/2024", "2024-01-05 ", "today",
     "2024-01-05T00:00:00", "0000-01-01", "٢٠٢٤-01-05"],
)  # fmt: skip
def test_what_is_no_iso_day_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match="is not a date such as 2026-01-31"):
        day()(written)


def test_days_outside_1970_to_2100_are_refused() -> None:
    for written in ("1969-12-31", "2101-01-01"):
        with pytest.raises(ValueError, match="is outside 1970-01-01 to 2100-12-31"):
            day()(written)


def test_a_day_in_a_given_format_says_what_the_format_looks_like() -> None:
    with pytest.raises(ValueError, match="'2024-01-05' is not a date such as 31/01/2026"):
        day("%d/%m/%Y")("2024-01-05")


def test_months_are_written_as_year_and_month() -> None:
    assert period("2024-02") == "2024-02"
    for written in ("2024-13", "2024-2", "2024-02-01", "1969-12", "2101-01", "Feb 2024", "2024-00"):
        with pytest.raises(ValueError, match=r"is not a month|is outside"):
            period(written)


def test_text_loses_the_space_around_it_and_nothing_else() -> None:
    assert text(20)("  a  b\n") == "a  b"
    assert text(20)(" \t ") is None
    assert text(3)("äöü") == "äöü"


@pytest.mark.parametrize(
    ("written", "reason"),
    [("abcd", "has 4 characters, at most 3"), ("a\x07", "control"), ("\x7fb", "control")],
)
def test_text_that_is_too_long_or_not_printable_is_refused(written: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        text(3)(written)
