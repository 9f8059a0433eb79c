"""Two processes that start on one PostgreSQL: the second waits, and finds all done."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from api.auth import service
from api.auth.roles import Role
from api.auth.token_files import make_files_known
from api.storage.engine import for_writing, open_engine
from api.storage.migrate import current_revision, migrate_alone, newest_revision, step_to
from tests.integration.ingest.events import NOW
from tests.integration.storage.conftest import NewDatabase
from tests.program import until

SECRET = "execdash_" + "a" * 43


def wait_until_somebody_waits(engine: Engine) -> None:
    asked = text(
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )

    def somebody_waits() -> bool:
        with engine.connect() as connection:
            return bool(connection.execute(asked).scalar_one())

    until(somebody_waits, "the second process")


def test_the_second_to_migrate_waits(new_database: NewDatabase) -> None:
    engine = new_database("postgresql")
    url = engine.url.render_as_string(hide_password=False)
    with for_writing(engine).begin() as connection:
        step_to(connection, "head")
        second = subprocess.Popen(
            [sys.executable, "-m", "api.cli", "db", "upgrade"],
            env={**os.environ, "EXECDASH_DATABASE_URL": url},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        wait_until_somebody_waits(engine)
    output, _ = second.communicate(timeout=60)
    assert second.returncode == 0, output
    assert output == f"The database's schema is now {newest_revision()}.\n"
    assert current_revision(engine) == newest_revision()


def test_the_second_to_make_a_file_known_waits(postgresql_url: str, tmp_path: Path) -> None:
    engine, file = open_engine(postgresql_url), tmp_path / "token"
    file.write_text(SECRET)
    with ThreadPoolExecutor(1) as second:
        with Session(for_writing(engine)) as session, session.begin():
            migrate_alone(session.connection())
            service.make_known(session, NOW, Role.SRE, "token", SECRET)
            done = second.submit(make_files_known, engine, {Role.SRE: file}, NOW)
            wait_until_somebody_waits(engine)
        done.result(30)
    with Session(engine) as session:
        assert len(service.tokens(session)) == 1
    engine.dispose()
