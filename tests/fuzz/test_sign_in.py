"""Signing in with a provider configured: whatever comes back, nobody is let in by mistake or hangs.

The two routes are no part of the API's document: browsers are sent there.
"""

import asyncio
import base64
import os
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import orjson
import pytest
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from api.app import create_app
from api.auth.claims import Roles
from api.auth.provider import Client, Flow, NotProven, Provider
from api.auth.verifier import Away
from api.settings import Settings
from api.storage.engine import open_engine
from api.storage.migrate import upgrade
from tests.answering import Answering, answering
from tests.fuzz.tally import trying
from tests.fuzz.test_readers import JSON
from tests.integration.auth.conftest import NOW
from tests.integration.auth.gateway import Gateway
from tests.integration.auth.provider import CLIENT_ID, SECRET, running_provider

ORIGIN = "http://127.0.0.1"
SLOWEST_SECONDS = 20.0
fuzz = settings(
    max_examples=int(os.environ.get("FUZZ_EXAMPLES", "60")),
    deadline=timedelta(seconds=SLOWEST_SECONDS),
    suppress_health_check=[*HealthCheck],
    derandomize="FUZZ_EXAMPLES" not in os.environ,
)

STATE = "the-state-of-this-flow"
FLOW = {"state": STATE, "nonce": "n", "code_verifier": "v" * 64, "wanted": "/"}
NAMES = st.sampled_from(["code", "state", "iss", "error", "error_description", "next", "x"])
# What gets past the first checks, and anything.
VALUES = (
    st.sampled_from([STATE, "", "/", "//evil", "/supply", "\\\\evil", "%00", "a\0b"]) | st.text()
)
RETURNS = st.fixed_dictionaries({"state": VALUES, "code": VALUES}).map(
    lambda drawn: [*drawn.items()]
)
QUERIES = (
    RETURNS
    | st.lists(st.tuples(NAMES, VALUES), max_size=6)
    | st.text().map(lambda text: [(text, text)])
)
FLOWS = (
    st.just(FLOW)
    | st.builds(lambda state: {**FLOW, "state": state}, VALUES)
    | st.dictionaries(st.sampled_from([*FLOW, "x"]), JSON)
    | st.builds(
        lambda changed: {**FLOW, **changed}, st.dictionaries(st.sampled_from([*FLOW]), JSON)
    )
    | JSON
)
SESSIONS = st.text(st.characters(codec="latin-1", exclude_characters="\r\n\0;"), max_size=100)


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A service beside a real provider."""
    folder: Path = tmp_path_factory.mktemp("sign-in")
    (folder / "secret").write_text(SECRET)
    url = f"sqlite:///{folder}/execdash.db"
    engine = open_engine(url)
    upgrade(engine)
    engine.dispose()
    with running_provider(ORIGIN, folder / "provider.log") as provider:
        app = create_app(
            Settings(
                database_url=url,
                state_dir=folder,
                accounts=True,
                public_url=ORIGIN,
                oidc_issuer=provider.issuer,
                oidc_client_id=CLIENT_ID,
                oidc_client_secret_file=folder / "secret",
                requests_per_second=1_000_000,
            )
        )
        with TestClient(app, ORIGIN, follow_redirects=False) as opened:
            yield opened


def ask(client: TestClient, path: str, query: list[tuple[str, str]], cookies: str) -> str:
    """Where the browser is sent; each answer is quick, and sends it somewhere."""
    coded = urlencode([(name, value) for name, value in query], errors="surrogatepass")
    headers = {b"Cookie": cookies.encode("latin-1")}
    client.cookies.clear()
    started = time.monotonic()
    answer = client.get(f"{path}?{coded}"[:8000], headers=headers)
    assert time.monotonic() - started < SLOWEST_SECONDS
    assert answer.status_code == 303
    assert not any(
        cookie.startswith("execdash=") for cookie in answer.headers.get_list("set-cookie")
    )
    location: str = answer.headers["location"]
    return location


def flow_cookie(flow: object) -> str:
    try:
        text = base64.urlsafe_b64encode(orjson.dumps(flow)).decode()
    except (TypeError, ValueError):  # what is no JSON cannot be in it as such
        text = (
            repr(flow).encode("ascii", "backslashreplace").decode().translate({0: None, 10: None})
        )
    return f"execdash-sign-in={text}"


@fuzz
@given(query=QUERIES, session=SESSIONS)
def test_whoever_begins_is_sent_to_the_provider(
    client: TestClient, query: list[tuple[str, str]], session: str
) -> None:
    with trying("beginnings of a sign-in"):
        location = ask(client, "/sign-in/start", query, f"execdash={session}")
    issuer = client.app.state.accounts.provider  # type: ignore[attr-defined]  # it is our FastAPI
    assert location.startswith((f"{issuer._client.issuer}/auth?", "/sign-in?"))


@fuzz
@given(query=QUERIES, flow=FLOWS, session=SESSIONS)
@example(query=[("state", "\xe9"), ("code", "c")], flow=FLOW, session="")
@example(query=[("state", "7"), ("code", "\0")], flow={**FLOW, "state": 7}, session="\xff")
def test_whoever_comes_back_without_proof_is_sent_to_sign_in(
    client: TestClient, query: list[tuple[str, str]], flow: object, session: str
) -> None:
    with trying("returns from the provider"):
        cookies = f"{flow_cookie(flow)}; execdash={session}"
        location = ask(client, "/sign-in/callback", query, cookies)
    assert location.startswith("/sign-in?next=%2F")


@fuzz
@given(code=st.text(min_size=1), extra=QUERIES)
def test_a_code_that_the_provider_never_gave_is_worth_nothing(
    client: TestClient, code: str, extra: list[tuple[str, str]]
) -> None:
    with trying("made-up codes"):
        query = [("state", STATE), ("code", code), *(each for each in extra if each[0] == "x")]
        location = ask(client, "/sign-in/callback", query, flow_cookie(FLOW))
    assert location == "/sign-in?next=%2F&problem=refused"


@pytest.fixture(scope="module")
def impostor() -> Iterator[tuple[Answering, Gateway]]:
    """Answers in a provider's name, and what signs as it would."""
    with answering() as server:
        yield server, Gateway(server.url)


CLAIMS = st.dictionaries(
    st.sampled_from(["iss", "aud", "sub", "exp", "iat", "nbf", "nonce", "azp", "at_hash", "name"]),
    JSON,
)
ANSWERS = st.dictionaries(
    st.sampled_from(["issuer", "token_endpoint", "jwks_uri", "keys", "id_token", "access_token"])
    | st.text(max_size=5),
    JSON,
    max_size=4,
)


@fuzz
@given(claims=CLAIMS, answer=ANSWERS)
def test_a_provider_that_talks_nonsense_proves_nobody_but_whom_it_may(
    impostor: tuple[Answering, Gateway], claims: dict[str, Any], answer: dict[str, object]
) -> None:
    server, signer = impostor
    said = {"iss": server.url, "nonce": "n", **claims}
    with suppress(TypeError, ValueError):  # what is no JSON cannot be said
        body = {
            **{name: f"{server.url}/{name}" for name in ("token_endpoint", "jwks_uri")},
            "issuer": server.url,
            "access_token": "a",
            "token_type": "Bearer",
            "id_token": signer.token("executive", NOW, **said),
            "keys": [key.as_dict(private=False) for key in signer.keys],
            **answer,
        }
        server.body = orjson.dumps(body)
        provider = Provider(
            Client(server.url, "execdash", None, ORIGIN, "/sign-in/callback"), Roles("roles", {})
        )
        with trying("answers of a provider"), suppress(NotProven, Away):
            person = asyncio.run(provider.person("c", Flow(STATE, "n", "v" * 64, "/"), NOW))
            assert person.subject
            assert "\0" not in person.subject + person.name
