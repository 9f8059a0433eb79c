"""One metric in depth, and the rows behind it."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from urllib.parse import urlencode

from fastapi.responses import StreamingResponse
from sqlalchemy.orm import Session

from api.calendar import Period
from api.drilldowns import cards, queries, worked
from api.drilldowns.breakdowns import Item
from api.drilldowns.dimensions import PERIOD, Broken, breakdown, dimensions, filterable
from api.drilldowns.notes import notes
from api.drilldowns.queries import KIND, RowMapping, RowSource, Sort, every_row
from api.drilldowns.row_sources import Number, row_sources
from api.drilldowns.schemas import (
    BreakdownItem,
    Formula,
    FormulaInput,
    KpiDetail,
    Rows,
    SeriesPoint,
)
from api.drilldowns.table import COLUMNS, table
from api.drivers.filtered_facts import narrowed
from api.drivers.filters import (
    NO_FILTERS,
    Filters,
    check_filters,
    deal_condition,
    order_condition,
    service_of,
)
from api.drivers.metrics import Metric, known_metric
from api.drivers.schemas import Drivers
from api.drivers.service import Question, Split, check_dimension, explain, shown
from api.drivers.values import value_now, values
from api.errors import BadRequest
from api.executive.facts import Facts
from api.executive.formulas import KpiResult
from api.executive.loading import load_facts
from api.executive.presentation import card
from api.executive.schemas import Card
from api.executive.scoring import score
from api.executive.view import View
from api.settings import Settings
from api.storage.selections import Condition
from api.table_files import TableFile


@dataclass(frozen=True)
class Ask:
    """Which metric, in which view, of which elements."""

    view: View
    key: str
    filters: Filters = NO_FILTERS


@dataclass(frozen=True)
class Dimensions:
    """What a page breaks its number down by, and what it explains the change by, if told."""

    breakdown: str | None = None
    drivers: str | None = None


@dataclass(frozen=True)
class Page:
    """Some of many rows; 1 is the first page."""

    number: int
    size: int

    @property
    def offset(self) -> int:
        """How many rows come before."""
        return (self.number - 1) * self.size


@dataclass(frozen=True)
class Asked:
    """A metric in one view, with the facts behind it."""

    metric: Metric
    view: View
    filters: Filters
    facts: Facts
    settings: Settings

    @property
    def only(self) -> Condition | None:
        """Which orders, deals or services the number is of; None for all."""
        service = service_of(self.filters)
        if service is not None:
            return queries.of_service(service)
        deals = deal_condition(self.filters)
        return order_condition(self.filters) if deals is None else deals


def detail(session: Session, settings: Settings, ask: Ask, by: Dimensions) -> KpiDetail:
    """Body of ``GET /api/kpis/{key}``."""
    asked = _asked(session, settings, ask)
    metric, view, window = asked.metric, ask.view, ask.view.window
    found = values(session, metric, asked.facts, window, asked.only)
    allowed = dimensions(metric, found.now)
    check_dimension(metric.name, by.breakdown, allowed)
    shown_by = by.breakdown or next(iter(allowed), None)
    broken = Broken(metric, asked.facts, window, view.baseline, found.now, asked.only)
    items = breakdown(session, broken, shown_by) if shown_by else []
    number = Number(asked.facts, window, found.now, asked.only)
    sources = row_sources(session, metric, number)
    return KpiDetail(
        metric=metric.name,
        label=metric.label,
        unit=metric.unit,
        currency=settings.currency_sign,
        timeframe=view.timeframe,
        comparison=view.comparison,
        value=_number(found.now.value),
        reason=found.now.reason,
        definition=metric.definition,
        series=[_point(period, result) for period, result in found.series],
        by=shown_by,
        dimensions=list(allowed),
        filterable=list(filterable(metric)),
        breakdown=[_breakdown_item(item) for item in items],
        drivers=_drivers(session, asked, by.breakdown if by.drivers is None else by.drivers),
        formula=_formula(asked, found.now),
        row_counts={source.kind: queries.count(session, source) for source in sources},
        rows=_rows_link(asked),
        warnings=[
            *found.now.warnings,
            *notes(metric.kpi, asked.facts, settings.currency_sign),
        ],
        kpi=_card(session, asked, found.now),
    )


def page_file(
    session: Session, settings: Settings, ask: Ask, by: Dimensions, kind: TableFile
) -> StreamingResponse:
    """What the metric's page shows, as one table."""
    lines = table(detail(session, settings, ask, by), ask.view, ask.filters)
    return kind.answer(COLUMNS, lines, f"{ask.key}-{ask.view.window.end_date}")


def rows(session: Session, settings: Settings, ask: Ask, order: str | None, page: Page) -> Rows:
    """Body of ``GET /api/kpis/{key}/rows``: all in one order, else the kinds of rows in turn."""
    sources = _sources(session, _asked(session, settings, ask))
    sort = _sort(order, sources)
    counts = [queries.count(session, source) for source in sources]
    return Rows(
        rows=_slice(session, sources, counts, page.offset, page.size)
        if sort is None
        else queries.sorted_page(session, sources, sort, page.offset, page.size),
        total=sum(counts),
        page=page.number,
        page_size=page.size,
    )


def rows_file(
    session: Session, settings: Settings, ask: Ask, order: str | None, kind: TableFile
) -> StreamingResponse:
    """All of them, as one table: a column that a kind of rows does not have is empty."""
    asked = _asked(session, settings, ask)
    sources = _sources(session, asked)
    sort = _sort(order, sources)
    columns = _columns(sources)
    name = f"{asked.metric.name}-rows-{ask.view.window.end_date}"
    lines = ([row.get(name) for name in columns] for row in every_row(session, sources, sort))
    return kind.answer(columns, lines, name)


def _columns(sources: Sequence[RowSource]) -> list[str]:
    return [KIND, *dict.fromkeys(name for source in sources for name in source.columns)]


def _sort(text: str | None, sources: Sequence[RowSource]) -> Sort | None:
    """The order that is asked for. Where there are no rows there is none to refuse."""
    if text is None or not sources:
        return None
    sort, allowed = Sort.parse(text), _columns(sources)
    if sort.column not in allowed:
        raise BadRequest(
            f"sort: {text[:40]!r} is not allowed; allowed: {', '.join(allowed)},"
            " each with a leading - for descending"
        )
    return sort


def _asked(session: Session, settings: Settings, ask: Ask) -> Asked:
    metric = known_metric(ask.key)
    check_filters(metric.name, ask.filters, filterable(metric))
    facts = load_facts(session, ask.view.window, settings.payback_static_months)
    part = narrowed(session, facts, ask.filters)
    return Asked(metric, ask.view, ask.filters, part, settings)


def _sources(session: Session, asked: Asked) -> list[RowSource]:
    window = asked.view.window
    now = value_now(session, asked.metric, asked.facts, window, asked.only)
    return row_sources(session, asked.metric, Number(asked.facts, window, now, asked.only))


def _slice(
    session: Session, sources: Sequence[RowSource], counts: Sequence[int], offset: int, limit: int
) -> list[RowMapping]:
    """Rows from ``offset`` on, of sources that follow each other."""
    found: list[RowMapping] = []
    for source, count in zip(sources, counts, strict=True):
        if offset < count and len(found) < limit:
            found += queries.page(session, source, offset, limit - len(found))
        offset = max(offset - count, 0)
    return found


def _drivers(session: Session, asked: Asked, by: str | None) -> Drivers:
    """The bridge by the same dimension, where the change can be split by it."""
    view, sign = asked.view, asked.settings.currency_sign
    question = Question(asked.metric, view.window, view.baseline, asked.facts, sign, asked.only)
    split = Split(None if by == PERIOD else by)
    return shown(question, explain(session, question, split), view)


def _card(session: Session, asked: Asked, now: KpiResult) -> Card:
    metric, view, sign = asked.metric, asked.view, asked.settings.currency_sign
    if metric.kpi is None:
        return cards.card(session, metric, asked.facts, view, sign, now, asked.only)
    return card(score(metric.kpi, asked.facts, view.window, view.compare), sign)


def _point(period: Period, result: KpiResult) -> SeriesPoint:
    return SeriesPoint(
        period=period.label,
        value=_number(result.value),
        reason=result.reason,
        parts={part.name: _number(part.value) for part in result.parts},
    )


def _breakdown_item(item: Item) -> BreakdownItem:
    return BreakdownItem(name=item.name, value=_number(item.value), share=_number(item.share))


def _formula(asked: Asked, now: KpiResult) -> Formula:
    metric, sign = asked.metric, asked.settings.currency_sign
    return Formula(
        text=worked.rule(metric.name, now).text,
        worked=worked.worked(metric.name, now, metric.unit, sign),
        inputs=[
            FormulaInput(name=part.name, value=_number(part.value), unit=part.unit)
            for part in now.parts
        ],
    )


def _rows_link(asked: Asked) -> str:
    query = [*asked.view.query.items(), *asked.filters]
    return f"/api/kpis/{asked.metric.name}/rows?{urlencode(query)}"


def _number(value: Fraction | None) -> float | None:
    return None if value is None else float(value)
