"""The service over a real database, with a clock that the test moves."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import datetime
from functools import partial
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.settings import Settings
from tests.integration.ingest.events import NOW


class Clock:
    """Says what the test says."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


Start = Callable[..., TestClient]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def start_on(tmp_path: Path, clock: Clock) -> Iterator[Start]:
    """Start a service on a database's URL; settings may be given by name."""
    with ExitStack() as running:

        def start(database_url: str, **settings: object) -> TestClient:
            options = {"database_url": database_url, "state_dir": tmp_path / "state"} | settings
            app = create_app(Settings.model_validate(options), clock)
            return running.enter_context(
                TestClient(app, "http://127.0.0.1", raise_server_exceptions=False)
            )

        yield start


@pytest.fixture
def client(start_on: Start, database_url: str) -> TestClient:
    return partial(start_on, database_url)()
