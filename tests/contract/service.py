"""The services that the contract is tried on; their database is filled before the first test."""

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
    requests_per_second=1_000_000,  # everything comes from one client
    event_requests_per_second=1_000_000,
)
SERVICE = create_app(SETTINGS)
# The same with accounts, for what each role is answered.
GUARDED = create_app(
    SETTINGS.model_copy(update={"accounts": True, "public_url": "http://127.0.0.1"})
)
