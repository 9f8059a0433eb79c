"""One-off orders: equipment and services, ordered now and recognized when delivered."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from api.calendar import Month
from api.demo.company import (
    FRAMEWORK_ORDERS,
    LATE_DAYS,
    LATE_MONTHS,
    LATE_PRODUCT,
    LATE_SHARE,
    MARGIN_LOST,
    MARGIN_REGION,
    Calendar,
    Customer,
    chance,
    weighted,
)

ORDERS_A_MONTH = 520  # in the first month, before the season
MONTHLY_GROWTH = 1.009
SEASON = (0.94, 0.95, 1.04, 0.98, 1.0, 1.05, 0.95, 0.9, 1.03, 1.04, 1.07, 1.05)
CANCELLED, RETURNED = 0.018, 0.012
RETURN_DAYS = (10, 40)
SIZES = {"Enterprise": 3.2, "Mid-market": 1.4, "Small business": 0.6}
EAGERNESS = {"Enterprise": 3.0, "Mid-market": 1.5, "Small business": 0.8}
BATCH = 400_000  # pence, a framework order's base


@dataclass(frozen=True)
class Product:
    """One thing sold once: its price in pence, margin, and days until it is delivered."""

    price: tuple[int, int]
    margin: tuple[float, float]
    days: tuple[int, int]
    share: int


PRODUCTS = {
    LATE_PRODUCT: Product((60_000, 210_000), (0.36, 0.44), (12, 32), 34),
    "Edge controllers": Product((40_000, 150_000), (0.38, 0.46), (8, 24), 28),
    "Field services": Product((25_000, 120_000), (0.26, 0.36), (5, 30), 26),
    "Training": Product((15_000, 60_000), (0.46, 0.58), (5, 20), 12),
}


def orders(calendar: Calendar, customers: tuple[Customer, ...]) -> Iterator[tuple[object, ...]]:
    """Every one-off order booked by the last day, and the returns of some."""
    draw = chance("one-off orders")
    for index, month in enumerate(calendar.months):
        buyers = [customer for customer in customers if customer.since <= month]
        weights = [EAGERNESS[customer.segment] for customer in buyers]
        number = round(ORDERS_A_MONTH * MONTHLY_GROWTH**index * SEASON[month.month - 1])
        for serial, customer in enumerate(draw.choices(buyers, weights, k=number), start=1):
            name = weighted(draw, {name: product.share for name, product in PRODUCTS.items()})
            yield from _order(draw, calendar, f"O-{month.label}-{serial:04}", month, customer, name)
    yield from _framework_orders(calendar, customers)


def _order(
    draw: random.Random,
    calendar: Calendar,
    order_id: str,
    month: Month,
    customer: Customer,
    name: str,
) -> Iterator[tuple[object, ...]]:
    product = PRODUCTS[name]
    booked = _working_day(draw, month)
    pence = round(draw.randint(*product.price) * SIZES[customer.segment])
    profit = round(
        pence * (draw.uniform(*product.margin) - _margin_lost(calendar, customer, month))
    )
    days = LATE_DAYS if _is_late(draw, calendar, name, month) else product.days
    delivered = booked + timedelta(draw.randint(*days))
    fate = draw.random()
    back = delivered + timedelta(draw.randint(*RETURN_DAYS))
    if booked > calendar.through:
        return
    line = (customer.customer_id, pence, profit, name, customer.segment, customer.region)
    if fate < CANCELLED:
        yield _row(calendar, order_id, booked, None, delivered, line)
        return
    yield _row(calendar, order_id, booked, delivered, None, line)
    if fate > 1 - RETURNED and back <= calendar.through:
        returned = (line[0], -pence, -profit, *line[3:])
        yield _row(calendar, f"{order_id}-R", back, back, None, returned)


def _framework_orders(
    calendar: Calendar, customers: tuple[Customer, ...]
) -> Iterator[tuple[object, ...]]:
    """Large customers order ahead because the component is scarce."""
    draw = chance("framework orders")
    month = calendar.last_complete
    large = [c for c in customers if c.segment == "Enterprise" and c.since <= month]
    for serial, customer in enumerate(draw.sample(large, FRAMEWORK_ORDERS), start=1):
        booked = _working_day(draw, month)
        delivered = booked + timedelta(draw.randint(*LATE_DAYS))
        pence = round(BATCH * draw.uniform(2, 5))
        profit = round(pence * draw.uniform(*PRODUCTS[LATE_PRODUCT].margin))
        line = (
            customer.customer_id,
            pence,
            profit,
            LATE_PRODUCT,
            customer.segment,
            customer.region,
        )
        yield _row(calendar, f"F-{month.label}-{serial:02}", booked, delivered, None, line)


def _row(
    calendar: Calendar,
    order_id: str,
    booked: date,
    recognized: date | None,
    cancelled: date | None,
    line: tuple[object, ...],
) -> tuple[object, ...]:
    """An order as the import file has it: what lies in the future has not happened."""
    customer_id, pence, profit, product, segment, region = line
    return (
        order_id,
        customer_id,
        booked,
        recognized if recognized and recognized <= calendar.through else None,
        cancelled if cancelled and cancelled <= calendar.through else None,
        pence,
        profit,
        "one_off",
        product,
        segment,
        region,
    )


def _is_late(draw: random.Random, calendar: Calendar, name: str, month: Month) -> bool:
    is_short = name == LATE_PRODUCT and month > calendar.last_complete.plus(-LATE_MONTHS)
    return is_short and draw.random() < LATE_SHARE


def _margin_lost(calendar: Calendar, customer: Customer, month: Month) -> float:
    """Orders of the months in which the region sold too cheaply; it goes on since."""
    if customer.region != MARGIN_REGION:
        return 0.0
    step = month.since(calendar.last_complete.plus(-len(MARGIN_LOST)))
    return MARGIN_LOST[min(step, len(MARGIN_LOST)) - 1] if step > 0 else 0.0


def _working_day(draw: random.Random, month: Month) -> date:
    day = month.first_day + timedelta(draw.randrange(month.days))
    # Few order at weekends: move most of them to the Friday before, within the month.
    back = day.weekday() - 4
    return day - timedelta(back) if back > 0 and day.day > back and draw.random() < 0.85 else day
