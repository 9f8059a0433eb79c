"""Bearer JWTs of a gateway: what makes one good, and what happens to its keys."""

from datetime import timedelta
from time import perf_counter
from typing import Any

import pytest
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from joserfc.jwk import ECKey

from api.auth import keys, verifier
from tests.integration.auth.conftest import NOW, bearer
from tests.integration.auth.gateway import AUDIENCE, Gateway
from tests.program import until

SCREEN = "/api/executive-dashboard"


def ask(client: TestClient, token: str) -> tuple[int, str]:
    answer = client.get(SCREEN, headers=bearer(token))
    return answer.status_code, answer.json().get("detail", "")


def test_a_good_token_comes_in_and_its_keys_are_fetched_once(
    client: TestClient, gateway: Gateway
) -> None:
    for role in ("executive", "admin", "head:sales"):
        assert ask(client, gateway.token(role, NOW))[0] == 200
    assert gateway.fetched == 1
    assert ask(client, gateway.token("sre", NOW))[0] == 403


@pytest.mark.parametrize(
    ("claims", "words"),
    [
        ({"aud": "crm"}, "another audience"),
        ({"aud": ["crm", "hr"]}, "another audience"),
        ({"aud": None}, "another audience"),
        ({"iss": "https://evil.example"}, "another issuer"),
        ({"iss": None}, "another issuer"),
        ({"exp": int(NOW.timestamp()) - 11}, "expired"),
        ({"exp": None}, "does not say"),
        ({"exp": "tomorrow"}, "does not say"),
        ({"nbf": int(NOW.timestamp()) + 60}, "not good yet"),
        ({"iat": int(NOW.timestamp()) + 60}, "not good yet"),
        ({"sub": None}, "does not say"),
        ({"sub": ""}, "does not say"),
        ({"sub": "x" * 256}, "does not say"),
        ({"sub": 7}, "does not say"),
        ({"sub": "token:5"}, "does not say"),
    ],
)
def test_a_token_that_says_the_wrong_thing_does_not(
    client: TestClient, gateway: Gateway, claims: dict[str, Any], words: str
) -> None:
    status, detail = ask(client, gateway.token("executive", NOW, **claims))
    assert status == 401
    assert words in detail


ODD = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=5,
)
NAMES = ("crit", "typ", "cty", "jwk", "jku", "x5c", "x5t", "x5u", "b64", "zip", "enc")


@given(
    changed=st.dictionaries(st.sampled_from(["alg", "kid", *NAMES]), ODD, max_size=4) | ODD,
    keeps_key=st.booleans(),
)
@example(changed={"crit": 5}, keeps_key=True)
@example(changed={"alg": {}}, keeps_key=True)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_any_header_without_a_good_signature_is_refused_at_every_door(
    client: TestClient, gateway: Gateway, changed: Any, *, keeps_key: bool
) -> None:
    header = {"alg": "RS256", "kid": gateway.keys[-1].kid} if keeps_key else {}
    odd = {**header, **changed} if isinstance(changed, dict) else changed
    token = bearer(gateway.signed_by_nobody(odd, NOW))
    assert client.get(SCREEN, headers=token).status_code == 401
    assert client.post("/api/events", json={}, headers=token).status_code == 401


def test_one_of_several_audiences_is_enough(client: TestClient, gateway: Gateway) -> None:
    assert ask(client, gateway.token("executive", NOW, aud=["crm", AUDIENCE]))[0] == 200


def test_forged_tokens_do_not(client: TestClient, gateway: Gateway) -> None:
    for what, token in gateway.forged("executive", NOW).items():
        assert ask(client, token)[0] == 401, what


@pytest.mark.parametrize("roles", [None, 7, {"a": 1}, [7, None], "king", []])
def test_roles_of_another_shape_are_no_roles(
    client: TestClient, gateway: Gateway, roles: object
) -> None:
    assert ask(client, gateway.token("executive", NOW, roles=roles))[0] == 403


def test_roles_may_be_words_of_one_text(client: TestClient, gateway: Gateway) -> None:
    assert ask(client, gateway.token("x", NOW, roles="openid executive"))[0] == 200


def test_elliptic_curves_do(client: TestClient, gateway: Gateway) -> None:
    gateway.keys = [ECKey.generate_key("P-256", {"kid": "ec"})]
    assert ask(client, gateway.token("executive", NOW))[0] == 200


def test_new_keys_are_fetched_when_a_token_names_them_but_not_at_a_strangers_pace(
    client: TestClient, gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    time = [1000.0]
    monkeypatch.setattr(keys, "monotonic", lambda: time[0])
    monkeypatch.setattr(verifier, "monotonic", lambda: time[0])
    old = gateway.token("executive", NOW)
    assert ask(client, old)[0] == 200
    gateway.rotate()
    fresh = gateway.token("executive", NOW, jti="1")
    assert ask(client, fresh)[0] == 401  # fetched a moment ago: strangers name keys, too
    time[0] += keys.AT_MOST_EVERY_SECONDS
    assert ask(client, gateway.token("executive", NOW, jti="2"))[0] == 200
    assert gateway.fetched == 2
    time[0] += verifier.FRESH_SECONDS
    assert ask(client, old)[0] == 401  # its key is gone


def test_while_the_key_set_is_away_known_keys_do_and_without_any_nobody_is_let_in(
    client: TestClient, gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    time = [1000.0]
    monkeypatch.setattr(keys, "monotonic", lambda: time[0])
    gateway.is_away = True
    status, detail = ask(client, gateway.token("executive", NOW))
    assert status == 503
    assert "cannot be checked now" in detail
    gateway.is_away = False
    time[0] += keys.WITHOUT_KEYS_EVERY_SECONDS
    assert ask(client, gateway.token("executive", NOW))[0] == 200
    gateway.is_away = True
    time[0] += keys.KEPT_SECONDS + 1
    assert ask(client, gateway.token("executive", NOW, jti="later"))[0] == 200


@pytest.mark.parametrize("failing", ["is_away", "talks_nonsense"])
def test_strangers_do_not_set_the_pace_while_no_keys_are_known_either(
    client: TestClient, gateway: Gateway, monkeypatch: pytest.MonkeyPatch, failing: str
) -> None:
    time = [1000.0]
    monkeypatch.setattr(keys, "monotonic", lambda: time[0])
    setattr(gateway, failing, True)
    for seconds in (1, 2):
        for number in range(20):
            forged = gateway.signed_by_nobody({"alg": "RS256", "kid": f"{seconds} {number}"}, NOW)
            assert ask(client, forged)[0] == 503
        assert gateway.fetched == seconds
        time[0] += keys.WITHOUT_KEYS_EVERY_SECONDS
    setattr(gateway, failing, False)
    assert ask(client, gateway.token("executive", NOW))[0] == 200
    assert gateway.fetched == 3


def test_a_key_set_that_never_answers_keeps_nobody_whose_key_is_known(
    client: TestClient, gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    time = [1000.0]
    monkeypatch.setattr(keys, "monotonic", lambda: time[0])
    assert ask(client, gateway.token("executive", NOW))[0] == 200
    gateway.speaks.clear()
    time[0] += keys.KEPT_SECONDS + 1
    for number in range(3):
        began = perf_counter()
        assert ask(client, gateway.token("executive", NOW, jti=f"{number}"))[0] == 200
        assert perf_counter() - began < 2
    until(lambda: gateway.fetched == 2, "a fetch in the background")
    gateway.rotate()
    gateway.speaks.set()
    fresh = gateway.token("executive", NOW, jti="fresh")
    assert ask(client, fresh)[0] == 200  # it waits for the fetch that is under way


def test_a_token_ends_on_the_dot_though_it_is_remembered(
    client: TestClient, gateway: Gateway, clock: Any
) -> None:
    token = gateway.token("executive", NOW)
    assert ask(client, token)[0] == 200
    clock.now = NOW + timedelta(minutes=5)
    assert ask(client, token)[0] == 401
