"""Puts the service together: settings, database, telemetry, routers, pages, errors."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import lru_cache, partial
from importlib.metadata import version
from typing import Any

from fastapi import Depends, FastAPI
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF
from starlette.types import ASGIApp, Receive, Scope, Send

from api import documentation, errors, known_answers, pages
from api.alerts import routes as alerts_routes
from api.alerts import schedule
from api.answers import Answers
from api.assets import FrontendFolder
from api.audit.routes import router as audit_router
from api.auth import routes as auth_routes
from api.auth.accounts import Accounts
from api.auth.gate import Gate, LimitedGate
from api.data_version import DataVersion
from api.dependencies import only_known_parameters
from api.doors import Behind, Door, Doors
from api.drilldowns.routes import router as drilldowns_router
from api.drivers.routes import router as drivers_router
from api.executive import routes as executive_routes
from api.executive.kpis import SPECS
from api.executive.snapshot import Snapshots
from api.exports.routes import router as exports_router
from api.first_data import first_data
from api.health.routes import router as health_router
from api.health.service import DatabaseProbe
from api.imports import routes as imports_routes
from api.ingest import routes as ingest_routes
from api.ingest.limiter import Refusals
from api.ingest.service import Ingest
from api.known_answers import KnownAnswers
from api.reliability.routes import router as reliability_router
from api.settings import Settings
from api.shell import (
    API_HEADERS,
    EVENT_HEADERS,
    HTTPS_ONLY,
    AllowedHosts,
    HostNames,
    RateLimit,
    SecurityHeaders,
)
from api.storage.engine import close, open_engine
from api.storage.unit_of_work import admission
from slo.objective import Objective
from slo.objectives import load_objectives
from slo.rollup import Rollup
from telemetry.batch_histogram import Series
from telemetry.database import measure_statements
from telemetry.exposition import metrics_router
from telemetry.headers import Headers
from telemetry.http import DoorTelemetry, HttpTelemetry, Observe
from telemetry.metrics import Metrics
from telemetry.setup import trace_app, trace_engine
from telemetry.tracing import Tracing


class Service(FastAPI):
    """The service. What is asked most goes in by a door of its own."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.doors = Doors(super().__call__)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.doors(scope, receive, send)


utc_now: Callable[[], datetime] = partial(datetime.now, UTC)


def create_app(
    settings: Settings,
    clock: Callable[[], datetime] = utc_now,
    tracing: Tracing | None = None,
) -> FastAPI:
    """Build the service. Nothing is opened or started before its lifespan begins."""
    objectives = load_objectives()
    tracing = tracing or Tracing(sampler=ALWAYS_OFF, shutdown_on_exit=False)
    metrics = _metrics(objectives)
    ingest = Ingest(settings, metrics, Rollup(objectives), clock)
    accounts = Accounts(settings, clock, metrics)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        engine = app.state.engine = open_engine(settings.database_url)
        app.state.admission = admission()
        app.state.uploads = imports_routes.uploads()
        trace_engine(engine, tracing)
        measure_statements(engine, metrics.observe_statement)
        app.state.database_probe = DatabaseProbe(engine)
        data = app.state.data_version = DataVersion(engine)
        app.state.known_answers = KnownAnswers(data, clock, settings.timezone)
        app.state.snapshots = Snapshots(engine, settings, metrics, data)
        accounts.use(engine)
        try:
            with data.checked_ahead():
                async with ingest.running(), schedule.judging(engine, settings, clock, metrics):
                    yield
        finally:
            close(engine)

    app = Service(
        title="Executive Dashboard",
        version=version("execdash"),
        description=documentation.DESCRIPTION,
        contact=documentation.CONTACT,
        license_info=documentation.LICENSE,
        servers=documentation.SERVERS,
        openapi_tags=documentation.TAGS,
        generate_unique_id_function=documentation.operation_id,
        dependencies=[Depends(only_known_parameters)],
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
    )
    app.state.settings = settings
    app.state.clock = clock
    app.state.objectives = objectives
    app.state.answers = Answers()
    app.state.metrics = metrics
    app.state.ingest = ingest
    app.state.accounts = accounts
    errors.install(app)
    # Routes are tried in this order: the busiest comes first.
    events = ingest_routes.install(app, ingest, settings.event_requests_per_second)
    app.include_router(health_router)
    app.include_router(alerts_routes.router)
    app.include_router(audit_router)
    auth_routes.install(app)
    app.include_router(drivers_router)
    app.include_router(drilldowns_router)
    app.include_router(executive_routes.router)
    app.include_router(exports_router)
    app.include_router(imports_routes.router)
    app.include_router(reliability_router)
    app.include_router(metrics_router(metrics.registry))
    pages.install(app, pages.Pages(FrontendFolder(settings.frontend_dir), first_data))
    documentation.install(app)
    accounts.refuse_routes_without_rule(app.routes)
    _surround(app, settings, metrics, ingest, tracing, events)
    return app


def _metrics(objectives: tuple[Objective, ...]) -> Metrics:
    """Instruments with a bucket at every threshold of the objectives."""
    bounds = {each.metric: each.threshold.bounds for each in objectives}
    api_bounds_ms = bounds.pop("api_latency_ms", ())
    metrics = Metrics(version("execdash"), [bound / 1000 for bound in api_bounds_ms], bounds)
    for each in objectives:
        metrics.count_slo_events(each.name)  # a counter that starts at 0 shows its first event
    return metrics


def _surround(
    app: Service,
    settings: Settings,
    metrics: Metrics,
    ingest: Ingest,
    tracing: Tracing,
    events: ASGIApp,
) -> None:
    """Add what every request passes; the last one added is the outermost."""

    @lru_cache(maxsize=512)  # clients invent methods
    def observer(route: str, method: str) -> Observe:
        by_status: dict[int, Series] = {}
        judge = ingest.own_samples.observer(route, method)

        def observe(status: int, seconds: float, ended: float, trace_id: str | None) -> None:
            series = by_status.get(status)
            if series is None:  # its labels are looked up once
                series = by_status[status] = metrics.http_series(route, method, status)
            series.add(seconds, trace_id)
            judge(status, seconds, ended)

        return observe

    hosts = HostNames(settings.allowed_hosts)
    measured: Any = {"observer": observer, "in_flight": metrics.http_in_flight, "tracing": tracing}
    accounts: Accounts = app.state.accounts
    app.add_middleware(Gate, doorkeeper=accounts.doorkeeper)
    app.add_middleware(RateLimit, requests_per_second=settings.requests_per_second)
    app.add_middleware(AllowedHosts, hosts=hosts)
    app.add_middleware(errors.Problems)
    app.add_middleware(SecurityHeaders, is_https=settings.is_https)
    app.add_middleware(HttpTelemetry, **measured)
    trace_app(app, tracing)
    refusals = Refusals(settings.requests_per_second)
    gated = LimitedGate(events, doorkeeper=accounts.doorkeeper, refusals=refusals)
    answered = errors.Problems(gated)

    def open_door(
        method: str, route: str, behind: Behind, headers: Headers, *paths: str, is_asked: bool
    ) -> None:
        over_https = (*headers, HTTPS_ONLY)
        by_scheme = {"http": over_https if settings.is_https else headers, "https": over_https}
        telemetry = DoorTelemetry(method, route, headers=by_scheme, is_asked=is_asked, **measured)
        for path in paths or (route,):
            app.doors.add(method, path, Door(behind, telemetry, hosts))

    open_door("POST", ingest_routes.PATH, lambda _scope: answered, EVENT_HEADERS, is_asked=True)
    # From here on bytes that are known: nothing logs, nothing fails.
    screen = partial(executive_routes.ready, app.state)
    open_door("GET", executive_routes.PATH, screen, API_HEADERS, is_asked=False)
    polled = partial(alerts_routes.ready, app.state)
    open_door("GET", alerts_routes.PATH, polled, API_HEADERS, is_asked=False)
    known = partial(known_answers.ready, app.state)
    for route in ("/api/kpis/{key}", "/api/kpis/{key}/rows", "/api/drivers/{key}"):
        paths = (route.format(key=key) for key in SPECS)
        open_door("GET", route, known, API_HEADERS, *paths, is_asked=False)
