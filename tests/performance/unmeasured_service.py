"""The service with all telemetry taken out: no span, no instrument. ``python -m ... PORT``

What it saves is what telemetry costs.
"""

import sys
from collections.abc import Awaitable
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api import app, server
from api.commands import read_settings
from api.ingest.service import Ingest
from telemetry.http import DoorTelemetry, HttpTelemetry


async def _answer(
    self: DoorTelemetry, answering: ASGIApp, scope: Scope, receive: Receive, send: Send
) -> None:
    """Only the headers that are not telemetry's."""

    def send_with_headers(message: Message) -> Awaitable[None]:
        if message["type"] == "http.response.start":
            message["headers"] = [*message.get("headers", ()), *self.headers(scope)]
        return send(message)

    await answering(scope, receive, send_with_headers)


async def _pass(self: HttpTelemetry, scope: Scope, receive: Receive, send: Send) -> None:
    await self._app(scope, receive, send)


def _nothing(*_rest: Any) -> None:
    pass


def main() -> None:
    """Take it out, then serve as shipped."""
    for owner, name, instead in (
        (DoorTelemetry, "answer", _answer),
        (HttpTelemetry, "__call__", _pass),
        (Ingest, "committed", _nothing),
        (app, "trace_app", _nothing),
        (app, "trace_engine", _nothing),
        (app, "measure_statements", _nothing),
    ):
        setattr(owner, name, instead)
    server.serve_forever(read_settings(), "127.0.0.1", int(sys.argv[1]), demo=False)


if __name__ == "__main__":
    main()
