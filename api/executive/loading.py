"""Reads the facts behind the numbers, in a handful of bounded questions."""

from decimal import Decimal
from fractions import Fraction

from sqlalchemy.orm import Session

from api.calendar import Window
from api.executive import queries
from api.executive.facts import Facts
from api.executive.forecasting import MOST_ERRORS, WIN_RATE_MONTHS


def load_facts(
    session: Session, window: Window, payback_static_months: Decimal | None = None
) -> Facts:
    """What was known at the window's end, T: enough for every KPI over this window.

    That covers any shorter window that ends at T, the windows before and a year ago, the
    sparkline's periods and the forecasts made in the past.
    """
    end = window.last_month
    earliest = (window.previous, window.year_ago, window.sparkline[0])
    first = min(each.months[0] for each in earliest)
    earliest_forecast = window.history(MOST_ERRORS[window.granularity] + 1).periods[0].last_month
    return Facts(
        end,
        trend=queries.order_months(session, end),
        expenses=queries.expense_months(session, first, end),
        expense_span=queries.expense_span(session, end),
        has_sales_marketing=queries.has_sales_marketing(session, end),
        retention=queries.retention_months(session, end),
        services=queries.service_months(session, end),
        deals=queries.deals(
            session,
            expected_from=earliest_forecast.plus(1),
            closed_from=earliest_forecast.plus(1 - WIN_RATE_MONTHS),
            to=window.next_period.last_month,
        ),
        payback_static_months=(
            None if payback_static_months is None else Fraction(payback_static_months)
        ),
        goals=queries.goals(session),
    )
