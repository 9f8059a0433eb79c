"""What is asked of the storage itself."""

import pytest
from sqlalchemy import Engine, text

from api.storage import integrity
from api.storage.engine import for_writing, open_engine
from api.storage.integrity import CHECKSUMS, storage_faults
from tests.integration.ingest.events import NOW, event, store_of


@pytest.mark.parametrize(
    ("damage", "fault"),
    [
        ("DELETE FROM user_events WHERE id = 1", "measurements of event 1 refers to no row of"),
        ("DELETE FROM event_ids", "event 1 refers to no row of event_ids"),
    ],
)
def test_what_refers_to_nothing_is_found(engine: Engine, damage: str, fault: str) -> None:
    store_of(engine).append([event(event_time=NOW, numbers={"ttfb_ms": 1, "lcp_ms": 2})])
    assert storage_faults(engine) == []
    with for_writing(engine).begin() as connection:
        connection.execute(text(damage))
    [found] = storage_faults(engine)
    assert found.startswith(fault)


@pytest.mark.parametrize("kept", ["on", "off"])
def test_missing_checksums_are_said_and_are_no_fault(
    postgresql_url: str,
    kept: str,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    engine = open_engine(postgresql_url)
    with engine.connect() as connection:  # the server's own answer is one of the two
        assert connection.exec_driver_sql(CHECKSUMS).scalar_one() in {"on", "off"}
    monkeypatch.setattr(integrity, "CHECKSUMS", f"SELECT '{kept}'")
    assert storage_faults(engine) == []
    assert ("no checksums" in caplog.text) == (kept == "off")
    engine.dispose()
