"""The same events give the same rollup, in whatever order and however often they arrive.

``make replay`` does it with a million.
"""

import os
from concurrent.futures import ThreadPoolExecutor
from time import monotonic

from sqlalchemy import Engine

from api.storage.engine import open_engine
from tests.integration.ingest import replay
from tests.integration.ingest.events import store_of

EVENTS = int(os.environ.get("REPLAY_EVENTS", "20000"))


def test_random_order_repeats_and_lateness_change_no_count(engine: Engine) -> None:
    events = replay.week(EVENTS)
    arriving = replay.with_repeats_anywhere(events, seed=1)
    assert len(arriving) == round(1.05 * EVENTS)
    started = monotonic()
    group = max(replay.GROUP, EVENTS // 250)
    assert replay.append_all(store_of(engine), arriving, group) == EVENTS
    print(f"{engine.dialect.name}: {len(arriving):,} sent in {monotonic() - started:.1f} s")
    there = replay.found(engine)
    replay.compare(there, replay.expected(events))
    samples = sum(hour.count for hour in there.hours.values())
    print(f"{there.events:,} stored; {samples:,} samples in {len(there.hours):,} hours are equal")


def test_in_order_gives_the_same_to_the_bit(engine: Engine) -> None:
    events = replay.week(4_000)
    ordered = sorted(events, key=lambda one: one.event_time)
    replay.append_all(store_of(engine), ordered)
    replay.compare(replay.found(engine), replay.expected(events))


def test_a_repeat_with_other_numbers_changes_nothing(engine: Engine) -> None:
    events = replay.week(2_000)
    replay.append_all(store_of(engine), replay.as_they_arrive(events, seed=2))
    replay.compare(replay.found(engine), replay.expected(events))


def test_two_writers_at_once_give_the_same(database_url: str, engine: Engine) -> None:
    events = replay.week(3_000)

    def write(seed: int) -> int:
        own = open_engine(database_url)
        try:
            return replay.append_all(store_of(own), replay.with_repeats_anywhere(events, seed), 40)
        finally:
            own.dispose()

    with ThreadPoolExecutor() as threads:
        assert sum(threads.map(write, [3, 4])) == 3_000
    replay.compare(replay.found(engine), replay.expected(events))
