"""Looks at each part that answers depend on."""

from functools import cache

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from api.errors import Unavailable
from api.health.schemas import Dependency, Readiness
from api.ingest.service import Ingest
from api.storage import migrate

newest_revision = cache(migrate.newest_revision)


def readiness(engine: Engine, ingest: Ingest) -> Readiness:
    """The state of each dependency. Raises ``Unavailable`` with the same states if one is away."""
    dependencies = [_database(engine), _event_writer(ingest)]
    away = [dependency.name for dependency in dependencies if not dependency.ready]
    if away:
        raise Unavailable(
            f"Not ready: {', '.join(away)}.",
            headers={"Retry-After": "5"},
            dependencies=[dependency.model_dump() for dependency in dependencies],
        )
    return Readiness(status="ready", dependencies=dependencies)


def _database(engine: Engine) -> Dependency:
    try:
        revision = migrate.current_revision(engine)
    except SQLAlchemyError:
        return Dependency(name="database", ready=False, detail="cannot be reached")
    if revision != newest_revision():
        return Dependency(name="database", ready=False, detail="schema is not the newest")
    return Dependency(name="database", ready=True, detail=f"schema {revision}")


def _event_writer(ingest: Ingest) -> Dependency:
    detail = "takes events" if ingest.is_alive else "has stopped"
    return Dependency(name="event_writer", ready=ingest.is_alive, detail=detail)
