"""Each KPI's definition and its edges, as sentences."""

from fractions import Fraction

import pytest

from api.executive import formulas
from api.executive.facts import MONEY_SCALE, Facts
from api.executive.formulas import KpiResult
from api.storage import tables
from tests.unit.executive.facts import (
    given,
    known,
    last_months,
    number,
    observed,
    ordered,
    quarters,
    quiet,
    retained,
    run,
    spent,
)

SIX = "2024-01"  # the first month of the six that end with 2024-06


def parts(result: KpiResult) -> dict[str, Fraction | None]:
    return {part.name: part.value for part in result.parts}


def outcome(result: KpiResult) -> tuple[Fraction | None, str | None, tuple[str, ...]]:
    return result.value, result.reason, result.warnings


PARTIAL = ("partial_window",)


@pytest.mark.parametrize(
    ("facts", "value", "reason", "warnings"),
    [
        pytest.param(
            known(*run(SIX, [1, 2, 3, 4, 5, 6])), 21, None, (), id="the window's months add up"
        ),
        pytest.param(
            known(*run(SIX, [1, 2, 3, -9, 5, 6])), 8, None, (), id="credit notes count as negative"
        ),
        pytest.param(known(), None, "no_data", (), id="no orders at all are no data"),
        pytest.param(
            known(*run("2022-01", [1, 2])), None, "no_data", (), id="nor are orders long before"
        ),
        pytest.param(
            known(*run("2024-04", [4, 5, 6])), 15, None, PARTIAL,
            id="data that begin inside: partial",
        ),
        pytest.param(
            known(*run(SIX, [1, 2])), 3, None, PARTIAL, id="data that end inside: partial"
        ),
        pytest.param(
            known(ordered("2023-12", 1), ordered("2024-06", 6)), 6, None, (),
            id="months between months with orders are zero, not missing",
        ),
        pytest.param(
            known(ordered("2023-12", 1), *(quiet(f"2024-0{n}") for n in range(1, 7))),
            None, "no_data", (),
            id="quiet months after the last order are no data, though the totals hold zeros",
        ),
        pytest.param(
            known(ordered("2023-12", 9), ordered("2024-06", cancelled_orders=1, booked_orders=0,
                  recognized_orders=0)),
            0, None, (),
            id="a cancelled order alone makes a month one with orders",
        ),
        pytest.param(
            known(*(given(f"2024-0{n}", n) for n in range(1, 7))), 21, None, (),
            id="given totals count where there are no orders",
        ),
        pytest.param(
            known(*run(SIX, [1, 2, 3, 4, 5, 6]), given("2024-03", 100)), 21, None, (),
            id="orders win over given totals",
        ),
        pytest.param(
            known(given("2024-03", 100), *run(SIX, [1, 2]), quiet("2024-03"),
                  *run("2024-04", [4, 5, 6])),
            118, None, (),
            id="given totals count in a month in which orders were quiet",
        ),
        pytest.param(
            known(given("2023-11", 5), *run("2024-04", [4, 5, 6])), 15, None, (),
            id="given totals long before make the months between zero",
        ),
    ],
)  # fmt: skip
def test_revenue(facts: Facts, value: int | None, reason: str, warnings: tuple[str, ...]) -> None:
    result = formulas.revenue(facts, last_months(6))
    assert outcome(result) == (number(value), reason, warnings)


@pytest.mark.parametrize(
    ("facts", "value", "reason"),
    [
        pytest.param(known(ordered("2024-06", backlog=70)), 70, None, id="the value at T"),
        pytest.param(known(ordered("2024-05", backlog=70)), None, "no_data", id="T uncovered"),
        pytest.param(
            known(ordered("2024-06", backlog=70), given("2024-06", backlog=9)), 70, None,
            id="orders win",
        ),
        pytest.param(known(given("2024-06", backlog=9)), 9, None, id="as given"),
        pytest.param(
            known(given("2024-04", backlog=9), given("2024-06", backlog=8)), 8, None,
            id="at T, not before",
        ),
    ],
)  # fmt: skip
def test_backlog(facts: Facts, value: int | None, reason: str | None) -> None:
    result = formulas.backlog(facts, last_months(6))
    assert outcome(result) == (number(value), reason, ())


def test_backlog_stays_in_a_month_between_given_totals() -> None:
    facts = known(given("2024-04", backlog=9), given("2024-06", backlog=8))
    assert formulas.backlog(facts, last_months(1, "2024-05")).value == 9


def test_backlog_of_a_quarter_is_its_last_months() -> None:
    facts = known(*(ordered(f"2024-0{n}", backlog=n) for n in range(1, 7)))
    assert formulas.backlog(facts, quarters(2)).value == 6


def test_backlog_rolls_forward_from_opening_to_closing() -> None:
    facts = known(
        ordered("2024-04", backlog=10),
        ordered("2024-05", recognized=3, booked=5, backlog=12),
        ordered("2024-06", recognized=1, booked=4, backlog=9, cancelled=6),
    )
    shown = parts(formulas.backlog(facts, last_months(2)))
    assert shown == {"opening": 10, "booked": 9, "recognized": 4, "cancelled": 6, "closing": 9}
    assert 10 + 9 - 4 - 6 == 9


@pytest.mark.parametrize(
    ("facts", "opening", "cancelled"),
    [
        pytest.param(known(ordered("2024-06", backlog=5)), 0, 0, id="none before the first order"),
        pytest.param(
            known(given("2024-06", backlog=5)), None, None, id="unknown before given totals"
        ),
    ],
)
def test_the_backlog_before_the_first_month(
    facts: Facts, opening: int | None, cancelled: int | None
) -> None:
    shown = parts(formulas.backlog(facts, last_months(6)))
    assert (shown["opening"], shown["cancelled"]) == (opening, cancelled)


MAY, JUNE = 31 * 86_400, 30 * 86_400


@pytest.mark.parametrize(
    ("services", "value", "reason", "left_out", "warnings"),
    [
        pytest.param([], None, "no_data", None, (), id="nothing observed ever"),
        pytest.param(
            [observed("2024-05", str(MAY), str(MAY)), observed("2024-06", "0", str(JUNE))],
            Fraction(MAY, MAY + JUNE), None, 0, (),
            id="seconds are added up, months are not averaged",
        ),
        pytest.param(
            [observed("2024-05", "1", "1"), observed("2024-06", "1", "2")],
            Fraction(2, 3), None, Fraction(MAY + JUNE - 3, MAY + JUNE), ("unobserved_time",),
            id="unobserved time is left out, and its share is known",
        ),
        pytest.param(
            [observed("2024-05", str(MAY), str(MAY), weight="3"),
             observed("2024-05", "0", str(MAY), "api"),
             observed("2024-06", str(JUNE), str(JUNE))],
            Fraction(3 * MAY + JUNE, 4 * MAY + JUNE), None, 0, (),
            id="services weigh as they are told",
        ),
        pytest.param(
            [observed("2024-05", "0", "0"), observed("2024-06", "0", "0")],
            None, "zero_denominator", 1, ("unobserved_time",),
            id="rows without observation have no ratio",
        ),
        pytest.param(
            [observed("2024-06", "0", str(JUNE))],
            0, None, 0, PARTIAL,
            id="down all the time is zero, a real answer; one month of two is partial",
        ),
        pytest.param(
            [observed("2024-04", "1", str(JUNE)), observed("2024-06", str(JUNE), str(JUNE))],
            1, None, Fraction(MAY, MAY + JUNE), ("unobserved_time",),
            id="a month between without a row was not observed",
        ),
        pytest.param(
            [observed("2024-05", "0.1", "0.3"), observed("2024-06", "0.2", "0.3")],
            Fraction(1, 2), None, Fraction(10 * (MAY + JUNE) - 6, 10 * (MAY + JUNE)),
            ("unobserved_time",),
            id="fractions of seconds are exact",
        ),
    ],
)  # fmt: skip
def test_uptime(
    services: list[object],
    value: Fraction | None,
    reason: str | None,
    left_out: Fraction | None,
    warnings: tuple[str, ...],
) -> None:
    result = formulas.uptime(known(services=services), last_months(2))
    assert outcome(result) == (value, reason, warnings)
    assert result.left_out_share == left_out


@pytest.mark.parametrize(
    ("retention", "value", "reason"),
    [
        pytest.param(
            [retained("2024-05", 1000, 50, 20, 100), retained("2024-06", 7777, 10, 0, 40)],
            Fraction(1060, 1000), None,
            id="the first month's opening, and movements summed",
        ),
        pytest.param(
            [retained("2024-05", 0, 0, 0, 100), retained("2024-06")], None, "zero_denominator",
            id="an opening of zero has no ratio",
        ),
        pytest.param([retained("2024-06")], None, "no_data", id="every month is needed"),
        pytest.param(
            [retained("2024-04"), retained("2024-06")], None, "no_data",
            id="a gap in the middle, too",
        ),
        pytest.param([], None, "no_data", id="never given"),
        pytest.param(
            [retained("2024-05", 1000, 1000), retained("2024-06", 0)], 0, None,
            id="everybody left: zero, a real answer",
        ),
    ],
)  # fmt: skip
def test_nrr(retention: list[object], value: Fraction | None, reason: str | None) -> None:
    result = formulas.nrr(known(retention=retention), last_months(2))
    assert outcome(result) == (value, reason, ())


def test_nrr_gives_gross_retention_beside_it() -> None:
    facts = known(retention=[retained("2024-05", 1000, 50, 20, 100), retained("2024-06", 1, 10)])
    assert parts(formulas.nrr(facts, last_months(2)))["gross_retention"] == Fraction(920, 1000)


@pytest.mark.parametrize(
    ("facts", "value", "reason", "left_out", "warnings"),
    [
        pytest.param(
            known(*run("2024-05", [100, 300], margin_profit=50)), Fraction(1, 4), None, 0, (),
            id="profits and amounts are added up, months are not averaged",
        ),
        pytest.param(
            known(*run("2024-05", [100, 300], margin_profit=-50)), Fraction(-1, 4), None, 0, (),
            id="a negative margin is valid",
        ),
        pytest.param(
            known(*run("2024-05", [-100, 100], margin_profit=50)), None, "zero_denominator", 0, (),
            id="amounts that sum to zero have no margin",
        ),
        pytest.param(
            known(*run("2024-05", [-100, 50], margin_profit=50)), None, "zero_denominator", 0, (),
            id="nor have negative ones",
        ),
        pytest.param(
            known(ordered("2024-05", 999, margin_amount=100, margin_profit=20, margin_orders=1,
                          recognized_orders=4),
                  ordered("2024-06", 0, recognized_orders=0, margin_orders=0)),
            Fraction(1, 5), None, Fraction(3, 4), ("profit_missing",),
            id="orders without a profit are left out of both sums, and their share is known",
        ),
        pytest.param(
            known(*run("2024-05", [100, 300], margin_amount=0, margin_orders=0)),
            None, "no_data", None, (),
            id="no order with a profit is no data",
        ),
        pytest.param(
            known(*(ordered(f"2024-0{n}", recognized_orders=0, margin_orders=0) for n in (5, 6))),
            None, "zero_denominator", None, (),
            id="orders booked but none recognized: nothing to divide by",
        ),
        pytest.param(
            known(given("2024-05", 100), given("2024-06", 100)), None, "no_data", None, (),
            id="given totals know no profit",
        ),
        pytest.param(
            known(given("2024-05", 100), ordered("2024-06", 100, margin_profit=30)),
            Fraction(3, 10), None, 0, PARTIAL,
            id="a given month beside one with orders is partial",
        ),
    ],
)  # fmt: skip
def test_gross_margin(
    facts: Facts,
    value: Fraction | None,
    reason: str | None,
    left_out: Fraction | None,
    warnings: tuple[str, ...],
) -> None:
    result = formulas.gm(facts, last_months(2))
    assert outcome(result) == (value, reason, warnings)
    assert result.left_out_share == left_out


SOLD = run("2024-05", [100, 100], margin_profit=50)
HALF_MARGIN_NEW_10 = [retained("2024-05", new=4), retained("2024-06", new=6)]
SPENT = spent("2024-05", "2024-06", m2024_05=20, m2024_06=40)


@pytest.mark.parametrize(
    ("facts", "value", "reason", "warnings"),
    [
        pytest.param(
            known(*SOLD, retention=HALF_MARGIN_NEW_10, **SPENT), 12, None, (),
            id="60 spent for 10 a month at half a margin is won back in 12 months",
        ),
        pytest.param(
            known(*SOLD, retention=HALF_MARGIN_NEW_10), None, "no_data", (),
            id="nothing was spent ever",
        ),
        pytest.param(
            known(*SOLD, retention=HALF_MARGIN_NEW_10, **spent("2024-05", "2024-06", m2024_05=0)),
            None, "no_data", (),
            id="other expenses alone say nothing about selling",
        ),
        pytest.param(
            known(*SOLD, retention=HALF_MARGIN_NEW_10,
                  **spent("2024-01", "2024-06", m2024_01=9)),
            0, None, (),
            id="nothing spent on selling in the window, but before: zero, a real answer",
        ),
        pytest.param(
            known(*SOLD, retention=[retained("2024-05"), retained("2024-06")], **SPENT),
            None, "no_data", (),
            id="new revenue was never given",
        ),
        pytest.param(
            known(*SOLD, retention=[retained("2024-04", new=5), retained("2024-05"),
                                    retained("2024-06")], **SPENT),
            None, "not_recovered", (),
            id="new revenue was given before, but none came in the window",
        ),
        pytest.param(
            known(*SOLD, retention=[retained("2024-05", new=0), retained("2024-06", new=0)],
                  **SPENT),
            None, "not_recovered", (),
            id="no new revenue never pays back",
        ),
        pytest.param(
            known(*run("2024-05", [100, 100], margin_profit=-1), retention=HALF_MARGIN_NEW_10,
                  **SPENT),
            None, "not_recovered", (),
            id="nor does a negative margin",
        ),
        pytest.param(
            known(*run("2024-05", [100, 100]), retention=HALF_MARGIN_NEW_10, **SPENT),
            None, "not_recovered", (),
            id="nor a margin of zero",
        ),
        pytest.param(
            known(*run("2024-05", [100, -100]), retention=HALF_MARGIN_NEW_10, **SPENT),
            None, "zero_denominator", (),
            id="a margin that does not exist gives its own reason",
        ),
        pytest.param(
            known(given("2024-05", 1), given("2024-06", 1), retention=HALF_MARGIN_NEW_10, **SPENT),
            None, "no_data", (),
            id="without any margin there is no data",
        ),
        pytest.param(
            known(*SOLD, retention=[retained("2024-06", new=6)], **SPENT),
            Fraction(40, 3), None, PARTIAL,
            id="only months that all three cover are set against each other",
        ),
        pytest.param(
            known(*SOLD, retention=HALF_MARGIN_NEW_10, **spent("2024-03", "2024-04", m2024_03=9)),
            None, "no_data", (),
            id="no month that all three cover",
        ),
        pytest.param(
            known(payback_static_months=Fraction(14)), 14, None, (),
            id="a static value needs no data",
        ),
    ],
)  # fmt: skip
def test_payback(
    facts: Facts, value: Fraction | None, reason: str | None, warnings: tuple[str, ...]
) -> None:
    assert outcome(formulas.payback(facts, last_months(2))) == (value, reason, warnings)


@pytest.mark.parametrize(
    ("facts", "value", "reason", "warnings"),
    [
        pytest.param(
            known(ordered("2024-05", 10, 30), ordered("2024-06", 30, 50)), 2, None, (),
            id="sums are divided, months are not averaged",
        ),
        pytest.param(
            known(ordered("2024-05", 0, 30), ordered("2024-06", 0, 50)), None, "zero_denominator",
            (),
            id="nothing recognized",
        ),
        pytest.param(
            known(ordered("2024-05", -10, 30), ordered("2024-06", 5, 5)), None, "zero_denominator",
            (), id="less than nothing recognized",
        ),
        pytest.param(
            known(ordered("2024-06", 10, 5)), Fraction(1, 2), None, PARTIAL, id="one month of two"
        ),
        pytest.param(known(), None, "no_data", (), id="no orders"),
    ],
)  # fmt: skip
def test_book_to_bill(
    facts: Facts, value: Fraction | None, reason: str | None, warnings: tuple[str, ...]
) -> None:
    assert outcome(formulas.book_to_bill(facts, last_months(2))) == (value, reason, warnings)


@pytest.mark.parametrize(
    ("facts", "value", "reason", "warnings"),
    [
        pytest.param(
            known(*run("2023-01", [999] * 12), *run(SIX, [10, 20, 30, 40, 50, 60], backlog=70)),
            2, None, (),
            id="over the mean of six months, whatever came before",
        ),
        pytest.param(
            known(*run("2024-02", [10, 20, 30, 40, 50], backlog=60)), 2, None, ("short_history",),
            id="five months are short",
        ),
        pytest.param(
            known(*run("2024-04", [10, 20, 30], backlog=60)), 3, None, ("short_history",),
            id="three are, too",
        ),
        pytest.param(
            known(*run("2024-05", [10, 20], backlog=60)), None, "too_little_history", (),
            id="two are too few",
        ),
        pytest.param(
            known(*run(SIX, [0] * 6, backlog=60)), None, "zero_denominator", (),
            id="nothing recognized",
        ),
        pytest.param(
            known(*run(SIX, [1, 1, 1, 1, 1, -9], backlog=60)), None, "zero_denominator", (),
            id="less than nothing recognized",
        ),
        pytest.param(
            known(*run(SIX, [1, 1, 1, 1, 1], backlog=60)), None, "no_data", (), id="T uncovered"
        ),
    ],
)  # fmt: skip
@pytest.mark.parametrize("months", [1, 6, 12], ids="{}m".format)
def test_coverage_months_whatever_the_range(
    facts: Facts,
    value: Fraction | None,
    reason: str | None,
    warnings: tuple[str, ...],
    months: int,
) -> None:
    result = formulas.coverage_months(facts, last_months(months))
    assert outcome(result) == (value, reason, warnings)


@pytest.mark.parametrize(
    ("facts", "value", "reason"),
    [
        pytest.param(
            known(ordered("2024-05", recurring=9, recurring_orders=1),
                  ordered("2024-06", recurring=10, recurring_orders=1)),
            120, None, id="twelve times the last month",
        ),
        pytest.param(known(ordered("2024-06", 10)), None, "no_data", id="no such order ever"),
        pytest.param(
            known(ordered("2020-05", recurring=9, recurring_orders=1), ordered("2024-06", 10)),
            0, None, id="none in that month, but some before",
        ),
        pytest.param(
            known(
                ordered("2024-06"), ordered("2024-07", recurring=9, recurring_orders=1),
                end="2024-07",
            ), None, "no_data", id="the first only after T",
        ),
        pytest.param(
            known(ordered("2024-05", recurring=9, recurring_orders=1)), None, "no_data",
            id="T uncovered",
        ),
        pytest.param(
            known(ordered("2024-05", recurring=9, recurring_orders=1), given("2024-06", 10)),
            None, "no_data", id="given totals do not tell what recurs",
        ),
        pytest.param(
            known(ordered("2024-06", recurring=-3, recurring_orders=2)), -36, None,
            id="credit notes may outweigh",
        ),
    ],
)  # fmt: skip
def test_arr(facts: Facts, value: int | None, reason: str | None) -> None:
    assert outcome(formulas.arr(facts, last_months(6))) == (number(value), reason, ())


def test_money_is_scaled_as_in_the_tables() -> None:
    assert MONEY_SCALE == tables.MONEY_SCALE
