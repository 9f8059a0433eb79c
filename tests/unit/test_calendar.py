"""Months, fiscal quarters and windows."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api import calendar
from api.calendar import Granularity, Month, Range, Window, months_between, window

DAYS = st.dates(min_value=date(1901, 1, 1), max_value=date(2199, 12, 31))
FISCAL_STARTS = st.integers(1, 12)
MONTH, QUARTER = Granularity.MONTH, Granularity.QUARTER


def labels(shown: Window) -> list[str]:
    return [period.label for period in shown.periods]


@pytest.mark.parametrize(
    ("as_of", "complete"),
    [
        pytest.param("2024-03-30", "2024-02", id="the day before its last day"),
        pytest.param("2024-03-31", "2024-03", id="a month is complete on its own last day"),
        pytest.param("2024-02-28", "2024-01", id="the 28th is not the last of a leap February"),
        pytest.param("2024-02-29", "2024-02", id="the 29th is"),
        pytest.param("2023-02-28", "2023-02", id="the 28th is the last in a common year"),
        pytest.param("2100-02-28", "2100-02", id="a century is no leap year"),
        pytest.param("2000-02-28", "2000-01", id="unless 400 divides it"),
        pytest.param("2024-01-01", "2023-12", id="the first day of a year looks back at December"),
    ],
)
def test_the_last_complete_month(as_of: str, complete: str) -> None:
    assert calendar.last_complete_month(date.fromisoformat(as_of)).label == complete


@pytest.mark.parametrize(
    ("as_of", "running"),
    [
        pytest.param("2024-03-01", ("2024-03", date(2024, 3, 1)), id="from a month's first day"),
        pytest.param("2024-02-28", ("2024-02", date(2024, 2, 28)), id="to the last but one"),
        pytest.param("2024-02-29", None, id="none on a month's end"),
    ],
)
def test_the_running_month(as_of: str, running: tuple[str, date] | None) -> None:
    month = calendar.running_month(date.fromisoformat(as_of))
    assert (month and (month.month.label, month.through)) == running


@pytest.mark.parametrize(
    ("month", "fiscal_start", "label"),
    [
        pytest.param("2024-01", 1, "2024-Q1", id="calendar year, first quarter"),
        pytest.param("2024-12", 1, "2024-Q4", id="calendar year, last quarter"),
        pytest.param("2024-04", 4, "2025-Q1", id="a year from April is named by its end"),
        pytest.param("2025-03", 4, "2025-Q4", id="and ends in March"),
        pytest.param("2024-03", 4, "2024-Q4", id="the month before belongs to the year before"),
        pytest.param("2024-02", 2, "2025-Q1", id="a year from February"),
        pytest.param("2025-01", 2, "2025-Q4", id="and its January"),
        pytest.param("2024-12", 12, "2025-Q1", id="a year from December"),
        pytest.param("2024-11", 12, "2024-Q4", id="and its November"),
        pytest.param("2024-10", 10, "2025-Q1", id="a year from October"),
        pytest.param("2024-09", 10, "2024-Q4", id="and its September"),
    ],
)
def test_fiscal_quarter_labels(month: str, fiscal_start: int, label: str) -> None:
    assert calendar.fiscal_quarter_label(Month.parse(month), fiscal_start) == label


@pytest.mark.parametrize(
    ("range_", "granularity", "as_of", "fiscal_start", "periods"),
    [
        pytest.param(
            "6m", MONTH, "2024-03-15", 1,
            ["2023-09", "2023-10", "2023-11", "2023-12", "2024-01", "2024-02"],
            id="six months without the running one",
        ),
        pytest.param(
            "6m", QUARTER, "2017-11-15", 1, ["2017-Q2", "2017-Q3"],
            id="two quarters, back to the last complete one",
        ),
        pytest.param(
            "6m", QUARTER, "2017-12-31", 1, ["2017-Q3", "2017-Q4"],
            id="a quarter is complete on its own last day",
        ),
        pytest.param(
            "12m", QUARTER, "2017-12-30", 1, ["2016-Q4", "2017-Q1", "2017-Q2", "2017-Q3"],
            id="four quarters",
        ),
        pytest.param(
            "6m", QUARTER, "2024-05-31", 4, ["2024-Q3", "2024-Q4"],
            id="fiscal quarters from April",
        ),
        pytest.param(
            "6m", QUARTER, "2024-05-31", 3, ["2024-Q4", "2025-Q1"],
            id="fiscal quarters from March",
        ),
        pytest.param(
            "6m", QUARTER, "2024-04-30", 2, ["2024-Q4", "2025-Q1"],
            id="fiscal quarters from February",
        ),
    ],
)  # fmt: skip
def test_windows(
    range_: str, granularity: Granularity, as_of: str, fiscal_start: int, periods: list[str]
) -> None:
    months = Range(range_).months
    shown = window(months, granularity, date.fromisoformat(as_of), fiscal_start)
    assert labels(shown) == periods


def test_a_window_knows_its_dates_its_neighbours_and_its_sparkline() -> None:
    shown = window(6, QUARTER, date(2017, 11, 15))
    assert (shown.start_date, shown.end_date) == (date(2017, 4, 1), date(2017, 9, 30))
    assert labels(shown.previous) == ["2016-Q4", "2017-Q1"]
    assert shown.next_period.label == "2017-Q4"
    assert [month.label for month in shown.next_period.months] == ["2017-10", "2017-11", "2017-12"]
    assert [period.label for period in shown.sparkline] == [
        "2015-Q4", "2016-Q1", "2016-Q2", "2016-Q3", "2016-Q4", "2017-Q1", "2017-Q2", "2017-Q3",
    ]  # fmt: skip
    assert labels(shown.single(shown.periods[0])) == ["2017-Q2"]


def test_a_window_of_a_leap_february_has_its_29th() -> None:
    shown = window(1, MONTH, date(2024, 3, 15))
    assert (shown.start_date, shown.end_date) == (date(2024, 2, 1), date(2024, 2, 29))


def test_a_sparkline_of_months_has_twelve_whatever_the_range() -> None:
    assert len(window(6, MONTH, date(2024, 3, 15)).sparkline) == 12
    assert len(window(12, MONTH, date(2024, 3, 15)).sparkline) == 12


@pytest.mark.parametrize("months", [0, -3, 4, 7])
def test_a_window_of_broken_quarters_is_refused(months: int) -> None:
    with pytest.raises(ValueError, match="no whole number of quarters"):
        window(months, QUARTER, date(2024, 3, 15))


@pytest.mark.parametrize(
    "label", ["2024-13", "2024-00", "2024-1", "24-01", "0000-01", "2024/01", ""]
)
def test_a_label_that_is_no_month_is_refused(label: str) -> None:
    with pytest.raises(ValueError, match="is not a month"):
        Month.parse(label)


@pytest.mark.parametrize(
    ("now", "timezone", "yesterday", "midnight"),
    [
        pytest.param(
            "2024-07-01T00:30", "UTC", "2024-06-30", "2024-07-02T00:00", id="in UTC"
        ),
        pytest.param(
            "2024-06-30T23:30", "Europe/London", "2024-06-30", "2024-07-01T23:00",
            id="London has summer time: it is the next day already",
        ),
        pytest.param(
            "2024-07-01T02:00", "America/New_York", "2024-06-29", "2024-07-01T04:00",
            id="New York is still in the day before",
        ),
        pytest.param(
            "2024-03-31T00:30", "Europe/London", "2024-03-30", "2024-03-31T23:00",
            id="a day of 23 hours",
        ),
    ],
)  # fmt: skip
def test_days_in_the_reporting_time_zone(
    now: str, timezone: str, yesterday: str, midnight: str
) -> None:
    instant = datetime.fromisoformat(now).replace(tzinfo=UTC)
    assert calendar.yesterday(instant, timezone).isoformat() == yesterday
    expected = datetime.fromisoformat(midnight).replace(tzinfo=UTC)
    assert calendar.next_midnight(instant, timezone) == expected


@given(DAYS, FISCAL_STARTS, st.sampled_from(Range), st.sampled_from(Granularity))
def test_windows_are_whole_in_order_and_complete(
    as_of: date, fiscal_start: int, range_: Range, granularity: Granularity
) -> None:
    shown = window(range_.months, granularity, as_of, fiscal_start)
    first, last = shown.months[0], shown.months[-1]
    assert list(shown.months) == list(months_between(first, last))
    assert len(shown.months) == range_.months
    assert shown.end_date <= as_of
    assert shown.previous.months[-1].plus(1) == first
    assert shown.next_period.months[0] == last.plus(1)
    assert len(set(labels(shown))) == len(shown.periods) == range_.months // granularity.months
    # A month, or a quarter, more would not be complete.
    assert shown.next_period.last_month.last_day > as_of


@given(DAYS, FISCAL_STARTS)
def test_every_fiscal_year_has_four_quarters_of_three_months(day: date, start: int) -> None:
    year_start = Month(day.year, start)
    quarters = [
        calendar.fiscal_quarter_label(year_start.plus(offset), start) for offset in range(12)
    ]
    ends_in = day.year if start == 1 else day.year + 1
    assert quarters == [f"{ends_in}-Q{quarter}" for quarter in (1, 2, 3, 4) for _ in range(3)]


@given(st.integers(-3000, 3000), DAYS)
def test_adding_months_is_undone_by_counting_them(months: int, day: date) -> None:
    month = Month.of(date(5000, day.month, 1))
    assert month.plus(months).since(month) == months
    assert Month.parse(month.label) == month
