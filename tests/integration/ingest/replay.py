"""A made-up week of events, in any order and with repeats, and what must come of it.

What must come of it is counted here from the events alone, by plain loops: no part of the
program's own counting is used.
"""

import math
import random
from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Engine, func, select

from api.storage.event_store import Event, EventStore
from api.storage.event_tables import event_ids, usage_daily, user_events
from slo import sketch
from slo.rollup import daily, hourly, hourly_counts

NOW = datetime(2026, 11, 22, 18, 30, tzinfo=UTC)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SPAN_SECONDS = 7 * 24 * 3600
REPEATED = 0.05
LATE = 0.02  # share of events that a browser kept for up to three days
GROUP = 500

# What a good sample is, written out once more: the metric's name, its events, the comparison.
GOOD = {
    ("ttfb_ms", "page_view"): lambda value: value < 300,
    ("render_total_ms", "page_view"): lambda value: value < 1000,
    ("switch_latency_ms", "switch_range_or_granularity"): lambda value: value < 200,
    ("alerts_poll_interval_ms", "alerts_poll"): lambda value: 25_000 <= value <= 35_000,
    ("drilldown_clicks", "drilldown"): lambda value: value <= 2,
}


class Key(NamedTuple):
    """One row of the hourly rollup."""

    metric: str
    event_type: str
    hour: int


@dataclass
class Hour:
    """All that the rollup keeps of one hour or day, but for the sum, which must only be close."""

    count: int = 0
    low: float = math.inf
    high: float = -math.inf
    buckets: Counter[int] = field(default_factory=Counter)  # ZERO for what counts as zero


@dataclass
class Outcome:
    """What is in the database, or must be."""

    hours: dict[Key, Hour]
    days: dict[Key, Hour]
    sums: dict[Key, float]  # of the hours
    day_sums: dict[Key, float]
    counts: dict[Key, tuple[int, int]]  # good, all
    usage: dict[tuple[str, str, str], int]  # day, event type, KPI
    ids: int
    events: int


def week(number: int, seed: int = 7) -> list[Event]:
    """So many different events, as they happened."""
    source = random.Random(seed)
    return [_event(source, n) for n in range(number)]


def as_they_arrive(events: Sequence[Event], seed: int) -> list[Event]:
    """In random order, every twentieth twice: the second time with other numbers."""
    source = random.Random(seed)
    arriving = list(events)
    repeats = source.sample(arriving, round(REPEATED * len(arriving)))
    source.shuffle(arriving)
    for one in repeats:
        changed = one._replace(numbers={name: value + 1.0 for name, value in one.numbers.items()})
        arriving.append(changed)
    return arriving


def with_repeats_anywhere(events: Sequence[Event], seed: int) -> list[Event]:
    """In random order, every twentieth twice with the same numbers, at any two places."""
    source = random.Random(seed)
    arriving = [*events, *source.sample(list(events), round(REPEATED * len(events)))]
    source.shuffle(arriving)
    return arriving


def append_all(store: EventStore, events: Sequence[Event], group: int = GROUP) -> int:
    """Store events in groups of changing size; how many were new."""
    source = random.Random(group)
    accepted = start = 0
    while start < len(events):
        end = start + source.randint(1, 2 * group)
        accepted += store.append(events[start:end]).accepted
        start = end
    return accepted


def expected(events: Sequence[Event]) -> Outcome:
    """Count the events one by one."""
    bounds = _bucket_bounds()
    outcome = Outcome({}, {}, {}, {}, {}, {}, len(events), len(events))
    for one in events:
        if one.synthetic:
            continue
        usage = (one.event_time.date().isoformat(), one.event_type, one.kpi)
        outcome.usage[usage] = outcome.usage.get(usage, 0) + 1
        hour_number = int((one.event_time - EPOCH).total_seconds() // 3600)
        for metric, value in one.numbers.items():
            key = Key(metric, one.event_type, hour_number)
            day = key._replace(hour=hour_number // 24)
            bucket = _bucket(bounds, value)
            for rows, sums, place in (
                (outcome.hours, outcome.sums, key),
                (outcome.days, outcome.day_sums, day),
            ):
                hour = rows.setdefault(place, Hour())
                hour.count += 1
                hour.low = min(hour.low, value)
                hour.high = max(hour.high, value)
                hour.buckets[bucket] += 1
                sums[place] = sums.get(place, 0.0) + value
            is_good = GOOD.get((metric, one.event_type))
            if is_good is not None:
                good, total = outcome.counts.get(key, (0, 0))
                outcome.counts[key] = (good + is_good(value), total + 1)
    return outcome


def found(engine: Engine) -> Outcome:
    """Read everything back, shards added up."""
    outcome = Outcome({}, {}, {}, {}, {}, {}, 0, 0)
    with engine.connect() as connection:
        for table, rows, sums in (
            (hourly, outcome.hours, outcome.sums),
            (daily, outcome.days, outcome.day_sums),
        ):
            for metric, event_type, number, _shard, *row in connection.execute(select(table)):
                key = Key(metric, event_type, number)
                _add(rows.setdefault(key, Hour()), *row[:1], *row[2:])
                sums[key] = sums.get(key, 0.0) + row[1]
        for counted in connection.execute(select(hourly_counts)):
            key = Key(counted.metric, counted.event_type, counted.hour)
            good, total = outcome.counts.get(key, (0, 0))
            outcome.counts[key] = (good + counted.good, total + counted.total)
        for used in connection.execute(select(usage_daily)):
            outcome.usage[used.day.isoformat(), used.event_type, used.kpi] = used.events
        outcome.ids = connection.execute(select(func.count(event_ids.c.event_id))).scalar_one()
        outcome.events = connection.execute(select(func.count(user_events.c.id))).scalar_one()
    return outcome


def compare(there: Outcome, wanted: Outcome) -> None:
    """Everything to the bit; sums of floats as far as their order lets them."""
    assert (there.events, there.ids) == (wanted.events, wanted.ids)
    assert there.usage == wanted.usage
    assert there.counts == wanted.counts
    assert there.hours == wanted.hours
    assert there.days == wanted.days
    for sums, wanted_sums in ((there.sums, wanted.sums), (there.day_sums, wanted.day_sums)):
        assert sums.keys() == wanted_sums.keys()
        for key, total in wanted_sums.items():
            assert math.isclose(sums[key], total, rel_tol=1e-9), key


def _add(hour: Hour, count: int, low: float, high: float, encoded: bytes) -> None:
    held = sketch.merge([encoded])
    hour.count += count
    hour.low = min(hour.low, low)
    hour.high = max(hour.high, high)
    hour.buckets.update({held.first + lane: n for lane, n in enumerate(held.lanes) if n})
    if held.zeros:
        hour.buckets[sketch.ZERO] += held.zeros


def _event(source: random.Random, n: int) -> Event:
    event_type, numbers = _measured(source)
    at = NOW - timedelta(seconds=source.random() * SPAN_SECONDS)
    late = source.random() * 3 * 24 * 3600 if source.random() < LATE else source.random() * 5
    kpi = source.choice(["arr", "revenue", "other"]) if event_type == "drilldown" else ""
    return Event(
        f"{n:08x}-0000-7000-8000-{source.getrandbits(48):012x}",
        event_type,
        at,
        None,
        min(NOW, at + timedelta(seconds=late)),
        None,
        None,
        source.random() < 0.01,
        numbers,
        {},
        kpi,
    )


def _measured(source: random.Random) -> tuple[str, dict[str, float]]:
    draw = source.random()
    if draw < 0.6:
        first_byte = source.lognormvariate(5, 0.8) if draw > 0.01 else 0.0
        drawn = min(first_byte + source.paretovariate(0.9) * 200, 600_000.0)
        return "page_view", {"ttfb_ms": first_byte, "render_total_ms": drawn}
    if draw < 0.75:
        return "switch_range_or_granularity", {"switch_latency_ms": source.expovariate(1 / 90)}
    if draw < 0.85:
        return "alerts_poll", {"alerts_poll_interval_ms": source.gauss(30_000, 2_500)}
    clicks = float(source.choice([1, 1, 1, 2, 2, 3]))
    took = source.lognormvariate(7, 1)
    return "drilldown", {"drilldown_clicks": clicks, "drilldown_duration_ms": took}


def _bucket_bounds() -> list[float]:
    """Upper ends of DDSketch's buckets at 1 %, by multiplication from bucket 0, which ends at 1."""
    gamma = 101 / 99
    return [gamma**number for number in range(-700, 1400)]


def _bucket(bounds: Sequence[float], value: float) -> int:
    return sketch.ZERO if value < 1e-6 else bisect_left(bounds, value) - 700
