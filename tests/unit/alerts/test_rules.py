"""An alert opens when a line is crossed, and closes only after a real recovery."""

from fractions import Fraction

import pytest

from api.alerts.rules import Level, Lines, level, recovery_band

UP = Lines(watch=Fraction(100), act=Fraction(80), good_direction="up")
DOWN = Lines(watch=Fraction(100), act=Fraction(120), good_direction="down")
UPTIME = Lines(watch=Fraction("0.999"), act=Fraction("0.995"), good_direction="up")


@pytest.mark.parametrize(
    ("sentence", "kpi", "lines", "value", "held", "expected"),
    [
        ("a good value is quiet", "revenue", UP, "101", None, None),
        ("exactly on the watch line is quiet", "revenue", UP, "100", None, None),
        ("a hair under the watch line is watch", "revenue", UP, "99.9999", None, "watch"),
        ("exactly on the act line is still watch", "revenue", UP, "80", None, "watch"),
        ("a hair under the act line is act", "revenue", UP, "79.9999", None, "act"),
        ("back on the watch line still holds", "revenue", UP, "100", "watch", "watch"),
        ("one hair short of the recovery holds", "revenue", UP, "101.9999", "watch", "watch"),
        ("recovered by exactly 2 % is over", "revenue", UP, "102", "watch", None),
        ("watch grows into act", "revenue", UP, "79", "watch", "act"),
        ("watch on the act line does not grow", "revenue", UP, "80", "watch", "watch"),
        ("act holds until 2 % over its line", "revenue", UP, "81.5999", "act", "act"),
        ("act recovered past its own line is watch", "revenue", UP, "81.6", "act", "watch"),
        ("act recovered past both bands is over", "revenue", UP, "102", "act", None),
        ("act inside the watch band is watch", "revenue", UP, "101", "act", "watch"),
        ("where down is good, under is quiet", "payback", DOWN, "99", None, None),
        ("where down is good, on the line is quiet", "payback", DOWN, "100", None, None),
        ("where down is good, over is watch", "payback", DOWN, "100.0001", None, "watch"),
        ("where down is good, far over is act", "payback", DOWN, "121", None, "act"),
        ("where down is good, 98 is recovered", "payback", DOWN, "98", "watch", None),
        ("where down is good, 98.01 is not", "payback", DOWN, "98.01", "watch", "watch"),
        ("uptime of 99.95 % is good", "uptime", UPTIME, "0.9995", None, None),
        ("uptime of 99.4999 % is act", "uptime", UPTIME, "0.994999", None, "act"),
        ("uptime re-arms 2 % of the downtime on", "uptime", UPTIME, "0.99902", "watch", None),
        ("uptime short of that holds", "uptime", UPTIME, "0.999019", "watch", "watch"),
        ("uptime leaves act 2 % of its downtime on", "uptime", UPTIME, "0.9951", "act", "watch"),
        ("uptime short of that stays act", "uptime", UPTIME, "0.99509", "act", "act"),
    ],
)
def test_levels(
    sentence: str,
    kpi: str,
    lines: Lines,
    value: str,
    held: Level | None,
    expected: Level | None,
) -> None:
    assert level(kpi, Fraction(value), lines, held) == expected, sentence


def test_a_value_that_hovers_on_the_line_raises_one_alert() -> None:
    held: Level | None = None
    changes = 0
    for value in ("100", "99.9", "100", "100.1", "99.8", "101.9", "99.9", "100"):
        now = level("revenue", Fraction(value), UP, held)
        changes += now != held
        held = now
    assert (changes, held) == (1, "watch")


def test_an_alert_escalates_and_comes_back_line_by_line() -> None:
    held: Level | None = None
    story: list[Level | None] = []
    for value in ("105", "99", "79", "81", "82", "101", "103", "99"):
        held = level("revenue", Fraction(value), UP, held)
        story.append(held)
    assert story == [None, "watch", "act", "act", "watch", "watch", None, "watch"]


@pytest.mark.parametrize(
    ("sentence", "lines", "value", "expected"),
    [
        ("no lines, no alert", Lines(None, None, "up"), "-1", None),
        ("only a watch line", Lines(Fraction(5), None, "up"), "-1", "watch"),
        ("only an act line", Lines(None, Fraction(5), "up"), "-1", "act"),
        ("only an act line, not crossed", Lines(None, Fraction(5), "up"), "5", None),
    ],
)
def test_a_missing_line_never_alerts(
    sentence: str, lines: Lines, value: str, expected: Level | None
) -> None:
    assert level("gm", Fraction(value), lines, None) == expected, sentence


def test_a_line_below_zero_recovers_upwards_too() -> None:
    lines = Lines(Fraction(-100), None, "up")
    assert recovery_band("revenue", Fraction(-100)) == 2
    assert level("revenue", Fraction(-99), lines, "watch") == "watch"
    assert level("revenue", Fraction(-98), lines, "watch") is None
