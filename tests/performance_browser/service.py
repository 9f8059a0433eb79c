"""A fresh service with demonstration data and the static page, prepared and running."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

from tests.performance_browser import server, shown, static_page
from tests.ports import free_port

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent
ECHARTS = ROOT / "frontend/node_modules/echarts/dist/echarts.min.js"
API = "/api/executive-dashboard"
STARTUP_SECONDS = 60
COMPRESS = """
const { readFileSync, writeFileSync } = require('node:fs')
const { brotliCompressSync } = require('node:zlib')
for (const file of process.argv.slice(1)) {
  writeFileSync(`${file}.br`, brotliCompressSync(readFileSync(file)))
}
"""


@dataclass(frozen=True)
class Running:
    """Where it listens, and what its two views hold."""

    url: str
    month: dict[str, Any]
    quarter: dict[str, Any]
    currency: str


@contextmanager
def running(folder: Path) -> Iterator[Running]:
    """The service; all its files are in ``folder``."""
    dist = folder / "dist"
    shutil.copytree(ROOT / "frontend/dist", dist)
    scripts = _static_files(dist / "assets")
    environment = {
        **os.environ,
        "EXECDASH_DATABASE_URL": f"sqlite:///{folder / 'execdash.db'}",
        "EXECDASH_STATE_DIR": str(folder / "state"),
        "EXECDASH_FRONTEND_DIR": str(dist),
    }
    _run("api.cli", "db", "upgrade", environment=environment)
    _run("api.cli", "demo", environment=environment)
    port = free_port()
    module = "tests.performance_browser.server"
    process = subprocess.Popen(
        [sys.executable, "-m", module, str(folder), str(port)], env=environment, cwd=ROOT
    )
    try:
        url = f"http://127.0.0.1:{port}"
        _wait_for(f"{url}/api/ready", process)
        month, quarter = _get(f"{url}{API}"), _get(f"{url}{API}?granularity=quarter")
        currency = next(k["unit"] for k in month["executiveKpis"] if k["deltaUnit"] == "money")
        _write_static_page(folder, month, quarter, currency, scripts)
        yield Running(url, month, quarter, currency)
    finally:
        process.terminate()
        process.wait(timeout=20)


def _static_files(assets: Path) -> dict[str, str]:
    shutil.copy(ECHARTS, assets / "static-echarts.min.js")
    shutil.copy(HERE / "static_chart.js", assets / "static-chart.js")
    (assets / "static-style.css").write_text(static_page.STYLE)
    names = {
        "echarts": "static-echarts.min.js",
        "chart": "static-chart.js",
        "style": "static-style.css",
    }
    _compress(*(assets / name for name in names.values()))
    return {kind: f"/assets/{name}" for kind, name in names.items()}


def _write_static_page(
    folder: Path,
    month: dict[str, Any],
    quarter: dict[str, Any],
    currency: str,
    scripts: dict[str, str],
) -> None:
    cards = [
        {"value": shown.value(kpi, currency), "change": shown.change(kpi, currency)}
        for kpi in quarter["executiveKpis"]
    ]
    page, quarters = folder / server.DOCUMENT, folder / server.QUARTERS
    page.write_text(static_page.document(month, currency, scripts))
    quarters.write_text(json.dumps({**quarter, "cards": cards}))
    _compress(page, quarters)


def _compress(*files: Path) -> None:
    node = ROOT / ".venv/bin/node"
    subprocess.run([node, "-e", COMPRESS, *files], check=True)


def _run(module: str, *arguments: str, environment: dict[str, str]) -> None:
    command = [sys.executable, "-m", module, *arguments]
    subprocess.run(command, env=environment, cwd=ROOT, check=True)


def _get(url: str) -> dict[str, Any]:
    with urlopen(url, timeout=30) as answer:
        body: dict[str, Any] = json.load(answer)
    return body


def _wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + STARTUP_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urlopen(url, timeout=2):
                return
        except (URLError, OSError):
            time.sleep(0.1)
    raise SystemExit("bench-browser: the service did not start")
