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
from tests.contract.service import FOLDER, SERVICE, SETTINGS


@pytest.fixture(scope="session", autouse=True)
def _filled_database() -> Iterator[None]:
    engine = open_engine(SETTINGS.database_url)
    upgrade(engine)
    load_demo(engine, SETTINGS, utc_now())
    engine.dispose()
    yield
    shutdown_lifespans()
    shutil.rmtree(FOLDER)


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
