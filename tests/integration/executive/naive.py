"""The ten KPIs a second time: slowly, from raw rows, straight from their definitions.

Shares no code with the product. Months are counted from year 0, amounts are integers of 1/10,000
as in the tables, money comes out in the currency as an exact fraction.
"""

import calendar
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from itertools import pairwise
from typing import Any

Row = dict[str, Any]


def number(day: date) -> int:
    return day.year * 12 + day.month - 1


def label(month: int) -> str:
    return f"{month // 12:04}-{month % 12 + 1:02}"


def last_day(month: int) -> date:
    year, zero_based = divmod(month, 12)
    return date(year, zero_based + 1, calendar.monthrange(year, zero_based + 1)[1])


def from_label(text: str) -> int:
    return int(text[:4]) * 12 + int(text[5:]) - 1


@dataclass
class Answer:
    value: Fraction | None
    reason: str | None = None
    warnings: list[str] = field(default_factory=list)


@dataclass
class Naive:
    """Raw rows by kind, seen from one month's end."""

    company: dict[str, list[Row]]
    end: int
    step: int  # months in a period

    # Which months are covered.

    def events(self, column: str, month: int) -> list[Row]:
        rows = self.company["orders"]
        return [row for row in rows if row[column] and number(row[column]) == month]

    def has_orders(self, month: int) -> bool:
        return any(
            self.events(f"{name}_on", month) for name in ("booked", "recognized", "cancelled")
        )

    def given(self, month: int) -> Row | None:
        for row in self.company["revenue_trend"]:
            if row["period"] == label(month):
                return row
        return None

    def order_months(self) -> range:
        days = [
            row[name]
            for row in self.company["orders"]
            for name in ("booked_on", "recognized_on", "cancelled_on")
            if row[name]
        ]
        months = [number(day) for day in days]
        months += [from_label(row["period"]) for row in self.company["revenue_trend"]]
        return self.span(months)

    def span(self, months: list[int]) -> range:
        past = [month for month in months if month <= self.end]
        return range(min(past), max(past) + 1) if past else range(0)

    def covered(self, months: list[int]) -> list[int]:
        return [month for month in months if month in self.order_months()]

    # Monthly amounts, in 1/10,000.

    def flow(self, name: str, month: int) -> int:
        if self.has_orders(month):
            return sum(row["amount"] for row in self.events(f"{name}_on", month))
        row = self.given(month)
        return row[name] if row else 0

    def backlog_at(self, month: int) -> int:
        if self.has_orders(month):
            day = last_day(month)
            return sum(
                row["amount"]
                for row in self.company["orders"]
                if row["booked_on"] <= day
                and not (row["recognized_on"] and row["recognized_on"] <= day)
                and not (row["cancelled_on"] and row["cancelled_on"] <= day)
            )
        row = self.given(month)
        return row["backlog"] if row else self.backlog_at(month - 1)

    # The KPIs over the months of a window.

    def revenue(self, months: list[int]) -> Answer:
        covered = self.covered(months)
        if not covered:
            return Answer(None, "no_data")
        return Answer(
            Fraction(sum(self.flow("recognized", month) for month in covered), 10_000),
            warnings=partial(covered, months),
        )

    def backlog(self, months: list[int]) -> Answer:
        if months[-1] not in self.order_months():
            return Answer(None, "no_data")
        return Answer(Fraction(self.backlog_at(months[-1]), 10_000))

    def uptime(self, months: list[int]) -> Answer:
        rows = self.company["uptime"]
        known = self.span([from_label(row["period"]) for row in rows])
        covered = [month for month in months if month in known]
        if not covered:
            return Answer(None, "no_data")
        inside = [row for row in rows if from_label(row["period"]) in covered]
        up = sum(Fraction(row["up_seconds"]) * Fraction(row["weight"]) for row in inside)
        seen = sum(Fraction(row["observed_seconds"]) * Fraction(row["weight"]) for row in inside)
        warnings = partial(covered, months)
        return Answer(up / seen, None, warnings) if seen else zero(warnings)

    def nrr(self, months: list[int]) -> Answer:
        by_month = {from_label(row["period"]): row for row in self.company["retention"]}
        rows = [by_month[month] for month in months if month in by_month and month <= self.end]
        if len(rows) < len(months):
            return Answer(None, "no_data")
        kept = rows[0]["opening_mrr"]
        for row in rows:
            kept += row["expansion_mrr"] - row["churned_mrr"] - (row["contraction_mrr"] or 0)
        opening = rows[0]["opening_mrr"]
        return Answer(Fraction(kept, opening)) if opening else zero([])

    def gm(self, months: list[int]) -> Answer:
        known = [m for m in self.covered(months) if self.has_orders(m) or not self.given(m)]
        return self.margin(known, months)

    def margin(self, known: list[int], months: list[int]) -> Answer:
        recognized = [row for month in known for row in self.events("recognized_on", month)]
        rows = [row for row in recognized if row["profit"] is not None]
        if not known or (recognized and not rows):
            return Answer(None, "no_data")
        warnings = partial(known, months)
        warnings += ["profit_missing"] if len(rows) < len(recognized) else []
        amount = sum(row["amount"] for row in rows)
        if amount <= 0:
            return zero(warnings)
        return Answer(Fraction(sum(row["profit"] for row in rows), amount), None, warnings)

    def payback(self, months: list[int]) -> Answer:
        expenses = [
            row for row in self.company["expenses"] if number(row["incurred_on"]) <= self.end
        ]
        selling = [row for row in expenses if row["category"] == "sales_marketing"]
        retention = {from_label(row["period"]): row for row in self.company["retention"]}
        retention = {month: row for month, row in retention.items() if month <= self.end}
        known = [
            month
            for month in self.covered(months)
            if (self.has_orders(month) or not self.given(month))
            and month in self.span([number(row["incurred_on"]) for row in expenses])
            and month in self.span(list(retention))
        ]
        margin = self.margin(known, months)
        new_ever = any(row["new_mrr"] is not None for row in retention.values())
        if not selling or not new_ever or margin.reason == "no_data":
            return Answer(None, "no_data")
        new = sum((retention[m]["new_mrr"] or 0) for m in known if m in retention)
        if new <= 0 or (margin.value is not None and margin.value <= 0):
            return Answer(None, "not_recovered", margin.warnings)
        if margin.value is None:
            return zero(margin.warnings)
        cost = sum(row["amount"] for row in selling if number(row["incurred_on"]) in known)
        return Answer(Fraction(cost) / (new * margin.value), None, margin.warnings)

    def book_to_bill(self, months: list[int]) -> Answer:
        covered = self.covered(months)
        if not covered:
            return Answer(None, "no_data")
        warnings = partial(covered, months)
        booked = sum(self.flow("booked", month) for month in covered)
        recognized = sum(self.flow("recognized", month) for month in covered)
        return (
            Answer(Fraction(booked, recognized), None, warnings)
            if recognized > 0
            else zero(warnings)
        )

    def coverage_months(self, months: list[int]) -> Answer:
        end = months[-1]
        if end not in self.order_months():
            return Answer(None, "no_data")
        history = self.covered([end - 5, end - 4, end - 3, end - 2, end - 1, end])
        if len(history) < 3:
            return Answer(None, "too_little_history")
        warnings = ["short_history"] if len(history) < 6 else []
        mean = Fraction(sum(self.flow("recognized", month) for month in history), len(history))
        return Answer(self.backlog_at(end) / mean, None, warnings) if mean > 0 else zero(warnings)

    def arr(self, months: list[int]) -> Answer:
        def recurring(month: int) -> list[Row]:
            rows = self.events("recognized_on", month)
            return [row for row in rows if row["type"] in ("subscription", "recurring")]

        end = months[-1]
        only_given = not self.has_orders(end) and self.given(end) is not None
        ever = any(recurring(month) for month in self.order_months() if month <= end)
        if end not in self.order_months() or only_given or not ever:
            return Answer(None, "no_data")
        return Answer(12 * Fraction(sum(row["amount"] for row in recurring(end)), 10_000))

    # The forecast made at this end.

    def forecast(self, _months: list[int] | None = None) -> Answer:
        today = last_day(self.end)
        horizon = range(self.end + 1, self.end + 1 + self.step)
        there = [
            row
            for row in self.company["pipeline"]
            if row["created_on"] is None or row["created_on"] <= today
        ]
        closed = [row for row in there if row["closed_on"] and row["closed_on"] <= today]
        counted = [
            row
            for row in there
            if row not in closed and number(row["expected_close_on"]) in horizon
        ]
        year = [row for row in closed if number(row["closed_on"]) > self.end - 12]
        won = sum(row["amount"] for row in year if row["outcome"] == "won")
        lost = sum(row["amount"] for row in year if row["outcome"] == "lost")
        rate = Fraction(won, won + lost) if won + lost else None
        rates = [rate if row["win_rate"] is None else Fraction(row["win_rate"]) for row in counted]
        if (rate is None and not counted) or None in rates:
            return self.trend()
        expected = sum(
            (
                Fraction(row["amount"], 10_000) * own
                for row, own in zip(counted, rates, strict=True)
                if own is not None
            ),
            start=Fraction(0),
        )
        return Answer(expected)

    def trend(self) -> Answer:
        months = self.covered([self.end - 2, self.end - 1, self.end])
        if len(months) < 3:
            return Answer(None, "too_little_history")
        recognized = sum(self.flow("recognized", month) for month in months)
        return Answer(Fraction(recognized, 10_000) / 3 * Fraction("1.02") * self.step)

    def earlier(self, end: int) -> "Naive":
        return Naive(self.company, end, self.step)

    def interval(self, most: int) -> tuple[Fraction, Fraction] | None:
        made = self.forecast().value
        errors = []
        for ago in range(most):
            last = self.end - ago * self.step
            period = list(range(last - self.step + 1, last + 1))
            forecast = self.earlier(last - self.step).forecast().value
            if forecast is not None and len(self.covered(period)) == self.step:
                actual = sum(self.flow("recognized", month) for month in period)
                errors.append(Fraction(actual, 10_000) - forecast)
        if made is None or len(errors) < 6:
            return None
        errors.sort()
        low, high = (quantile(errors, Fraction(tenths, 10)) for tenths in (1, 9))
        return made + min(low, Fraction(0)), made + max(high, Fraction(0))


def quantile(ordered: list[Fraction], probability: Fraction) -> Fraction:
    """The value that a line through (i / (n + 1), i-th value) has at ``probability``."""
    points = [(Fraction(rank, len(ordered) + 1), value) for rank, value in enumerate(ordered, 1)]
    if probability <= points[0][0]:
        return points[0][1]
    for (left, low), (right, high) in pairwise(points):
        if probability <= right:
            return low + (high - low) * (probability - left) / (right - left)
    return points[-1][1]


def partial(covered: list[int], months: list[int]) -> list[str]:
    return ["partial_window"] if len(covered) < len(months) else []


def zero(warnings: list[str]) -> Answer:
    return Answer(None, "zero_denominator", warnings)


def window_end(as_of: date, quarterly: bool, fiscal_start: int) -> int:
    """The last month that is complete; of a quarter, the last month whose quarter is."""
    month = number(as_of)
    if as_of != last_day(month):
        month -= 1
    while quarterly and (month % 12 + 1 - fiscal_start) % 3 != 2:
        month -= 1
    return month
