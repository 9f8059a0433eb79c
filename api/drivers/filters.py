"""Which elements of dimensions an answer is about: ``region=West&segment=Consumer``."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import Depends
from sqlalchemy import and_

from api.drivers import queries
from api.drivers.bridges import DEAL_ATTRIBUTES, SERVICE
from api.drivers.elements import ATTRIBUTES
from api.drivers.metrics import INVENTORY_TURNS, PIPELINE
from api.errors import BadRequest
from api.executive.kpis import KpiKey
from api.schema import query_text
from api.storage.selections import Condition

Filters = tuple[tuple[str, str], ...]
"""Dimensions with the element that people see; none is the whole company."""

NO_FILTERS: Filters = ()
LONGEST = 200

# A forecast's deals share the win rate of all deals, and NRR and payback know no elements.
FILTERS: dict[str, tuple[str, ...]] = {
    KpiKey.BACKLOG: ATTRIBUTES,
    KpiKey.UPTIME: (SERVICE,),
    KpiKey.NRR: (),
    KpiKey.GM: ATTRIBUTES,
    KpiKey.PAYBACK: (),
    KpiKey.REVENUE: ATTRIBUTES,
    KpiKey.BOOK_TO_BILL: ATTRIBUTES,
    KpiKey.COVERAGE_MONTHS: ATTRIBUTES,
    KpiKey.ARR: ATTRIBUTES,
    KpiKey.FORECAST: (),
    PIPELINE: DEAL_ATTRIBUTES,
    INVENTORY_TURNS: (),
}

_MEANING = "Only this element of the dimension, by the name that breakdowns show."
_Element = Annotated[str | None, query_text(_MEANING, LONGEST, min_length=1)]
_Type = Annotated[str | None, query_text(_MEANING, LONGEST, min_length=1, alias="type")]


def _of_orders(
    region: _Element = None,
    segment: _Element = None,
    product: _Element = None,
    customer: _Element = None,
    type_: _Type = None,
) -> Filters:
    asked = {
        "region": region,
        "segment": segment,
        "product": product,
        "customer": customer,
        "type": type_,
    }
    return _given(asked)


def _of_others(service: _Element = None, stage: _Element = None, deal: _Element = None) -> Filters:
    return _given({"service": service, "stage": stage, "deal": deal})


def _given(asked: Mapping[str, str | None]) -> Filters:
    return tuple((name, element) for name, element in asked.items() if element is not None)


def _requested_filters(
    of_orders: Annotated[Filters, Depends(_of_orders)],
    of_others: Annotated[Filters, Depends(_of_others)],
) -> Filters:
    return of_orders + of_others


RequestedFilters = Annotated[Filters, Depends(_requested_filters)]


def check_filters(metric: str, filters: Filters, allowed: tuple[str, ...]) -> None:
    """Raise ``BadRequest`` for a dimension that a metric cannot be filtered by."""
    for name, _ in filters:
        if name not in allowed:
            names = ", ".join(allowed) or "none"
            raise BadRequest(f"{name}: {metric} cannot be filtered by it; allowed: {names}")


def order_condition(filters: Filters) -> Condition | None:
    """The orders of all these elements; None where nothing is asked of orders."""
    asked = [queries.order_element(*each) for each in filters if each[0] in ATTRIBUTES]
    return and_(*asked) if asked else None


def deal_condition(filters: Filters) -> Condition | None:
    """The deals of all these elements; None where nothing is asked of deals."""
    asked = [queries.deal_element(*each) for each in filters if each[0] in DEAL_ATTRIBUTES]
    return and_(*asked) if asked else None


def service_of(filters: Filters) -> str | None:
    """The service that is asked for."""
    return dict(filters).get(SERVICE)
