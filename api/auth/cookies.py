"""The two cookies: of a session, and of a sign-in that has begun."""

import base64
import binascii
from dataclasses import asdict

import orjson
from starlette.requests import Request
from starlette.responses import Response

from api.auth.provider import Flow
from api.settings import Settings

FLOW_SECONDS = 600
MOST_WANTED = 1000


class Cookies:
    """Sets and reads them: never for scripts, never sent by other sites' requests."""

    def __init__(self, settings: Settings) -> None:
        self.session = settings.session_cookie
        self._flow = f"{self.session}-sign-in"
        self._is_secure = self.session.startswith("__Host-")

    def begin_session(self, response: Response, secret: str, seconds: int) -> None:
        """Give the browser its session."""
        self._set(response, self.session, secret, seconds)

    def end_session(self, response: Response) -> None:
        """Take it away."""
        self._set(response, self.session, "", 0)

    def begin_flow(self, response: Response, flow: Flow) -> None:
        """Let the browser hold what its sign-in was begun with."""
        text = base64.urlsafe_b64encode(orjson.dumps(asdict(flow))).decode()
        self._set(response, self._flow, text, FLOW_SECONDS)

    def end_flow(self, response: Response) -> None:
        """It is used up."""
        self._set(response, self._flow, "", 0)

    def flow(self, request: Request) -> Flow | None:
        """What the browser began with, or None."""
        try:
            found = orjson.loads(base64.urlsafe_b64decode(request.cookies.get(self._flow, "")))
            return Flow(**{name: str(value) for name, value in found.items()})
        except (binascii.Error, orjson.JSONDecodeError, AttributeError, TypeError, ValueError):
            return None

    def _set(self, response: Response, name: str, value: str, seconds: int) -> None:
        response.set_cookie(
            name, value, seconds, path="/", secure=self._is_secure, httponly=True, samesite="lax"
        )


def local_path(wanted: str) -> str | None:
    """A path of this service to go on to; None for anything that could lead elsewhere."""
    is_local = wanted.startswith("/") and not wanted.startswith(("//", "/\\"))
    harmless = wanted.isascii() and wanted.isprintable() and len(wanted) <= MOST_WANTED
    return wanted if is_local and harmless and "\\" not in wanted else None
