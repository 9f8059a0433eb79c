from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slo.windows import (
    WindowError,
    hour_of,
    parse_duration,
    parse_window,
    window_name,
    window_start,
)


@given(st.integers(1, 30))
def test_windows_of_one_to_thirty_days_are_read_and_written(days: int) -> None:
    assert parse_window(window_name(days)) == days


@pytest.mark.parametrize(
    "text", ["", "0d", "31d", "7", "7h", "d", "-1d", "1.5d", " 7d", "\u0667d", "7d\n"]
)
def test_other_windows_are_refused_with_what_is_allowed(text: str) -> None:
    with pytest.raises(WindowError, match="allowed: 1d to 30d"):
        parse_window(text)


def test_a_long_window_is_not_echoed_whole() -> None:
    with pytest.raises(WindowError) as caught:
        parse_window("9" * 10_000)
    assert len(str(caught.value)) < 100


def test_a_window_starts_whole_days_before_the_current_hour() -> None:
    now = datetime(2026, 11, 22, 18, 59, 59, tzinfo=UTC)
    assert window_start(now, 7) == datetime(2026, 11, 15, 18, tzinfo=UTC)


def test_the_hour_is_the_hour_in_utc() -> None:
    kathmandu = timezone(timedelta(hours=5, minutes=45))
    assert hour_of(datetime(2026, 11, 22, 6, 0, tzinfo=kathmandu)) == datetime(
        2026, 11, 22, 0, tzinfo=UTC
    )


def test_durations_are_read_in_their_shorthand() -> None:
    assert parse_duration("5m") == timedelta(minutes=5)
    assert parse_duration("4w") == timedelta(days=28)


@pytest.mark.parametrize("text", ["", "0m", "5", "5s", "1M", "5m "])
def test_other_durations_are_refused(text: str) -> None:
    with pytest.raises(WindowError, match="not a duration"):
        parse_duration(text)
