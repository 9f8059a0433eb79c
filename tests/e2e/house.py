"""A service with accounts beside a real OpenID provider, and how people sign in there."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.e2e.conftest import Service, start_service
from tests.integration.auth.provider import CLIENT_ID, SECRET, RunningProvider, running_provider
from tests.ports import free_port

COOKIE = "execdash"


@dataclass
class House:
    """A service with accounts, and the provider that it trusts."""

    service: Service
    provider: RunningProvider

    @property
    def url(self) -> str:
        return self.service.url


@contextmanager
def running_house(folder: Path, **settings: str) -> Iterator[House]:
    """Both in processes of their own; ``settings`` are further ones of the service."""
    port = free_port()
    origin = f"http://127.0.0.1:{port}"
    (folder / "secret").write_text(SECRET)
    with running_provider(origin, folder / "provider.log") as provider:
        accounts = {
            "EXECDASH_ACCOUNTS": "true",
            "EXECDASH_PUBLIC_URL": origin,
            "EXECDASH_OIDC_ISSUER": provider.issuer,
            "EXECDASH_OIDC_CLIENT_ID": CLIENT_ID,
            "EXECDASH_OIDC_CLIENT_SECRET_FILE": str(folder / "secret"),
            "EXECDASH_ROLES_CLAIM": "kpi_roles",
        }
        service = start_service(folder, "--demo", port=port, settings=accounts | settings)
        try:
            yield House(service, provider)
        finally:
            service.stop()


def sign_in(page: Page, house: House, login: str, path: str = "/dashboard") -> None:
    """Ask for a page, and do at the provider what it asks for."""
    page.goto(f"{house.url}{path}")
    expect(page).to_have_title("Sign in · Executive Dashboard")
    page.get_by_role("link", name=re.compile("company.s account")).click()
    page.locator("input[name=login]").fill(login)
    page.locator("input[name=password]").fill("x")
    page.locator("button[type=submit]").click()
    page.get_by_role("button", name="Continue").click()
