"""What can be asked for in depth: the ten KPIs, and two metrics that only drill-down pages show."""

from dataclasses import dataclass

from api.errors import NotFound
from api.executive.kpis import DELTA_UNITS, SPECS, DeltaUnit, KpiKey, ValueUnit

PIPELINE = "pipeline"
INVENTORY_TURNS = "inventory_turns"


@dataclass(frozen=True)
class Metric:
    """What is fixed about a metric. ``kpi`` is None for the two that are not KPIs."""

    name: str
    label: str
    unit: ValueUnit
    definition: str
    page: str
    kpi: KpiKey | None = None

    @property
    def delta_unit(self) -> DeltaUnit:
        """What a change is measured in."""
        return DELTA_UNITS[self.unit]


METRICS: dict[str, Metric] = {
    **{
        str(key): Metric(str(key), spec.label, spec.unit, spec.definition, spec.drilldown, key)
        for key, spec in SPECS.items()
    },
    PIPELINE: Metric(
        PIPELINE,
        "Open Pipeline",
        "money",
        "Amounts of the deals that existed at the end of the window and were not closed by then.",
        "/sales/kpis/pipeline",
    ),
    INVENTORY_TURNS: Metric(
        INVENTORY_TURNS,
        "Inventory Turns",
        "x",
        "Cost of goods sold, annualised, divided by the mean month-end inventory.",
        "/supply/kpis/inventory_turns",
    ),
}


def known_metric(name: str) -> Metric:
    """The metric of a path. Raises ``NotFound`` for any other name."""
    if name not in METRICS:
        raise NotFound(f"There is no KPI {name[:40]!r}; there are {', '.join(METRICS)}.")
    return METRICS[name]
