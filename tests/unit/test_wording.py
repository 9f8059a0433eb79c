"""Numbers in sentences: short, signed where they are differences, never misleading."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api import wording
from api.wording import Unit
from tests.plain import plain


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("0", "£0"),
        ("0.4", "£0"),
        ("-0.4", "£0"),
        ("0.5", "£1"),
        ("950", "£950"),
        ("999.4", "£999"),
        ("999.5", "£1k"),
        ("1234", "£1.23k"),
        ("45600", "£45.6k"),
        ("-45600", "-£45.6k"),
        ("999949", "£1M"),
        ("730889.7154", "£731k"),
        ("1234567", "£1.23M"),
        ("999499999999", "£999B"),
        ("999500000000", "£1T"),
        ("1999999999999", "£2T"),
        ("-1603500000000000", "-£1,604T"),
    ],
)
def test_money_is_short(value: str, text: str) -> None:
    assert plain(wording.money(Fraction(value), "£")) == text


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        ("0.126348", "ratio", "12.6 %"),
        ("-0.05", "ratio", "-5.0 %"),
        ("1.064", "ratio", "106.4 %"),
        ("1", "ratio", "100.0 %"),
        ("0.99996", "ratio", "99.996 %"),
        ("14.249", "months", "14.2 months"),
        ("0.79", "months", "0.79 months"),
        ("-0.26", "months", "-0.26 months"),
        ("1.0032", "x", "1.00x"),
    ],
)
def test_values_are_shown_in_their_unit_and_nearly_all_is_not_all(
    value: str, unit: Unit, text: str
) -> None:
    assert plain(wording.shown(Fraction(value), unit, "£")) == text


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        ("0.005", "ratio", "+0.5 points"),
        ("-0.0123", "ratio", "-1.2 points"),
        ("-0.00002", "ratio", "-0.002 points"),
        ("0", "ratio", "0.0 points"),
        ("119563.9624", "money", "+£120k"),
        ("-119563.9624", "money", "-£120k"),
        ("0.4", "money", "+£0.4"),
        ("1.44", "months", "+1.4 months"),
        ("0.264", "months", "+0.26 months"),
        ("-0.05", "x", "-0.05x"),
        ("3", "ratio", "+300.0 points"),
    ],
)
def test_differences_are_signed_and_rates_differ_in_points(
    value: str, unit: Unit, text: str
) -> None:
    assert plain(wording.change(Fraction(value), unit, "£")) == text


@pytest.mark.parametrize(
    ("value", "line", "unit", "texts"),
    [
        ("0.9912", "0.995", "ratio", ("99.1 %", "99.5 %")),
        ("0.99499", "0.995", "ratio", ("99.499 %", "99.500 %")),
        ("0.995", "0.995", "ratio", ("99.5 %", "99.5 %")),
        ("1000400", "1000000", "money", ("£1.0004M", "£1M")),
    ],
)
def test_a_value_and_its_line_are_told_apart(
    value: str, line: str, unit: Unit, texts: tuple[str, str]
) -> None:
    shown = wording.apart(Fraction(value), Fraction(line), unit, "£")
    assert tuple(map(plain, shown)) == texts


@given(st.fractions(max_denominator=10_000), st.sampled_from(["money", "ratio", "months", "x"]))
def test_a_difference_that_is_not_nothing_never_reads_as_nothing(
    value: Fraction, unit: Unit
) -> None:
    text = plain(wording.change(value, unit, "£"))
    assert any(digit in text for digit in "123456789") == (value != 0)
    assert text[0] == ("+" if value > 0 else "-" if value < 0 else text[0])


def test_signs_are_typeset_and_no_line_breaks_within_a_number() -> None:
    assert wording.money(Fraction(-20_400_000), "£") == "−\u2060£20.4M"
    assert wording.change(Fraction(5000), "money", "£") == "+\u2060£5k"
    assert wording.money(Fraction(5000), "CHF") == "CHF\u00a05k"
    assert wording.shown(Fraction("0.529"), "ratio", "£") == "52.9\u202f%"
    assert wording.change(Fraction("-0.005"), "ratio", "£") == "−\u20600.5\u00a0points"
    assert wording.precise(Fraction(-1), "money", "£") == "−\u2060£1.00"


def test_months_have_names() -> None:
    assert wording.month_name(2025, 1) == "January 2025"
    assert wording.month_name(2025, 12) == "December 2025"
    assert wording.period_name("2025-03") == "March 2025"
    assert wording.period_name("2025-Q4") == "Q4 2025"
