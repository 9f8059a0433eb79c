"""What a database's errors say may be logged: no value of a row is in them."""

import traceback
from datetime import timedelta

import pytest
from sqlalchemy import Engine, insert, text
from sqlalchemy.exc import DBAPIError

from api.storage.account_tables import api_tokens
from api.storage.engine import for_writing, open_engine
from api.storage.event_store import StoreUnavailable
from tests.integration.ingest.events import NOW, event, store_of

NAME = "Jane Doe"
TOKEN = {
    "token_hash": NAME,
    "name": NAME,
    "role": "sre",
    "created_at": NOW,
    "expires_at": NOW + timedelta(days=1),
}


def logged(error: BaseException) -> str:
    return f"{error} {''.join(traceback.format_exception(error))}"


@pytest.mark.parametrize("wrong", [{}, {"token_hash": None}, {"role": None}])
def test_a_row_that_is_refused(engine: Engine, wrong: dict[str, None]) -> None:
    with for_writing(engine).begin() as connection:
        connection.execute(insert(api_tokens), [TOKEN])
    with pytest.raises(DBAPIError) as refused, for_writing(engine).begin() as connection:
        connection.execute(insert(api_tokens), [TOKEN | wrong])
    assert NAME not in logged(refused.value)
    assert "constraint" in str(refused.value)  # what is wrong is still said


@pytest.mark.parametrize(
    "statement", ["SELECT CAST(:name AS integer)", "INSERT INTO api_tokens (id) VALUES (:name)"]
)
def test_a_value_that_does_not_fit(postgresql_url: str, statement: str) -> None:
    engine = open_engine(postgresql_url)
    with pytest.raises(DBAPIError) as refused, for_writing(engine).begin() as connection:
        connection.execute(text(statement), {"name": NAME})
    assert NAME not in logged(refused.value)
    engine.dispose()


def test_events_while_a_table_is_missing(engine: Engine) -> None:
    with for_writing(engine).begin() as connection:
        connection.execute(text("DROP TABLE usage_daily"))
    with pytest.raises(StoreUnavailable, match="usage_daily") as away:
        store_of(engine).append([event(event_time=NOW, role=NAME)])
    assert NAME not in logged(away.value)


def test_events_that_do_not_fit(postgresql_url: str) -> None:
    engine = open_engine(postgresql_url)
    with pytest.raises(Exception, match="StringDataRightTruncation") as refused:
        store_of(engine).append([event(event_time=NOW, session_id=NAME * 80)])
    assert NAME not in logged(refused.value)
    engine.dispose()
