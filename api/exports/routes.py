"""``GET /api/export.csv`` and ``.xlsx``: the first screen's numbers for a spreadsheet."""

from fastapi import APIRouter
from fastapi.responses import StreamingResponse

from api.dependencies import Now, Session, Settings
from api.executive.view import RequestedView
from api.exports import service
from api.storage.unit_of_work import TransactionalRoute
from api.table_files import CSV, XLSX

router = APIRouter(tags=["exports"], route_class=TransactionalRoute)


@router.get("/api/export.csv", response_class=StreamingResponse, responses=CSV.responses)
def export_csv(
    session: Session, now: Now, settings: Settings, view: RequestedView
) -> StreamingResponse:
    """The ten KPIs, the revenue trend and the running month, a row a number."""
    return service.export(session, now, settings, view, CSV)


@router.get("/api/export.xlsx", response_class=StreamingResponse, responses=XLSX.responses)
def export_xlsx(
    session: Session, now: Now, settings: Settings, view: RequestedView
) -> StreamingResponse:
    """The same table as an Excel workbook."""
    return service.export(session, now, settings, view, XLSX)
