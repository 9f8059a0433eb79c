"""``/api/slo`` and ``/api/quality-gates``: whether the objectives are met."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request

from api.dependencies import Now, Session
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


@router.get("/slo")
def get_slo(session: Session, now: Now, objectives: Objectives, window: Window = "7d") -> SloReport:
    """Every objective over a rolling window: counts, verdict, budget, burn rates."""
    return service.report(session, now, objectives, window)


@router.get("/slo/{name}")
def get_objective(
    session: Session, now: Now, objectives: Objectives, name: Name, window: Window = "7d"
) -> ObjectiveDetail:
    """One objective, with its standard windows, its days and its slowest samples."""
    return service.detail(session, now, objectives, name, window)


@router.get("/slo/{name}/releases")
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
) -> ReleaseReport:
    """One objective release by release, counted anew from single events."""
    return service.by_release(session, now, objectives, name, window, release)


@router.get("/quality-gates")
def get_quality_gates(
    session: Session,
    now: Now,
    objectives: Objectives,
    days: Annotated[
        int, Query(ge=FEWEST_DAYS, le=MOST_DAYS, description="Length of the rolling window.")
    ] = 7,
) -> QualityGates:
    """The verdicts by metric, for simple clients."""
    return service.quality_gates(session, now, objectives, days)
