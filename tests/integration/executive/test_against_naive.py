"""Random companies, computed twice: by the product and by ``naive``."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from api.calendar import Granularity, Range
from api.executive import service
from api.executive.schemas import Dashboard, Kpi
from api.executive.view import View
from api.settings import Settings
from api.storage.tables import imports
from tests import factories
from tests.integration.executive.naive import Answer, Naive, label, window_end

Row = dict[str, Any]
NOW = datetime(2026, 1, 15, tzinfo=UTC)
FIRST, LAST = date(2023, 1, 1), date(2024, 9, 30)
MOST_ERRORS = {Granularity.MONTH: 24, Granularity.QUARTER: 12}

days = st.dates(FIRST, LAST)
months = st.integers(FIRST.year * 12, LAST.year * 12 + 8).map(label)
amounts = (st.integers(100, 3_000_000) | st.integers(-300_000, 3_000_000)).map(
    lambda units: Decimal(units) / 10_000
)
positive = st.integers(0, 3_000_000).map(lambda units: Decimal(units) / 10_000)
rates = st.integers(0, 100).map(lambda percent: str(Decimal(percent) / 100))


@st.composite
def orders(draw: st.DrawFn) -> Row:
    booked_on = draw(days)
    later = booked_on + timedelta(days=draw(st.integers(0, 120)))
    fate = draw(st.sampled_from(["recognized"] * 3 + ["cancelled", "open"]))
    return factories.order(
        booked_on,
        draw(amounts),
        recognized_on=later if fate == "recognized" else None,
        cancelled_on=later if fate == "cancelled" else None,
        profit=draw(st.none() | amounts),
        type=draw(st.sampled_from(["one_off", "subscription", "recurring"])),
    )


@st.composite
def deals(draw: st.DrawFn) -> Row:
    closed_on = draw(st.none() | days)
    return factories.deal(
        draw(days),
        draw(positive),
        win_rate=draw(st.none() | rates),
        created_on=draw(st.none() | days),
        closed_on=closed_on,
        outcome=draw(st.sampled_from(["won", "lost"])) if closed_on else None,
    )


@st.composite
def uptimes(draw: st.DrawFn) -> Row:
    observed = draw(st.integers(0, 2_419_200))
    return factories.uptime(
        draw(months),
        draw(st.integers(0, observed)),
        observed,
        service=draw(st.sampled_from(["web", "api"])),
        weight=draw(st.sampled_from([Decimal(1), Decimal(2), Decimal("0.5")])),
    )


def one_a_month(rows: st.SearchStrategy[Row], **how: Any) -> st.SearchStrategy[list[Row]]:
    return st.lists(rows, unique_by=lambda row: (row.get("service"), row["period"]), **how)


retention = st.builds(
    factories.retention,
    months,
    positive,
    positive,
    positive,
    contraction=st.none() | positive,
    new=st.none() | positive,
)


@st.composite
def all_retention(draw: st.DrawFn) -> list[Row]:
    """Mostly without gaps: an NRR needs every month."""
    rows = draw(one_a_month(retention, max_size=4))
    known = {row["period"] for row in rows}
    start = FIRST.year * 12 + draw(st.integers(0, 6))
    template = draw(retention)
    run = range(start, start + draw(st.sampled_from([20, 20, 0])))
    return rows + [
        template | {"period": label(month)} for month in run if label(month) not in known
    ]


def few_or_many(rows: st.SearchStrategy[Row], many: int) -> st.SearchStrategy[list[Row]]:
    return st.lists(rows, max_size=5) | st.lists(rows, min_size=many, max_size=2 * many)


companies = st.fixed_dictionaries(
    {
        "orders": few_or_many(orders(), 30),
        "revenue_trend": one_a_month(
            st.builds(factories.given_trend, months, amounts, amounts, amounts), max_size=4
        ),
        "expenses": few_or_many(
            st.builds(
                factories.expense, days, positive, st.sampled_from(["sales_marketing", "cogs"])
            ),
            8,
        ),
        "retention": all_retention(),
        "uptime": one_a_month(uptimes(), max_size=12),
        "pipeline": few_or_many(deals(), 8),
    }
)
views = st.builds(
    View,
    range=st.sampled_from(Range),
    granularity=st.sampled_from(Granularity),
    as_of=st.dates(date(2023, 3, 1), date(2024, 12, 31)),
    fiscal_year_start_month=st.integers(1, 12),
)


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(company=companies, view=views)
def test_every_number_is_what_the_definitions_say(
    engine: Engine, company: dict[str, list[Row]], view: View
) -> None:
    shown = screen(engine, company, view)
    step = view.granularity.months
    end = window_end(view.as_of, step == 3, view.fiscal_year_start_month)
    naive = Naive(company, end, step)
    span = list(range(end - view.range.months + 1, end + 1))
    before = [month - len(span) for month in span]
    for kpi in shown.executiveKpis:
        check_value(kpi, naive, span)
        check_change(kpi, naive, span, before)
        check_sparkline(kpi, naive)
    check_trend(shown, naive, span)
    check_running(shown, company, view.as_of)


def check_value(kpi: Kpi, naive: Naive, span: list[int]) -> None:
    expected = compute(kpi.key, naive, span)
    event(f"{kpi.key}: {expected.reason or 'a value'}")
    assert (kpi.value, kpi.reason) == (as_float(expected.value), expected.reason), kpi.key
    assert set(kpi.warnings) - {"unobserved_time"} == set(expected.warnings), kpi.key
    if kpi.key == "forecast":
        assert kpi.horizon is not None
        interval = naive.interval(
            MOST_ERRORS[Granularity.QUARTER if naive.step == 3 else Granularity.MONTH]
        )
        shown = kpi.interval and (kpi.interval.low, kpi.interval.high)
        assert shown == (interval and (float(interval[0]), float(interval[1])))


def check_change(kpi: Kpi, naive: Naive, span: list[int], before: list[int]) -> None:
    was, now = compute(kpi.key, naive, before), compute(kpi.key, naive, span)
    shown = (kpi.delta, kpi.deltaAbs, kpi.direction, kpi.deltaReason)
    if kpi.key == "forecast":
        assert shown == (None, None, None, "not_comparable")
    elif was.value is None:
        assert shown == (None, None, None, "no_previous")
    elif now.value is None:
        assert shown == (None, None, None, "not_comparable")
    elif "partial_window" in was.warnings + now.warnings:
        assert shown == (None, None, None, "partial_window")
    else:
        difference = now.value - was.value
        direction = "up" if difference > 0 else "down" if difference < 0 else "flat"
        if was.value > 0:
            assert shown == (float(difference / was.value), float(difference), direction, None)
        elif was.value == 0 and now.value == 0:
            assert shown == (0, 0, "flat", None)
        else:
            assert shown == (None, float(difference), direction, "previous_not_positive")


def check_sparkline(kpi: Kpi, naive: Naive) -> None:
    count = 8 if naive.step == 3 else 12
    ends = [naive.end - ago * naive.step for ago in reversed(range(count))]
    for shown, last in zip(kpi.sparkline, ends, strict=True):
        months_of_period = list(range(last - naive.step + 1, last + 1))
        seen_from = naive.earlier(last) if kpi.key == "forecast" else naive
        assert shown == as_float(compute(kpi.key, seen_from, months_of_period).value), kpi.key


def check_trend(shown: Dashboard, naive: Naive, span: list[int]) -> None:
    periods = [span[i : i + naive.step] for i in range(0, len(span), naive.step)]
    for point, period in zip(shown.revenueTrend, periods, strict=True):
        covered = naive.covered(period)
        for name in ("recognized", "booked"):
            total = sum(naive.flow(name, month) for month in covered) if covered else None
            assert getattr(point, name) == (None if total is None else total / 10_000)
        assert point.backlog == as_float(naive.backlog(period).value)


def check_running(shown: Dashboard, company: dict[str, list[Row]], as_of: date) -> None:
    if (as_of + timedelta(days=1)).day == 1:
        assert shown.running is None
        return
    assert shown.running is not None
    first = as_of.replace(day=1)

    def inside(column: str) -> list[Row]:
        rows = company["orders"]
        return [row for row in rows if row[column] and first <= row[column] <= as_of]

    open_orders = [
        row["amount"]
        for row in company["orders"]
        if row["booked_on"] <= as_of
        and not (row["recognized_on"] and row["recognized_on"] <= as_of)
        and not (row["cancelled_on"] and row["cancelled_on"] <= as_of)
    ]
    expected: tuple[float | None, ...] = (None, None, None)
    if inside("booked_on") or inside("recognized_on") or inside("cancelled_on"):
        recognized = sum(row["amount"] for row in inside("recognized_on")) / 10_000
        booked = sum(row["amount"] for row in inside("booked_on")) / 10_000
        expected = (recognized, booked, sum(open_orders) / 10_000)
    assert (shown.running.recognized, shown.running.booked, shown.running.backlog) == expected


def compute(key: str, naive: Naive, span: list[int]) -> Answer:
    answer: Answer = getattr(naive, key)(span)
    return answer


def as_float(value: Fraction | None) -> float | None:
    return None if value is None else float(value)


def screen(engine: Engine, company: dict[str, list[Row]], view: View) -> Dashboard:
    with engine.begin() as connection:
        for table in (*factories.TABLES.values(), imports):
            connection.execute(text(f"DELETE FROM {table.name}"))
    for kind, rows in company.items():
        if rows:
            factories.add(engine, kind, *rows)
    options = Settings(fiscal_year_start_month=view.fiscal_year_start_month)
    with Session(engine) as session:
        return service.compose(service.read(session, NOW, options, view), NOW, options, view)
