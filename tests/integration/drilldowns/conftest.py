"""The service over a real database, soon after the company of ``company`` closed its books."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.settings import Settings

NOW = datetime(2025, 6, 20, 8, tzinfo=UTC)


@contextmanager
def opened_client(database_url: str, **settings: Any) -> Iterator[TestClient]:
    app = create_app(Settings(database_url=database_url, **settings), lambda: NOW)
    with TestClient(app, "http://127.0.0.1", raise_server_exceptions=False) as opened:
        yield opened


@pytest.fixture
def client(database_url: str) -> Iterator[TestClient]:
    with opened_client(database_url) as opened:
        yield opened
