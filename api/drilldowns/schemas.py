"""Bodies of ``GET /api/kpis/{key}`` and ``GET /api/kpis/{key}/rows``."""

from typing import ClassVar, Literal

from api.drivers.schemas import Drivers
from api.executive.schemas import Card, Comparison, Reason, Timeframe
from api.schema import ResponseModel

ValueUnit = Literal["money", "ratio", "months", "x"]


class SeriesPoint(ResponseModel):
    """The KPI at one period. ``parts`` are its named inputs (money, months, seconds)."""

    absent_when_none: ClassVar[frozenset[str]] = frozenset({"reason"})

    period: str
    value: float | None
    reason: Reason | None = None
    parts: dict[str, float | None]


class BreakdownItem(ResponseModel):
    """One element of a dimension. ``share`` is of the total; for ratios, of the denominator."""

    name: str
    value: float | None
    share: float | None


class FormulaInput(ResponseModel):
    """One named number that went into the value."""

    name: str
    value: float | None
    unit: Literal["money", "ratio", "months", "x", "seconds", "count"]


class Formula(ResponseModel):
    """How the value was computed: the rule in words, then the same rule with its numbers."""

    text: str
    worked: str | None
    inputs: list[FormulaInput]


class KpiDetail(ResponseModel):
    """One KPI in depth.

    ``kpi`` is the number with its change: of one of the ten, as the first screen's card has it.
    ``filterable`` are the dimensions that a parameter of the same name picks one element of.
    ``row_counts`` counts the rows behind the value, by kind. ``rows`` links to them.
    ``warnings`` are the card's codes, then what else to know, in words.
    """

    absent_when_none: ClassVar[frozenset[str]] = frozenset({"comparison", "reason"})

    metric: str
    label: str
    unit: ValueUnit
    currency: str
    timeframe: Timeframe
    value: float | None
    reason: Reason | None = None
    definition: str
    series: list[SeriesPoint]
    by: str | None
    dimensions: list[str]
    filterable: list[str]
    breakdown: list[BreakdownItem]
    drivers: Drivers
    formula: Formula
    row_counts: dict[str, int]
    rows: str
    warnings: list[str]
    kpi: Card
    comparison: Comparison | None = None


class Rows(ResponseModel):
    """One page of the rows behind a number; values are as imported, money as decimal strings."""

    rows: list[dict[str, str | int | float | None]]
    total: int
    page: int
    page_size: int
