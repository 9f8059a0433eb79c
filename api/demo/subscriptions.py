"""Subscriptions: who pays how much each month, the orders that are, and what was lost and won."""

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from api.calendar import Month
from api.demo.company import Calendar, Customer, chance

SUBSCRIBERS = 0.72  # share of customers
SUPPORTED = 0.4  # share of subscribers with a support contract
SUPPORT_SHARE = 0.16  # of the subscription's price
PRICES = {  # pence a month
    "Enterprise": (320_000, 520_000),
    "Mid-market": (70_000, 130_000),
    "Small business": (12_000, 36_000),
}
PLATFORMS = {"Enterprise": "Insight Platform", "Mid-market": "Insight Platform"}
SMALL_PLATFORM = "Insight Lite"
MONTHLY_CHURN = {"Enterprise": 0.0025, "Mid-market": 0.006, "Small business": 0.013}
EXPANDS, EXPANSION = 0.034, (0.06, 0.3)
CONTRACTS, CONTRACTION = 0.007, (0.08, 0.25)
YEARLY_RISE = (0.03, 0.06)
MARGINS = {"subscription": (0.74, 0.82), "recurring": (0.62, 0.72)}
RECOGNIZED_WITHIN_DAYS = 2
LAST_BILLING_DAY = 26  # so that a bill is recognized in its own month


@dataclass(frozen=True)
class Account:
    """One subscriber: pence per month, from the month before the first to the last."""

    customer: Customer
    billing_day: int
    supported: bool
    monthly: tuple[int, ...]


@dataclass(frozen=True)
class Movements:
    """What moved monthly recurring revenue in one month, in pence."""

    period: str
    opening: int
    churned: int
    contraction: int
    expansion: int
    new: int


def accounts(calendar: Calendar, customers: tuple[Customer, ...]) -> tuple[Account, ...]:
    """Every subscriber's monthly payments."""
    draw = chance("subscriptions")
    months = (calendar.months[0].plus(-1), *calendar.months)
    seen: Counter[str] = Counter()
    found = []
    for customer in customers:
        seen[customer.segment] += 1
        turn = seen[customer.segment]
        if turn * SUBSCRIBERS // 1 > (turn - 1) * SUBSCRIBERS // 1:  # evenly among each size
            found.append(_account(draw, customer, months))
    return tuple(found)


def _account(draw: random.Random, customer: Customer, months: tuple[Month, ...]) -> Account:
    price = draw.randint(*PRICES[customer.segment])
    supported = draw.random() < SUPPORTED
    return Account(
        customer,
        draw.randint(1, LAST_BILLING_DAY),
        supported,
        tuple(_payments(draw, customer, months, price)),
    )


def _payments(
    draw: random.Random, customer: Customer, months: tuple[Month, ...], price: int
) -> Iterator[int]:
    for month in months:
        if month < customer.since:
            yield 0
            continue
        if month > max(customer.since, months[0]) and price:
            price = _next_price(draw, customer, month, price)
        yield price


def _next_price(draw: random.Random, customer: Customer, month: Month, price: int) -> int:
    turn = draw.random()
    churn = MONTHLY_CHURN[customer.segment]
    if turn < churn:
        return 0
    if turn < churn + EXPANDS:
        return _times(price, 1 + draw.uniform(*EXPANSION))
    if turn < churn + EXPANDS + CONTRACTS:
        return _times(price, 1 - draw.uniform(*CONTRACTION))
    if month.month == customer.since.month:
        return _times(price, 1 + draw.uniform(*YEARLY_RISE))
    return price


def orders(calendar: Calendar, subscribers: tuple[Account, ...]) -> Iterator[tuple[object, ...]]:
    """A subscription order a subscriber and month, and one for support where there is any."""
    draw = chance("subscription orders")
    for index, month in enumerate(calendar.months, start=1):
        for account in subscribers:
            for kind, pence in _lines(account, index):
                yield from _order(draw, calendar, account, month, kind, pence)


def movements(calendar: Calendar, subscribers: tuple[Account, ...]) -> Iterator[Movements]:
    """Month by month what the same orders add up to, for the months that are over."""
    for index, month in enumerate(calendar.complete_months, start=1):
        pairs = [(_recurring(a, index - 1), _recurring(a, index)) for a in subscribers]
        kept = [(before, now) for before, now in pairs if before and now]
        yield Movements(
            month.label,
            opening=sum(before for before, _ in pairs),
            churned=sum(before for before, now in pairs if not now),
            contraction=sum(before - now for before, now in kept if now < before),
            expansion=sum(now - before for before, now in kept if now > before),
            new=sum(now for before, now in pairs if not before),
        )


def _lines(account: Account, index: int) -> Iterator[tuple[str, int]]:
    price = account.monthly[index]
    if price:
        yield "subscription", price
    if price and account.supported:
        yield "recurring", _times(price, SUPPORT_SHARE)


def _recurring(account: Account, index: int) -> int:
    return sum(pence for _, pence in _lines(account, index))


def _order(
    draw: random.Random,
    calendar: Calendar,
    account: Account,
    month: Month,
    kind: str,
    pence: int,
) -> Iterator[tuple[object, ...]]:
    booked = date(month.year, month.month, account.billing_day)
    recognized = date(
        month.year, month.month, account.billing_day + draw.randint(0, RECOGNIZED_WITHIN_DAYS)
    )
    profit = _times(pence, draw.uniform(*MARGINS[kind]))
    if booked > calendar.through:
        return
    customer = account.customer
    platform = PLATFORMS.get(customer.segment, SMALL_PLATFORM)
    yield (
        f"{'S' if kind == 'subscription' else 'R'}-{month.label}-{customer.customer_id}",
        customer.customer_id,
        booked,
        recognized if recognized <= calendar.through else None,
        None,
        pence,
        profit,
        kind,
        platform if kind == "subscription" else "Premium support",
        customer.segment,
        customer.region,
    )


def _times(pence: int, factor: float) -> int:
    return round(pence * factor)
