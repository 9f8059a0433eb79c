"""Brings a database to the newest schema, and says where it stands."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text

from api.storage.engine import for_writing

# The key of an advisory lock: any constant that nobody else in the database uses.
MIGRATION_LOCK = 0x6D696772


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Apply what is missing, in one transaction: a failing migration leaves nothing behind."""
    with for_writing(engine).begin() as connection:
        step_to(connection, revision)


def downgrade(engine: Engine, revision: str) -> None:
    """Take migrations back to ``revision`` (``base`` is an empty database)."""
    with for_writing(engine).begin() as connection:
        rewind(connection, revision)


def migrate_alone(connection: Connection) -> None:
    """Wait, as long as a command may, until no other process migrates; SQLite's lock does that."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL lock_timeout = 0"))
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": MIGRATION_LOCK})
        connection.execute(text("SET LOCAL lock_timeout TO DEFAULT"))


def step_to(connection: Connection, revision: str) -> None:
    """Apply what is missing, as a part of a transaction."""
    migrate_alone(connection)
    command.upgrade(_config(connection=connection), revision)


def rewind(connection: Connection, revision: str = "base") -> None:
    """Take migrations back, as a part of a transaction."""
    migrate_alone(connection)
    command.downgrade(_config(connection=connection), revision)


def current_revision(engine: Engine) -> str | None:
    """The revision the database is at; None for an empty database."""
    with engine.connect() as connection:
        return revision_of(connection)


def revision_of(connection: Connection) -> str | None:
    """The revision that a transaction sees; None for an empty database."""
    return MigrationContext.configure(connection).get_current_revision()


def newest_revision() -> str:
    """The revision this program expects."""
    head = ScriptDirectory.from_config(_config()).get_current_head()
    assert head is not None
    return head


def known_revisions() -> set[str]:
    """Every revision this program can bring a database to."""
    return {each.revision for each in ScriptDirectory.from_config(_config()).walk_revisions()}


def _config(**attributes: object) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    config.attributes.update(attributes)
    return config
