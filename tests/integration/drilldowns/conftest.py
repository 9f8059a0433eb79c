"""The service over a real database, a year after the company of ``company`` closed its books."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.settings import Settings

NOW = datetime(2025, 6, 20, 8, tzinfo=UTC)


@pytest.fixture
def client(database_url: str) -> Iterator[TestClient]:
    settings = Settings(database_url=database_url)
    app = create_app(settings, lambda: NOW)
    with TestClient(app, "http://127.0.0.1", raise_server_exceptions=False) as opened:
        yield opened
