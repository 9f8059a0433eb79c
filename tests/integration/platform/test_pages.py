"""Pages: one document for every route, its assets, its first data, and nothing else."""

import base64
import gzip
import hashlib
import json
import re
import time
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from api.auth.permissions import PAGES
from tests.factories import add, risk
from tests.integration.platform.conftest import DOCUMENT, Start

HTML = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
FIRST_DATA = re.compile(
    r'<script type="application/json" id="first-data">(.*?)</script>', re.DOTALL
)


def _first_data(document: str) -> Any:
    [text] = FIRST_DATA.findall(document)
    return json.loads(text)


@pytest.mark.parametrize("path", PAGES)
def test_every_page_is_the_one_document(client: TestClient, path: str) -> None:
    answer = client.get(path, headers=HTML)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.text.startswith(DOCUMENT.partition("<!--")[0])


@pytest.mark.parametrize("query", ["", "?range=6m&granularity=quarter"])
def test_the_root_leads_to_the_dashboard_with_its_query(client: TestClient, query: str) -> None:
    answer = client.get(f"/{query}")
    assert answer.status_code == 307
    assert answer.headers["location"] == f"/dashboard{query}"


@pytest.mark.parametrize(
    "query", ["", "?range=6m", "?granularity=quarter&range=12m&as_of=2024-07-31"]
)
def test_the_dashboards_document_carries_what_the_api_answers(
    start: Start, database_url: str, query: str
) -> None:
    client = start(database_url)
    first = _first_data(client.get(f"/dashboard{query}").text)
    api = client.get(f"/api/executive-dashboard{query}").json()
    assert first["body"] == api
    assert sorted(first["path"].partition("?")[2].split("&")) == sorted(
        query.lstrip("?").split("&")
    )


def test_the_document_comes_compressed_to_who_can_read_that(client: TestClient) -> None:
    plain = client.get("/dashboard", headers={"accept-encoding": "identity"})
    with client.stream("GET", "/dashboard", headers={"accept-encoding": "gzip, br"}) as answer:
        compressed = b"".join(answer.iter_raw())
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.headers["vary"] == "Accept-Encoding, Accept-Language, Cookie"
    assert gzip.decompress(compressed) == plain.content


def test_the_document_follows_the_data(start: Start, database_url: str, engine: Engine) -> None:
    client = start(database_url)
    before = client.get("/dashboard")
    add(engine, "risks", risk("A new one"))
    deadline = time.monotonic() + 10
    while (now := client.get("/dashboard")).text == before.text and time.monotonic() < deadline:
        time.sleep(0.1)
    assert "A new one" in now.text
    assert now.headers["etag"] != before.headers["etag"]


def test_other_pages_carry_no_data(client: TestClient) -> None:
    assert client.get("/reliability").text == DOCUMENT


@pytest.mark.parametrize(
    "query",
    ["range=7m", "granularity=week", "as_of=yesterday", "as_of=2999-01-01", "as_of=0001-01-01"],
)
def test_a_view_that_is_not_allowed_gets_the_document_without_data(
    client: TestClient, query: str
) -> None:
    answer = client.get(f"/dashboard?{query}")
    assert answer.status_code == 200
    assert answer.text == DOCUMENT


def test_text_in_the_data_cannot_end_the_data_block(
    start: Start, database_url: str, engine: Engine
) -> None:
    title = "</script><script>alert(1)</script><!-- & \u2028"
    add(engine, "risks", risk(title))
    document = start(database_url).get("/dashboard").text
    assert document.count("<script") == 2
    assert "<!-- &" not in document
    assert _first_data(document)["body"]["risks"][0]["title"] == title


def test_without_a_database_the_page_comes_without_data(start: Start, tmp_path: Path) -> None:
    client = start(f"sqlite:///{tmp_path}/never-migrated.db")
    answer = client.get("/dashboard")
    assert answer.status_code == 200
    assert answer.text == DOCUMENT


def test_a_document_that_is_known_is_not_sent_again(client: TestClient) -> None:
    first = client.get("/dashboard")
    assert first.headers["cache-control"] == "no-cache"
    again = client.get("/dashboard", headers={"if-none-match": first.headers["etag"]})
    assert again.status_code == 304
    assert again.content == b""
    weakened = f'"another", W/{first.headers["etag"]}'  # by a proxy that compresses anew
    assert client.get("/dashboard", headers={"if-none-match": weakened}).status_code == 304
    other = client.get("/dashboard?range=6m", headers={"if-none-match": first.headers["etag"]})
    assert other.status_code == 200


@pytest.mark.parametrize(
    ("accepted", "encoding", "body"),
    [
        ("br, gzip", "br", b"brotli bytes"),
        ("gzip, br;q=0", "gzip", b"gzip bytes"),
        ("gzip", "gzip", b"gzip bytes"),
        ("identity", None, b"console.log(1)"),
        ("br;q=0.0, gzip; q=0", None, b"console.log(1)"),
    ],
)
def test_scripts_come_as_compressed_as_the_browser_can_read(
    client: TestClient, accepted: str, encoding: str | None, body: bytes
) -> None:
    headers = {"accept-encoding": accepted}
    with client.stream("GET", "/assets/index-1a2b.js", headers=headers) as answer:
        assert b"".join(answer.iter_raw()) == body
    assert answer.headers.get("content-encoding") == encoding
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert answer.headers["vary"] == "Accept-Encoding"


def test_hashed_files_are_kept_forever(client: TestClient) -> None:
    answer = client.get("/assets/index-3c4d.css")
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["content-type"] == "text/css; charset=utf-8"
    known = {"if-none-match": answer.headers["etag"]}
    assert client.get("/assets/index-3c4d.css", headers=known).status_code == 304


@pytest.mark.parametrize(
    "path",
    [
        "/assets/../secret.js",
        "/assets/..%2f..%2fsecret.js",
        "/assets/%2e%2e/%2e%2e/secret.js",
        "/assets//etc/passwd",
        "/assets/index-1a2b.js%00",
        "/assets/../.vite/manifest.json",
        "/.vite/manifest.json",
        "/assets/",
        "/index.html",
    ],
)
def test_nothing_but_assets_can_be_fetched(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert "secret" not in answer.text.replace("secret.js", "")


@pytest.mark.parametrize("path", ["/dashboard", "/supply", "/no/such/page"])
@pytest.mark.parametrize("theme", ["dark", "light"])
def test_a_theme_that_was_chosen_is_in_the_document(
    client: TestClient, dist: Path, path: str, theme: str
) -> None:
    (dist / "index.html").write_text(f'<!doctype html><html lang="en">{DOCUMENT}')
    answer = client.get(path, headers={**HTML, "cookie": f"a=b; execdash-theme={theme}"})
    assert answer.text.startswith(f'<!doctype html><html lang="en" data-theme="{theme}">')
    plain = client.get(path, headers=HTML)
    assert "data-theme" not in plain.text
    if path != "/no/such/page":
        assert answer.headers["etag"] != plain.headers["etag"]
        assert "Cookie" in answer.headers["vary"]


@pytest.mark.parametrize(
    "cookie", ["execdash-theme=blue", 'execdash-theme="><b>', "execdash-theme"]
)
def test_a_theme_that_is_none_is_not_in_the_document(
    client: TestClient, dist: Path, cookie: str
) -> None:
    (dist / "index.html").write_text(f'<!doctype html><html lang="en">{DOCUMENT}')
    assert "data-theme" not in client.get("/dashboard", headers={"cookie": cookie}).text


@pytest.mark.parametrize("path", ["/dashboard", "/sign-in", "/no/such/page"])
def test_of_styles_within_the_document_its_own_are_allowed(
    client: TestClient, dist: Path, path: str
) -> None:
    style = "p { content: '\u2014' }"
    (dist / "index.html").write_text(f"<style>{style}</style>{DOCUMENT}", encoding="utf-8")
    policy = client.get(path, headers=HTML).headers["content-security-policy"]
    known = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"; style-src 'self' 'sha256-{known}';" in policy
    assert "'sha256-" not in client.get("/assets/index-3c4d.css").headers["content-security-policy"]


def test_a_person_at_an_unknown_address_sees_a_page(client: TestClient) -> None:
    answer = client.get("/no/such/page", headers=HTML)
    assert answer.status_code == 404
    assert answer.text == DOCUMENT


@pytest.mark.parametrize(
    ("path", "headers"), [("/api/nothing", HTML), ("/nothing", {"accept": "*/*"})]
)
def test_a_program_at_an_unknown_address_gets_a_problem(
    client: TestClient, path: str, headers: dict[str, str]
) -> None:
    answer = client.get(path, headers=headers)
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


def test_pages_that_were_never_built_say_how(start: Start, sqlite_url: str, tmp_path: Path) -> None:
    client = start(sqlite_url, frontend_dir=tmp_path / "nowhere")
    answer = client.get("/dashboard", headers=HTML)
    assert answer.status_code == 503
    assert "make run" in answer.text
    assert client.get("/assets/index-1a2b.js").status_code == 404
    assert client.get("/nowhere", headers=HTML).status_code == 404


def test_a_new_build_is_served_without_a_restart(client: TestClient, dist: Path) -> None:
    assert client.get("/assets/new-9z.js").status_code == 404
    (dist / "assets" / "new-9z.js").write_text("2")
    (dist / "index.html").write_text("new build")
    assert client.get("/dashboard").text == "new build"
    assert client.get("/assets/new-9z.js").text == "2"
