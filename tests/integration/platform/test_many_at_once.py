"""More requests than threads and connections: each gets its turn."""

import asyncio
from pathlib import Path

import anyio.to_thread
import httpx2
import pytest
from fastapi import APIRouter, FastAPI
from sqlalchemy import create_engine, text

from api.dependencies import Session
from api.storage import unit_of_work
from api.storage.engine import open_engine

CONNECTIONS = 2
THREADS = 3
REQUESTS = 20


def reading_app(database: Path) -> FastAPI:
    """An app with one transactional route, few connections, and a short wait for one."""
    router = APIRouter(route_class=unit_of_work.TransactionalRoute)

    @router.get("/")
    def read(session: Session) -> dict[str, int]:
        return {"one": session.execute(text("SELECT 1")).scalar_one()}

    app = FastAPI()
    app.include_router(router)
    app.state.engine = create_engine(
        f"sqlite:///{database}", pool_size=CONNECTIONS, max_overflow=0, pool_timeout=1
    )
    app.state.admission = asyncio.Semaphore(CONNECTIONS)
    return app


async def ask_all(app: FastAPI) -> list[int]:
    anyio.to_thread.current_default_thread_limiter().total_tokens = THREADS
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://test") as client:
        answers = await asyncio.gather(*(client.get("/") for _ in range(REQUESTS)))
    return [answer.status_code for answer in answers]


def test_requests_that_are_done_never_wait_for_those_that_begin(tmp_path: Path) -> None:
    app = reading_app(tmp_path / "some.db")
    try:
        assert asyncio.run(ask_all(app)) == [200] * REQUESTS
    finally:
        app.state.engine.dispose()


def test_without_admission_they_do(tmp_path: Path) -> None:
    """The test above can fail: threads that wait for connections keep the others from ending."""
    app = reading_app(tmp_path / "some.db")
    app.state.admission = asyncio.Semaphore(REQUESTS)
    try:
        with pytest.raises(Exception, match="QueuePool limit"):
            asyncio.run(ask_all(app))
    finally:
        app.state.engine.dispose()


def test_fewer_are_let_in_than_there_are_connections(sqlite_url: str) -> None:
    engine = open_engine(sqlite_url)
    held = [engine.connect() for _ in range(unit_of_work.REQUESTS_AT_ONCE + 1)]
    for connection in held:  # no request waited, and one more did not either
        connection.close()
    engine.dispose()
