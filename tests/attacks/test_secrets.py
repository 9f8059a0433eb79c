"""What is secret stays out of logs, traces, metrics and answers, also when things go wrong."""

import gzip
import http.server
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from tests.integration.platform.running import execdash, serving
from tests.ports import free_port

SECRETS = {
    "password": "pw-Zx81-database",
    "bearer": "tok-Zx82-bearer",
    "cookie": "ck-Zx83-session",
    "query": "qs-Zx84-code",
    "collector": "ot-Zx85-collector",
    "cell": "cell-Zx86-of-a-file",
}
MARK = "Zx8"


@contextmanager
def collector() -> Iterator[tuple[str, list[bytes]]]:
    """An OTLP receiver that keeps what it is sent, unpacked."""
    received: list[bytes] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            packed = self.headers.get("content-encoding") == "gzip"
            received.append(gzip.decompress(body) if packed else body)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_args: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", received
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def ask(url: str, body: bytes | None = None) -> bytes:
    headers = {
        "Authorization": f"Bearer {SECRETS['bearer']}",
        "Cookie": f"session={SECRETS['cookie']}",
        "Content-Type": "text/csv",
    }
    try:
        with urlopen(Request(url, body, headers), timeout=20) as answer:
            content: bytes = answer.read()
    except HTTPError as error:
        content = error.read()
    return content


def test_no_secret_is_told(tmp_path: Path) -> None:
    # The collector's own header is sent as it must be; what is kept here are the bodies.
    with collector() as (endpoint, traces):
        environment = {
            "EXECDASH_DATABASE_URL": f"sqlite:///{tmp_path}/execdash.db?check_same_thread=true",
            "OTEL_EXPORTER_OTLP_ENDPOINT": endpoint,
            "OTEL_EXPORTER_OTLP_HEADERS": f"authorization={SECRETS['collector']}",
            "OTEL_TRACES_SAMPLER": "always_on",
        }
        with serving(tmp_path, **environment) as running:
            for path in ("/dashboard", "/api/alerts", "/api/kpis/revenue", "/api/nothing"):
                ask(f"{running.url}{path}")
                ask(f"{running.url}{path}?code={SECRETS['query']}")
            ask(f"{running.url}/api/imports/orders", f"amount\n{SECRETS['cell']}\n".encode())
            ask(
                f"{running.url}/api/imports/customers",
                f"customer_id,name\nC,{SECRETS['cell']}\n".encode(),
            )
            told = running.get("/metrics")
            running.stop()
            written = running.log.read_bytes() + running.output.read_bytes()
    assert b"/api/alerts" in b"".join(traces)  # there were traces to look into
    assert MARK.encode() not in written + told
    sent = b"".join(traces)
    found = [name for name, secret in SECRETS.items() if secret.encode() in sent]
    assert found == []


@pytest.mark.parametrize("command", [["serve"], ["db", "upgrade"], ["imports", "list"]])
def test_a_database_that_cannot_be_reached_is_named_without_its_password(
    command: list[str], tmp_path: Path
) -> None:
    url = f"postgresql://jo:{SECRETS['password']}@127.0.0.1:{free_port()}/kpi?connect_timeout=2"
    ended = execdash(*command, EXECDASH_DATABASE_URL=url, EXECDASH_STATE_DIR=str(tmp_path))
    assert ended.returncode != 0
    assert "database" in ended.stderr
    assert MARK not in ended.stdout + ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_url_that_is_none_is_refused_without_its_password() -> None:
    url = f"mysql://jo:{SECRETS['password']}@db/kpi"
    ended = execdash("serve", EXECDASH_DATABASE_URL=url)
    assert ended.returncode == 2
    assert MARK not in ended.stdout + ended.stderr
