"""Parsers of one CSV cell: text in, the value as stored out.

Each raises ``ValueError`` with the reason in words. Stored values are text, integers and
``None`` only: dates are ISO text, money is an integer of 1/10,000, other numbers are decimal
text in one canonical form, so that ``1.50`` and ``1.5`` are the same value.
"""

import re
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal

from api.storage.tables import MONEY_SCALE

Cell = str | int | None
Parser = Callable[[str], Cell]

FIRST_DAY, LAST_DAY = "1970-01-01", "2100-12-31"
MAX_MONEY = 10**12  # of the currency's unit
MAX_DECIMALS = 10
MAX_ECHO = 40  # characters of a cell repeated in an error

_NUMBER = re.compile(r"([+-]?)([0-9]+)(?:\.([0-9]+))?", re.ASCII)
_PERIOD = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])", re.ASCII)


def echo(value: str) -> str:
    """A cell as an error repeats it: quoted, escaped, cut."""
    return repr(value if len(value) <= MAX_ECHO else value[:MAX_ECHO] + "...")


def text(max_length: int) -> Parser:
    """Text without control characters; space around it is dropped, only space is nothing."""

    def parse(value: str) -> Cell:
        value = value.strip()
        if len(value) > max_length:
            raise ValueError(f"has {len(value)} characters, at most {max_length} are allowed")
        if not value.isprintable() and any(_is_control(character) for character in value):
            raise ValueError(f"{echo(value)} holds a control character")
        return value or None

    return parse


def choice(*allowed: str) -> Parser:
    """One of a few words, written exactly so."""

    def parse(value: str) -> Cell:
        if value not in allowed:
            raise ValueError(f"{echo(value)} is not one of {', '.join(allowed)}")
        return value

    return parse


def money(minimum: int | None = None) -> Parser:
    """An amount such as ``-1234.5`` as an integer of 1/10,000."""

    def parse(value: str) -> Cell:
        match = _NUMBER.fullmatch(value)
        if match is None:
            raise ValueError(f"{echo(value)} is not an amount such as 1234.56")
        sign, whole, fraction = match.groups(default="")
        fraction = fraction.rstrip("0")
        if len(fraction) > 4:
            raise ValueError(f"{echo(value)} is finer than 1/10,000")
        _refuse_large(whole, MAX_MONEY, value)
        amount = int(whole + fraction.ljust(4, "0"))
        if amount > MAX_MONEY * MONEY_SCALE:
            raise ValueError(f"{echo(value)} is larger than {MAX_MONEY}")
        if sign == "-":
            amount = -amount
        if minimum is not None and amount < minimum * MONEY_SCALE:
            raise ValueError(f"{echo(value)} is below {minimum}")
        return amount

    return parse


def decimal(minimum: int | None = None, maximum: int = MAX_MONEY) -> Parser:
    """A plain number such as ``0.25``, at most 10 decimals, as canonical decimal text."""

    def parse(value: str) -> Cell:
        match = _NUMBER.fullmatch(value)
        if match is None:
            raise ValueError(f"{echo(value)} is not a number such as 0.25")
        if len((match[3] or "").rstrip("0")) > MAX_DECIMALS:
            raise ValueError(f"{echo(value)} has more than {MAX_DECIMALS} decimals")
        _refuse_large(match[2], maximum, value)
        number = Decimal(value)
        if abs(number) > maximum:
            raise ValueError(f"{echo(value)} is larger than {maximum}")
        if minimum is not None and number < minimum:
            raise ValueError(f"{echo(value)} is below {minimum}")
        return "0" if number == 0 else format(number.normalize(), "f")

    return parse


def day(date_format: str | None = None) -> Parser:
    """A date as ``YYYY-MM-DD``, or in a ``strptime`` format, from 1970 to 2100."""

    def parse(value: str) -> Cell:
        found = _iso_day(value) if date_format is None else _formatted_day(value, date_format)
        if not FIRST_DAY <= found <= LAST_DAY:
            raise ValueError(f"{echo(value)} is outside {FIRST_DAY} to {LAST_DAY}")
        return found

    return parse


def period(value: str) -> Cell:
    """A month as ``YYYY-MM``, from 1970 to 2100."""
    if not _PERIOD.fullmatch(value):
        raise ValueError(f"{echo(value)} is not a month such as 2026-01")
    if not FIRST_DAY[:7] <= value <= LAST_DAY[:7]:
        raise ValueError(f"{echo(value)} is outside {FIRST_DAY[:7]} to {LAST_DAY[:7]}")
    return value


def _iso_day(value: str) -> str:
    try:
        found = date.fromisoformat(value).isoformat()
    except ValueError:
        found = ""
    if found != value:  # Python reads week dates and dates without dashes as well
        raise ValueError(f"{echo(value)} is not a date such as 2026-01-31")
    return found


def _formatted_day(value: str, date_format: str) -> str:
    try:
        return datetime.strptime(value, date_format).date().isoformat()  # noqa: DTZ007 - a day has no zone
    except ValueError:
        example = date(2026, 1, 31).strftime(date_format)
        raise ValueError(f"{echo(value)} is not a date such as {example}") from None


def _refuse_large(whole: str, maximum: int, value: str) -> None:
    # Before converting: Python refuses to read integers of thousands of digits.
    if len(whole) < len(str(maximum)):
        return
    digits = whole.lstrip("0")
    if len(digits) > len(str(maximum)) or int(digits or "0") > maximum:
        raise ValueError(f"{echo(value)} is larger than {maximum}")


def _is_control(character: str) -> bool:
    return (character < " " and character not in "\t\n\r") or character == "\x7f"
