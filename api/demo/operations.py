"""What it costs to run the company, how well its services run, and what it has in store."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta

from api.calendar import Month
from api.demo.company import Calendar, amount, chance

COST_LINES = {  # pence in the first month, and the lines it is made of
    "sales_marketing": (6_600_000, ("Payroll", "Advertising", "Events", "Partners")),
    "operations": (21_000_000, ("Payroll", "Hosting", "Rent", "Tools")),
    "other": (4_500_000, ("Insurance", "Legal", "Travel")),
}
COST_GROWTH = 1.006  # a month
COST_SPREAD = (0.94, 1.06)
COGS_LINES = ("Components", "Assembly", "Freight")

SERVICES = {  # weight, and what share of the time it is down in a usual month
    "Customer portal": ("3", 0.0003),
    "Ordering": ("3", 0.0002),
    "Data platform": ("2", 0.0004),
    "Partner API": ("2", 0.0005),
    "Mobile app": ("1", 0.0006),
}
OUTAGE_SERVICE, OUTAGE_HOURS = "Ordering", 14  # in the last complete month
UNOBSERVED = 0.002  # of the time at most: the probes were down themselves

STOCK_MONTHS = 1.7  # of cost of goods
STOCK_SPREAD = (0.95, 1.05)
STOCK_LEFT = (0.82, 0.7)  # of the usual stock while a component is missing

RISKS = (  # title, owner, days until due, mitigation, status
    (
        "Sensor gateway component single-sourced",
        "Priya Raman",
        -12,
        "Qualify a second supplier; pay for air freight until then.",
        "open",
    ),
    (
        "Discounts in Southern Europe below cost",
        "Marco Silva",
        9,
        "Approve one-off discounts above 15 % centrally; new price list.",
        "open",
    ),
    (
        "Ordering fails over by hand",
        "Jonas Weber",
        21,
        "Automate fail-over and rehearse it every month.",
        "mitigating",
    ),
    (
        "Two enterprise renewals in one quarter",
        "Helen Craig",
        48,
        "Executive sponsors named; renewal offers sent early.",
        "mitigating",
    ),
    (
        "Certification audit",
        "Aoife Byrne",
        95,
        "Gap analysis done; evidence collected weekly.",
        "monitored",
    ),
)


def expenses(
    calendar: Calendar, cost_of_goods: Mapping[Month, int]
) -> Iterator[tuple[object, ...]]:
    """Expense lines by month; ``cost_of_goods`` is pence by month, the running one included."""
    draw = chance("expenses")
    for index, month in enumerate(calendar.months):
        for category, (start, lines) in COST_LINES.items():
            total = round(start * COST_GROWTH**index * draw.uniform(*COST_SPREAD))
            yield from _lines(calendar, month, category, lines, total)
        yield from _lines(calendar, month, "cogs", COGS_LINES, cost_of_goods.get(month, 0))


def _lines(
    calendar: Calendar, month: Month, category: str, lines: tuple[str, ...], total: int
) -> Iterator[tuple[object, ...]]:
    """A month's total, in equal parts on days spread over the month."""
    for number, line in enumerate(lines):
        day = date(month.year, month.month, 2 + number * 24 // len(lines))
        part = total * (number + 1) // len(lines) - total * number // len(lines)
        if day <= calendar.through:
            yield f"E-{month.label}-{category}-{line.lower()}", day, category, amount(part)


def uptime(calendar: Calendar) -> Iterator[tuple[object, ...]]:
    """Seconds up and observed by service and month that is over."""
    draw = chance("uptime")
    for month in calendar.complete_months:
        for service, (weight, usually_down) in SERVICES.items():
            observed = round(month.days * 86_400 * (1 - draw.uniform(0, UNOBSERVED)))
            down = round(observed * usually_down * draw.uniform(0.2, 1.8))
            if month == calendar.last_complete and service == OUTAGE_SERVICE:
                down += OUTAGE_HOURS * 3_600
            yield service, month.label, observed - down, observed, weight


def inventory(
    calendar: Calendar, cost_of_goods: Mapping[Month, int]
) -> Iterator[tuple[object, ...]]:
    """Pence in store at each month's end; less lately."""
    draw = chance("inventory")
    months = calendar.complete_months
    usual = {month: STOCK_MONTHS * cost_of_goods.get(month, 0) for month in months}
    left = dict(zip(months[-len(STOCK_LEFT) :], STOCK_LEFT, strict=True))
    for month in months:
        value = usual[month] * draw.uniform(*STOCK_SPREAD) * left.get(month, 1)
        yield month.label, amount(round(value))


def risks(calendar: Calendar) -> Iterator[tuple[object, ...]]:
    """Open risks, one of them overdue."""
    today = calendar.through + timedelta(1)
    for title, owner, days, mitigation, status in RISKS:
        yield title, owner, today + timedelta(days), mitigation, status
