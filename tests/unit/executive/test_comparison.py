"""Deltas and their reasons; targets, their lines and what a value's status is."""

from fractions import Fraction

import pytest

from api.calendar import Month, Window
from api.executive.comparison import Change, change, judgement
from api.executive.facts import Facts, Goal
from api.executive.formulas import KpiResult
from api.executive.kpis import GoodDirection, KpiKey
from api.executive.scoring import score
from tests.unit.executive.facts import known, last_months, number, numbers, quarters, retained, run

REVENUE, BACKLOG, NRR = KpiKey.REVENUE, KpiKey.BACKLOG, KpiKey.NRR


def of(value: int | None, *, partial: bool = False) -> KpiResult:
    return KpiResult(number(value), warnings=("partial_window",) if partial else ())


@pytest.mark.parametrize(
    ("now", "before", "expected"),
    [
        pytest.param(
            of(150), of(100), Change(Fraction(1, 2), Fraction(50), "up"), id="a half more"
        ),
        pytest.param(
            of(50), of(100), Change(Fraction(-1, 2), Fraction(-50), "down"), id="a half less"
        ),
        pytest.param(of(100), of(100), Change(Fraction(0), Fraction(0), "flat"), id="the same"),
        pytest.param(of(0), of(100), Change(Fraction(-1), Fraction(-100), "down"), id="to zero"),
        pytest.param(
            of(0), of(0), Change(Fraction(0), Fraction(0), "flat"), id="zero to zero is zero"
        ),
        pytest.param(
            of(5), of(0), Change(None, Fraction(5), "up", "previous_not_positive"),
            id="from zero there is a difference but no fraction",
        ),
        pytest.param(
            of(5), of(-5), Change(None, Fraction(10), "up", "previous_not_positive"),
            id="from below zero, too",
        ),
        pytest.param(
            of(-5), of(-5), Change(None, Fraction(0), "flat", "previous_not_positive"),
            id="also where nothing moved",
        ),
        pytest.param(of(5), of(None), Change(reason="no_previous"), id="nothing before"),
        pytest.param(of(None), of(None), Change(reason="no_previous"), id="nothing at all"),
        pytest.param(of(None), of(5), Change(reason="not_comparable"), id="nothing now"),
        pytest.param(
            of(5, partial=True), of(5), Change(reason="partial_window"), id="part of a window now"
        ),
        pytest.param(
            of(5), of(5, partial=True), Change(reason="partial_window"), id="part of one before"
        ),
        pytest.param(
            of(5, partial=True), of(None), Change(reason="no_previous"),
            id="part of a window now and nothing before",
        ),
        pytest.param(
            KpiResult(Fraction(14), is_static=True), of(5), Change(reason="static"),
            id="a static value does not change",
        ),
    ],
)  # fmt: skip
def test_changes(now: KpiResult, before: KpiResult, expected: Change) -> None:
    assert change(REVENUE, now, before) == expected


def test_forecasts_are_about_different_periods_and_not_compared() -> None:
    assert change(KpiKey.FORECAST, of(5), of(5)) == Change(reason="not_comparable")


def goal(
    kpi: str,
    target: str,
    watch: str | None = None,
    act: str | None = None,
    month: str | None = None,
    good: GoodDirection | None = None,
) -> Goal:
    at = Month.parse(month) if month else None
    return Goal(kpi, at, Fraction(target), number(watch), number(act), good)


@pytest.mark.parametrize(
    ("key", "goals", "window", "lines"),
    [
        pytest.param(REVENUE, [], last_months(6), (None, None, None), id="no target"),
        pytest.param(
            REVENUE, [goal("revenue", "100", "90", "80")], last_months(6), ("600", "540", "480"),
            id="a flow's target, watch and act sum over the months",
        ),
        pytest.param(
            REVENUE, [goal("revenue", "100", "90", "80")], quarters(2), ("600", "540", "480"),
            id="of quarters, too",
        ),
        pytest.param(
            REVENUE, [goal("revenue", "100"), goal("revenue", "40", month="2024-06")],
            last_months(6), ("540", None, None),
            id="a month's own row goes before the one for every month",
        ),
        pytest.param(
            REVENUE, [goal("revenue", "40", "30", month=f"2024-0{n}") for n in (1, 2, 3, 5, 6)],
            last_months(6), (None, None, None),
            id="a month without a target: no target",
        ),
        pytest.param(
            REVENUE,
            [goal("revenue", "40", "30"), goal("revenue", "40", month="2024-02")],
            last_months(6), ("240", None, None),
            id="a month without a line: no line",
        ),
        pytest.param(
            BACKLOG, [goal("backlog", "9", "10", "11"), goal("backlog", "1", "2", month="2024-06")],
            last_months(6), ("1", "2", None),
            id="any other KPI takes the last month's",
        ),
        pytest.param(
            BACKLOG, [goal("backlog", "9", month="2024-05")], last_months(6), (None, None, None),
            id="and none from a month before",
        ),
        pytest.param(
            NRR, [goal("nrr", "1.1", "1.05", "1")], last_months(12), ("1.1", "1.05", "1"),
            id="net retention is judged over twelve months",
        ),
        pytest.param(
            NRR, [goal("nrr", "1.1", "1.05", "1")], quarters(4), ("1.1", "1.05", "1"),
            id="which four quarters are, too",
        ),
        pytest.param(
            NRR, [goal("nrr", "1.1", "1.05", "1")], last_months(6), (None, None, None),
            id="and not over six",
        ),
        pytest.param(
            KpiKey.FORECAST, [goal("forecast", "100", "90", "80")], last_months(6),
            ("100", "90", "80"),
            id="a month's forecast takes the last month's",
        ),
        pytest.param(
            KpiKey.FORECAST, [goal("forecast", "100", "90", "80")], quarters(2),
            ("300", "270", "240"),
            id="a quarter's the last quarter's",
        ),
        pytest.param(
            KpiKey.GM, [goal("gm", "0.4")], quarters(2), ("0.4", None, None),
            id="a ratio of a quarter is the last month's",
        ),
    ],
)  # fmt: skip
def test_targets_and_lines(
    key: KpiKey, goals: list[Goal], window: Window, lines: tuple[str | None, ...]
) -> None:
    others = [goal("coverage_months", "7", "7", "7")]
    judged = judgement(key, others + goals, window)
    assert (judged.target, judged.watch, judged.act) == tuple(number(line) for line in lines)


@pytest.mark.parametrize(
    ("value", "watch", "act", "good", "status"),
    [
        pytest.param(100, "90", "80", "up", "good", id="above both lines"),
        pytest.param(90, "90", "80", "up", "good", id="on the watch line: not crossed"),
        pytest.param(89, "90", "80", "up", "watch", id="below it"),
        pytest.param(80, "90", "80", "up", "watch", id="on the act line: not crossed"),
        pytest.param(79, "90", "80", "up", "act", id="below that"),
        pytest.param(10, "10", "20", "down", "good", id="down is good: on the watch line"),
        pytest.param(11, "10", "20", "down", "watch", id="down is good: above it"),
        pytest.param(20, "10", "20", "down", "watch", id="down is good: on the act line"),
        pytest.param(21, "10", "20", "down", "act", id="down is good: above that"),
        pytest.param(1, None, None, "up", None, id="no lines, no status"),
        pytest.param(1, "90", None, "up", "watch", id="only watch"),
        pytest.param(1, None, "80", "up", "act", id="only act"),
        pytest.param(85, None, "80", "up", "good", id="only act, not crossed"),
        pytest.param(None, "90", "80", "up", None, id="no value, no status"),
    ],
)
def test_status(
    value: int | None, watch: str | None, act: str | None, good: GoodDirection, status: str | None
) -> None:
    judged = judgement(BACKLOG, [goal("backlog", "0", watch, act, good=good)], last_months(1))
    assert judged.status(number(value)) == status


@pytest.mark.parametrize("key", KpiKey)
def test_the_good_direction_is_up_but_for_backlog_and_payback_unless_a_target_says_so(
    key: KpiKey,
) -> None:
    usual = "down" if key in ("backlog", "payback") else "up"
    other: GoodDirection = "up" if usual == "down" else "down"
    window = last_months(6)
    assert judgement(key, [], window).good_direction == usual
    assert judgement(key, [goal(key, "1")], window).good_direction == usual
    assert judgement(key, [goal(key, "1", good=other)], window).good_direction == other


def test_part_of_a_windows_revenue_is_not_judged_by_the_target_of_all_of_it() -> None:
    goals = [goal("revenue", "100", "90", "80")]
    whole = score(REVENUE, known(*run("2024-01", [50] * 6), goals=goals), last_months(6))
    part = score(REVENUE, known(*run("2024-02", [50] * 5), goals=goals), last_months(6))
    assert (whole.status, whole.judgement.target) == ("act", number(600))
    assert (part.status, part.judgement.target) == (None, number(600))


def test_a_static_payback_has_a_status_but_no_past() -> None:
    facts = known(payback_static_months=Fraction(14), goals=[goal("payback", "10", "12", "16")])
    shown = score(KpiKey.PAYBACK, facts, last_months(6))
    assert (shown.now.value, shown.status, shown.change.reason) == (
        number(14),
        "watch",
        "static",
    )
    assert set(shown.sparkline) == {None}


def test_a_sparkline_ends_with_the_window_and_shows_each_period_by_itself() -> None:
    facts = known(*run("2023-07", list(range(1, 13))))
    months = score(REVENUE, facts, last_months(6)).sparkline
    assert months == numbers(*range(1, 13))
    assert score(REVENUE, facts, quarters(2)).sparkline == numbers(
        None, None, None, None, 6, 15, 24, 33
    )


def test_a_forecasts_sparkline_holds_what_was_forecast_at_each_periods_end() -> None:
    facts: Facts = known(*run("2024-01", [100, 100, 100, 200, 200, 200]))
    shown = score(KpiKey.FORECAST, facts, last_months(6))
    assert shown.sparkline[-5:] == numbers(None, 102, 136, 170, 204)
    assert shown.sparkline[-1] == shown.now.value


def test_net_retentions_sparkline_is_each_months_own() -> None:
    facts = known(retention=[retained("2024-05", 1000, 100), retained("2024-06", 900, 0, 0, 90)])
    shown = score(NRR, facts, last_months(6))
    assert shown.sparkline[-3:] == (None, Fraction(9, 10), Fraction(11, 10))
    assert (shown.now.value, shown.now.reason) == (None, "no_data")
