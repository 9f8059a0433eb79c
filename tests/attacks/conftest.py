"""Real services for all attacks that leave them as they were.

One is open, on SQLite. The other has accounts and PostgreSQL, and the attacker a good token.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from api.auth import secrets
from api.auth import service as accounts
from api.auth.roles import Role
from api.auth.service import NewToken
from api.storage.engine import for_writing, open_engine
from api.storage.migrate import upgrade
from tests.faults.process import Service, serving
from tests.integration.auth.conftest import bearer

HEAD_SECONDS = 2.0
BODY_SECONDS = 3.0
PATIENCE = {
    "api.heads.HEAD_SECONDS": HEAD_SECONDS,
    "api.body_limit.BODY_SECONDS": BODY_SECONDS,
}


@pytest.fixture(scope="session")
def open_service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    folder: Path = tmp_path_factory.mktemp("attacks")
    with serving(f"sqlite:///{folder}/execdash.db", folder, PATIENCE) as running:
        yield running


@pytest.fixture(scope="session")
def guarded_service(
    postgresql_server: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Service]:
    folder: Path = tmp_path_factory.mktemp("guarded")
    admin = open_engine(postgresql_server)
    with admin.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("CREATE DATABASE attacked"))
    url = admin.url.set(database="attacked").render_as_string(hide_password=False)
    settings = {"EXECDASH_ACCOUNTS": "true", "EXECDASH_PUBLIC_URL": "http://127.0.0.1"}
    with serving(url, folder, PATIENCE, port=None, **settings) as running:
        running.headers = bearer(_token(url))
        yield running
    with admin.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("DROP DATABASE attacked WITH (FORCE)"))
    admin.dispose()


@pytest.fixture
def service(open_service: Service) -> Service:
    return open_service


@pytest.fixture(params=["open", "guarded"])
def any_service(request: pytest.FixtureRequest) -> Service:
    """Each in its turn."""
    service: Service = request.getfixturevalue(f"{request.param}_service")
    return service


@pytest.fixture(autouse=True)
def _unharmed(request: pytest.FixtureRequest) -> Iterator[None]:
    """After each attack the same process answers others as before, and no error was its own."""
    chosen = "any_service" if "any_service" in request.fixturenames else "service"
    service: Service = request.getfixturevalue(chosen)
    yield
    assert service.get("/api/health").status == 200
    screen = 401 if service.headers else 200
    assert service.get("/api/executive-dashboard", headers={}).status == screen
    assert service.starts == 1
    assert "Traceback" not in service.log


def _token(url: str) -> str:
    engine, now = open_engine(url), datetime.now(UTC)
    upgrade(engine)
    new = NewToken(Role.ADMIN, "attacker", now + timedelta(days=1), secrets.new_token())
    with Session(for_writing(engine)) as session, session.begin():
        accounts.create_token(session, now, "local", new)
    engine.dispose()
    return new.secret
