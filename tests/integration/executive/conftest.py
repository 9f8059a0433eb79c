"""A running service on a test's own database, with a clock that stands still."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.settings import Settings


class Clock:
    """The service's time, moved by hand."""

    def __init__(self) -> None:
        self.now = datetime(2024, 7, 10, 9, tzinfo=UTC)

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
def start(database_url: str, start_on: Start) -> Start:
    """Start a service on the test's own database."""
    return partial(start_on, database_url)
