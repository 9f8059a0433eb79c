"""Migrations end at the schema that the program's tables describe, and go back."""

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, inspect

from api.storage.migrate import current_revision, downgrade, newest_revision, upgrade
from api.storage.tables import metadata


def test_migrations_end_at_the_tables_in_the_code(engine: Engine) -> None:
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        tables = set(metadata.tables)
        differences = [
            difference
            for difference in compare_metadata(context, metadata)
            if getattr(difference[1], "name", None) in tables
        ]
    assert differences == []


def test_migrations_go_back_to_an_empty_database_and_forward_again(engine: Engine) -> None:
    assert current_revision(engine) == newest_revision()
    downgrade(engine, "base")
    assert set(inspect(engine).get_table_names()) <= {"alembic_version"}
    upgrade(engine)
    assert current_revision(engine) == newest_revision()
