"""A gateway that signs JWTs, and serves its keys by HTTP."""

import base64
import hmac
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

ISSUER = "https://gateway.corp"
AUDIENCE = "execdash"


class Gateway:
    """``keys`` are those that it serves now; tokens are signed with the last."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.keys: list[RSAKey | ECKey] = []
        self.fetched = 0
        self.is_away = False
        self.talks_nonsense = False  # it answers, with something else than keys
        self.speaks = threading.Event()  # cleared, it takes calls and answers none
        self.speaks.set()
        self.rotate()

    def rotate(self) -> None:
        """Sign with a new key from now on, and forget the others."""
        self.keys = [RSAKey.generate_key(2048, {"kid": f"key-{self.fetched}-{id(self)}"})]

    def token(
        self, role: str, now: datetime, key: RSAKey | ECKey | None = None, **claims: Any
    ) -> str:
        """A JWT; claims that are None are left out."""
        said = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": f"gw-{role}",
            "name": f"Gateway {role}",
            "roles": [role],
            "iat": int(now.timestamp()),
            "exp": int((now + timedelta(minutes=5)).timestamp()),
            **claims,
        }
        signer = key or self.keys[-1]
        algorithm = "ES256" if isinstance(signer, ECKey) else "RS256"
        header = {"alg": algorithm, "kid": self.keys[-1].kid}
        return jwt.encode(header, {k: v for k, v in said.items() if v is not None}, signer)

    def signed_by_nobody(self, header: Any, now: datetime) -> str:
        """A good token's claims below any header."""
        _head, body, signature = self.token("executive", now).split(".")
        return f"{_part(header)}.{body}.{signature}"

    def forged(self, role: str, now: datetime, **claims: Any) -> dict[str, str]:
        """Tokens that look right and were not signed by the gateway; ``claims`` as in a token."""
        good = self.token(role, now, **claims)
        head, body, signature = good.split(".")
        public = self.keys[-1].as_pem(private=False)
        signed = f"{_part({'alg': 'HS256', 'kid': self.keys[-1].kid})}.{body}"
        by_hand = hmac.digest(public, signed.encode(), "sha256")
        nothing = _part({"alg": "none", "kid": self.keys[-1].kid})
        other = {**_claims(body), "roles": ["admin"]}
        return {
            "signature of another key": self.token(role, now, RSAKey.generate_key(2048), **claims),
            "changed claims": f"{head}.{_part(other)}.{signature}",
            "no signature": f"{head}.{body}.",
            "algorithm none": f"{nothing}.{body}.",
            "public key as a shared secret": f"{signed}.{_text(by_hand)}",
            "not a JWT": "a.b.c",
            "empty parts": "..",
        }


def _claims(body: str) -> dict[str, Any]:
    claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(body + "=="))
    return claims


def _part(value: Any) -> str:
    return _text(json.dumps(value).encode())


def _text(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).decode().rstrip("=")


@contextmanager
def running_gateway() -> Iterator[Gateway]:
    """Its key set on a port of loopback."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            gateway.fetched += 1
            gateway.speaks.wait()
            keys = [key.as_dict(private=False) for key in gateway.keys]
            said = {} if gateway.talks_nonsense else {"keys": keys}
            body = json.dumps(said).encode()
            self.send_response(503 if gateway.is_away else 200)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_arguments: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    gateway = Gateway(f"http://127.0.0.1:{server.server_address[1]}/keys")
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield gateway
    finally:
        gateway.speaks.set()
        server.shutdown()
        server.server_close()
        thread.join()
