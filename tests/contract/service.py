"""The services that the contract is tried on; their database is filled before the first test."""

import os
import tempfile
from pathlib import Path

from fastapi import FastAPI
from starlette.types import Receive, Scope, Send

from api.app import create_app
from api.settings import Settings

FOLDER = Path(tempfile.gettempdir()) / f"execdash-contract-{os.getpid()}"
SETTINGS = Settings.model_construct(
    database_url=f"sqlite:///{FOLDER}/execdash.db",
    state_dir=FOLDER,
    allowed_hosts=("testserver",),
    requests_per_second=1_000_000,  # everything comes from one client
    event_requests_per_second=1_000_000,
)
SERVICE = create_app(SETTINGS)
# The same with accounts, for what each role is answered.
GUARDED = create_app(
    SETTINGS.model_copy(update={"accounts": True, "public_url": "http://127.0.0.1"})
)


class Late:
    """An application whose database has its address only when the first test begins."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._app: FastAPI | None = None

    def open_on(self, database_url: str) -> None:
        """Serve from that database."""
        self._app = create_app(self._settings.model_copy(update={"database_url": database_url}))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert self._app is not None, "it is asked before its database is there"
        await self._app(scope, receive, send)


# The same two on PostgreSQL.
SERVICE_ON_POSTGRESQL = Late(SETTINGS)
GUARDED_ON_POSTGRESQL = Late(GUARDED.state.settings)
