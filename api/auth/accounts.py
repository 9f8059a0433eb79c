"""Who may come in, put together from the settings; without accounts everybody on this machine."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial

from sqlalchemy import Engine
from starlette.routing import BaseRoute

from api.auth import permissions, secrets, service
from api.auth.gate import Doorkeeper, Refused
from api.auth.verifier import THREADS, InThread, Judge, Verifier
from api.settings import Settings


class Accounts:
    """The accounts of one service."""

    def __init__(self, settings: Settings, clock: Callable[[], datetime], refused: Refused) -> None:
        self._judges: dict[secrets.Kind, Judge] = {}
        self.verifier = Verifier(self._judges) if settings.accounts else None
        cookie = settings.session_cookie.encode()
        self.doorkeeper = Doorkeeper(self.verifier, cookie, clock, refused)

    def use(self, engine: Engine) -> None:
        """Look tokens and sessions up there."""
        threads = ThreadPoolExecutor(THREADS, thread_name_prefix="accounts")
        self._judges["token"] = InThread(partial(service.judge_token, engine), threads)
        self._judges["session"] = InThread(partial(service.judge_session, engine), threads)

    def refuse_routes_without_rule(self, routes: Sequence[BaseRoute]) -> None:
        """A route that the table does not know is a mistake of ours: the service does not start."""
        if missing := permissions.operations(routes) - {*permissions.TABLE}:
            names = ", ".join(sorted(" ".join(operation) for operation in missing))
            raise RuntimeError(f"api/auth/permissions.py has no rule for: {names}")
