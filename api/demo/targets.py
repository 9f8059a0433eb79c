"""What the company wants to reach, and from where on someone must watch or act."""

from collections.abc import Iterator, Mapping

from api.calendar import Month
from api.demo.company import Calendar

STANDING = (  # kpi, target, watch, act: the same for every month
    ("backlog", "900000", "1100000", "1700000"),
    ("uptime", "0.999", "0.998", "0.995"),
    ("nrr", "1.04", "1.01", "0.97"),
    ("gm", "0.53", "0.52", "0.46"),
    ("payback", "18", "24", "30"),
    ("book_to_bill", "1", "0.92", "0.85"),
    ("coverage_months", "0.6", None, None),
)
PLANNED_GROWTH = {"revenue": 1.04, "arr": 1.12}  # on the same month of the year before
WATCH, ACT = 0.9, 0.82  # of the plan


def targets(
    calendar: Calendar, revenue: Mapping[Month, int], recurring: Mapping[Month, int]
) -> Iterator[tuple[object, ...]]:
    """Standing lines, and a plan by month for recognized revenue and ARR (in: pence by month)."""
    for kpi, target, watch, act in STANDING:
        yield kpi, None, target, watch, act
    arr = {month: 12 * pence for month, pence in recurring.items()}
    for kpi, reached in (("revenue", revenue), ("arr", arr)):
        for month in calendar.complete_months:
            plan = reached.get(month, 0) * PLANNED_GROWTH[kpi]
            lines = (thousands(plan * share) for share in (1, WATCH, ACT))
            yield kpi, month.plus(12).label, *lines


def thousands(pence: float) -> str:
    """Whole thousands of the currency, as people set targets."""
    return str(round(pence / 100_000) * 1_000)
