"""The service that the contract is tried on; its database is filled before the first test."""

import os
import tempfile
from pathlib import Path

from api.app import create_app
from api.settings import Settings

FOLDER = Path(tempfile.gettempdir()) / f"execdash-contract-{os.getpid()}"
SETTINGS = Settings.model_construct(
    database_url=f"sqlite:///{FOLDER}/execdash.db",
    state_dir=FOLDER,
    allowed_hosts=("testserver",),
)
SERVICE = create_app(SETTINGS)
