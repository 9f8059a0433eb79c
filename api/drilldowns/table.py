"""What a drill-down page shows as one table: a row a number, unrounded. Pure."""

from collections.abc import Iterator

from api.calendar import Window
from api.csv_files import Cell, exact
from api.drilldowns.schemas import KpiDetail
from api.drivers.filters import Filters
from api.drivers.schemas import Drivers
from api.executive.view import View

COLUMNS = (
    "section",
    "metric",
    "period",
    "by",
    "name",
    "kind",
    "value",
    "unit",
    "share",
    "delta",
    "delta_abs",
    "delta_unit",
    "delta_reason",
    "status",
    "target",
    "reason",
    "warnings",
    "filters",
    "range",
    "granularity",
    "compare",
    "as_of",
)

Row = dict[str, Cell]


def table(detail: KpiDetail, view: View, filters: Filters) -> Iterator[list[Cell]]:
    """The number, its inputs, its periods, its breakdown and what moved it; each row tells of what.

    A share is 0-1, a change of a rate is one of 0-1, too.
    """
    told: Row = {
        "metric": detail.metric,
        "filters": "; ".join(f"{name}={element}" for name, element in filters) or None,
        "range": str(view.range),
        "granularity": str(view.granularity),
        "compare": str(view.compare),
        "as_of": view.as_of.isoformat(),
    }
    for row in _rows(detail, view):
        whole = told | row
        yield [whole.get(name) for name in COLUMNS]


def _rows(detail: KpiDetail, view: View) -> Iterator[Row]:
    yield _value(detail, view.window)
    yield from _interval(detail)
    yield from _inputs(detail, view.window)
    yield from _series(detail)
    unit = _unit(detail.unit, detail.currency)
    for item in detail.breakdown:
        yield {
            "section": "breakdown",
            "period": _span(view.window),
            "by": detail.by,
            "name": item.name,
            "value": exact(item.value),
            "unit": unit,
            "share": exact(item.share),
        }
    yield from _drivers(detail.drivers, detail.currency, view)


def _value(detail: KpiDetail, window: Window) -> Row:
    return {
        "section": "value",
        "period": detail.kpi.horizon or _span(window),
        "name": detail.label,
        "value": exact(detail.value),
        "unit": _unit(detail.unit, detail.currency),
        "reason": detail.reason,
        "warnings": "; ".join(detail.warnings) or None,
        "delta": exact(detail.kpi.delta),
        "delta_abs": exact(detail.kpi.deltaAbs),
        "delta_unit": _unit(detail.kpi.deltaUnit, detail.currency),
        "delta_reason": detail.kpi.deltaReason,
        "status": detail.kpi.status,
        "target": exact(detail.kpi.target),
    }


def _interval(detail: KpiDetail) -> Iterator[Row]:
    if detail.kpi.interval is None:
        return
    interval = detail.kpi.interval
    for name, value in (("low", interval.low), ("high", interval.high)):
        yield {
            "section": "interval",
            "period": detail.kpi.horizon,
            "name": name,
            "value": exact(value),
            "unit": _unit(detail.unit, detail.currency),
        }


def _inputs(detail: KpiDetail, window: Window) -> Iterator[Row]:
    for part in detail.formula.inputs:
        yield {
            "section": "input",
            "period": _span(window),
            "name": part.name,
            "value": exact(part.value),
            "unit": _unit(part.unit, detail.currency),
        }


def _series(detail: KpiDetail) -> Iterator[Row]:
    units = {part.name: part.unit for part in detail.formula.inputs}
    for point in detail.series:
        yield {
            "section": "series",
            "period": point.period,
            "name": detail.label,
            "value": exact(point.value),
            "unit": _unit(detail.unit, detail.currency),
            "reason": point.reason,
        }
        for name, value in point.parts.items():
            yield {
                "section": "series_input",
                "period": point.period,
                "name": name,
                "value": exact(value),
                "unit": _unit(units[name], detail.currency) if name in units else None,
            }


def _drivers(drivers: Drivers, currency: str, view: View) -> Iterator[Row]:
    told: Row = {
        "section": "driver",
        "period": f"{_span(view.baseline)}, {_span(view.window)}",
        "by": drivers.by,
        "unit": _unit(drivers.unit, currency),
    }
    yield told | {"kind": "before", "period": _span(view.baseline), "value": exact(drivers.before)}
    for item in drivers.contributions:
        yield told | {"kind": item.kind, "name": item.name, "value": exact(item.effect)}
        if item.minutes_lost is not None and item.kind != "mix":
            lost: Row = {"kind": "minutes_lost", "period": _span(view.window), "unit": "minutes"}
            yield told | lost | {"name": item.name, "value": exact(item.minutes_lost)}
    if drivers.residual is not None:
        yield told | {"kind": "residual", "value": exact(drivers.residual)}
    now: Row = {"kind": "now", "period": _span(view.window), "value": exact(drivers.now)}
    yield told | now | {"reason": drivers.reason}


def _unit(unit: str, currency: str) -> str:
    """What a number is in; a change of a rate is unrounded, as the rate is."""
    return {"money": currency, "pp": "ratio"}.get(unit, unit)


def _span(window: Window) -> str:
    return f"{window.start_date} to {window.end_date}"
