"""What handlers ask for: a session, the time, the settings, who is acting."""

from datetime import datetime
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy.orm import Session as OrmSession

from api.settings import Settings as AppSettings


def _session(request: Request) -> OrmSession:
    session: OrmSession = request.state.session
    return session


def _now(request: Request) -> datetime:
    now: datetime = request.app.state.clock()
    return now


def _settings(request: Request) -> AppSettings:
    settings: AppSettings = request.app.state.settings
    return settings


def _actor() -> str:
    # One local user until there are accounts.
    return "local"


Session = Annotated[OrmSession, Depends(_session)]
Now = Annotated[datetime, Depends(_now)]
Settings = Annotated[AppSettings, Depends(_settings)]
Actor = Annotated[str, Depends(_actor)]
