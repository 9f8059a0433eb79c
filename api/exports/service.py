"""The first screen's numbers as one table: a row a number."""

from collections.abc import Iterator
from datetime import datetime

from fastapi.responses import StreamingResponse
from sqlalchemy.orm import Session

from api.csv_files import Cell, exact
from api.executive.schemas import Dashboard, Kpi, Timeframe
from api.executive.service import compose, read
from api.executive.view import View
from api.settings import Settings
from api.table_files import TableFile

COLUMNS = (
    "section",
    "key",
    "label",
    "period",
    "value",
    "unit",
    "delta",
    "delta_abs",
    "delta_unit",
    "delta_reason",
    "compare",
    "status",
    "target",
    "reason",
    "warnings",
    "as_of",
)
TREND = {"recognized": "Recognized", "booked": "Booked", "backlog": "Backlog"}
RATE = "ratio"  # what has no unit on the screen

Row = dict[str, Cell]


def export(
    session: Session, now: datetime, settings: Settings, view: View, kind: TableFile
) -> StreamingResponse:
    """What the screen shows for a view, unrounded, as a download."""
    screen = compose(read(session, now, settings, view), now, settings, view)
    told: Row = {"compare": str(view.compare), "as_of": view.as_of.isoformat()}
    rows = (
        [(told | row).get(name) for name in COLUMNS]
        for row in _rows(screen, settings.currency_sign)
    )
    span = f"{screen.timeframe.start_date}-{screen.timeframe.end_date}"
    return kind.answer(COLUMNS, rows, f"executive-dashboard-{span}")


def _rows(screen: Dashboard, sign: str) -> Iterator[Row]:
    for kpi in screen.executiveKpis:
        yield _kpi_row(kpi, screen.timeframe)
    for point in screen.revenueTrend:
        yield from _trend_rows("trend", point.period, point.model_dump(), sign)
    if screen.running is not None:
        period = f"{screen.running.period} to {screen.running.through}"
        yield from _trend_rows("running", period, screen.running.model_dump(), sign)


def _kpi_row(kpi: Kpi, timeframe: Timeframe) -> Row:
    return {
        "section": "kpi",
        "key": kpi.key,
        "label": kpi.label,
        "period": kpi.horizon or f"{timeframe.start_date} to {timeframe.end_date}",
        "value": exact(kpi.value),
        "unit": kpi.unit or RATE,
        "delta": exact(kpi.delta),
        "delta_abs": exact(kpi.deltaAbs),
        "delta_unit": RATE if kpi.deltaUnit == "pp" else kpi.deltaUnit,  # unrounded, as the value
        "delta_reason": kpi.deltaReason,
        "status": kpi.status,
        "target": exact(kpi.target),
        "reason": kpi.reason,
        "warnings": "; ".join(kpi.warnings) or None,
    }


def _trend_rows(
    section: str, period: str, point: dict[str, float | None], sign: str
) -> Iterator[Row]:
    for key, label in TREND.items():
        yield {
            "section": section,
            "key": key,
            "label": label,
            "period": period,
            "value": exact(point[key]),
            "unit": sign,
        }
