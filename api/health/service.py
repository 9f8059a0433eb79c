"""Looks at each part that answers depend on."""

from functools import cache

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from api.errors import Unavailable
from api.health.schemas import Dependency, Readiness
from api.ingest.service import Ingest
from api.single_flight import SingleFlight
from api.storage import migrate

PATIENCE_SECONDS = 2.0  # with a database that does not answer

newest_revision = cache(migrate.newest_revision)


class DatabaseProbe:
    """Asks the database where it stands, once at a time however many want to know."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._asking = SingleFlight[str | None]()

    def state(self) -> Dependency:
        """The database's state, within ``PATIENCE_SECONDS``."""
        try:
            revision = self._asking.run("revision", self._revision, PATIENCE_SECONDS)
        except SQLAlchemyError:
            return _database(ready=False, detail="cannot be reached")
        except TimeoutError:
            return _database(ready=False, detail="does not answer")
        if revision != newest_revision():
            return _database(ready=False, detail="schema is not the newest")
        return _database(ready=True, detail=f"schema {revision}")

    def _revision(self) -> str | None:
        return migrate.current_revision(self._engine)


def readiness(database: DatabaseProbe, ingest: Ingest) -> Readiness:
    """The state of each dependency. Raises ``Unavailable`` with the same states if one is away."""
    dependencies = [database.state(), _event_writer(ingest)]
    away = [dependency.name for dependency in dependencies if not dependency.ready]
    if away:
        raise Unavailable(
            f"Not ready: {', '.join(away)}.",
            headers={"Retry-After": "5"},
            dependencies=[dependency.model_dump() for dependency in dependencies],
        )
    return Readiness(status="ready", dependencies=dependencies)


def _database(*, ready: bool, detail: str) -> Dependency:
    return Dependency(name="database", ready=ready, detail=detail)


def _event_writer(ingest: Ingest) -> Dependency:
    detail = "takes events" if ingest.is_alive else "has stopped"
    return Dependency(name="event_writer", ready=ingest.is_alive, detail=detail)
