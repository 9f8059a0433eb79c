"""The service over a real database, with a clock that the test moves."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.settings import Settings

LOOPBACK = "http://127.0.0.1"


class Clock:
    """Says what the test says."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def client(database_url: str, clock: Clock) -> Iterator[TestClient]:
    settings = Settings(database_url=database_url)
    app = create_app(settings, clock)
    with TestClient(app, LOOPBACK, raise_server_exceptions=False) as opened:
        yield opened
