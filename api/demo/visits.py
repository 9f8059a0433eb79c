"""Two weeks of people using the dashboard, as their browsers would have reported it.

A release drew the first screen slowly for two working days and was put right: over seven days
the objective for rendering fails, the others pass.
"""

import random
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from api.demo.company import chance
from api.executive.kpis import KpiKey

Json = dict[str, Any]

DAYS = 14
SESSIONS_A_WEEKDAY, SESSIONS_A_WEEKEND_DAY = 165, 24
OPENING_HOUR, OFFICE_HOURS = 7, 11.0
OLD_RELEASE, BAD_RELEASE, GOOD_RELEASE = "demo-1.6.2", "demo-1.7.0", "demo-1.7.1"
BAD_WEEKDAYS, BAD_BEFORE_DAYS = 2, (5, 2)  # two working days, of those five to two days ago

VIEWS, SWITCHES, DRILLDOWNS, POLLS = (1, 3), (0, 4), (0, 4), (2, 8)
POLL_SECONDS, LATE_POLL_SECONDS, LATE_POLLS = (27.0, 33.0), (36.0, 70.0), 0.012
CLICKS, CLICK_WEIGHTS = (1, 2, 3), (560, 437, 3)
RARE = {"alert_click": 0.12, "export_csv": 0.04, "client_error": 0.01}
SWITCHES_TO = (("12m/month", "6m/month"), ("6m/month", "12m/month"), ("12m/month", "12m/quarter"))


@dataclass(frozen=True)
class Slowness:
    """A timing's middle in milliseconds and how widely it spreads (of its logarithm)."""

    middle_ms: float
    spread: float


TTFB = Slowness(110, 0.38)
RENDER, BAD_RENDER = Slowness(470, 0.26), Slowness(880, 0.3)
SWITCH = Slowness(85, 0.36)
DRILLDOWN = Slowness(240, 0.4)


def events(now: datetime) -> Iterator[Json]:
    """Events of 14 days up to the last full hour, in the shape of ``POST /api/events``."""
    draw = chance("visits")
    end = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    bad = bad_days(end.date())
    for age in range(DAYS, -1, -1):
        day = end.date() - timedelta(age)
        sessions = SESSIONS_A_WEEKDAY if day.weekday() < 5 else SESSIONS_A_WEEKEND_DAY
        for _ in range(sessions):
            found = _session(draw, day, bad)
            yield from (event for event in found if _is_within(event, end))


def bad_days(today: date) -> tuple[date, ...]:
    """The days on which the bad release was out: from a working day to the next."""
    first, last = BAD_BEFORE_DAYS
    recent = [today - timedelta(age) for age in range(first, last - 1, -1)]
    working = [day for day in recent if day.weekday() < 5][-BAD_WEEKDAYS:]
    return tuple(day for day in recent if working[0] <= day <= working[-1])


def _is_within(event: Json, end: datetime) -> bool:
    return end - timedelta(DAYS) <= datetime.fromisoformat(event["event_time"]) < end


def _session(draw: random.Random, day: date, bad: tuple[date, ...]) -> list[Json]:
    """One person's visit: pages, switches, drill-downs, and polls while it was left open."""
    started = datetime.combine(day, time(OPENING_HOUR), UTC)
    visit = _Visit(
        draw,
        started + timedelta(hours=draw.triangular(0, OFFICE_HOURS, 2.5)),
        _id(draw, started),
        BAD_RELEASE if day in bad else GOOD_RELEASE if day > bad[-1] else OLD_RELEASE,
    )
    for _ in range(draw.randint(*VIEWS)):
        visit.view_page()
    for _ in range(draw.randint(*SWITCHES)):
        visit.switch()
    for _ in range(draw.randint(*DRILLDOWNS)):
        visit.drill_down()
    for _ in range(draw.randint(*POLLS)):
        visit.poll()
    for event_type, likelihood in RARE.items():
        if draw.random() < likelihood:
            visit.add(event_type, {}, 5, 40)
    return visit.events


class _Visit:
    def __init__(
        self, draw: random.Random, started: datetime, session_id: str, release: str
    ) -> None:
        self.events: list[Json] = []
        self._draw = draw
        self._at = started
        self._session_id = session_id
        self._release = release

    def add(self, event_type: str, meta: Json, after: float, within: float) -> None:
        """Note an event some seconds after the one before."""
        self._at += timedelta(seconds=round(self._draw.uniform(after, within), 3))
        self.events.append(
            {
                "event_type": event_type,
                "event_time": self._at.isoformat(),
                "event_id": _id(self._draw, self._at),
                "session_id": self._session_id,
                "meta": {**meta, "release": self._release},
            }
        )

    def view_page(self) -> None:
        ttfb = self._milliseconds(TTFB)
        render = self._milliseconds(BAD_RENDER if self._release == BAD_RELEASE else RENDER)
        timings = {"ttfb_ms": ttfb, "render_total_ms": round(ttfb + render, 1)}
        self.add("page_view", {**timings, "navigation_type": "navigate"}, 1, 90)

    def switch(self) -> None:
        before, after = self._draw.choice(SWITCHES_TO)
        meta = {"switch_latency_ms": self._milliseconds(SWITCH), "from": before, "to": after}
        self.add("switch_range_or_granularity", meta, 4, 60)

    def drill_down(self) -> None:
        meta = {
            "kpi": self._draw.choice(tuple(KpiKey)).value,
            "drilldown_clicks": self._draw.choices(CLICKS, CLICK_WEIGHTS)[0],
            "drilldown_duration_ms": self._milliseconds(DRILLDOWN),
        }
        self.add("drilldown", meta, 5, 90)

    def poll(self) -> None:
        is_late = self._draw.random() < LATE_POLLS
        seconds = self._draw.uniform(*(LATE_POLL_SECONDS if is_late else POLL_SECONDS))
        meta = {"alerts_poll_interval_ms": round(seconds * 1000, 1)}
        self.add("alerts_poll", meta, seconds, seconds)

    def _milliseconds(self, slowness: Slowness) -> float:
        factor = self._draw.lognormvariate(0, slowness.spread)
        return round(slowness.middle_ms * factor, 1)


def _id(draw: random.Random, at: datetime) -> str:
    """A UUIDv7: the instant's milliseconds, then chance."""
    milliseconds = int(at.timestamp() * 1000)
    bits = (
        milliseconds << 80 | 7 << 76 | draw.getrandbits(12) << 64 | 2 << 62 | draw.getrandbits(62)
    )
    return str(uuid.UUID(int=bits))
