"""A database with 9,994 orders, for services that load runs ask."""

import shutil
from pathlib import Path

import pytest

from tests.integration.loadtests.running import BIN, run


@pytest.fixture(scope="package")
def company(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file; each service gets a copy."""
    database = tmp_path_factory.mktemp("company") / "company.db"
    shutil.copy(sqlite_template, database)
    imported = run(
        *(BIN / "execdash", "import", "orders", "tests/data/superstore.csv"),
        *("--mapping", "mappings/superstore.yaml"),
        EXECDASH_DATABASE_URL=f"sqlite:///{database}",
    )
    assert imported.returncode == 0, imported.stderr
    return database
