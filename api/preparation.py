"""Makes the database ready when the service starts, or later when it is away just then."""

import logging
import sys
from threading import Thread
from time import sleep

from sqlalchemy.exc import OperationalError

from api.app import utc_now
from api.auth.token_files import make_files_known
from api.demo.service import has_data, load_demo
from api.executive.last_good import LastGood
from api.settings import Settings
from api.storage.engine import open_engine
from api.storage.migrate import upgrade

RETRY_SECONDS = 2.0

logger = logging.getLogger(__name__)


def prepare_database(settings: Settings, *, demo: bool) -> None:
    """Bring the schema to the newest; with ``demo`` fill an empty database.

    When the database is away and there is a last good screen to show, the service may start: the
    rest is done when the database is back. Raises ``OperationalError`` where there is none.
    """
    try:
        _prepare(settings, demo=demo)
    except OperationalError:
        if not LastGood(settings).has_any():
            raise
        logger.warning("the database is away: the last good screen is shown until it is back")
        Thread(target=_prepare_when_back, args=(settings,), daemon=True).start()


def _prepare_when_back(settings: Settings) -> None:
    while True:
        sleep(RETRY_SECONDS)
        try:
            _prepare(settings, demo=False)
        except OperationalError:
            continue
        logger.info("the database is back")
        return


def _prepare(settings: Settings, *, demo: bool) -> None:
    engine = open_engine(settings.database_url, patient=True)
    try:
        upgrade(engine)
        if settings.accounts:
            make_files_known(engine, settings.token_files, utc_now())
        if demo and not has_data(engine):
            sys.stdout.write("The database is empty: making demonstration data, once.\n")
            sys.stdout.flush()
            load_demo(engine, settings, utc_now())
    finally:
        engine.dispose()
