"""A running service with a small built frontend."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.settings import Settings

DOCUMENT = (
    "<!doctype html><title>T</title><script type=module src=/assets/index-1a2b.js></script>"
    "<div id=root></div><!--first-data-->"
)

Start = Callable[..., TestClient]


@pytest.fixture
def dist(tmp_path: Path) -> Path:
    """What ``vite build`` leaves, with one script compressed and one style not."""
    folder = tmp_path / "dist"
    (folder / "assets").mkdir(parents=True)
    (folder / ".vite").mkdir()
    (folder / ".vite" / "manifest.json").write_text("{}")
    (folder / "index.html").write_text(DOCUMENT)
    (folder / "assets" / "index-1a2b.js").write_text("console.log(1)")
    (folder / "assets" / "index-1a2b.js.br").write_bytes(b"brotli bytes")
    (folder / "assets" / "index-1a2b.js.gz").write_bytes(b"gzip bytes")
    (folder / "assets" / "index-3c4d.css").write_text("body{}")
    (tmp_path / "secret.js").write_text("secret")
    return folder


@pytest.fixture
def start(tmp_path: Path, dist: Path) -> Iterator[Start]:
    """Start a service on a database's URL; other settings may be given by name."""
    with ExitStack() as running:

        def run(database_url: str, **settings: object) -> TestClient:
            options = {"state_dir": tmp_path / "state", "frontend_dir": dist} | settings
            app = create_app(Settings.model_validate({"database_url": database_url, **options}))
            client = TestClient(
                app, "http://127.0.0.1", follow_redirects=False, raise_server_exceptions=False
            )
            return running.enter_context(client)

        yield run


@pytest.fixture
def client(start: Start, sqlite_url: str) -> TestClient:
    """A service on an empty SQLite database, for what no engine has a part in."""
    return start(sqlite_url)
