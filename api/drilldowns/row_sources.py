"""Which rows are behind a number: just those that its value was computed from."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import or_
from sqlalchemy.orm import Session

from api.calendar import Month, Window
from api.drilldowns import queries
from api.drilldowns.queries import RowSource
from api.drivers import elements
from api.drivers.formulas import turns_months
from api.drivers.metrics import INVENTORY_TURNS, PIPELINE, Metric
from api.drivers.values import stock_facts
from api.executive.facts import Facts
from api.executive.forecasting import TREND_MONTHS, WIN_RATE_MONTHS
from api.executive.formulas import KpiResult, payback_months
from api.executive.kpis import KpiKey
from api.storage import selections
from api.storage.selections import Condition


@dataclass(frozen=True)
class Number:
    """A value and what it was computed from."""

    facts: Facts
    window: Window
    result: KpiResult
    only: Condition | None = None  # of which rows, where not of all


def row_sources(session: Session, metric: Metric, number: Number) -> list[RowSource]:
    """The kinds of rows behind a number; none where there are no data for it."""
    return [source.only(number.only) for source in _whole(session, metric, number)]


def _whole(session: Session, metric: Metric, number: Number) -> list[RowSource]:
    if number.result.reason == "no_data" or number.result.is_static:
        return []
    if metric.name == PIPELINE:
        open_deals = selections.open_deals(number.window.end_date)
        return [queries.deal_rows("pipeline", open_deals)]
    if metric.name == INVENTORY_TURNS:
        return _inventory_turns(session, number)
    assert metric.kpi is not None
    if metric.kpi is KpiKey.FORECAST:
        return _forecast(session, number)
    return _SOURCES[metric.kpi](number)


def _revenue(number: Number) -> list[RowSource]:
    window = number.window
    recognized = selections.recognized(window.start_date, window.end_date)
    return [queries.order_rows(recognized), *_given(number, window.months)]


def _backlog(number: Number) -> list[RowSource]:
    months = _given_backlog(number)
    if months:
        return [queries.given_trend_rows(months)]
    return [queries.order_rows(selections.in_backlog(number.window.end_date))]


def _gm(number: Number) -> list[RowSource]:
    window = number.window
    return [
        queries.order_rows(selections.recognized_with_profit(window.start_date, window.end_date))
    ]


def _book_to_bill(number: Number) -> list[RowSource]:
    first, end = number.window.start_date, number.window.end_date
    counted = {
        "booked": selections.booked(first, end),
        "recognized": selections.recognized(first, end),
    }
    months = number.window.months
    return [queries.order_rows(or_(*counted.values()), counted), *_given(number, months)]


def _coverage_months(number: Number) -> list[RowSource]:
    months = elements.coverage_history(number.facts, number.window)
    end = number.window.end_date
    counted = {"recognized": selections.recognized(months[0].first_day, end)}
    given_backlog = _given_backlog(number)
    if not given_backlog:
        counted = {"backlog": selections.in_backlog(end)} | counted
    given = sorted({*given_backlog, *_given_months(number.facts, months)})
    orders = queries.order_rows(or_(*counted.values()), counted)
    return [orders, *([queries.given_trend_rows(given)] if given else [])]


def _arr(number: Number) -> list[RowSource]:
    month = number.window.last_month
    return [queries.order_rows(selections.recognized_recurring(month.first_day, month.last_day))]


def _uptime(number: Number) -> list[RowSource]:
    return [queries.uptime_rows(number.window.months)]


def _nrr(number: Number) -> list[RowSource]:
    return [queries.retention_rows(number.window.months)]


def _payback(number: Number) -> list[RowSource]:
    months = payback_months(number.facts, number.window)
    if not months:
        return []
    with_profit = (selections.recognized_with_profit(m.first_day, m.last_day) for m in months)
    return [
        queries.expense_rows(selections.SALES_MARKETING, months),
        queries.retention_rows(months),
        queries.order_rows(or_(*with_profit)),
    ]


def _forecast(session: Session, number: Number) -> list[RowSource]:
    window, horizon = number.window, number.result.horizon
    assert horizon is not None
    if number.result.method == "trend":
        months = [window.last_month.plus(-ago) for ago in reversed(range(TREND_MONTHS))]
        recognized = selections.recognized(months[0].first_day, window.end_date)
        return [queries.order_rows(recognized), *_given(number, months)]
    end = window.end_date
    due = selections.deals_due(end, horizon.months[0].first_day, horizon.last_month.last_day)
    sources = [queries.deal_rows("deals_due", due)]
    if queries.lacks_win_rate(session, due):  # then the deals of the past year decide, too
        year = window.last_month.plus(1 - WIN_RATE_MONTHS)
        sources.append(
            queries.deal_rows("closed_deals", selections.closed_deals(end, year.first_day))
        )
    return sources


def _inventory_turns(session: Session, number: Number) -> list[RowSource]:
    stock = stock_facts(session, number.facts, number.window)
    months = turns_months(stock, number.window)
    return [queries.expense_rows(selections.COGS, months), queries.inventory_rows(months)]


def _given(number: Number, months: Sequence[Month]) -> list[RowSource]:
    given = _given_months(number.facts, months)
    return [queries.given_trend_rows(given)] if given else []


def _given_months(facts: Facts, months: Iterable[Month]) -> list[Month]:
    """Those of the months that are known by imported totals."""
    return [
        month for month in months if month in facts.orders and facts.orders[month].source == "given"
    ]


def _given_backlog(number: Number) -> list[Month]:
    """The month whose imported total is the backlog at the window's end, if one is."""
    end = number.window.last_month
    if not elements.backlog_is_given(number.facts, end):
        return []
    return [month for month in _given_months(number.facts, number.facts.orders) if month <= end][
        -1:
    ]


_SOURCES: dict[KpiKey, Callable[[Number], list[RowSource]]] = {
    KpiKey.BACKLOG: _backlog,
    KpiKey.UPTIME: _uptime,
    KpiKey.NRR: _nrr,
    KpiKey.GM: _gm,
    KpiKey.PAYBACK: _payback,
    KpiKey.REVENUE: _revenue,
    KpiKey.BOOK_TO_BILL: _book_to_bill,
    KpiKey.COVERAGE_MONTHS: _coverage_months,
    KpiKey.ARR: _arr,
}
