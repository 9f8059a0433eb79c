"""A restore brings back figures, not what was taken from somebody since the backup."""

from pathlib import Path

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from api.auth import service
from api.storage.account_tables import account_sessions
from api.storage.backup import back_up
from api.storage.engine import for_writing
from api.storage.migrate import downgrade, upgrade
from api.storage.restore import restore
from tests.integration.ingest.events import NOW
from tests.integration.storage.accounts import (
    ADA,
    LATER,
    judged,
    make_token,
    revoke,
    sign_in,
    told,
    trail,
)
from tests.integration.storage.conftest import NewDatabase


def quietly(_table: str) -> None:
    """Nobody watches."""


def test_what_was_revoked_since_the_backup_stays_revoked(engine: Engine, tmp_path: Path) -> None:
    good, stolen = make_token(engine, "good"), make_token(engine, "stolen")
    back_up(engine, tmp_path / "b.zip", NOW, quietly)
    newer, other = make_token(engine, "newer"), make_token(engine, "other")
    for name in ("stolen", "newer"):
        revoke(engine, name)
    restore(engine, tmp_path / "b.zip", LATER, quietly, replace=True)
    reasons = [judged(engine, secret) for secret in (good, stolen, newer, other)]
    assert reasons == ["", "revoked", "revoked", "unknown"]


def test_nobody_is_signed_in_after_a_restore(engine: Engine, tmp_path: Path) -> None:
    ended, running = sign_in(engine), sign_in(engine)
    back_up(engine, tmp_path / "b.zip", NOW, quietly)
    with Session(for_writing(engine)) as session, session.begin():
        service.end_session(session, LATER, ADA, ended)
    restore(engine, tmp_path / "b.zip", LATER, quietly, replace=True)
    for secret in (ended, running):
        assert service.judge_session(engine, secret, LATER).refusal == "revoked"
    with engine.connect() as connection:
        ends = connection.execute(select(account_sessions.c.ended_at)).scalars().all()
    assert ends == [LATER, LATER]


def test_the_audit_trail_goes_on_and_tells_of_the_restore(engine: Engine, tmp_path: Path) -> None:
    make_token(engine, "first")
    back_up(engine, tmp_path / "b.zip", NOW, quietly)
    make_token(engine, "second")
    sign_in(engine)
    before = trail(engine)
    restore(engine, tmp_path / "b.zip", LATER, quietly, replace=True)
    *kept, restored = trail(engine)
    assert kept == before
    assert (restored.at, restored.actor, restored.action) == (LATER, "local", "restored")
    assert restored.about == "backup b.zip"
    assert restored.detail == (
        f"taken {NOW:%Y-%m-%dT%H:%M:%SZ}; 0 sessions ended; of the replaced database:"
        " 0 revoked tokens, 2 audit rows"
    )
    restore(engine, tmp_path / "b.zip", LATER, quietly, replace=True)
    assert trail(engine)[:-1] == [*before, restored]
    make_token(engine, "third")  # the numbers go on
    assert told(engine)[-1][0] == "token_created"


@pytest.mark.parametrize("other", ["sqlite", "postgresql"])
def test_the_trail_of_another_database_comes_after_that_of_the_backup(
    engine: Engine, new_database: NewDatabase, tmp_path: Path, other: str
) -> None:
    make_token(engine, "here")
    back_up(engine, tmp_path / "b.zip", NOW, quietly)
    replaced = new_database(other)
    upgrade(replaced)
    stolen = make_token(replaced, "stolen")
    revoke(replaced, "stolen")
    restore(replaced, tmp_path / "b.zip", LATER, quietly, replace=True)
    assert told(replaced) == [
        ("token_created", "token 1 here"),
        ("token_created", "token 1 stolen"),
        ("token_revoked", "token 1 stolen"),
        ("restored", "backup b.zip"),
    ]
    assert judged(replaced, stolen) == "revoked"


def test_a_backup_from_before_accounts_keeps_the_trail(
    engine: Engine, new_database: NewDatabase, tmp_path: Path
) -> None:
    old = new_database("sqlite")
    upgrade(old)
    downgrade(old, "0003")
    back_up(old, tmp_path / "b.zip", NOW, quietly)
    stolen = make_token(engine, "stolen")
    revoke(engine, "stolen")
    restore(engine, tmp_path / "b.zip", LATER, quietly, replace=True)
    assert [action for action, _ in told(engine)] == ["token_created", "token_revoked", "restored"]
    assert judged(engine, stolen) == "revoked"
    restore(old, tmp_path / "b.zip", LATER, quietly, replace=True)  # into one without accounts
    assert told(old) == [("restored", "backup b.zip")]
