"""A service whose events the test puts into the store."""

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from api.app import create_app
from api.settings import Settings
from api.storage.event_store import Event
from tests.integration.ingest.events import NOW, store_of


class Clock:
    """Says what the test says."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


Append = Callable[[list[Event]], None]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def client(database_url: str, tmp_path: Path, clock: Clock) -> Iterator[TestClient]:
    settings = Settings(database_url=database_url, state_dir=tmp_path / "state")
    with TestClient(
        create_app(settings, clock), "http://127.0.0.1", raise_server_exceptions=False
    ) as opened:
        yield opened


@pytest.fixture
def append(engine: Engine) -> Append:
    store = store_of(engine)

    def run(events: list[Event]) -> None:
        for start in range(0, len(events), 2000):
            store.append(events[start : start + 2000])

    return run
