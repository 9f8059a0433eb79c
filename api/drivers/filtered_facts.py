"""The facts of a part of the company: of some elements' orders, or of one service.

A month that the company's orders cover is covered for its part too, be it with nothing. Months
known by their totals have no parts: they are not covered. Targets and retention are the whole's.
"""

from collections.abc import Mapping
from dataclasses import asdict, replace

from sqlalchemy.orm import Session

from api.calendar import Month
from api.drivers import queries
from api.drivers.filters import Filters, order_condition, service_of
from api.executive.facts import Facts, OrderMonth
from api.storage.flows import Flows
from api.storage.selections import Condition

NOTHING = Flows()


def narrowed(session: Session, facts: Facts, filters: Filters) -> Facts:
    """The same facts, of those elements alone."""
    if not filters:
        return facts
    only, service = order_condition(filters), service_of(filters)
    services = facts.services
    if service is not None:
        services = [row for row in services if row.service == service]
    part = None if only is None else _months(session, facts, only)
    return replace(facts, part=part, services=services, goals=(), retention=())


def _months(session: Session, facts: Facts, only: Condition) -> Mapping[Month, OrderMonth]:
    """The months of some orders; none where there never was such an order."""
    flows = queries.month_flows(session, facts.end, only)
    months: dict[Month, OrderMonth] = {}
    backlog = 0
    for month in sorted(facts.orders) if flows else ():
        flow = flows.get(month, NOTHING)
        backlog += flow.booked - flow.recognized - flow.cancelled
        if facts.orders[month].source != "given":
            months[month] = OrderMonth(month, "orders", backlog=backlog, **asdict(flow))
    return months
