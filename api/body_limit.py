"""Refuses a body that is too large while it is read, with a problem document.

The framework's own limit answers in plain text.
"""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import HTTPException, Request, Response
from starlette.types import Message, Receive

from api.storage.unit_of_work import TransactionalRoute

MAX_BODY_BYTES = 1_000_000


class BoundedRoute(TransactionalRoute):
    """A transactional route whose body may have at most ``MAX_BODY_BYTES``; more is a 413."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Wrap the transaction's handler in the limit."""
        handler = super().get_route_handler()

        async def run(request: Request) -> Response:
            return await handler(Request(request.scope, _counted(request.receive)))

        return run


def _counted(receive: Receive) -> Receive:
    seen_bytes = 0

    async def count() -> Message:
        nonlocal seen_bytes
        message = await receive()
        seen_bytes += len(message.get("body", b""))
        if seen_bytes > MAX_BODY_BYTES:
            raise HTTPException(413, f"The body may have at most {MAX_BODY_BYTES:,} bytes.")
        return message

    return count
