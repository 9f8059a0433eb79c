"""Which rows a number is about: conditions that sums, breakdowns and lists of rows share."""

from datetime import date

from sqlalchemy import ColumnElement, and_, or_

from api.storage.tables import expenses, orders, pipeline

Condition = ColumnElement[bool]

RECURRING_TYPES = ("subscription", "recurring")


def booked(first: date, last: date) -> Condition:
    """Orders booked from ``first`` to ``last``, both included."""
    return orders.c.booked_on.between(first, last)


def recognized(first: date, last: date) -> Condition:
    """Orders recognized from ``first`` to ``last``, both included."""
    return orders.c.recognized_on.between(first, last)


def recognized_with_profit(first: date, last: date) -> Condition:
    """Those of them whose profit is known."""
    return and_(recognized(first, last), orders.c.profit.is_not(None))


def recognized_recurring(first: date, last: date) -> Condition:
    """Those of them that come back every month."""
    return and_(recognized(first, last), orders.c.type.in_(RECURRING_TYPES))


def cancelled(first: date, last: date) -> Condition:
    """Orders cancelled from ``first`` to ``last``, both included."""
    return orders.c.cancelled_on.between(first, last)


def in_backlog(end: date) -> Condition:
    """Orders booked by the end of a day and neither recognized nor cancelled by then."""
    return and_(
        orders.c.booked_on <= end,
        or_(orders.c.recognized_on.is_(None), orders.c.recognized_on > end),
        or_(orders.c.cancelled_on.is_(None), orders.c.cancelled_on > end),
    )


def existing_deals(end: date) -> Condition:
    """Deals created by the end of a day; one without a date always existed."""
    return or_(pipeline.c.created_on.is_(None), pipeline.c.created_on <= end)


def open_deals(end: date) -> Condition:
    """Deals that existed at the end of a day and were not closed by then."""
    return and_(
        existing_deals(end), or_(pipeline.c.closed_on.is_(None), pipeline.c.closed_on > end)
    )


def new_deals(before: date, end: date) -> Condition:
    """Deals created after the end of one day, by the end of another, that were not closed yet."""
    return and_(
        pipeline.c.created_on > before,
        pipeline.c.created_on <= end,
        or_(pipeline.c.closed_on.is_(None), pipeline.c.closed_on > before),
    )


def deals_due(end: date, first: date, last: date) -> Condition:
    """Deals open at the end of a day that are expected to close from ``first`` to ``last``."""
    return and_(open_deals(end), pipeline.c.expected_close_on.between(first, last))


def closed_deals(end: date, first: date) -> Condition:
    """Deals that existed at the end of a day and were closed from ``first`` until then."""
    return and_(existing_deals(end), pipeline.c.closed_on.between(first, end))


# Categories of expenses that numbers are made of.
SALES_MARKETING = "sales_marketing"
COGS = "cogs"


def spent(category: str, first: date, last: date) -> Condition:
    """Expenses of one category from ``first`` to ``last``, both included."""
    return and_(expenses.c.category == category, expenses.c.incurred_on.between(first, last))
