"""A backup holds all there is, and a restore brings back all of it or changes nothing."""

import stat
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from sqlalchemy import Engine, insert, inspect, select, text

from api.settings import Settings
from api.soundness import faults
from api.storage.archive import ArchiveError
from api.storage.backup import back_up, tables_of
from api.storage.engine import for_writing
from api.storage.event_tables import user_event_meta, user_events
from api.storage.migrate import current_revision, downgrade, newest_revision, upgrade
from api.storage.restore import NotEmpty, restore
from api.storage.tables import alerts, data_version, metadata
from slo import rollup
from tests.factories import IMPORTED_AT, add, customer, inventory, order, risk, target, uptime
from tests.integration.ingest.events import NOW, event, store_of
from tests.integration.storage.conftest import NewDatabase

TABLES = [*metadata.sorted_tables, *rollup.metadata.sorted_tables]
ENGINES = ("sqlite", "postgresql")


def quietly(_table: str) -> None:
    """Nobody watches."""


def fill(engine: Engine) -> None:
    add(engine, "orders", order("2024-01-05", "12.34", profit="-1.5", region="Nørd\n'); --"))
    add(engine, "customers", customer("C-1", "=1+1", created_on="2024-01-01"))
    add(engine, "uptime", uptime("2024-01", "99.5", "100"))
    add(engine, "targets", target("gm", "31.25"))
    add(engine, "risks", risk())
    add(engine, "inventory", inventory("2024-01"))
    alert = {
        "type": "kpi_threshold",
        "fingerprint": "kpi:gm",
        "title": "T",
        "description": "D",
        "severity": "high",
        "status": "open",
        "created_at": IMPORTED_AT,
    }
    with for_writing(engine).begin() as connection:
        connection.execute(insert(alerts), [alert])
    store = store_of(engine)
    for age in range(3):
        moment = NOW - timedelta(days=age, microseconds=7)
        texts = {"kpi": "revenue", "note": "a\tb\\N"}
        store.append(
            [
                event(event_time=moment, client_time=moment, session_id="s", texts=texts),
                event(event_time=moment, numbers={"ttfb_ms": 0.1 + age}, synthetic=True),
            ]
        )


def everything(engine: Engine) -> dict[str, list[str]]:
    """All rows of all tables, written the same way on each engine.

    Not the data's version, nor what the audit trail says of restores.
    """
    with engine.connect() as connection:
        return {
            table.name: sorted(
                repr(tuple(row))
                for row in connection.execute(select(*table.c))
                if "restored" not in row
            )
            for table in TABLES
            if table is not data_version
        }


def version(engine: Engine) -> int:
    with engine.connect() as connection:
        found: int = connection.execute(select(data_version.c.version)).scalar_one()
        return found


def test_no_table_is_left_out(engine: Engine) -> None:
    fill(engine)
    with engine.connect() as connection:
        kept = {table.name for table in tables_of(connection)}
    assert {table.name for table in TABLES} <= kept
    partitions = {name for name in inspect(engine).get_table_names() if name[-8:].isdigit()}
    assert set(inspect(engine).get_table_names()) == kept | partitions | {"alembic_version"}


@pytest.mark.parametrize("other", ENGINES)
def test_all_is_brought_back_on_either_engine(
    engine: Engine, new_database: NewDatabase, tmp_path: Path, other: str
) -> None:
    fill(engine)
    before = everything(engine)
    manifest = back_up(engine, tmp_path / "b.zip", NOW, quietly)
    assert everything(engine) == before
    assert manifest.rows == 1 + sum(map(len, before.values()))
    restored = new_database(other)
    restore(restored, tmp_path / "b.zip", NOW, quietly, replace=False)
    assert everything(restored) == before
    assert version(restored) > version(engine)
    assert faults(restored, Settings(), NOW) == []


def test_what_comes_after_a_restore_gets_numbers_of_its_own(
    engine: Engine, new_database: NewDatabase, tmp_path: Path
) -> None:
    fill(engine)
    back_up(engine, tmp_path / "b.zip", NOW, quietly)
    restored = new_database(engine.dialect.name)
    restore(restored, tmp_path / "b.zip", NOW, quietly, replace=False)
    add(restored, "risks", risk("Another"))
    later = NOW + timedelta(days=2)
    store_of(restored).append([event(event_time=later)])
    with restored.connect() as connection:
        assert len(connection.execute(select(user_events)).all()) == 7
        assert len(connection.execute(select(user_event_meta)).all()) > 7
    assert faults(restored, Settings(), later) == []


def test_tables_of_others_are_left_out_and_stay_where_they_are(
    engine: Engine, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with for_writing(engine).begin() as connection:
        connection.execute(text("CREATE TABLE notes (line TEXT)"))
        connection.execute(text("INSERT INTO notes VALUES ('mine')"))
    manifest = back_up(engine, tmp_path / "b.zip", NOW, quietly)
    assert "notes" not in {table.name for table in manifest.tables}
    assert "left out, not tables of this program: notes" in caplog.text
    restore(engine, tmp_path / "b.zip", NOW, quietly, replace=False)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT line FROM notes")).scalars().all() == ["mine"]


def test_only_its_owner_may_read_it(engine: Engine, tmp_path: Path) -> None:
    back_up(engine, tmp_path / "b.zip", NOW, quietly)
    assert stat.S_IMODE((tmp_path / "b.zip").stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".b.zip")] == []


def test_rows_are_replaced_only_when_that_is_said(engine: Engine, tmp_path: Path) -> None:
    fill(engine)
    back_up(engine, tmp_path / "b.zip", NOW, quietly)
    before = everything(engine)
    add(engine, "orders", order("2024-02-05", 7))
    after, seen = everything(engine), version(engine)
    with pytest.raises(NotEmpty, match="orders"):
        restore(engine, tmp_path / "b.zip", NOW, quietly, replace=False)
    assert everything(engine) == after
    restore(engine, tmp_path / "b.zip", NOW, quietly, replace=True)
    assert everything(engine) == before
    assert version(engine) > seen


def test_a_backup_of_an_older_schema_comes_to_the_newest(
    engine: Engine, new_database: NewDatabase, tmp_path: Path
) -> None:
    fill(engine)
    before = everything(engine)
    downgrade(engine, "0002")
    assert back_up(engine, tmp_path / "b.zip", NOW, quietly).revision == "0002"
    restored = new_database(engine.dialect.name)
    upgrade(restored)  # a service that was started once
    restore(restored, tmp_path / "b.zip", NOW, quietly, replace=False)
    assert current_revision(restored) == newest_revision()
    assert everything(restored) == before


def rewritten(path: Path, change: Callable[[str, bytes], bytes | None]) -> None:
    """The archive with other members, and its own checksums as they were."""
    with zipfile.ZipFile(path) as old:
        members = {name: old.read(name) for name in old.namelist()}
    with zipfile.ZipFile(path, "w") as new:
        for name, content in members.items():
            if (changed := change(name, content)) is not None:
                new.writestr(name, changed)


def other_amount(name: str, content: bytes) -> bytes:
    return content.replace(b"123400", b"923400") if name == "tables/orders.jsonl" else content


def no_risks(name: str, content: bytes) -> bytes | None:
    return None if name == "tables/risks.jsonl" else content


def no_manifest(name: str, content: bytes) -> bytes | None:
    return None if name == "manifest.json" else content


def newer(name: str, content: bytes) -> bytes:
    if name != "manifest.json":
        return content
    return orjson.dumps(orjson.loads(content) | {"revision": "9999"})


def short_row(name: str, content: bytes) -> bytes:
    return b"[1]\n" if name == "tables/orders.jsonl" else content


def no_json(name: str, content: bytes) -> bytes:
    return b"orders\n" if name == "tables/orders.jsonl" else content


def unknown_table(name: str, content: bytes) -> bytes:
    if name != "manifest.json":
        return content
    manifest: Any = orjson.loads(content)
    manifest["tables"][0]["name"] = "sqlite_master"
    return orjson.dumps(manifest)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (other_amount, "orders is not what its checksum says"),
        (no_risks, "risks is damaged or missing"),
        (no_manifest, "no manifest"),
        (newer, "schema is 9999, which is newer"),
        (short_row, "orders has a row that does not fit"),
        (no_json, "orders is damaged"),
        (unknown_table, "its tables are not those of its schema"),
    ],
)
def test_a_damaged_backup_changes_nothing(
    engine: Engine, tmp_path: Path, change: Callable[[str, bytes], bytes | None], words: str
) -> None:
    fill(engine)
    path = tmp_path / "b.zip"
    back_up(engine, path, NOW, quietly)
    rewritten(path, change)
    add(engine, "orders", order("2024-02-05", 7))
    before, seen = everything(engine), version(engine)
    with pytest.raises(ArchiveError, match=words):
        restore(engine, path, datetime.now(UTC), quietly, replace=True)
    assert (everything(engine), version(engine)) == (before, seen)
    assert current_revision(engine) == newest_revision()


def test_a_file_that_was_cut_or_is_no_backup_is_refused(
    sqlite_url: str, tmp_path: Path, new_database: NewDatabase
) -> None:
    engine = new_database("sqlite")
    upgrade(engine)
    path = tmp_path / "b.zip"
    back_up(engine, path, NOW, quietly)
    content = path.read_bytes()
    for part in (content[: len(content) // 2], b"", b"orders\n1\n", content[:100] + content[200:]):
        path.write_bytes(part)
        with pytest.raises(ArchiveError):
            restore(engine, path, NOW, quietly, replace=True)
