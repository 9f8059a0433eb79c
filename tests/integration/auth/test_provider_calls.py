"""How often the OpenID provider is asked, and answers of its that lack something."""

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.auth import provider as module
from api.auth.claims import Roles
from api.auth.identity import Identity
from api.auth.provider import Client, Flow, NotProven, Provider
from api.auth.verifier import Away
from api.settings import Settings
from tests.answering import Answering, answering
from tests.integration.auth.conftest import NOW
from tests.integration.auth.gateway import Gateway

ORIGIN = "http://127.0.0.1"
FLOW = Flow("state", "nonce", "verifier" * 8, "/")


@pytest.fixture
def server() -> Iterator[Answering]:
    with answering() as running:
        running.body = json.dumps(metadata(running)).encode()
        yield running


def metadata(server: Answering) -> dict[str, Any]:
    names = ("authorization_endpoint", "token_endpoint", "jwks_uri")
    return {"issuer": server.url, **{name: f"{server.url}/{name}" for name in names}}


def provider_at(server: Answering) -> Provider:
    client = Client(server.url, "execdash", None, ORIGIN, "/sign-in/callback")
    return Provider(client, Roles("roles", {}))


def test_strangers_do_not_make_the_service_call_at_their_pace(
    server: Answering, sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    time = [1000.0]
    monkeypatch.setattr(module, "monotonic", lambda: time[0])
    settings = Settings(
        database_url=sqlite_url,
        accounts=True,
        public_url=ORIGIN,
        oidc_issuer=server.url,
        oidc_client_id="execdash",
    )
    with TestClient(create_app(settings), ORIGIN, follow_redirects=False) as client:
        for calls in (1, 2):
            for _stranger in range(20):
                answer = client.get("/sign-in/start")
                assert answer.headers["location"].startswith(f"{server.url}/authorization_endpoint")
                time[0] += 0.01
            assert len(server.asked) == calls
            time[0] += module.KEPT_FOR_STRANGERS_SECONDS + 1


def test_those_who_come_at_once_make_one_call(server: Answering) -> None:
    async def come() -> None:
        provider = provider_at(server)
        await asyncio.gather(*(provider.authorization_url(FLOW) for _stranger in range(10)))

    asyncio.run(come())
    assert len(server.asked) == 1


class Forger:
    """Answers in the provider's name, which signs as a gateway does: an ID token of any making."""

    def __init__(self, server: Answering) -> None:
        self._server = server
        self._signer = Gateway(server.url)
        self._claims = {"iss": server.url, "nonce": FLOW.nonce}

    def signed(self, **changed: Any) -> str:
        return self._signer.token("executive", NOW, **{**self._claims, **changed})

    def forged(self) -> dict[str, str]:
        return self._signer.forged("executive", NOW, **self._claims)

    def person(self, id_token: str) -> Identity:
        """Who comes back with it: one answer does for the metadata, the keys and the token."""
        answer = {"access_token": "a", "token_type": "Bearer", "id_token": id_token}
        keys = {"keys": [key.as_dict(private=False) for key in self._signer.keys]}
        self._server.body = json.dumps({**metadata(self._server), **keys, **answer}).encode()
        return asyncio.run(provider_at(self._server).person("code", FLOW, NOW))


@pytest.fixture
def forger(server: Answering) -> Forger:
    return Forger(server)


def test_a_good_id_token_says_who_came_back(forger: Forger) -> None:
    assert forger.person(forger.signed(sub="ada")).subject == "ada"


@pytest.mark.parametrize(
    "changed",
    [
        {"iss": "https://evil.example"},
        {"iss": None},
        {"aud": "another"},
        {"aud": None},
        {"exp": int(NOW.timestamp()) - 60},
        {"exp": None},
        {"nonce": "of another sign-in"},
        {"nonce": None},
        {"sub": None},
        {"iat": int(NOW.timestamp()) + 3600},
    ],
    ids=str,
)
def test_an_id_token_that_says_the_wrong_thing_proves_nothing(
    forger: Forger, changed: dict[str, Any]
) -> None:
    with pytest.raises(NotProven):
        forger.person(forger.signed(**changed))


def test_an_id_token_that_the_provider_did_not_sign_proves_nothing(forger: Forger) -> None:
    good = forger.signed()
    unsigned = good.rpartition(".")[0] + ".bm90aGluZw"
    for forged in (*forger.forged().values(), unsigned, ""):
        with pytest.raises(NotProven):
            forger.person(forged)


@pytest.mark.parametrize("missing", [None, 5])
def test_a_provider_that_does_not_say_where_counts_as_away(
    server: Answering, missing: object
) -> None:
    server.body = json.dumps(
        metadata(server) | {"authorization_endpoint": missing, "token_endpoint": missing}
    ).encode()
    provider = provider_at(server)
    with pytest.raises(Away):
        asyncio.run(provider.authorization_url(FLOW))
    with pytest.raises(Away):
        asyncio.run(provider.person("code", FLOW, NOW))
