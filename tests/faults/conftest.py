"""Databases to restore into."""

from tests.integration.storage.conftest import new_database

__all__ = ["new_database"]
