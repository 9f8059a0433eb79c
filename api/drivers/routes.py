"""``GET /api/drivers/{key}``: what contributed to a KPI's change."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from api.answers import NOT_MODIFIED
from api.dependencies import Answers, IfNoneMatch, Session, Settings
from api.drivers import service
from api.drivers.schemas import Drivers
from api.executive.view import RequestedView
from api.storage.unit_of_work import TransactionalRoute

router = APIRouter(prefix="/api/drivers", tags=["drivers"], route_class=TransactionalRoute)


@router.get("/{key}", response_model=Drivers, responses=NOT_MODIFIED)
def explain_change(
    session: Session,
    settings: Settings,
    answers: Answers,
    view: RequestedView,
    key: Annotated[str, Path(description="One of the ten KPIs.")],
    by: Annotated[
        str | None,
        Query(description="A dimension; without it, the one that explains the change best."),
    ] = None,
    if_none_match: IfNoneMatch = None,
) -> Response:
    """Split the change against the window before into effects that sum to it."""
    return answers.answer(
        session,
        ("drivers", view, key, by),
        lambda: service.drivers(session, settings, view, key, by),
        if_none_match,
    )
