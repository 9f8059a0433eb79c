"""``execdash token``, and tokens that stand in files."""

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text
from sqlalchemy.orm import Session

from api.audit import service as audit
from api.auth import service
from api.auth.roles import Role
from api.auth.token_files import make_files_known
from api.cli import main
from api.commands import UserError
from api.settings import Settings
from api.storage.engine import open_engine
from tests.integration.auth.conftest import NOW, bearer

FIRST = "execdash_" + "a" * 43


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    with pytest.raises(SystemExit) as ended:
        main(["token", *arguments])
    shown = capsys.readouterr()
    assert ended.value.code == 0, shown.err
    return shown.out


@pytest.fixture(autouse=True)
def _database(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXECDASH_DATABASE_URL", database_url)


def test_a_token_is_shown_once_kept_as_a_hash_listed_and_revoked(
    capsys: pytest.CaptureFixture[str], database_url: str
) -> None:
    secret = run(capsys, "create", "--role", "head:sales", "--name", "ada", "--days", "7").strip()
    assert re.fullmatch(r"execdash_[A-Za-z0-9_-]{43}", secret)
    [entry] = json.loads(run(capsys, "list", "--json"))
    assert entry["role"] == "head:sales"
    assert entry["state"] == "good"
    assert entry["last_used_at"] is None
    lasts = datetime.fromisoformat(entry["expires_at"]) - datetime.now(UTC)
    assert 6.9 < lasts.total_seconds() / 86_400 <= 7
    assert "ada" in run(capsys, "list")
    assert run(capsys, "revoke", str(entry["id"])) == f"Token {entry['id']} is revoked.\n"
    assert json.loads(run(capsys, "list", "--json"))[0]["state"] == "revoked"
    stored = _everything(database_url)
    assert secret not in stored
    assert secret.removeprefix("execdash_") not in stored
    assert "token_created" in stored
    assert "token_revoked" in stored


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["create", "--role", "king"], "'king' is not one of 'executive'"),
        (["create", "--role", "sre", "--days", "367"], "less than or equal to 366"),
        (["create", "--role", "sre", "--name", ""], "--name"),
        (["revoke", "77"], "there is no token 77"),
    ],
)
def test_a_mistake_is_one_line(
    capsys: pytest.CaptureFixture[str], arguments: list[str], words: str
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["token", *arguments])
    assert ended.value.code == 2
    assert words in capsys.readouterr().err


def test_use_is_remembered(
    client: TestClient,
    desk: Any,
    capsys: pytest.CaptureFixture[str],
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("EXECDASH_DATABASE_URL", settings.database_url)
    client.get("/metrics", headers=bearer(desk.token(Role.SRE)))
    [entry] = json.loads(run(capsys, "list", "--json"))
    assert entry["last_used_at"] == f"{NOW:%Y-%m-%dT%H:%M:%SZ}"


def test_a_token_in_a_file_is_good_from_the_start_on_and_stays_revoked_once_it_is(
    database_url: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    file = tmp_path / "prometheus-token"
    file.write_text(FIRST + "\n")
    engine = open_engine(database_url)
    for _start in range(2):
        make_files_known(engine, {Role.SRE: file}, datetime.now(UTC))
    [entry] = json.loads(run(capsys, "list", "--json"))
    assert (entry["name"], entry["role"], entry["state"]) == ("prometheus-token", "sre", "good")
    run(capsys, "revoke", str(entry["id"]))
    make_files_known(engine, {Role.SRE: file}, datetime.now(UTC))
    assert json.loads(run(capsys, "list", "--json"))[0]["state"] == "revoked"
    assert "for role sre in its file was revoked: it stays so" in caplog.text
    file.write_text("hunter2")
    with pytest.raises(UserError, match="does not hold a token") as refused:
        make_files_known(engine, {Role.SRE: file}, datetime.now(UTC))
    assert "hunter2" not in refused.value.format_message()
    engine.dispose()


def test_a_token_in_a_file_whose_life_is_prolonged_is_in_the_audit_trail(
    database_url: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "prometheus-token"
    file.write_text(FIRST)
    engine = open_engine(database_url)
    for hours in (0, 1, 24, 25, 26):
        make_files_known(engine, {Role.SRE: file}, NOW + timedelta(hours=hours))
    make_files_known(engine, {Role.ADMIN: file}, NOW)
    assert "for role admin in its file is known with the role sre: it stays so" in caplog.text
    assert "revoked" not in caplog.text
    with Session(engine) as session:
        told = [(row.action, row.about, row.detail) for row in audit.trail(session)]
        [token] = service.tokens(session)
    until = NOW + timedelta(days=366, hours=25)
    assert token.expires_at == until
    assert told[1:] == [
        ("token_prolonged", "token 1 prometheus-token", f"until {until:%Y-%m-%dT%H:%M:%SZ}")
    ]
    engine.dispose()


def _everything(database_url: str) -> str:
    engine = open_engine(database_url)
    with engine.connect() as connection:
        rows = [
            str(row)
            for table in ("api_tokens", "audit_events")
            for row in connection.execute(text(f"SELECT * FROM {table}"))
        ]
    engine.dispose()
    return "\n".join(rows)
