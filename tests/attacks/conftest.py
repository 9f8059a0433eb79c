"""One real service for all attacks that leave it as it was."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.process import Service, serving

HEAD_SECONDS = 2.0
BODY_SECONDS = 3.0
PATIENCE = {
    "api.heads.HEAD_SECONDS": HEAD_SECONDS,
    "api.body_limit.BODY_SECONDS": BODY_SECONDS,
}


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    folder: Path = tmp_path_factory.mktemp("attacks")
    with serving(f"sqlite:///{folder}/execdash.db", folder, PATIENCE) as running:
        yield running


@pytest.fixture(autouse=True)
def _unharmed(service: Service) -> Iterator[None]:
    """After each attack the same process answers others as before, and no error was its own."""
    yield
    assert service.get("/api/health").status == 200
    assert service.get("/api/executive-dashboard").status == 200
    assert service.starts == 1
    assert "Traceback" not in service.log
