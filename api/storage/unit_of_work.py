"""One request, one transaction, committed before the answer is sent."""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool

from api.storage.engine import for_writing

READING = frozenset({"GET", "HEAD", "OPTIONS"})
# Fewer than the engine's connections (5, and 10 beyond): the writer and the snapshots need some.
REQUESTS_AT_ONCE = 12


def admission() -> asyncio.Semaphore:
    """What lets requests in, a turn for each.

    A request that is done needs a thread to commit and to give its connection back. Were all
    threads waiting for a connection in the meantime, neither would ever come.
    """
    return asyncio.Semaphore(REQUESTS_AT_ONCE)


class TransactionalRoute(APIRoute):
    """A route whose session commits when the handler returns and rolls back when it raises.

    A dependency with ``yield`` cannot do this: its code runs after the answer has left.
    The session connects on first use, so a handler that needs no database costs none. Who asks for
    it (``admitted``) waits for a turn, which ends when all is committed.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Wrap FastAPI's handler in the transaction."""
        handler = super().get_route_handler()

        async def run(request: Request) -> Response:
            engine = request.app.state.engine
            session = Session(engine if request.method in READING else for_writing(engine))
            request.state.session = session
            async with AsyncExitStack() as turn:
                request.state.turn = turn
                try:
                    response = await handler(request)
                    if session.in_transaction():
                        await run_in_threadpool(session.commit)
                    if request.method not in READING:
                        request.app.state.data_version.distrust()
                    return response
                finally:
                    if session.in_transaction():
                        await run_in_threadpool(session.rollback)
                    session.close()

        return run


async def admitted(request: Request) -> Session:
    """The request's session, once it is its turn.

    It is a dependency: FastAPI has read the body by then, and who never sends it holds no turn.
    """
    await request.state.turn.enter_async_context(request.app.state.admission)
    session: Session = request.state.session
    return session
