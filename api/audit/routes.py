"""``GET /api/audit.csv``: the audit trail for an auditor's spreadsheet."""

from fastapi import APIRouter
from fastapi.responses import StreamingResponse

from api.audit import service
from api.dependencies import Session
from api.storage.unit_of_work import TransactionalRoute
from api.table_files import CSV

router = APIRouter(tags=["operations"], route_class=TransactionalRoute)

COLUMNS = ("id", "at", "actor", "action", "about", "detail")


@router.get("/api/audit.csv", response_class=StreamingResponse, responses=CSV.responses)
def export_audit_trail(session: Session) -> StreamingResponse:
    """Everything that was done: sign-ins, alert actions, imports, changes of tokens and targets."""
    rows = (
        (row.id, f"{row.at:%Y-%m-%dT%H:%M:%SZ}", row.actor, row.action, row.about, row.detail)
        for row in service.trail(session)
    )
    return CSV.answer(COLUMNS, rows, "audit")
