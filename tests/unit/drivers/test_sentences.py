"""What the Reason panel says, word for word."""

from datetime import date
from fractions import Fraction

import pytest

from api import calendar
from api.calendar import Granularity
from api.drivers.decomposition import Effect, Kind, offsetting, residual
from api.drivers.metrics import METRICS
from api.drivers.sentences import Change, composed, explained, missing
from api.executive.formulas import KpiResult
from api.executive.kpis import DeltaReason, KpiKey, Reason
from tests.plain import plain

WINDOW = calendar.window(12, Granularity.MONTH, date(2025, 6, 30))


def effect(name: str, size: str, kind: Kind = "additive") -> Effect:
    return Effect(name, Fraction(size), kind)


def said(key: str, now: str, before: str, *effects: Effect) -> str:
    change = Change(METRICS[key], WINDOW, WINDOW.previous, Fraction(now), Fraction(before), "£")
    left = residual(change.difference, effects)
    return plain(
        explained(change, effects, left, offsetting=offsetting(change.difference, effects))
    )


@pytest.mark.parametrize(
    ("why", "key", "now", "before", "effects", "sentence"),
    [
        (
            "money grows in percent, and most of it is named",
            KpiKey.REVENUE,
            "120000",
            "100000",
            [effect("East", "15000"), effect("West", "6000"), effect("iPhone", "-1000")],
            "Recognized Revenue rose by £20k (+20.0 %) to £120k against the 12 months before."
            " East contributed +£15k (75 %).",
        ),
        (
            "what went the other way is named when it is a fifth of the change",
            KpiKey.REVENUE,
            "108000",
            "100000",
            [effect("East", "6000"), effect("West", "4000"), effect("iPhone", "-2000")],
            "Recognized Revenue rose by £8k (+8.0 %) to £108k against the 12 months before."
            " East contributed +£6k (75 %), West contributed +£4k (50 %)"
            " and iPhone contributed -£2k.",
        ),
        (
            "no more than three are named",
            KpiKey.REVENUE,
            "0",
            "500",
            [effect(name, "-100") for name in "abcde"],
            "Recognized Revenue fell by £500 (-100.0 %) to £0 against the 12 months before."
            " a contributed -£100 (20 %), b contributed -£100 (20 %)"
            " and c contributed -£100 (20 %).",
        ),
        (
            "more than all of the change gets no percent",
            KpiKey.REVENUE,
            "1100",
            "1000",
            [effect("East", "130"), effect("West", "-30")],
            "Recognized Revenue rose by £100 (+10.0 %) to £1.1k against the 12 months before."
            " East contributed +£130 and West contributed -£30.",
        ),
        (
            "a stock has changed since a day",
            KpiKey.BACKLOG,
            "300",
            "100",
            [effect("Booked", "500", "movement"), effect("Recognized", "-300", "movement")],
            "Backlog rose by £200 (+200.0 %) to £300 since the end of June 2024."
            " Booked contributed +£500 and Recognized contributed -£300.",
        ),
        (
            "uptime has two decimals, and its rate is called uptime",
            KpiKey.UPTIME,
            "0.9912",
            "0.9951",
            [effect("web", "-0.0038", "rate"), effect("api", "-0.0001", "mix")],
            "Uptime fell by 0.39 points to 99.12 % against the 12 months before."
            " The uptime of web contributed -0.38 points (97 %).",
        ),
        (
            "a shift between elements is weight",
            KpiKey.GM,
            "0.30",
            "0.35",
            [effect("West", "-0.05", "mix")],
            "Gross Margin fell by 5.0 points to 30.0 % against the 12 months before."
            " The weight of West contributed -5.0 points (100 %).",
        ),
        (
            "months are months",
            KpiKey.PAYBACK,
            "14",
            "12",
            [effect("New MRR", "2", "movement")],
            "CAC Payback rose by 2.0 months to 14.0 months against the 12 months before."
            " New MRR contributed +2.0 months (100 %).",
        ),
        (
            "effects that cancel are given as two sums, without percentages",
            KpiKey.REVENUE,
            "1010",
            "1000",
            [effect("East", "300"), effect("West", "-290")],
            "Recognized Revenue rose by £10 to £1.01k against the 12 months before."
            " Large effects nearly cancel out: rises sum to +£300, falls to -£290."
            " East contributed +£300 and West contributed -£290.",
        ),
        (
            "nothing changed and nothing moved",
            KpiKey.ARR,
            "1200",
            "1200",
            [effect("New", "0", "movement")],
            "ARR is unchanged at £1.2k since the end of June 2024.",
        ),
        (
            "what is not broken down is printed",
            KpiKey.REVENUE,
            "200",
            "100",
            [effect("East", "80")],
            "Recognized Revenue rose by £100 (+100.0 %) to £200 against the 12 months before."
            " East contributed +£80 (80 %). Not broken down: +£20.",
        ),
        (
            "growth from nothing has no percentage",
            KpiKey.REVENUE,
            "100",
            "-50",
            [effect("East", "150")],
            "Recognized Revenue rose by £150 to £100 against the 12 months before."
            " East contributed +£150 (100 %).",
        ),
    ],
)
def test_changes(
    why: str, key: KpiKey, now: str, before: str, effects: list[Effect], sentence: str
) -> None:
    assert said(key, now, before, *effects) == sentence, why


def test_a_forecast_without_a_deal_due_says_so() -> None:
    made = KpiResult(Fraction(0), method="pipeline", horizon=WINDOW.next_period)
    assert composed(made, [], "£") == (
        "The forecast of £0 for July 2025 adds up open deals times their win rates;"
        " no deal is due then."
    )


@pytest.mark.parametrize(
    ("result", "reason", "sentence"),
    [
        ("no_data", None, "ARR has no value for this window: there are no data for it."),
        (
            None,
            "no_previous",
            "There is no ARR for the window before, so there is no change to split.",
        ),
        (
            None,
            "partial_window",
            "The data cover one of the two windows only in part, so ARR cannot be compared.",
        ),
        (None, "static", "ARR is a configured value, not one computed from data."),
    ],
)
def test_what_is_missing_is_named(
    result: Reason | None, reason: DeltaReason | None, sentence: str
) -> None:
    now = KpiResult(None, reason=result) if result else KpiResult(Fraction(1))
    assert missing(METRICS[KpiKey.ARR], now, reason, WINDOW, WINDOW.previous) == sentence
