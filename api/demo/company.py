"""The demonstration company: what it sells, to whom, and what has gone wrong lately.

Everything follows from a seed and the last day that has data, so that the same day always
gives the same company. All amounts are in pence (1/100 of the currency).
"""

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import product

from api.calendar import Month, last_complete_month

SEED = "execdash demo"
MONTHS = 36

REGIONS = {"UK & Ireland": 38, "DACH": 24, "Nordics": 16, "Southern Europe": 22}
SEGMENTS = {"Enterprise": 14, "Mid-market": 36, "Small business": 50}  # in a hundred
STRIDE = 37  # through the hundred, so that sizes alternate
INDUSTRIES = ("Manufacturing", "Logistics", "Utilities", "Food", "Chemicals", "Buildings")

# A discount war and air freight: gross margin points lost on one-off orders, oldest month first.
MARGIN_REGION = "Southern Europe"
MARGIN_LOST = (0.12, 0.25, 0.38, 0.45)
# A component is missing: these orders wait, so the backlog grows.
LATE_PRODUCT = "Sensor gateways"
LATE_MONTHS = 2
LATE_DAYS = (45, 75)
LATE_SHARE = 0.4
FRAMEWORK_ORDERS = 26  # large orders of the late product, in the last complete month

FIRST_WORDS = (
    "Alder", "Amber", "Arden", "Aster", "Birch", "Bramble", "Calder", "Cobalt", "Copper", "Crane",
    "Dale", "Ember", "Fenwick", "Fjord", "Garnet", "Granite", "Harbour", "Hazel", "Heron",
    "Juniper", "Larch", "Linden", "Marlow", "Meadow", "Northgate", "Oakridge", "Orchard", "Pebble",
    "Quarry", "Ravens", "Rowan", "Saffron", "Slate", "Sorrel", "Tarn", "Thistle", "Umber", "Vale",
    "Willow", "Yarrow",
)  # fmt: skip
LAST_WORDS = (
    "Aggregates", "Bakeries", "Castings", "Cold Storage", "Components", "Dairies", "Engineering",
    "Fabrication", "Freight", "Glass", "Instruments", "Logistics", "Mills", "Packaging", "Paper",
    "Polymers", "Power", "Precision", "Properties", "Water",
)  # fmt: skip
LEGAL_FORMS = {
    "UK & Ireland": ("Ltd", "plc"),
    "DACH": ("GmbH", "AG"),
    "Nordics": ("AB", "AS"),
    "Southern Europe": ("SL", "SpA"),
}


@dataclass(frozen=True)
class Calendar:
    """Which months the company has data for, seen from the last day that has data."""

    through: date

    @property
    def months(self) -> tuple[Month, ...]:
        """Every month, the last of which may be running."""
        last = Month.of(self.through)
        return tuple(last.plus(offset) for offset in range(1 - MONTHS, 1))

    @property
    def last_complete(self) -> Month:
        """The last month that is over."""
        return last_complete_month(self.through)

    @property
    def complete_months(self) -> tuple[Month, ...]:
        """The months that are over."""
        return tuple(month for month in self.months if month <= self.last_complete)


@dataclass(frozen=True)
class Customer:
    """One customer; ``since`` is the month of the first business with it."""

    customer_id: str
    name: str
    industry: str
    segment: str
    region: str
    since: Month


def chance(part: str) -> random.Random:
    """Random numbers of one part of the company, so that parts do not disturb each other."""
    return random.Random(f"{SEED}: {part}")  # noqa: S311 - a plausible company, not a secret


def customers(months: tuple[Month, ...]) -> tuple[Customer, ...]:
    """Every customer there ever was: half from before the first month, then some each month."""
    draw = chance("customers")
    names = [f"{first} {last}" for first, last in product(FIRST_WORDS, LAST_WORDS)]
    draw.shuffle(names)
    founders = len(names) // 2
    kinds = [name for name, share in SEGMENTS.items() for _ in range(share)]
    segments = [kinds[number * STRIDE % len(kinds)] for number in range(len(names))]
    arrivals = _arrivals(segments[founders:], months)
    return tuple(
        _customer(
            draw,
            number + 1,
            name,
            segments[number],
            months[0].plus(-draw.randint(1, 40)) if number < founders else next(arrivals),
        )
        for number, name in enumerate(names)
    )


def _arrivals(segments: list[str], months: tuple[Month, ...]) -> Iterator[Month]:
    """When each newcomer comes: those of one size evenly, since sales are no lottery."""
    arrived: Counter[str] = Counter()
    for segment in segments:
        yield months[arrived[segment] * len(months) // segments.count(segment)]
        arrived[segment] += 1


def _customer(draw: random.Random, number: int, name: str, segment: str, since: Month) -> Customer:
    region = weighted(draw, REGIONS)
    return Customer(
        customer_id=f"C-{number:04}",
        name=f"{name} {draw.choice(LEGAL_FORMS[region])}",
        industry=draw.choice(INDUSTRIES),
        segment=segment,
        region=region,
        since=since,
    )


def weighted(draw: random.Random, weights: dict[str, int]) -> str:
    """One of the names, by weight."""
    return draw.choices(tuple(weights), tuple(weights.values()))[0]


def amount(pence: int) -> str:
    """Pence as an import file writes them: ``-12.05``."""
    whole, rest = divmod(abs(pence), 100)
    return f"{'-' if pence < 0 else ''}{whole}.{rest:02}"
