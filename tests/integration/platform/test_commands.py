"""The program as its user meets it: help that teaches, mistakes in one line, exit code 2."""

import json
import socket
from collections.abc import Callable
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.cli import main
from api.server import app_from_environment
from tests.integration.platform.running import execdash

Mistake = Callable[..., str]


@pytest.fixture
def mistake(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Mistake:
    """Run a command that its user gets wrong; gives the one line on stderr."""

    def run(*arguments: str, **environment: str) -> str:
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        assert ended.value.code == 2
        shown = capsys.readouterr()
        assert shown.out == ""
        [line] = shown.err.splitlines()
        assert line.startswith("execdash: ")
        return line.removeprefix("execdash: ")

    return run


def test_help_names_every_command_and_where_to_start(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--help"])
    assert ended.value.code == 0
    text = capsys.readouterr().out
    for word in ("serve", "import", "imports", "demo", "db", "slo", "openapi", "--demo"):
        assert word in text


def test_without_a_command_the_help_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([])
    assert ended.value.code == 2
    assert "Usage: execdash" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["srve"], "No such command 'srve'"),
        (["serve", "--prt", "1"], "--prt"),
        (["serve", "--port", "http"], "--port"),
        (["serve", "--port", "0"], "--port"),
        (["import"], "'kind'"),
    ],
)
def test_a_command_typed_wrong_is_one_line(
    mistake: Mistake, arguments: list[str], words: str
) -> None:
    assert words in mistake(*arguments)


@pytest.mark.parametrize(
    ("variable", "value", "allowed"),
    [
        ("EXECDASH_CURRENCY", "pounds", "ISO 4217"),
        ("EXECDASH_TIMEZONE", "Mars/Phobos", "Europe/London"),
        ("EXECDASH_FISCAL_YEAR_START_MONTH", "13", "1 to 12"),
        ("EXECDASH_RAW_RETENTION_DAYS", "ten", "integer"),
        ("EXECDASH_DATABASE_URL", "mysql://u:hunter2@h/db", "sqlite:///PATH"),
        ("EXECDASH_DATABASE_URL", "hunter2", "sqlite:///PATH"),
        ("EXECDASH_ALLOWED_HOSTS", "kpi.corp:8000", "without port"),
        ("EXECDASH_ACCOUNTS", "perhaps", "boolean"),
        ("EXECDASH_PUBLIC_URL", "http://kpi.corp", "https://kpi.corp"),
    ],
)
def test_a_setting_that_is_not_allowed_is_named_with_what_is(
    mistake: Mistake, variable: str, value: str, allowed: str
) -> None:
    line = mistake("serve", **{variable: value})
    assert variable in line
    assert allowed in line
    assert "hunter2" not in line


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "example.com"])
def test_without_accounts_only_loopback_is_listened_on(
    mistake: Mistake, host: str, tmp_path: Path
) -> None:
    database = tmp_path / "untouched.db"
    line = mistake("serve", "--host", host, EXECDASH_DATABASE_URL=f"sqlite:///{database}")
    assert "EXECDASH_ACCOUNTS=true" in line
    assert not database.exists()


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("EXECDASH_ALLOWED_HOSTS", "127.0.0.1,kpi.corp"),
        ("EXECDASH_ALLOWED_HOSTS", "*.localhost.corp"),
        ("EXECDASH_TRUSTED_PROXIES", "127.0.0.1"),
    ],
)
def test_without_accounts_nobody_is_let_in_through_a_proxy_or_by_a_name(
    mistake: Mistake, variable: str, value: str, tmp_path: Path
) -> None:
    database = tmp_path / "untouched.db"
    url = f"sqlite:///{database}"
    line = mistake("serve", EXECDASH_DATABASE_URL=url, **{variable: value})
    assert "EXECDASH_ACCOUNTS: must be true" in line
    assert f"{variable} has {value.rpartition(',')[2]}" in line
    assert not database.exists()


@pytest.mark.parametrize(
    ("client", "status"),
    [("127.0.0.1", 200), ("::1", 200), ("192.0.2.1", 403), ("a-socket", 403)],
)
def test_another_server_lets_in_this_machine_only_while_there_are_no_accounts(
    monkeypatch: pytest.MonkeyPatch, sqlite_url: str, client: str, status: int
) -> None:
    monkeypatch.setenv("EXECDASH_DATABASE_URL", sqlite_url)
    with TestClient(app_from_environment(), "http://127.0.0.1", client=(client, 5000)) as asking:
        for path in ("/api/health", "/api/executive-dashboard"):
            assert asking.get(path).status_code == status
    monkeypatch.setenv("EXECDASH_ACCOUNTS", "true")
    monkeypatch.setenv("EXECDASH_PUBLIC_URL", "http://127.0.0.1")
    with TestClient(app_from_environment(), "http://127.0.0.1", client=(client, 5000)) as asking:
        assert asking.get("/api/health").status_code == 200
        assert asking.get("/api/alerts").status_code == 401


def test_a_port_that_is_taken_is_said_before_anything_is_touched(
    mistake: Mistake, tmp_path: Path
) -> None:
    database = tmp_path / "untouched.db"
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        line = mistake("serve", "--port", port, EXECDASH_DATABASE_URL=f"sqlite:///{database}")
    assert port in line
    assert "in use" in line
    assert not database.exists()


def test_a_database_that_is_away_is_one_line() -> None:
    ended = execdash(
        "serve", "--port", "8399", EXECDASH_DATABASE_URL="postgresql://u:hunter2@127.0.0.1:1/db"
    )
    assert ended.returncode == 1
    [line] = ended.stderr.splitlines()
    assert line.startswith("execdash: the database cannot be used: ")
    assert "hunter2" not in line


def test_the_openapi_document_does_not_depend_on_who_prints_it(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    printed = []
    for retention in ("40", "50"):
        monkeypatch.setenv("EXECDASH_RAW_RETENTION_DAYS", retention)
        monkeypatch.setenv("EXECDASH_CURRENCY", "JPY")
        with pytest.raises(SystemExit):
            main(["openapi"])
        printed.append(capsys.readouterr().out)
    assert printed[0] == printed[1]
    assert json.loads(printed[0])["openapi"].startswith("3.1")
