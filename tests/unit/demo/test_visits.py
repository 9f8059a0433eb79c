"""Two weeks of visitors: real in shape, and slow where they should be."""

import json
import uuid
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import cache

import pytest

from api.demo.visits import BAD_RELEASE, GOOD_RELEASE, OLD_RELEASE, bad_days, events
from api.ingest.reader import Circumstances, read
from api.storage.event_store import Event
from slo.objective import Objective
from slo.objectives import load_objectives

NOW = datetime(2026, 11, 22, 18, 20, tzinfo=UTC)  # a Sunday
FROM_BROWSERS = {"ttfb", "render", "switch", "alerts-poll", "drilldown-clicks"}
a_weekday = pytest.mark.parametrize("now", [NOW + timedelta(days) for days in range(7)])


@cache
def accepted(now: datetime) -> tuple[Event, ...]:
    """The visits as the service takes them."""
    found: list[Event] = []
    visits = list(events(now))
    for start in range(0, len(visits), 500):
        body = json.dumps({"events": visits[start : start + 500]}).encode()
        batch = read(body, Circumstances(now, timedelta(35)))
        assert batch.rejections == []
        found += batch.events
    return tuple(found)


def judged(objective: Objective, found: Iterable[Event]) -> tuple[int, int]:
    values = [
        event.numbers[objective.metric]
        for event in found
        if event.event_type in objective.event_types and objective.metric in event.numbers
    ]
    return sum(objective.threshold.is_good(value) for value in values), len(values)


@a_weekday
def test_over_seven_days_rendering_fails_and_everything_else_passes(now: datetime) -> None:
    hour = now.replace(minute=0)
    week = [event for event in accepted(now) if event.event_time >= hour - timedelta(7)]
    objectives = [each for each in load_objectives() if each.name in FROM_BROWSERS]
    assert len(objectives) == 5
    for objective in objectives:
        good, total = judged(objective, week)
        assert total >= objective.minimum_events, objective.name
        assert (good >= objective.target * total) is (objective.name != "render"), objective.name


@a_weekday
def test_only_the_bad_release_was_slow(now: datetime) -> None:
    (render,) = (each for each in load_objectives() if each.name == "render")
    shares = {}
    for release in (OLD_RELEASE, BAD_RELEASE, GOOD_RELEASE):
        good, total = judged(render, [e for e in accepted(now) if e.release == release])
        shares[release] = good / total
    assert shares[BAD_RELEASE] < 0.8
    assert min(shares[OLD_RELEASE], shares[GOOD_RELEASE]) > 0.95


@a_weekday
def test_the_bad_release_is_over_and_was_out_on_two_working_days(now: datetime) -> None:
    bad = bad_days(now.date())
    assert sum(day.weekday() < 5 for day in bad) == 2
    assert now.date() - bad[-1] >= timedelta(2)
    assert now.date() - bad[0] <= timedelta(5)


def test_visits_fill_two_weeks_up_to_the_last_full_hour() -> None:
    found = accepted(NOW)
    times = [event.event_time for event in found]
    hour = datetime(2026, 11, 22, 18, tzinfo=UTC)
    assert hour - timedelta(14) <= min(times)
    assert max(times) < hour
    assert len({time.date() for time in times}) >= 14
    assert len(found) > 10_000
    assert sum(event.event_type == "page_view" for event in found) > 3_000


def test_ids_are_version_7_with_the_events_time_and_never_repeat() -> None:
    found = accepted(NOW)
    assert len({event.event_id for event in found}) == len(found)
    for event in found[:500]:
        identifier = uuid.UUID(event.event_id)
        assert identifier.version == 7
        assert identifier.int >> 80 == int(event.event_time.timestamp() * 1000)


def test_the_same_instant_gives_the_same_visits() -> None:
    assert list(events(NOW)) == list(events(NOW))
