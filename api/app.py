"""Puts the service together: settings, database, routers, errors."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from fastapi import FastAPI

from api import errors
from api.alerts.routes import router as alerts_router
from api.executive.routes import router as executive_router
from api.executive.snapshot import Snapshots
from api.settings import Settings
from api.storage.engine import open_engine


def utc_now() -> datetime:
    """The current instant."""
    return datetime.now(UTC)


def create_app(settings: Settings, clock: Callable[[], datetime] = utc_now) -> FastAPI:
    """Build the service. Nothing is opened or started before its lifespan begins."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.engine = open_engine(settings.database_url)
        app.state.snapshots = Snapshots(app.state.engine, settings)
        try:
            yield
        finally:
            app.state.engine.dispose()

    app = FastAPI(title="Executive Dashboard", lifespan=lifespan, docs_url=None, redoc_url=None)
    app.state.settings = settings
    app.state.clock = clock
    errors.install(app)
    app.include_router(alerts_router)
    app.include_router(executive_router)
    return app
