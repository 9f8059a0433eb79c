"""The data version moves with every change of what the screens show."""

from datetime import UTC, datetime

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from api.storage import versions
from api.storage.engine import for_writing

NOW = datetime(2026, 3, 4, 5, 6, tzinfo=UTC)


def test_a_bump_is_seen_by_others_after_the_commit_and_not_before(engine: Engine) -> None:
    with Session(engine) as reader:
        before = versions.current(reader)
    with Session(for_writing(engine)) as writer:
        versions.bump(writer, NOW)
        with Session(engine) as reader:
            assert versions.current(reader) == before
        writer.commit()
    with Session(engine) as reader:
        assert versions.current(reader) == before + 1


def test_two_bumps_in_one_transaction_both_count(engine: Engine) -> None:
    with Session(for_writing(engine)) as writer:
        versions.lock(writer)
        before = versions.current(writer)
        versions.bump(writer, NOW)
        versions.bump(writer, NOW)
        assert versions.current(writer) == before + 2
