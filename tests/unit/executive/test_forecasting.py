"""The forecast: from the pipeline, from the trend, with an interval from past errors."""

from fractions import Fraction

import pytest
from hypothesis import given as random
from hypothesis import strategies as st

from api.executive.facts import Deals, Facts
from api.executive.forecasting import forecast, forecast_with_interval, past_errors, quantile
from tests.unit.executive.facts import (
    deal,
    given,
    known,
    last_months,
    number,
    numbers,
    quarters,
    run,
)

TREND = run("2024-04", [90, 100, 110])  # mean 100, so 102 a month
WON_2_LOST_3 = (
    deal(20, "2024-01", closed="2024-02", outcome="won"),
    deal(30, "2024-01", closed="2024-03", outcome="lost"),
)


@pytest.mark.parametrize(
    ("deals", "value", "method"),
    [
        pytest.param([], 102, "trend", id="no pipeline at all: the trend"),
        pytest.param(
            [deal(100, "2024-07", rate="0.5"), deal(10, "2024-07", rate="0.1")], 51, "pipeline",
            id="each deal times its own rate",
        ),
        pytest.param(
            [deal(100, "2024-07"), *WON_2_LOST_3], 40, "pipeline",
            id="else times won over won and lost",
        ),
        pytest.param(
            [deal(100, "2024-07", rate="0.9"), deal(100, "2024-07"), *WON_2_LOST_3],
            130, "pipeline",
            id="own rates go first",
        ),
        pytest.param(
            [deal(100, "2024-07", rate="0.9"), deal(1, "2024-07")], 102, "trend",
            id="one counted deal without any rate: the trend",
        ),
        pytest.param(
            [deal(100, "2024-07", rate="0.5"), deal(1, "2024-08")], 50, "pipeline",
            id="deals of later months do not count, so their missing rate does not matter",
        ),
        pytest.param(
            [deal(100, "2024-06", rate="0.5")], 102, "trend",
            id="nor do overdue ones; and then no rate is to be had",
        ),
        pytest.param(
            WON_2_LOST_3, 0, "pipeline",
            id="nothing is expected to close, though deals do close: zero, a real answer",
        ),
        pytest.param(
            [deal(100, "2024-07", rate="0.5", closed="2024-06", outcome="lost")], 0, "pipeline",
            id="a deal closed by T is not open, but tells a rate",
        ),
        pytest.param(
            [deal(100, "2024-07", rate="0.5", closed="2024-07", outcome="lost")], 50, "pipeline",
            id="a deal closed after T counts as open",
        ),
        pytest.param(
            [deal(100, "2024-07", rate="0.5", created="2024-07")], 102, "trend",
            id="a deal created after T does not exist",
        ),
        pytest.param(
            [deal(100, "2024-07", rate="0.5", created="2024-06")], 50, "pipeline",
            id="a deal created by T does",
        ),
        pytest.param(
            [deal(100, "2024-07"), deal(9, "2023-06", closed="2023-06", outcome="won")],
            102, "trend",
            id="a deal closed thirteen months before the horizon tells no rate",
        ),
        pytest.param(
            [deal(100, "2024-07"), deal(9, "2023-06", closed="2023-07", outcome="won")],
            100, "pipeline",
            id="twelve months back it does",
        ),
        pytest.param(
            [deal(100, "2024-07"), deal(9, "2024-01", closed="2024-07", outcome="won")],
            102, "trend",
            id="a deal won after T tells no rate yet",
        ),
        pytest.param(
            [deal(100, "2024-07"), deal(0, "2024-01", closed="2024-05", outcome="won")],
            102, "trend",
            id="deals worth nothing tell no rate",
        ),
        pytest.param(
            [deal(100, "2024-07", rate="0")], 0, "pipeline", id="a rate of zero is a rate"
        ),
    ],
)  # fmt: skip
def test_the_next_month(deals: list[Deals], value: int, method: str) -> None:
    made = forecast(known(*TREND, deals=deals), last_months(6))
    assert (made.value, made.method, made.reason) == (number(value), method, None)
    assert made.horizon is not None
    assert made.horizon.label == "2024-07"


def test_a_quarters_forecast_is_about_three_months() -> None:
    deals = [deal(100, f"2024-{month}", rate="0.5") for month in ("06", "07", "08", "09", "10")]
    from_deals = forecast(known(*TREND, deals=deals), quarters(2))
    from_trend = forecast(known(*TREND), quarters(2))
    assert (from_deals.value, from_trend.value) == numbers(150, 306)
    assert from_deals.horizon is not None
    assert from_deals.horizon.label == "2024-Q3"


@pytest.mark.parametrize(
    "facts",
    [
        pytest.param(known(), id="none"),
        pytest.param(known(*run("2024-05", [100, 110])), id="two months"),
        pytest.param(known(*run("2024-01", [1, 2, 3, 4, 5])), id="three, but not up to T"),
    ],
)
def test_too_little_history_for_a_trend(facts: Facts) -> None:
    made = forecast(facts, last_months(6))
    assert (made.value, made.reason, made.method) == (None, "too_little_history", "trend")
    assert made.horizon is not None


def test_given_totals_make_a_trend() -> None:
    facts = known(*(given(f"2024-0{month}", 100) for month in (4, 5, 6)))
    assert forecast(facts, last_months(6)).value == 102


def test_past_errors_are_of_forecasts_from_what_was_known_then() -> None:
    # The first forecast is possible at the end of the third month. Each is 102, each month is 100,
    # but for the last: 130. The deal came later than all of these forecasts.
    facts = known(
        *run("2023-12", [100, 100, 100, 100, 100, 100, 130]),
        deals=[deal(5, "2024-05", rate="1", created="2024-06")],
    )
    assert past_errors(facts, last_months(1)) == [-2, -2, -2, 28]


@pytest.mark.parametrize(("months", "there"), [(8, False), (9, True)])
def test_an_interval_needs_six_past_errors(months: int, *, there: bool) -> None:
    first = {8: "2023-11", 9: "2023-10"}[months]
    facts = known(*run(first, [100] * months))
    assert len(past_errors(facts, last_months(1))) == months - 3
    assert (forecast_with_interval(facts, last_months(1)).interval is not None) == there


def test_an_interval_lies_between_the_outer_tenths_of_past_errors() -> None:
    # Nine months of 100 and then errors -2 (six times), 8, 18 and 25: sorted positions 1 and 9.
    facts = known(*run("2023-07", [100] * 9 + [110, 100, 100]))
    errors = sorted(past_errors(facts, last_months(1)))
    made = forecast_with_interval(facts, last_months(1))
    assert made.value is not None
    assert len(errors) == 9
    assert made.interval == (made.value + errors[0], made.value + errors[-1])


def test_an_interval_holds_its_forecast_even_when_all_past_ones_were_too_high() -> None:
    facts = known(*run("2023-07", [100] * 12))
    made = forecast_with_interval(facts, last_months(1))
    assert made.value == 102
    assert made.interval == numbers(100, 102)


def test_an_interval_holds_its_forecast_even_when_all_past_ones_were_too_low() -> None:
    facts = known(*run("2023-07", [2**month for month in range(12)]))
    made = forecast_with_interval(facts, last_months(1))
    assert made.value is not None
    assert made.interval is not None
    assert made.interval[0] == made.value < made.interval[1]


def test_only_the_latest_errors_count() -> None:
    wild = [10**6 * (month % 2) for month in range(12)]
    calm = [100] * 28
    facts = known(*run("2021-03", wild + calm))
    made = forecast_with_interval(facts, last_months(1))
    assert len(past_errors(facts, last_months(1))) == 24
    assert made.interval == numbers(100, 102)


@pytest.mark.parametrize(
    ("probability", "value"),
    [
        pytest.param("1/2", 30, id="the middle"),
        pytest.param("1/10", 10, id="below the lowest position it is the lowest"),
        pytest.param("9/10", 50, id="above the highest it is the highest"),
        pytest.param("1/4", 15, id="between two it is in proportion"),
    ],
)
def test_quantiles(probability: str, value: int) -> None:
    values = [Fraction(n) for n in (50, 10, 40, 20, 30)]
    assert quantile(values, Fraction(probability)) == value


@random(st.lists(st.fractions(), min_size=1, max_size=30), st.fractions(0, 1), st.fractions(0, 1))
def test_quantiles_stay_inside_and_in_order(
    values: list[Fraction], first: Fraction, second: Fraction
) -> None:
    low, high = sorted((first, second))
    assert min(values) <= quantile(values, low) <= quantile(values, high) <= max(values)
