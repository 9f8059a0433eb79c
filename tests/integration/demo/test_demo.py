"""``execdash demo``: an empty database becomes a dashboard with a story, alike on each engine."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine, func, select

from api.app import create_app
from api.cli import main
from api.demo.service import NotEmpty, has_data, load_demo
from api.settings import Settings
from api.soundness import faults
from api.storage.engine import for_writing, open_engine
from api.storage.event_tables import user_events
from api.storage.tables import imports, metadata
from tests.factories import add, order

NOW = datetime(2026, 11, 22, 18, 20, tzinfo=UTC)
QUESTIONS = (
    "executive-dashboard?range=12m&granularity=month",
    "executive-dashboard?range=6m&granularity=quarter",
    "kpis/gm?by=region",
    "slo?window=7d",
)


@contextmanager
def service(database_url: str, state_dir: Path) -> Iterator[TestClient]:
    settings = Settings.model_validate({"database_url": database_url, "state_dir": state_dir})
    app = create_app(settings, lambda: NOW)
    with TestClient(app, "http://127.0.0.1", raise_server_exceptions=False) as opened:
        yield opened


@pytest.fixture
def loaded(request: pytest.FixtureRequest, tmp_path: Path) -> Mapping[str, Mapping[str, Any]]:
    """What the service answers about the demo company, by engine and question."""
    answers = {}
    for name in ("sqlite", "postgresql"):
        url = request.getfixturevalue(f"{name}_url")
        engine = open_engine(url)
        steps: list[str] = []
        load_demo(engine, Settings(), NOW, steps.append)
        assert steps[0] == "visits"
        assert steps[-1] == "targets"
        assert faults(engine, Settings(), NOW) == []
        with pytest.raises(NotEmpty):
            load_demo(engine, Settings(), NOW)
        engine.dispose()
        with service(url, tmp_path / name) as client:
            answers[name] = {q: client.get(f"/api/{q}").json() for q in QUESTIONS}
    return answers


def test_the_demo_company_has_ten_numbers_a_story_and_a_failing_objective_on_each_engine(
    loaded: Mapping[str, Mapping[str, Any]],
) -> None:
    for question in QUESTIONS:
        assert loaded["sqlite"][question] == loaded["postgresql"][question], question
    objectives = loaded["sqlite"]["slo?window=7d"]["objectives"]
    assert [one["name"] for one in objectives if "counted_since" in one] == []  # nothing is left
    screen = loaded["sqlite"][QUESTIONS[0]]
    assert {
        kpi["key"]: kpi["value"] for kpi in screen["executiveKpis"] if kpi["value"] is None
    } == {}
    assert all(None not in kpi["sparkline"] for kpi in screen["executiveKpis"])
    assert screen["running"]["through"] == "2026-11-21"
    assert screen["freshness"]["demo"] is True
    assert {"high", "medium"} <= {alert["severity"] for alert in screen["alerts"]}
    assert {alert["kpi"] for alert in screen["alerts"]} == {"uptime", "backlog", "gm"}
    assert sum(risk["due"] < "2026-11-22" for risk in screen["risks"]) == 1
    statuses = {kpi["key"]: kpi.get("status") for kpi in screen["executiveKpis"]}
    healthy = {key for key, status in statuses.items() if status == "good"}
    assert {"nrr", "payback", "revenue", "book_to_bill", "arr"} <= healthy
    verdicts = {o["name"]: o["verdict"] for o in loaded["sqlite"]["slo?window=7d"]["objectives"]}
    assert [name for name, verdict in verdicts.items() if verdict == "fail"] == ["render"]
    assert [name for name, verdict in verdicts.items() if verdict == "pass"] == [
        "ttfb",
        "switch",
        "alerts-poll",
        "drilldown-clicks",
    ]


def test_a_database_with_data_is_left_alone(
    engine: Engine, database_url: str, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    assert not has_data(engine)
    add(engine, "orders", order(booked_on="2024-01-05", amount=1))
    assert has_data(engine)
    before = _counts(engine)
    monkeypatch.setenv("EXECDASH_DATABASE_URL", database_url)
    with pytest.raises(SystemExit) as ended:
        main(["demo"])
    captured = capsys.readouterr()
    assert ended.value.code == 2
    assert captured.err == (
        "execdash: the database has data already; demo data need an empty one\n"
    )
    assert captured.out == ""
    assert _counts(engine) == before


def test_the_command_fills_an_empty_database_and_marks_what_it_writes(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("EXECDASH_DATABASE_URL", sqlite_url)
    with pytest.raises(SystemExit) as ended:
        main(["demo"])
    assert ended.value.code == 0
    assert "execdash serve" in capsys.readouterr().out
    engine = open_engine(sqlite_url)
    with engine.connect() as connection:
        rows = connection.execute(select(imports.c.demo, imports.c.actor)).all()
        assert {tuple(row) for row in rows} == {(True, "local")}
        stored = connection.execute(select(func.count()).select_from(user_events)).scalar_one()
        assert stored > 10_000
    engine.dispose()


def test_visitors_whom_the_service_saw_already_are_not_mixed_with_made_up_ones(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.demo.service.files", lambda _through: iter(()))  # takes long
    engine = open_engine(sqlite_url)
    with for_writing(engine).begin() as connection:
        event = {"event_id": "x", "event_type": "page_view", "synthetic": False, "id": 1}
        connection.execute(user_events.insert(), event | {"event_time": NOW, "received_at": NOW})
    load_demo(engine, Settings(), NOW)
    with engine.connect() as connection:
        assert connection.execute(select(func.count()).select_from(user_events)).scalar_one() == 1
    engine.dispose()


def _counts(engine: Engine) -> dict[str, int]:
    with engine.connect() as connection:
        return {
            name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for name, table in metadata.tables.items()
        }
