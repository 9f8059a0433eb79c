"""Maintenance as hours: rounded outward, and cut out of stretches of them."""

import dataclasses
from datetime import datetime, timedelta, timezone
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slo.backtest import replay
from slo.maintenance import Maintenance, counted, left_out, rounded_outward
from slo.objective import Objective
from slo.objectives import DEFAULT_FILE, SpecError, load_objectives, parse_objectives
from slo.rollup import Counts, hour_start

TEXT = DEFAULT_FILE.read_text()
TTFB = next(one for one in load_objectives() if one.name == "ttfb")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("start", "end", "first", "last"),
    [
        ("2026-11-20T22:30Z", "2026-11-20T23:10Z", "2026-11-20T22:00Z", "2026-11-21T00:00Z"),
        ("2026-11-20T22:00Z", "2026-11-20T23:00Z", "2026-11-20T22:00Z", "2026-11-20T23:00Z"),
        ("2026-11-20T22:59:59Z", "2026-11-20T23:00:01Z", "2026-11-20T22:00Z", "2026-11-21T00:00Z"),
        # Half past four in India is eleven o'clock in UTC.
        (
            "2026-11-20T16:30+05:30",
            "2026-11-20T17:00+05:30",
            "2026-11-20T11:00Z",
            "2026-11-20T12:00Z",
        ),
    ],
)
def test_every_hour_that_it_touches_belongs_to_it(
    start: str, end: str, first: str, last: str
) -> None:
    assert rounded_outward(at(start), at(end), "why") == Maintenance(at(first), at(last), "why")


WINDOWS = st.lists(st.integers(0, 60), unique=True, max_size=12).map(
    lambda ends: [
        Maintenance(hour_start(first), hour_start(last), "why")
        for first, last in zip(sorted(ends)[::2], sorted(ends)[1::2], strict=False)
    ]
)


@given(WINDOWS, st.integers(0, 60), st.integers(0, 60))
def test_every_hour_is_either_counted_or_left_out(
    windows: list[Maintenance], start: int, stop: int
) -> None:
    inside = {hour for each in left_out(windows, range(start, stop)) for hour in each}
    outside = [hour for each in counted(windows, range(start, stop)) for hour in each]
    by_hand = {
        hour
        for hour in range(start, stop)
        if any(one.start <= hour_start(hour) < one.end for one in windows)
    }
    assert inside == by_hand
    assert outside == [hour for hour in range(start, stop) if hour not in by_hand]


def with_maintenance(*lines: str) -> str:
    text = "    execdash/maintenance: |\n" + "".join(f"      {line}\n" for line in lines)
    return TEXT.replace("    execdash/alert-minimum", f"{text}    execdash/alert-minimum", 1)


ONE = '- {from: 2026-11-20T22:30Z, to: 2026-11-20T23:10Z, reason: "New disks"}'


def test_it_is_read_in_the_order_of_time_and_holds_for_every_objective() -> None:
    earlier = "- {from: 2026-10-01T00:00:00+02:00, to: 2026-10-01T02:00+02:00, reason: Move}"
    for objective in parse_objectives(with_maintenance(ONE, earlier)):
        assert objective.maintenance == (
            Maintenance(at("2026-09-30T22:00Z"), at("2026-10-01T00:00Z"), "Move"),
            Maintenance(at("2026-11-20T22:00Z"), at("2026-11-21T00:00Z"), "New disks"),
        )


@pytest.mark.parametrize(
    ("lines", "wrong", "says"),
    [
        ([ONE.replace("30Z", "30")], 1, "must be an instant with its time zone"),
        (
            [ONE.replace("2026-11-20T22:30Z", "tonight")],
            1,
            "such as 2026-03-31T22:30Z, not tonight",
        ),
        ([ONE.replace("2026-11-20T22:30Z", "0001-01-01T00:00+14:00")], 1, "must be an instant"),
        ([ONE.replace("reason", "reson")], 1, "did you mean 'reason'?"),
        ([ONE.replace('"New disks"', '""')], 1, "at least 1 character"),
        ([ONE.replace("T23:10Z", "T22:30Z")], 1, "must end after it starts"),
        ([ONE, ONE.replace("2026-11-20T23", "2026-12-20T23")], 2, "lasts longer than 7 days"),
        ([ONE, ONE.replace("22:30", "23:20").replace("23:10", "23:30")], 2, "write them as one"),
        (["from: today"], 1, "valid list"),
        (["- ["], 2, "not valid YAML"),
    ],
)
def test_a_mistake_is_named_with_its_line(lines: list[str], wrong: int, says: str) -> None:
    text = with_maintenance(*lines)
    with pytest.raises(SpecError) as caught:
        parse_objectives(text)
    assert says in str(caught.value)
    heading = next(n for n, line in enumerate(text.splitlines(), 1) if "execdash/maint" in line)
    assert {problem.line for problem in caught.value.problems} == {heading + wrong}


def test_more_than_a_hundred_windows_are_refused() -> None:
    many = [
        f"- {{from: 2026-{1 + n // 28:02}-{1 + n % 28:02}T01:00Z, to: 2026-{1 + n // 28:02}-"
        f"{1 + n % 28:02}T02:00Z, reason: Nightly}}"
        for n in range(101)
    ]
    assert len(parse_objectives(with_maintenance(*many[:100]))[0].maintenance) == 100
    with pytest.raises(SpecError, match="more than 100 windows"):
        parse_objectives(with_maintenance(*many))


def bad_hour(hour: int) -> dict[int, Counts]:
    """Ten events a minute for six hours, all bad in one hour."""
    return {
        minute: Counts(0 if minute // 60 == hour else 10, 10)
        for minute in range(60 * (hour - 3), 60 * (hour + 3))
    }


def replayed(objective: Objective, hour: int) -> tuple[list[str], Fraction | None, Counts]:
    found = replay(objective, bad_hour(hour), range(60 * (hour - 3), 60 * (hour + 3)))
    return [each.tier.name for each in found.alerts], found.spent, found.counts


def test_a_backtest_counts_nothing_of_it_and_nothing_fires() -> None:
    hour = 480_000
    fired, spent, counts = replayed(TTFB, hour)
    assert "page-fast" in fired
    assert (spent, counts) == (Fraction(600, 3600) / Fraction(5, 100), Counts(3000, 3600))
    window = Maintenance(hour_start(hour), hour_start(hour + 1), "why")
    objective = dataclasses.replace(TTFB, maintenance=(window,))
    assert replayed(objective, hour) == ([], Fraction(0), Counts(3000, 3000))


def test_an_alert_that_burns_before_it_is_mute_in_it() -> None:
    hour = 480_000
    after = Maintenance(hour_start(hour + 1), hour_start(hour + 1) + timedelta(hours=1), "why")
    minutes = range(60 * (hour - 3), 60 * (hour + 3))
    plain = replay(TTFB, bad_hour(hour), minutes).alerts
    muted = replay(dataclasses.replace(TTFB, maintenance=(after,)), bad_hour(hour), minutes).alerts
    silent = range(60 * (hour + 1), 60 * (hour + 2))
    assert any(alert.last in silent for alert in plain)
    assert not any(alert.first in silent or alert.last in silent for alert in muted)


def test_hours_are_utc_wherever_they_were_written() -> None:
    east = timezone(timedelta(hours=5, minutes=45))
    start = datetime(2026, 3, 29, 5, 45, tzinfo=east)
    hour = int(start.timestamp()) // 3600
    assert rounded_outward(start, start + timedelta(hours=1), "why").hours == range(hour, hour + 1)
