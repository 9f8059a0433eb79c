"""Tokens that programs beside the service were given as files, Prometheus's for example."""

import logging
import re
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from api.auth import secrets, service
from api.auth.roles import Role
from api.commands import UserError
from api.storage.engine import for_writing
from api.storage.migrate import migrate_alone

logger = logging.getLogger(__name__)

SECRET = re.compile(secrets.TOKEN_PREFIX + "[A-Za-z0-9_-]{43,128}")
MOST_BYTES = 4096


def make_files_known(engine: Engine, files: Mapping[Role, Path], now: datetime) -> None:
    """Let in who shows what stands in the files. Raises ``UserError`` for one that cannot be."""
    found = {role: _secret_in(file) for role, file in files.items()}
    with Session(for_writing(engine)) as session, session.begin():
        migrate_alone(session.connection())  # others that start now find it known
        for role, secret in found.items():
            if reason := service.make_known(session, now, role, files[role].name[:80], secret):
                logger.warning("the token for role %s in its file %s: it stays so", role, reason)


def _secret_in(file: Path) -> str:
    try:
        with file.open("rb") as opened:
            secret = opened.read(MOST_BYTES).decode("ascii", "replace").strip()
    except OSError as error:
        raise UserError(f"EXECDASH_TOKEN_FILES: cannot read {file}: {error.strerror}") from None
    if not SECRET.fullmatch(secret):
        raise UserError(
            f"EXECDASH_TOKEN_FILES: {file} does not hold a token: {secrets.TOKEN_PREFIX} and at"
            " least 43 letters and digits"
        )
    return secret
