"""Months, fiscal quarters and the windows that every number is computed over.

Pure: the day comes in as an argument. All dates are inclusive.
"""

import calendar
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

MONTHS_A_QUARTER = 3
MONTHS_A_YEAR = 12
SPARKLINE_MONTHS = 12
SPARKLINE_QUARTERS = 8
_LABEL = re.compile(r"(\d{4})-(0[1-9]|1[0-2])", re.ASCII)


class Range(StrEnum):
    """Length of the window, in complete months."""

    SIX_MONTHS = "6m"
    TWELVE_MONTHS = "12m"

    @property
    def months(self) -> int:
        """The length as a number."""
        return int(self.value.removesuffix("m"))


class Granularity(StrEnum):
    """Length of one period of the window; quarters are fiscal quarters."""

    MONTH = "month"
    QUARTER = "quarter"

    @property
    def months(self) -> int:
        """How many months one period has."""
        return MONTHS_A_QUARTER if self is Granularity.QUARTER else 1


class Compare(StrEnum):
    """What the numbers of a window are held against.

    ``previous``: the window of equal length before. ``year_ago``: the same months a year earlier.
    ``ytd_target``: the window is the fiscal year to date, and its targets are what counts.
    """

    PREVIOUS = "previous"
    YEAR_AGO = "year_ago"
    YTD_TARGET = "ytd_target"


class Month(NamedTuple):
    """A calendar month; months compare in time."""

    year: int
    month: int

    @classmethod
    def of(cls, day: date) -> "Month":
        """The month that ``day`` lies in."""
        return cls(day.year, day.month)

    @classmethod
    @lru_cache(maxsize=4096)  # rows repeat few months many times
    def parse(cls, label: str) -> "Month":
        """The month of a label ``YYYY-MM``. Raises ``ValueError`` for anything else."""
        match = _LABEL.fullmatch(label)
        if match is None or match[1] == "0000":
            raise ValueError(f"{label!r} is not a month such as 2024-07")
        return cls(int(match[1]), int(match[2]))

    @property
    def label(self) -> str:
        """``YYYY-MM``."""
        return f"{self.year:04}-{self.month:02}"

    @property
    def first_day(self) -> date:
        """The first day of the month."""
        return date(self.year, self.month, 1)

    @property
    def last_day(self) -> date:
        """The last day of the month."""
        return date(self.year, self.month, self.days)

    @property
    def days(self) -> int:
        """How many days the month has."""
        return calendar.monthrange(self.year, self.month)[1]

    def plus(self, months: int) -> "Month":
        """The month that many months later, or earlier when negative."""
        years, month = divmod(self.year * 12 + self.month - 1 + months, 12)
        return Month(years, month + 1)

    def since(self, other: "Month") -> int:
        """How many months later than ``other`` this one is; negative when earlier."""
        return (self.year - other.year) * 12 + self.month - other.month


@dataclass(frozen=True)
class Period:
    """A month or a fiscal quarter, with the label people see."""

    label: str
    months: tuple[Month, ...]

    @property
    def last_month(self) -> Month:
        """The month whose end is the period's end."""
        return self.months[-1]


@dataclass(frozen=True)
class Window:
    """Complete periods in a row, in time order. ``last_month``'s end is T."""

    granularity: Granularity
    fiscal_year_start_month: int
    periods: tuple[Period, ...]

    @property
    def months(self) -> tuple[Month, ...]:
        """Every month of the window."""
        return tuple(month for period in self.periods for month in period.months)

    @property
    def last_month(self) -> Month:
        """The month whose end is T."""
        return self.periods[-1].last_month

    @property
    def start_date(self) -> date:
        """The first day of the window."""
        return self.periods[0].months[0].first_day

    @property
    def end_date(self) -> date:
        """T: the last day of the window."""
        return self.last_month.last_day

    @property
    def previous(self) -> "Window":
        """The window of equal length that ends where this one starts."""
        before = self.periods[0].months[0].plus(-1)
        return self._ending(before, len(self.periods))

    @property
    def year_ago(self) -> "Window":
        """The same months a year earlier."""
        return self._ending(self.last_month.plus(-MONTHS_A_YEAR), len(self.periods))

    @property
    def year_to_date(self) -> "Window":
        """From the start of the fiscal year that holds T up to T."""
        into_year = (self.last_month.month - self.fiscal_year_start_month) % MONTHS_A_YEAR + 1
        return self.history(into_year // self.granularity.months)

    def baseline(self, compare: Compare) -> "Window":
        """The window that changes are measured from."""
        return self.previous if compare is Compare.PREVIOUS else self.year_ago

    def since(self, earlier: "Window") -> "Window":
        """The periods after an earlier window's end, up to T."""
        return self.history(self.last_month.since(earlier.last_month) // self.granularity.months)

    @property
    def next_period(self) -> Period:
        """The period after the window: what a forecast made at T is about."""
        after = self.last_month.plus(self.granularity.months)
        return self._ending(after, 1).periods[0]

    @property
    def sparkline(self) -> tuple[Period, ...]:
        """12 months or 8 quarters that end with the window."""
        quarterly = self.granularity is Granularity.QUARTER
        return self.history(SPARKLINE_QUARTERS if quarterly else SPARKLINE_MONTHS).periods

    def history(self, periods: int) -> "Window":
        """The last ``periods`` periods up to and including the window's last one."""
        return self._ending(self.last_month, periods)

    def single(self, period: Period) -> "Window":
        """A window of just one period."""
        return self._ending(period.last_month, 1)

    def _ending(self, last_month: Month, periods: int) -> "Window":
        return window_ending(last_month, periods, self.granularity, self.fiscal_year_start_month)


@dataclass(frozen=True)
class RunningMonth:
    """The month after the last complete one, known through the day ``through``."""

    month: Month
    through: date


def window(
    months: int, granularity: Granularity, as_of: date, fiscal_year_start_month: int = 1
) -> Window:
    """The window of ``months`` complete months that is in view on ``as_of``.

    At quarter granularity its end snaps back to the last complete fiscal quarter, and
    ``months`` must be whole quarters.
    """
    if months < 1 or months % granularity.months:
        raise ValueError(f"{months} months are no whole number of {granularity}s")
    end = last_complete_month(as_of)
    if granularity is Granularity.QUARTER:
        end = _quarter_end(end, fiscal_year_start_month)
    return window_ending(end, months // granularity.months, granularity, fiscal_year_start_month)


@lru_cache(maxsize=4096)
def window_ending(
    last_month: Month, periods: int, granularity: Granularity, fiscal_year_start_month: int = 1
) -> Window:
    """So many periods up to and including ``last_month``, which must end a period."""
    lengths = range(-(periods - 1) * granularity.months, 1, granularity.months)
    ends = (last_month.plus(offset) for offset in lengths)
    return Window(
        granularity,
        fiscal_year_start_month,
        tuple(_period(end, granularity, fiscal_year_start_month) for end in ends),
    )


def last_complete_month(as_of: date) -> Month:
    """The last month that is complete on ``as_of``; a month is so on its own last day."""
    month = Month.of(as_of)
    return month if as_of == month.last_day else month.plus(-1)


def running_month(as_of: date) -> RunningMonth | None:
    """The month that is not complete yet on ``as_of``; None on a month's last day."""
    month = Month.of(as_of)
    return None if as_of == month.last_day else RunningMonth(month, as_of)


def fiscal_quarter_label(month: Month, fiscal_year_start_month: int) -> str:
    """``YYYY-Qn`` of the fiscal quarter that holds ``month``.

    A fiscal year is named by the year it ends in; that is the calendar year when it starts
    in January.
    """
    into_year = (month.month - fiscal_year_start_month) % 12
    year = month.plus(11 - into_year).year
    return f"{year:04}-Q{into_year // MONTHS_A_QUARTER + 1}"


def months_between(first: Month, last: Month) -> Iterator[Month]:
    """Every month from ``first`` to ``last``, both included; none when last is earlier."""
    return (first.plus(offset) for offset in range(last.since(first) + 1))


def today(now: datetime, timezone: str) -> date:
    """The day it is at ``now`` in a time zone (an IANA name)."""
    return now.astimezone(ZoneInfo(timezone)).date()


def yesterday(now: datetime, timezone: str) -> date:
    """The day before ``today``: the default ``as_of``."""
    return today(now, timezone) - timedelta(days=1)


def next_midnight(now: datetime, timezone: str) -> datetime:
    """The instant (UTC) at which the next day begins in a time zone."""
    tomorrow = today(now, timezone) + timedelta(days=1)
    return datetime.combine(tomorrow, time.min, ZoneInfo(timezone)).astimezone(UTC)


def _quarter_end(month: Month, fiscal_year_start_month: int) -> Month:
    """The last month that ends a fiscal quarter and is not after ``month``."""
    into_quarter = (month.month - fiscal_year_start_month) % MONTHS_A_QUARTER
    return month if into_quarter == MONTHS_A_QUARTER - 1 else month.plus(-into_quarter - 1)


def _period(last_month: Month, granularity: Granularity, fiscal_year_start_month: int) -> Period:
    if granularity is Granularity.MONTH:
        return Period(last_month.label, (last_month,))
    label = fiscal_quarter_label(last_month, fiscal_year_start_month)
    return Period(label, tuple(last_month.plus(offset) for offset in (-2, -1, 0)))
