"""Opens the database for a command."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine, make_url

from api.commands import UserError
from api.settings import Settings
from api.storage.engine import open_engine
from api.storage.migrate import current_revision, newest_revision, upgrade


@contextmanager
def opened(settings: Settings) -> Iterator[Engine]:
    """An engine on the configured database, closed at the end. Raises ``UserError``."""
    try:
        engine = open_engine(settings.database_url, patient=True)
    except OSError as error:
        raise UserError(f"cannot open the database: {error.strerror}") from None
    try:
        yield engine
    finally:
        engine.dispose()


@contextmanager
def ready(settings: Settings) -> Iterator[Engine]:
    """Like ``opened``, with the newest schema: an empty database gets it, an old one is refused."""
    with opened(settings) as engine:
        revision = current_revision(engine)
        if revision is None:
            upgrade(engine)
        elif revision != newest_revision():
            raise UserError(
                f"the database's schema is {revision} and this program needs {newest_revision()}:"
                " run 'execdash db upgrade'"
            )
        yield engine


def refuse_missing_file(settings: Settings) -> None:
    """Raise ``UserError`` where opening the database would make a new, empty one."""
    url = make_url(settings.database_url)
    if url.get_backend_name() == "sqlite" and url.database and not Path(url.database).exists():
        raise UserError(f"there is no database at {url.database}")
