"""What handlers ask for: a session, the time, the settings, who is acting.

They are coroutines because they do no work: anything else is sent to a thread.
"""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Annotated

from fastapi import Depends, Header, Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from pydantic import WithJsonSchema
from sqlalchemy.orm import Session as OrmSession

from api.answers import Answers as AnswersGiven
from api.answers import Reusable
from api.auth.identity import Identity, identity_of
from api.errors import BadRequest
from api.known_answers import KnownAnswers
from api.settings import Settings as AppSettings
from api.storage.unit_of_work import admitted
from telemetry.metrics import Metrics as AppMetrics

IfNoneMatch = Annotated[
    str | None,
    Header(alias="If-None-Match", description="An ETag of an earlier answer."),
    WithJsonSchema({"type": "string"}),
]


async def _now(request: Request) -> datetime:
    now: datetime = request.app.state.clock()
    return now


async def _settings(request: Request) -> AppSettings:
    settings: AppSettings = request.app.state.settings
    return settings


async def _answers(request: Request) -> AnswersGiven:
    answers: AnswersGiven = request.app.state.answers
    return answers


async def _metrics(request: Request) -> AppMetrics:
    metrics: AppMetrics = request.app.state.metrics
    return metrics


async def _viewer(request: Request) -> Identity:
    return identity_of(request.scope)


async def _actor(request: Request) -> str:
    return identity_of(request.scope).label


Now = Annotated[datetime, Depends(_now)]


async def _give(
    request: Request, now: Now, if_none_match: IfNoneMatch = None
) -> Callable[[Reusable], Response]:
    known: KnownAnswers = request.app.state.known_answers
    return partial(known.give, request.scope, now, if_none_match)


Session = Annotated[OrmSession, Depends(admitted)]
Settings = Annotated[AppSettings, Depends(_settings)]
Viewer = Annotated[Identity, Depends(_viewer)]
Actor = Annotated[str, Depends(_actor)]
Answers = Annotated[AnswersGiven, Depends(_answers)]
Give = Annotated[Callable[[Reusable], Response], Depends(_give)]
Metrics = Annotated[AppMetrics, Depends(_metrics)]


async def only_known_parameters(request: Request) -> None:
    """Refuse a query parameter that the route does not have: a typing error would go unseen."""
    route = request.scope["route"]
    if not isinstance(route, APIRoute) or not route.path.startswith("/api/"):
        return
    given = [name for name, _value in request.query_params.multi_items()]
    known = tuple(dict.fromkeys(_query_names(route.dependant))) if given else ()
    for name in given:
        if name not in known:
            allowed = f"allowed are {', '.join(known)}" if known else "there are none here"
            raise BadRequest(f"{name[:80]}: no such query parameter; {allowed}")
        if given.count(name) > 1:
            raise BadRequest(f"{name}: given {given.count(name)} times; allowed is once")


def _query_names(dependant: Dependant) -> list[str]:
    own = [field.alias for field in dependant.query_params]
    return own + [name for part in dependant.dependencies for name in _query_names(part)]
