"""``/api/kpis``: each number in depth, with the rows behind it."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Response
from fastapi.responses import StreamingResponse

from api.answers import NOT_MODIFIED
from api.dependencies import Answers, Give, Session, Settings
from api.drilldowns import service
from api.drilldowns.schemas import KpiDetail, Rows
from api.drilldowns.service import Ask, Dimensions, Page
from api.drivers.filters import RequestedFilters
from api.executive.view import RequestedView
from api.schema import MAX_NAME, STORABLE, query_text
from api.storage.unit_of_work import TransactionalRoute
from api.table_files import CSV, XLSX

router = APIRouter(prefix="/api/kpis", tags=["drilldowns"], route_class=TransactionalRoute)

Order = Annotated[
    str | None,
    query_text(
        "A column of the rows, with a leading ``-`` for descending; what is missing"
        " comes last. Without it the kinds of rows follow each other, each in its own order.",
        alias="sort",
    ),
]
MAX_PAGE = 1_000_000
MAX_PAGE_SIZE = 500

Key = Annotated[
    str,
    Path(
        max_length=MAX_NAME,
        pattern=STORABLE,
        description="One of the ten KPIs, or ``pipeline`` or ``inventory_turns``.",
    ),
]


def _asked(view: RequestedView, key: Key, filters: RequestedFilters) -> Ask:
    return Ask(view, key, filters)


Asked = Annotated[Ask, Depends(_asked)]


def _paged(
    page: Annotated[int, Query(ge=1, le=MAX_PAGE, description="1 is the first.")] = 1,
    page_size: Annotated[int, Query(ge=1, le=MAX_PAGE_SIZE, description="Rows a page.")] = 50,
) -> Page:
    return Page(page, page_size)


Paged = Annotated[Page, Depends(_paged)]

By = Annotated[
    str | None, query_text("A dimension of the breakdown: one of the answer's ``dimensions``.")
]
DriversBy = Annotated[
    str | None, query_text("A dimension of the drivers, where it is not that of the breakdown.")
]


def _dimensions(by: By = None, drivers_by: DriversBy = None) -> Dimensions:
    return Dimensions(by, drivers_by)


Split = Annotated[Dimensions, Depends(_dimensions)]


# Before the number itself: its path would take the ending for a part of the key.
@router.get("/{key}.csv", response_class=StreamingResponse, responses=CSV.responses)
def kpi_csv(session: Session, settings: Settings, ask: Asked, split: Split) -> StreamingResponse:
    """What the number's page shows, a row a number: value, inputs, periods, breakdown, drivers."""
    return service.page_file(session, settings, ask, split, CSV)


@router.get("/{key}.xlsx", response_class=StreamingResponse, responses=XLSX.responses)
def kpi_xlsx(session: Session, settings: Settings, ask: Asked, split: Split) -> StreamingResponse:
    """The same table as an Excel workbook."""
    return service.page_file(session, settings, ask, split, XLSX)


@router.get("/{key}", response_model=KpiDetail, responses=NOT_MODIFIED)
def kpi_detail(
    session: Session,
    settings: Settings,
    answers: Answers,
    ask: Asked,
    give: Give,
    by: By = None,
) -> Response:
    """One number in depth: its periods, breakdown, drivers, formula and how many rows it has."""
    answer = answers.answer(
        session,
        ("kpi", ask, by),
        lambda own: service.detail(own, settings, ask, Dimensions(by)),
    )
    return give(answer)


@router.get("/{key}/rows", response_model=Rows, responses=NOT_MODIFIED)
def kpi_rows(
    session: Session,
    settings: Settings,
    answers: Answers,
    ask: Asked,
    page: Paged,
    give: Give,
    order: Order = None,
) -> Response:
    """The rows behind the number, page by page."""
    answer = answers.answer(
        session,
        ("rows", ask, order, page),
        lambda own: service.rows(own, settings, ask, order, page),
    )
    return give(answer)


@router.get("/{key}/rows.csv", response_class=StreamingResponse, responses=CSV.responses)
def kpi_rows_csv(
    session: Session, settings: Settings, ask: Asked, order: Order = None
) -> StreamingResponse:
    """All rows behind the number, for a spreadsheet."""
    return service.rows_file(session, settings, ask, order, CSV)


@router.get("/{key}/rows.xlsx", response_class=StreamingResponse, responses=XLSX.responses)
def kpi_rows_xlsx(
    session: Session, settings: Settings, ask: Asked, order: Order = None
) -> StreamingResponse:
    """All rows behind the number, as an Excel workbook; 400 when a sheet does not hold them."""
    return service.rows_file(session, settings, ask, order, XLSX)
