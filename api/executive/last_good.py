"""The last good answers on disk: what is shown when the service starts and the database is away."""

import hashlib
import logging
import os
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from pydantic import ValidationError
from sqlalchemy import make_url

from api.executive.prepared import Prepared
from api.executive.schemas import Dashboard
from api.executive.view import View
from api.settings import Settings

logger = logging.getLogger(__name__)

UNKNOWN_VERSION = -1
EXPIRED = datetime.min.replace(tzinfo=UTC)


class LastGood:
    """One file a view in the state folder, for one database and one way to read it."""

    def __init__(self, settings: Settings) -> None:
        self._folder = settings.state_dir
        self._of = _fingerprint(settings)

    def keep(self, view: View, prepared: Prepared) -> None:
        """Write an answer, whole or not at all. A folder that cannot be written is only logged."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=self._folder, prefix=".last-good-")
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(prepared.body)
                    file.flush()
                    os.fsync(handle)  # or a power cut could leave the new name without its content
                Path(name).replace(self._file(view))
            except OSError:
                Path(name).unlink(missing_ok=True)
                raise
        except OSError as error:
            logger.warning("the last good answer is not kept: %s", error.strerror)

    def find(self, view: View) -> Prepared | None:
        """The answer kept for a view, or None when there is none that can be read."""
        try:
            body = self._file(view).read_bytes()
            dashboard = Dashboard.model_validate_json(body)
        except (OSError, ValidationError):
            return None
        return Prepared.of(dashboard, UNKNOWN_VERSION, EXPIRED)

    def has_any(self) -> bool:
        """Whether anything is kept that could be shown."""
        return any(self._folder.glob(f"last-good-{self._of}-*.json"))

    def _file(self, view: View) -> Path:
        name = f"last-good-{self._of}-{view.range}-{view.granularity}-{view.compare}.json"
        return self._folder / name


def _fingerprint(settings: Settings) -> str:
    """Tells answers of other databases, currencies, time zones and fiscal years apart."""
    url = make_url(settings.database_url).set(password=None)
    parts = (url, settings.currency, settings.timezone, settings.fiscal_year_start_month)
    return hashlib.sha256("\n".join(map(str, parts)).encode()).hexdigest()[:12]
