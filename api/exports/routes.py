"""``GET /api/export.csv``: the first screen's numbers for a spreadsheet."""

from fastapi import APIRouter
from fastapi.responses import StreamingResponse

from api.dependencies import Now, Session, Settings
from api.executive.view import RequestedView
from api.exports import service
from api.storage.unit_of_work import TransactionalRoute

router = APIRouter(tags=["exports"], route_class=TransactionalRoute)


@router.get(
    "/api/export.csv",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/csv": {"schema": {"type": "string"}}}}},
)
def export_csv(
    session: Session, now: Now, settings: Settings, view: RequestedView
) -> StreamingResponse:
    """The ten KPIs, the revenue trend and the running month, a row a number."""
    return service.export_csv(session, now, settings, view)
