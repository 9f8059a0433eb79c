"""What the ten KPIs are called, measured in and mean, each in one sentence.

The arithmetic is in ``formulas``; ``docs/kpis.md`` has the full definitions.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal


class KpiKey(StrEnum):
    """The ten KPIs, in the order of the screen: six cards, then four highlights."""

    BACKLOG = "backlog"
    UPTIME = "uptime"
    NRR = "nrr"
    GM = "gm"
    PAYBACK = "payback"
    REVENUE = "revenue"
    BOOK_TO_BILL = "book_to_bill"
    COVERAGE_MONTHS = "coverage_months"
    ARR = "arr"
    FORECAST = "forecast"


Direction = Literal["up", "down", "flat"]
GoodDirection = Literal["up", "down"]
Status = Literal["good", "watch", "act"]
ValueUnit = Literal["money", "ratio", "months", "x"]
DeltaUnit = Literal["money", "pp", "months", "x"]
DeltaReason = Literal[
    "no_previous",
    "previous_not_positive",
    "partial_window",
    "not_comparable",
    "static",
    "no_target",
]
Reason = Literal["no_data", "zero_denominator", "not_recovered", "too_little_history"]
Method = Literal["pipeline", "trend"]
Caution = Literal["partial_window", "short_history", "profit_missing", "unobserved_time"]
PartUnit = Literal["money", "ratio", "months", "x", "seconds", "count"]

DELTA_UNITS: dict[ValueUnit, DeltaUnit] = {
    "money": "money",
    "ratio": "pp",
    "months": "months",
    "x": "x",
}


@dataclass(frozen=True)
class KpiSpec:
    """What is fixed about a KPI. ``good_direction`` is what a target row may override."""

    key: KpiKey
    label: str
    unit: ValueUnit
    definition: str
    drilldown: str
    good_direction: GoodDirection = "up"

    @property
    def delta_unit(self) -> DeltaUnit:
        """What ``deltaAbs`` is measured in."""
        return DELTA_UNITS[self.unit]


SPECS: dict[KpiKey, KpiSpec] = {
    spec.key: spec
    for spec in (
        KpiSpec(
            KpiKey.BACKLOG,
            "Backlog",
            "money",
            "Orders booked by the end of the window that were neither recognized nor cancelled"
            " by then.",
            "/supply",
            "down",
        ),
        KpiSpec(
            KpiKey.UPTIME,
            "Uptime",
            "ratio",
            "Seconds up divided by seconds observed, weighted by service; time that nobody"
            " observed is left out.",
            "/operations/uptime",
        ),
        KpiSpec(
            KpiKey.NRR,
            "NRR",
            "ratio",
            "Net revenue retention: opening monthly recurring revenue less churn and contraction"
            " plus expansion, divided by the opening.",
            "/finance/kpis/nrr",
        ),
        KpiSpec(
            KpiKey.GM,
            "Gross Margin",
            "ratio",
            "Profit divided by amount, over recognized orders whose profit is known.",
            "/finance/kpis/gm",
        ),
        KpiSpec(
            KpiKey.PAYBACK,
            "CAC Payback",
            "months",
            "Sales and marketing expenses divided by the gross margin of new monthly recurring"
            " revenue: months until a new customer has paid back its cost.",
            "/finance/kpis/payback",
            "down",
        ),
        KpiSpec(
            KpiKey.REVENUE,
            "Recognized Revenue",
            "money",
            "Amounts of the orders recognized in the window; credit notes count as negative.",
            "/sales/kpis/revenue",
        ),
        KpiSpec(
            KpiKey.BOOK_TO_BILL,
            "Book-to-Bill",
            "x",
            "Amounts booked divided by amounts recognized in the window; billing itself is not"
            " tracked.",
            "/finance/kpis/revenue",
        ),
        KpiSpec(
            KpiKey.COVERAGE_MONTHS,
            "Coverage Months",
            "months",
            "Backlog divided by the mean monthly recognized revenue of the last six complete"
            " months.",
            "/supply",
        ),
        KpiSpec(
            KpiKey.ARR,
            "ARR",
            "money",
            "Twelve times the subscription and recurring amounts recognized in the last month of"
            " the window.",
            "/finance/kpis/arr",
        ),
        KpiSpec(
            KpiKey.FORECAST,
            "Forecast",
            "money",
            "Revenue expected in the next period: open deals times their win rates, or the recent"
            " trend where there is no pipeline.",
            "/sales/kpis/pipeline",
        ),
    )
}
