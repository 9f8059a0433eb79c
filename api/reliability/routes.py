"""``/api/slo`` and ``/api/quality-gates``: whether the objectives are met."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from api.answers import NOT_MODIFIED, made_now
from api.dependencies import IfNoneMatch, Now, Session
from api.reliability import service
from api.reliability.schemas import ObjectiveDetail, QualityGates, ReleaseReport, SloReport
from api.schema import MAX_NAME, STORABLE, query_text
from api.storage.event_tables import CONTEXT_CHARACTERS
from api.storage.unit_of_work import TransactionalRoute
from slo.objective import Objective
from slo.windows import FEWEST_DAYS, MOST_DAYS

router = APIRouter(prefix="/api", tags=["reliability"], route_class=TransactionalRoute)


def _objectives(request: Request) -> tuple[Objective, ...]:
    objectives: tuple[Objective, ...] = request.app.state.objectives
    return objectives


Objectives = Annotated[tuple[Objective, ...], Depends(_objectives)]
# The service checks the window, so that its answer can say what is allowed.
Window = Annotated[
    str,
    Query(
        description="Rolling window, 1d to 30d.",
        json_schema_extra={"pattern": "^(0?[1-9]|[12][0-9]|30)d$"},
    ),
]
Name = Annotated[
    str,
    Path(max_length=MAX_NAME, pattern=STORABLE, description="The objective's name, such as ttfb."),
]


@router.get("/slo", response_model=SloReport, responses=NOT_MODIFIED)
def get_slo(
    session: Session,
    now: Now,
    objectives: Objectives,
    window: Window = "7d",
    if_none_match: IfNoneMatch = None,
) -> Response:
    """Every objective over a rolling window: counts, verdict, budget, burn rates."""
    return made_now(service.report(session, now, objectives, window), if_none_match)


@router.get("/slo/{name}", response_model=ObjectiveDetail, responses=NOT_MODIFIED)
def get_objective(
    session: Session,
    now: Now,
    objectives: Objectives,
    name: Name,
    window: Window = "7d",
    if_none_match: IfNoneMatch = None,
) -> Response:
    """One objective, with its standard windows, its days and its slowest samples."""
    return made_now(service.detail(session, now, objectives, name, window), if_none_match)


@router.get("/slo/{name}/releases", response_model=ReleaseReport, responses=NOT_MODIFIED)
def get_releases(
    session: Session,
    now: Now,
    objectives: Objectives,
    name: Name,
    window: Window = "7d",
    release: Annotated[
        str | None,
        query_text("Only this one.", CONTEXT_CHARACTERS),
    ] = None,
    if_none_match: IfNoneMatch = None,
) -> Response:
    """One objective release by release, counted anew from single events."""
    found = service.by_release(session, now, objectives, name, window, release)
    return made_now(found, if_none_match)


@router.get("/quality-gates", response_model=QualityGates, responses=NOT_MODIFIED)
def get_quality_gates(
    session: Session,
    now: Now,
    objectives: Objectives,
    days: Annotated[
        int, Query(ge=FEWEST_DAYS, le=MOST_DAYS, description="Length of the rolling window.")
    ] = 7,
    if_none_match: IfNoneMatch = None,
) -> Response:
    """The verdicts by metric, for simple clients."""
    return made_now(service.quality_gates(session, now, objectives, days), if_none_match)
