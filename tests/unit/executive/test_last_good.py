"""The last good answer outlives a power cut."""

import os
from datetime import date
from pathlib import Path

import pytest

from api.calendar import Granularity, Range
from api.executive.last_good import EXPIRED, LastGood
from api.executive.prepared import Prepared
from api.executive.view import View
from api.settings import Settings


def test_an_answer_is_on_disk_before_it_gets_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[tuple[int, list[Path]]] = []

    def note(handle: int) -> None:
        synced.append((os.fstat(handle).st_size, list(tmp_path.glob("last-good-*"))))

    monkeypatch.setattr(os, "fsync", note)
    kept = LastGood(Settings(database_url="sqlite:///some.db", state_dir=tmp_path))
    view = View(next(iter(Range)), next(iter(Granularity)), date(2024, 7, 10), 1)
    kept.keep(view, Prepared(b"12345", '"tag"', 1, EXPIRED))
    assert synced == [(5, [])]
    assert kept.has_any()
