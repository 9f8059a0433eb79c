"""How an engine is closed."""

import pytest
from sqlalchemy import Engine, text

from api.storage.engine import close


def test_a_connection_that_is_held_when_the_engine_closes_is_closed_when_it_comes_back(
    engine: Engine,
) -> None:
    resting, held = engine.connect(), engine.connect()
    at_rest, in_use = resting.connection.driver_connection, held.connection.driver_connection
    assert at_rest is not None
    assert in_use is not None
    resting.close()
    close(engine)
    held.execute(text("SELECT 1"))
    held.close()
    for each in (at_rest, in_use):
        with pytest.raises(Exception, match="closed"):
            each.execute("SELECT 1")
