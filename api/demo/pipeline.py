"""Deals: every month's expected business, won or lost by its stage's odds."""

import random
from collections.abc import Iterator, Mapping
from datetime import timedelta

from api.calendar import Month
from api.demo.company import Calendar, Customer, amount, chance

DEALS_A_MONTH = 30
MONTHS_AHEAD = 5
FEWER_AHEAD = 0.78  # of a month's deals are known a month earlier, beyond the next quarter
ACCURACY = (0.94, 1.06)  # of the expected value against what was recognized in the end
YEARLY_GROWTH = 1.1  # assumed for months that are not over
STAGES = {"Qualified": 0.15, "Solution": 0.35, "Proposal": 0.55, "Negotiation": 0.8}
OPEN_DAYS = (95, 210)  # so that a quarter's deals are known when it begins
SLIP_DAYS = (-20, 12)
DEAL_NAMES = ("expansion", "renewal", "new site", "retrofit", "pilot", "rollout")


def deals(
    calendar: Calendar, customers: tuple[Customer, ...], revenue: Mapping[Month, int]
) -> Iterator[tuple[object, ...]]:
    """Deals whose expected value of a month is near the revenue that it brought or may bring.

    ``revenue`` is recognized pence of the months that are over.
    """
    draw = chance("pipeline")
    last = calendar.last_complete
    for offset in range(-len(revenue) + 1, MONTHS_AHEAD + 1):
        month = last.plus(offset)
        known = FEWER_AHEAD ** max(offset - 3, 0)
        value = _value(revenue, month) * draw.uniform(*ACCURACY) * known
        yield from _month_of_deals(draw, calendar, customers, month, value, known)


def _value(revenue: Mapping[Month, int], month: Month) -> float:
    if month in revenue:
        return revenue[month]
    return revenue[month.plus(-12)] * YEARLY_GROWTH


def _month_of_deals(
    draw: random.Random,
    calendar: Calendar,
    customers: tuple[Customer, ...],
    month: Month,
    value: float,
    known: float,
) -> Iterator[tuple[object, ...]]:
    number = max(round(DEALS_A_MONTH * known), 1)
    sizes = [draw.uniform(0.3, 2) for _ in range(number)]
    stages = [_stage(draw, calendar, month) for _ in range(number)]
    expected = sum(size * STAGES[stage] for size, stage in zip(sizes, stages, strict=True))
    buyers = [customer for customer in customers if customer.since <= month]
    for serial, (size, stage) in enumerate(zip(sizes, stages, strict=True), start=1):
        pence = round(value * size / expected / 1_000) * 1_000
        yield _deal(draw, calendar, f"D-{month.label}-{serial:02}", month, stage, pence, buyers)


def _deal(
    draw: random.Random,
    calendar: Calendar,
    deal_id: str,
    month: Month,
    stage: str,
    pence: int,
    buyers: list[Customer],
) -> tuple[object, ...]:
    expected = month.first_day + timedelta(draw.randrange(month.days))
    created = min(expected - timedelta(draw.randint(*OPEN_DAYS)), calendar.through)
    # Not before its month, so that what was expected of a month was open when it began.
    closed = max(expected + timedelta(draw.randint(*SLIP_DAYS)), created, month.first_day)
    won = draw.random() < STAGES[stage]
    name = f"{draw.choice(buyers).name}: {draw.choice(DEAL_NAMES)}"
    is_closed = closed <= calendar.through
    return (
        deal_id,
        name,
        stage,
        amount(pence),
        created,
        expected,
        STAGES[stage],
        closed if is_closed else None,
        _outcome(won=won) if is_closed else None,
    )


def _stage(draw: random.Random, calendar: Calendar, month: Month) -> str:
    """The stage a deal is in, or was in when it closed: the nearer, the further."""
    ahead = max(month.since(calendar.last_complete) - 1, 0)
    names = tuple(STAGES)
    weights = (2 + 2 * ahead, 4 + ahead, 5, max(6 - 2 * ahead, 1))
    return draw.choices(names, weights)[0]


def _outcome(*, won: bool) -> str:
    return "won" if won else "lost"
