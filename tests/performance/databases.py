"""A migrated database of each engine, with room for today's events."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Engine, make_url, text

from api.storage.engine import open_engine
from api.storage.event_engines import open_event_store
from api.storage.event_store import EventStore
from api.storage.migrate import upgrade
from slo.objectives import load_objectives
from slo.rollup import Rollup
from tests.performance.processes import postgresql
from tests.performance.raw_inserts import PostgresqlInserts, RawInserts, SqliteInserts

ENGINES = ("sqlite", "postgresql")


@dataclass(frozen=True)
class Databases:
    """Makes empty databases of one engine."""

    engine: str
    folder: Path
    server_url: str = ""

    def new(self, name: str) -> str:
        """The URL of a new database."""
        if self.engine == "sqlite":
            url = f"sqlite:///{self.folder / name}.db"
        else:
            url = make_url(self.server_url).set(database=name).render_as_string(False)
            self._create(name)
        engine = open_engine(url)
        upgrade(engine)
        store(engine).prepare(datetime.now(UTC).date())
        engine.dispose()
        return url

    def raw_inserts(self, url: str) -> RawInserts:
        """The driver's own way into a database that ``new`` made."""
        if self.engine == "sqlite":
            return SqliteInserts(url.removeprefix("sqlite:///"))
        return PostgresqlInserts(url)

    def _create(self, name: str) -> None:
        admin = open_engine(self.server_url)
        with admin.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text(f"CREATE DATABASE {name}"))
        admin.dispose()


@contextmanager
def databases(engine: str, folder: Path) -> Iterator[Databases]:
    """Where databases of ``engine`` can be made."""
    if engine == "sqlite":
        yield Databases(engine, folder)
        return
    with postgresql() as url:
        yield Databases(engine, folder, url)


def store(engine: Engine) -> EventStore:
    """The service's own event store, with the objectives that are shipped."""
    return open_event_store(engine, Rollup(load_objectives()))
