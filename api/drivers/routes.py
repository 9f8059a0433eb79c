"""``GET /api/drivers/{key}``: what contributed to a KPI's change."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Response

from api.answers import NOT_MODIFIED
from api.dependencies import Answers, Give, Session, Settings
from api.drivers import service
from api.drivers.filters import LONGEST, RequestedFilters
from api.drivers.schemas import Drivers
from api.drivers.service import Split
from api.executive.view import RequestedView
from api.schema import MAX_NAME, STORABLE, query_text
from api.storage.unit_of_work import TransactionalRoute

router = APIRouter(prefix="/api/drivers", tags=["drivers"], route_class=TransactionalRoute)


def _requested_split(
    filters: RequestedFilters,
    by: Annotated[
        str | None,
        query_text("A dimension; without it, the one that explains the change best."),
    ] = None,
    within: Annotated[
        str | None,
        query_text("An element of ``by``: splits its contribution alone.", LONGEST),
    ] = None,
    then: Annotated[
        str | None, query_text("With ``within``: the dimension to split it by.")
    ] = None,
) -> Split:
    return Split(by, within, then, filters)


@router.get("/{key}", response_model=Drivers, responses=NOT_MODIFIED)
def explain_change(
    session: Session,
    settings: Settings,
    answers: Answers,
    view: RequestedView,
    key: Annotated[
        str,
        Path(
            max_length=MAX_NAME,
            pattern=STORABLE,
            description="One of the ten KPIs, or ``pipeline`` or ``inventory_turns``.",
        ),
    ],
    split: Annotated[Split, Depends(_requested_split)],
    give: Give,
) -> Response:
    """Split the change against an earlier window into effects that sum to it.

    A contribution can be opened in turn: ``by=region&within=West&then=segment``.
    """
    answer = answers.answer(
        session,
        ("drivers", view, key, split),
        lambda own: service.drivers(own, settings, view, key, split),
    )
    return give(answer)
