"""The alert policy, replayed over counted minutes."""

from dataclasses import replace
from datetime import timedelta
from fractions import Fraction
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from slo.backtest import replay
from slo.objective import AlertTier, Objective
from slo.objectives import load_objectives
from slo.rollup import Counts

TTFB = next(each for each in load_objectives() if each.name == "ttfb")
START = 29_000_000
HOUR = 60


def counted(*stretches: tuple[int, int, int]) -> dict[int, Counts]:
    """Minutes by minute: how many of them, good and all events in each."""
    found: dict[int, Counts] = {}
    for minutes, good, total in stretches:
        for _ in range(minutes):
            found[START + len(found)] = Counts(good, total)
    return found


def fired(objective: Objective, by_minute: dict[int, Counts]) -> list[tuple[str, int, int]]:
    minutes = range(START, START + len(by_minute))
    alerts = replay(objective, by_minute, minutes).alerts
    return [(each.tier.name, each.first - START, each.last - START) for each in alerts]


def test_nothing_bad_fires_nothing_and_spends_nothing() -> None:
    by_minute = counted((3 * 24 * HOUR, 10, 10))
    result = replay(TTFB, by_minute, range(START, START + len(by_minute)))
    assert (result.alerts, result.spent) == ((), Fraction(0))


def test_without_events_nothing_is_known() -> None:
    result = replay(TTFB, {}, range(START, START + 100))
    assert (result.alerts, result.spent, result.counts) == ((), None, Counts(0, 0))


def test_all_bad_for_an_hour_pages_at_once_and_stops_soon_after() -> None:
    found = fired(TTFB, counted((6 * HOUR, 10, 10), (HOUR, 0, 10), (6 * HOUR, 10, 10)))
    fast = next(each for each in found if each[0] == "page-fast")
    # 67.2 % of the last hour: after 41 bad minutes. Two good ones of five end it.
    assert fast == ("page-fast", 6 * HOUR + 40, 7 * HOUR)


def test_half_bad_pages_by_the_slow_tier_and_a_tenth_only_opens_a_ticket() -> None:
    half = {each[0] for each in fired(TTFB, counted((3 * 24 * HOUR, 5, 10)))}
    assert half == {"page-slow", "ticket-fast", "ticket-slow"}
    tenth = {each[0] for each in fired(TTFB, counted((3 * 24 * HOUR, 9, 10)))}
    assert tenth == {"ticket-slow"}


def test_fewer_than_ten_bad_events_wake_nobody() -> None:
    assert fired(TTFB, counted((1, 0, 9), (HOUR, 0, 0))) == []
    assert fired(TTFB, counted((1, 0, 10), (HOUR, 0, 0))) != []


def test_the_budget_spent_is_that_of_the_minutes_replayed() -> None:
    by_minute = counted((20, 9, 10))
    assert replay(TTFB, by_minute, range(START, START + 20)).spent == 2  # 10 % bad, 5 % allowed


TIER = AlertTier("t", "page", Fraction(3), timedelta(minutes=7), timedelta(minutes=2))
SMALL = replace(TTFB, target=Fraction(4, 5), tiers=(TIER,), alert_minimum_bad_events=3)
MINUTE = st.tuples(st.integers(0, 4), st.integers(0, 4)).map(lambda n: Counts(n[0], sum(n)))


@given(st.lists(MINUTE, min_size=1, max_size=40))
def test_it_fires_when_a_naive_reading_of_the_rule_does(events: list[Counts]) -> None:
    """Every window is summed anew, minute by minute."""
    by_minute = {START + index: counts for index, counts in enumerate(events)}
    expected = set()
    for end in range(1, len(events) + 1):
        shares = []
        for length in (7, 2):
            window = events[max(0, end - length) : end]
            total = sum(each.total for each in window)
            bad = total - sum(each.good for each in window)
            shares.append(total > 0 and Fraction(bad, total) > Fraction(3, 5))
            if length == 7:
                shares.append(bad >= 3)
        if all(shares):
            expected.add(START + end - 1)
    minutes = range(START, START + len(events))
    alerts = replay(SMALL, by_minute, minutes).alerts
    assert {m for each in alerts for m in range(each.first, each.last + 1)} == expected
    ends = [(each.first, each.last) for each in alerts]
    assert all(later[0] > earlier[1] + 1 for earlier, later in pairwise(ends))


def test_what_was_before_the_days_counts_as_it_does_for_the_rules() -> None:
    by_minute = counted((HOUR, 1000, 1000), (1, 0, 10))
    alone = range(START + HOUR, START + HOUR + 1)
    assert replay(TTFB, by_minute, alone).alerts == ()  # 10 bad ones of 60,010
    result = replay(TTFB, {START + HOUR: Counts(0, 10)}, alone)
    assert {each.tier.name for each in result.alerts} == {each.name for each in TTFB.tiers}
    assert replay(TTFB, by_minute, alone).counts == Counts(0, 10)
