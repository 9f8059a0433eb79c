"""Rolling windows: 1 to 30 days, ending now, starting on an hour so that hourly counts add up."""

import re
from datetime import UTC, datetime, timedelta

FEWEST_DAYS = 1
MOST_DAYS = 30
ALLOWED = f"{FEWEST_DAYS}d to {MOST_DAYS}d, for example 7d"

_SHORTHAND = re.compile(r"([1-9][0-9]{0,4})(m|h|d|w)", re.ASCII)
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


class WindowError(ValueError):
    """Not a window; the message says what is allowed."""


def parse_window(text: str) -> int:
    """Read ``7d`` as 7 days. Raises WindowError outside 1d to 30d."""
    match = re.fullmatch(r"([0-9]{1,2})d", text, re.ASCII)
    days = int(match[1]) if match else 0
    if not FEWEST_DAYS <= days <= MOST_DAYS:
        raise WindowError(f"window {text[:20]!r} is not allowed; allowed: {ALLOWED}")
    return days


def window_name(days: int) -> str:
    """Write 7 days as ``7d``."""
    return f"{days}d"


def hour_of(instant: datetime) -> datetime:
    """The start of the UTC hour that ``instant`` lies in."""
    return instant.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def window_start(now: datetime, days: int) -> datetime:
    """The first instant of a window of ``days``: 24 x days hours before the current UTC hour."""
    return hour_of(now) - timedelta(days=days)


def parse_hour(text: str) -> datetime:
    """Read a UTC day or the start of an hour. Raises WindowError."""
    try:
        instant = datetime.fromisoformat(text)
        if len(text) == len("2026-03-31"):
            instant = instant.replace(tzinfo=UTC)
        if instant.tzinfo is not None and hour_of(instant) == instant:
            return instant.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise WindowError(
        f"{text[:40]!r} is neither a UTC day such as 2026-03-31 nor the start of an hour such as"
        " 2026-03-31T09:00Z"
    )


def parse_duration(text: str) -> timedelta:
    """Read OpenSLO's shorthand ``5m``, ``6h``, ``3d`` or ``4w``. Raises WindowError."""
    match = _SHORTHAND.fullmatch(text)
    if not match:
        raise WindowError(f"{text[:20]!r} is not a duration such as 5m, 6h, 3d or 4w")
    return timedelta(**{_UNITS[match[2]]: int(match[1])})
