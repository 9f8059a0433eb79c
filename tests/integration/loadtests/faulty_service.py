"""The service with a fault in front of it, in a process of its own.

Only tests have it. A request that matches waits before it is answered, or is answered 500 each
hundredth time.
"""

import argparse
import asyncio
import itertools
import os
from pathlib import Path
from urllib.parse import parse_qs

import uvicorn
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from api.server import app_from_environment

SCREEN = "/api/executive-dashboard"


class Faulty:
    """Slow where it is told to be, and wrong now and then."""

    def __init__(self, app: ASGIApp, options: argparse.Namespace) -> None:
        self._app, self._options = app, options
        self._turns = itertools.count(1)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            if not self._is_known(scope):
                await PlainTextResponse("no token", 401)(scope, receive, send)
                return
            await asyncio.sleep(self._wait_ms(scope) / 1000)
            if self._is_wrong(scope):
                await PlainTextResponse("wrong on purpose", 500)(scope, receive, send)
                return
        await self._app(scope, receive, send)

    def _is_known(self, scope: Scope) -> bool:
        bearer = f"Bearer {self._options.token}".encode()
        needed = self._options.token and scope["path"] != "/api/ready"
        return not needed or (b"authorization", bearer) in scope["headers"]

    def _wait_ms(self, scope: Scope) -> float:
        if scope["path"] != SCREEN:
            return 0.0
        if self._options.every_fifth_ms and next(self._turns) % 5 == 0:
            return float(self._options.every_fifth_ms)
        is_browser = any(name == b"sec-fetch-mode" for name, _ in scope["headers"])
        is_switch = "quarter" in parse_qs(scope["query_string"].decode()).get("granularity", [])
        if is_browser:
            return float(self._options.switch_ms if is_switch else 0)
        return float(self._options.screen_ms)

    def _is_wrong(self, scope: Scope) -> bool:
        """One event in a hundred gets a server error."""
        share: float = self._options.error_share
        if not share or scope["path"] != "/api/events":
            return False
        return next(self._turns) % (1 / share) < 1


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--screen-ms", type=float, default=0, help="protocol users' first screen")
    parser.add_argument("--every-fifth-ms", type=float, default=0, help="each fifth first screen")
    parser.add_argument("--switch-ms", type=float, default=0, help="browsers' quarters")
    parser.add_argument("--error-share", type=float, default=0, help="events answered 500")
    parser.add_argument("--token", default="", help="without it a request is answered 401")
    parser.add_argument("--pid-file", type=Path, required=True)
    options = parser.parse_args()
    options.pid_file.write_text(str(os.getpid()))
    app = Faulty(app_from_environment(), options)
    uvicorn.run(app, port=options.port, log_config=None, access_log=False)


if __name__ == "__main__":
    main()
