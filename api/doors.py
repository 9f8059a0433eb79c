"""Doors for what is asked most: past the router and the layers of all other routes."""

from collections.abc import Callable
from dataclasses import dataclass

from starlette.types import ASGIApp, Receive, Scope, Send

from api.shell import HostNames
from telemetry.http import DoorTelemetry

Behind = Callable[[Scope], ASGIApp | None]
"""What answers a request; None leaves it to the router."""


@dataclass(frozen=True)
class Door:
    """What lies behind one method and path, and how it is measured."""

    behind: Behind
    telemetry: DoorTelemetry
    hosts: HostNames


class Doors:
    """ASGI middleware: all else goes on to ``app``."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._doors: dict[tuple[str, str], Door] = {}

    def add(self, method: str, path: str, door: Door) -> None:
        """Let requests in by ``door``."""
        self._doors[method, path] = door

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        door = self._doors.get((scope.get("method", ""), scope.get("path", "")))
        if door is not None and door.hosts.allow(scope):
            answering = door.behind(scope)
            if answering is not None:
                await door.telemetry.answer(answering, scope, receive, send)
                return
        await self._app(scope, receive, send)
