"""Databases beside the one under test."""

import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from sqlalchemy import Engine, make_url, text

from api.storage.engine import open_engine

NewDatabase = Callable[[str], Engine]


@pytest.fixture
def new_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[NewDatabase]:
    """Make an empty database without a schema, on the engine that is named."""
    with ExitStack() as opened:

        def make(engine_name: str) -> Engine:
            name = f"other_{uuid.uuid4().hex}"
            if engine_name == "sqlite":
                engine = open_engine(f"sqlite:///{tmp_path}/{name}.db")
            else:
                server = request.getfixturevalue("postgresql_server")
                admin = open_engine(server).execution_options(isolation_level="AUTOCOMMIT")
                opened.callback(admin.dispose)
                with admin.connect() as connection:
                    connection.execute(text(f"CREATE DATABASE {name}"))
                opened.callback(_drop, admin, name)
                url = make_url(server).set(database=name)
                engine = open_engine(url.render_as_string(hide_password=False))
            opened.callback(engine.dispose)
            return engine

        yield make


def _drop(admin: Engine, name: str) -> None:
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
