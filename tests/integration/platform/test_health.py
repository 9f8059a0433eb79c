"""Health says that the process answers; readiness tells the truth about what it needs."""

from pathlib import Path

from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from api.storage.migrate import downgrade, newest_revision
from tests.integration.platform.conftest import Start


def test_health_looks_at_nothing(start: Start, tmp_path: Path) -> None:
    answer = start(f"sqlite:///{tmp_path}/never-migrated.db").get("/api/health")
    assert answer.status_code == 200
    assert answer.json() == {"status": "ok"}


def test_a_service_that_has_all_it_needs_is_ready(start: Start, database_url: str) -> None:
    answer = start(database_url).get("/api/ready")
    assert answer.status_code == 200
    assert answer.json() == {
        "status": "ready",
        "dependencies": [
            {"name": "database", "ready": True, "detail": f"schema {newest_revision()}"},
            {"name": "event_writer", "ready": True, "detail": "takes events"},
        ],
    }


def test_an_old_schema_is_not_ready(start: Start, database_url: str, engine: Engine) -> None:
    downgrade(engine, "base")
    _is_not_ready(start(database_url), "database", "schema is not the newest")


def test_a_database_that_is_away_is_not_ready(start: Start, tmp_path: Path) -> None:
    client = start("postgresql://nobody@127.0.0.1:1/nothing")
    _is_not_ready(client, "database", "cannot be reached")


def test_a_writer_that_has_stopped_is_not_ready(start: Start, database_url: str) -> None:
    client = start(database_url)
    assert client.portal is not None
    assert isinstance(client.app, FastAPI)
    client.portal.call(client.app.state.ingest._writer.stop)
    _is_not_ready(client, "event_writer", "has stopped")


def _is_not_ready(client: TestClient, name: str, detail: str) -> None:
    answer = client.get("/api/ready")
    assert answer.status_code == 503
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["retry-after"] == "5"
    assert name in answer.json()["detail"]
    [state] = [each for each in answer.json()["dependencies"] if each["name"] == name]
    assert state == {"name": name, "ready": False, "detail": detail}
