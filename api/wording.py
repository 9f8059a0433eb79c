"""Numbers as people read them. Pure: exact numbers in, text out.

Typeset as on the pages: a true minus, and nothing of a number is left behind at a line's end.
"""

from fractions import Fraction
from typing import Literal

Unit = Literal["money", "ratio", "months", "x"]

MINUS = "−"
GLUE = "\u2060"  # between two signs: a line may not break there
SPACE = "\N{NO-BREAK SPACE}"
THIN = "\N{NARROW NO-BREAK SPACE}"

HALF = Fraction(1, 2)
STEPS = (
    (Fraction(1), ""),
    (Fraction(10**3), "k"),
    (Fraction(10**6), "M"),
    (Fraction(10**9), "B"),
    (Fraction(10**12), "T"),
)
MOST_DECIMALS = 8
MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def number(value: Fraction, decimals: int) -> str:
    """A number with grouped digits, halves rounded away from zero: ``-1,234.50``."""
    scaled = int(abs(value) * 10**decimals + HALF)
    whole, rest = divmod(scaled, 10**decimals)
    sign = MINUS if value < 0 and scaled else ""
    return f"{sign}{whole:,}" + (f".{rest:0{decimals}d}" if decimals else "")


def money(value: Fraction, sign: str, digits: int = 3) -> str:
    """Money to ``digits`` significant digits, as on the cards: ``£1.23M``, ``£2.3M``, ``£950``."""
    size = abs(value)
    for divisor, suffix in STEPS:
        whole = len(str(int(size / divisor)))
        decimals = max(digits - whole if suffix else digits - 3, 0)
        text = number(size / divisor, decimals)
        if float(text.replace(",", "")) < 1000 or suffix == STEPS[-1][1]:
            break
    if suffix and decimals:
        text = text.rstrip("0").rstrip(".")
    return _in_currency(value, f"{text}{suffix}", sign)


def shown(value: Fraction, unit: Unit, sign: str, extra: int = 0) -> str:
    """A value in its unit; ``extra`` asks for that many digits more than usual.

    A share that is less than all of it is never shown as 100 %.
    """
    if unit == "money":
        return money(value, sign, 3 + extra)
    if unit == "ratio":
        return f"{_percent(value, 1 + extra)}{THIN}%"
    if unit == "months":
        finer = 1 if abs(value) < 1 else 0  # below one month a tenth is too coarse
        return f"{number(value, 1 + finer + extra)}{SPACE}months"
    return f"{number(value, 2 + extra)}x"


def difference(value: Fraction, unit: Unit, sign: str, extra: int = 0) -> str:
    """How large a difference is, unsigned: ``£1.2k``, ``0.5 points``, ``1.4 months``.

    One too small for the usual digits gets more, rather than reading as zero.
    """
    for more in range(extra, MOST_DECIMALS):
        text = _difference(abs(value), unit, sign, more)
        if value == 0 or any(digit in text for digit in "123456789"):
            break
    return text


def change(value: Fraction, unit: Unit, sign: str, extra: int = 0) -> str:
    """A difference with its sign."""
    size = difference(value, unit, sign, extra)
    return f"{MINUS if value < 0 else '+'}{GLUE}{size}" if value else size


def apart(
    value: Fraction, line: Fraction, unit: Unit, sign: str, extra: int = 0
) -> tuple[str, str]:
    """A value and the line it is held against, with enough digits to tell them apart."""
    for more in range(extra, MOST_DECIMALS):
        first, second = shown(value, unit, sign, more), shown(line, unit, sign, more)
        if first != second or value == line:
            break
    return first, second


def _difference(value: Fraction, unit: Unit, sign: str, extra: int) -> str:
    if unit == "ratio":
        return f"{number(value * 100, 1 + extra)}{SPACE}points"
    return shown(value, unit, sign, extra)


def _percent(value: Fraction, decimals: int) -> str:
    text = number(value * 100, decimals)
    while value < 1 and text == number(Fraction(100), decimals) and decimals < MOST_DECIMALS:
        decimals += 1
        text = number(value * 100, decimals)
    return text


def percent(part: Fraction, decimals: int = 0) -> str:
    """A part of one in percent."""
    return f"{number(part * 100, decimals)}{THIN}%"


def _in_currency(value: Fraction, text: str, sign: str) -> str:
    """The unsigned ``text`` with its currency: a sign stands close, a code such as CHF apart."""
    minus = MINUS + GLUE if value < 0 and any(digit in text for digit in "123456789") else ""
    return f"{minus}{sign}{SPACE if sign.isalpha() else ''}{text}"


def month_name(year: int, month: int) -> str:
    """``October 2025``."""
    return f"{MONTHS[month - 1]} {year}"


def period_name(label: str) -> str:
    """``October 2025`` of ``2025-10``, ``Q4 2025`` of ``2025-Q4``."""
    year, part = label.split("-")
    return f"{part} {year}" if part.startswith("Q") else month_name(int(year), int(part))


def precise(value: Fraction, unit: str, sign: str) -> str:
    """A number for a worked formula: ``£730,889.72``, ``12.63 %``, ``1,234`` seconds."""
    if unit == "money":
        return _in_currency(value, number(abs(value), 2), sign)
    if unit == "ratio":
        return f"{_percent(value, 2)}{THIN}%"
    return number(value, 0 if value.denominator == 1 else 2)
