"""Judges alerts when the service starts and on every new day, and says what contributed to them."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import date, datetime

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool

from api import calendar
from api.alerts.explanations import Explained, explain_alerts
from api.alerts.kpi_alerts import evaluate_alerts
from api.settings import Settings
from api.storage.engine import for_writing
from telemetry.metrics import Metrics

logger = logging.getLogger(__name__)

ACTOR = "schedule"
LOOK_EVERY_SECONDS = 60.0
FIRST_PATIENCE_SECONDS = 5.0
LAST_PATIENCE_SECONDS = 3.0  # at the end, for what is being judged


@asynccontextmanager
async def judging(
    engine: Engine,
    settings: Settings,
    clock: Callable[[], datetime],
    metrics: Metrics,
    look_every_seconds: float = LOOK_EVERY_SECONDS,
) -> AsyncIterator[None]:
    """Keep alerts up to the day while the service runs.

    A database that is away delays them and stops nothing: the next look tries again. Much to
    judge does not delay the start for long: then the alerts follow.
    """
    first_done, over = asyncio.Event(), asyncio.Event()

    async def look() -> None:
        judged, explained = None, None
        while not over.is_set():
            now = clock()
            if judged != calendar.today(now, settings.timezone):
                judged = await run_in_threadpool(_judge, engine, settings, metrics, now)
            explained = await run_in_threadpool(_explain, engine, settings, now, explained)
            first_done.set()
            with suppress(TimeoutError):
                await asyncio.wait_for(over.wait(), look_every_seconds)

    looking = asyncio.create_task(look())
    with suppress(TimeoutError):
        await asyncio.wait_for(first_done.wait(), FIRST_PATIENCE_SECONDS)
    try:
        yield
    finally:
        over.set()
        # What a thread has begun keeps its connection: it should end before the engine does.
        await asyncio.wait({looking}, timeout=LAST_PATIENCE_SECONDS)
        looking.cancel()
        with suppress(asyncio.CancelledError):
            await looking


def _judge(engine: Engine, settings: Settings, metrics: Metrics, now: datetime) -> date | None:
    """The day that was judged; None when it could not be."""
    try:
        with (
            metrics.alert_judging_seconds.time(),
            Session(for_writing(engine)) as session,
            session.begin(),
        ):
            evaluate_alerts(session, settings, now, ACTOR)
    except SQLAlchemyError as error:
        logger.warning("alerts could not be judged: %s", type(error).__name__)
        return None
    return calendar.today(now, settings.timezone)


def _explain(
    engine: Engine, settings: Settings, now: datetime, known: Explained | None
) -> Explained | None:
    """What was explained; None when it is to be tried again."""
    try:
        return explain_alerts(engine, settings, now, ACTOR, known)
    except SQLAlchemyError as error:
        logger.warning("alerts could not be explained: %s", type(error).__name__)
        return None
