"""The same work once at a time; callers may give up on it."""

from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar
from threading import Event

import pytest

from api.single_flight import SingleFlight

LONG = 20.0


def test_those_who_ask_at_the_same_time_share_one_answer() -> None:
    flight, release, runs = SingleFlight[int](), Event(), []

    def work() -> int:
        runs.append(1)
        release.wait(LONG)
        return len(runs)

    with ThreadPoolExecutor(5) as pool:
        waiting = [pool.submit(flight.run, "key", work, LONG) for _ in range(5)]
        while not runs:
            pass
        release.set()
        assert [each.result() for each in waiting] == [1] * 5
    assert flight.run("key", work, LONG) == 2


def test_different_work_does_not_wait_for_each_other() -> None:
    flight, release = SingleFlight[str](), Event()
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(flight.run, "slow", lambda: str(release.wait(LONG)), LONG)
        assert flight.run("fast", lambda: "done", LONG) == "done"
        release.set()
        assert slow.result() == "True"


def test_a_failure_reaches_everybody_who_waits_and_nobody_later() -> None:
    flight = SingleFlight[int]()

    def fail() -> int:
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        flight.run("key", fail, LONG)
    assert flight.run("key", lambda: 1, LONG) == 1


def test_who_gives_up_leaves_the_work_going_for_who_comes_later() -> None:
    flight, release, runs = SingleFlight[int](), Event(), []

    def work() -> int:
        runs.append(1)
        release.wait(LONG)
        return len(runs)

    with pytest.raises(TimeoutError):
        flight.run("key", work, 0.01)
    with ThreadPoolExecutor(1) as pool:
        later = pool.submit(flight.run, "key", work, LONG)
        release.set()
        assert later.result() == 1


def test_work_sees_its_callers_context() -> None:
    trace: ContextVar[str] = ContextVar("trace")
    trace.set("mine")
    assert SingleFlight[str]().run("key", trace.get, LONG) == "mine"
