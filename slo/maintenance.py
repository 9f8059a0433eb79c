"""Maintenance: announced hours whose events are stored, and not counted for or against a promise.

Counts are hourly, so a window is rounded outward to whole UTC hours.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from slo.windows import hour_of

LONGEST = timedelta(days=7)
MOST_WINDOWS = 100

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Maintenance:
    """From ``start`` to ``end``, both on a UTC hour; ``end`` does not belong to it."""

    start: datetime
    end: datetime
    reason: str

    @property
    def hours(self) -> range:
        """Its UTC hours, counted from 1970."""
        return range((self.start - _EPOCH) // _HOUR, (self.end - _EPOCH) // _HOUR)


def rounded_outward(start: datetime, end: datetime, reason: str) -> Maintenance:
    """Every hour that ``start`` to ``end`` touches. Raises ValueError."""
    if not start < end:
        raise ValueError("must end after it starts")
    if end - start > LONGEST:
        raise ValueError(f"lasts longer than {LONGEST.days} days")
    last = hour_of(end)
    return Maintenance(hour_of(start), last if last == end else last + _HOUR, reason)


def left_out(maintenance: Sequence[Maintenance], hours: range) -> list[range]:
    """Those of ``hours`` that fall into maintenance, a stretch for each window."""
    overlaps = (
        range(max(hours.start, one.hours.start), min(hours.stop, one.hours.stop))
        for one in maintenance
    )
    return [stretch for stretch in overlaps if stretch]


def counted(maintenance: Sequence[Maintenance], hours: range) -> list[range]:
    """The stretches of ``hours`` between windows of maintenance, which are in their order."""
    stretches = []
    start = hours.start
    for stretch in left_out(maintenance, hours):
        stretches.append(range(start, stretch.start))
        start = stretch.stop
    return [stretch for stretch in (*stretches, range(start, hours.stop)) if stretch]
