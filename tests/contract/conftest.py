"""A service with the demonstration company in it, described by its own document."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from schemathesis.python.asgi import shutdown_lifespans

from api.app import create_app, utc_now
from api.demo.service import load_demo
from api.storage.engine import open_engine
from api.storage.migrate import upgrade
from tests.conftest import postgresql_database
from tests.contract.roles import Credentials, handed_out
from tests.contract.service import (
    FOLDER,
    GUARDED_ON_POSTGRESQL,
    SERVICE,
    SERVICE_ON_POSTGRESQL,
    SETTINGS,
)


@pytest.fixture(scope="session", autouse=True)
def _filled_database() -> Iterator[None]:
    _fill(SETTINGS.database_url)
    yield
    shutdown_lifespans()
    shutil.rmtree(FOLDER)


@pytest.fixture(scope="session")
def filled_postgresql(postgresql_server: str, postgresql_template: str) -> Iterator[str]:
    """URL of the database behind the services on PostgreSQL."""
    with postgresql_database(postgresql_server, postgresql_template) as url:
        _fill(url)
        SERVICE_ON_POSTGRESQL.open_on(url)
        GUARDED_ON_POSTGRESQL.open_on(url)
        yield url
        shutdown_lifespans()


def _fill(database_url: str) -> None:
    engine = open_engine(database_url)
    upgrade(engine)
    load_demo(engine, SETTINGS, utc_now())
    engine.dispose()


@pytest.fixture(scope="session")
def credentials(_filled_database: None) -> Credentials:
    """What each role sends along."""
    return handed_out(SETTINGS.database_url)


@pytest.fixture(scope="session")
def credentials_on_postgresql(filled_postgresql: str) -> Credentials:
    """The same for the services on PostgreSQL."""
    return handed_out(filled_postgresql)


@pytest.fixture(scope="session")
def client(_filled_database: None) -> Iterator[TestClient]:
    with TestClient(create_app(SETTINGS)) as opened:
        yield opened


@pytest.fixture(scope="session")
def document() -> dict[str, Any]:
    """The OpenAPI document, as clients get it."""
    written: dict[str, Any] = json.loads(json.dumps(SERVICE.openapi()))
    return written


@pytest.fixture(scope="session")
def document_file(document: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("document") / "openapi.json"
    file.write_text(json.dumps(document, indent=2))
    return file
