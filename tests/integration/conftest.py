"""What tests of answers share."""

import pytest

from api import data_version


@pytest.fixture
def asked_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is answered from memory: a test that changes data itself sees that at once."""
    monkeypatch.setattr(data_version, "CHECK_SECONDS", 0.0)
