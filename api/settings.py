"""Every setting, read from the environment here and nowhere else."""

import os
import re
from collections.abc import Mapping
from decimal import Decimal
from functools import cached_property
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from api.auth.roles import Role

# ISO 4217 codes with a sign of their own; any other code is shown as the code itself.
CURRENCY_SIGNS = {"GBP": "£", "EUR": "€", "USD": "$", "JPY": "¥", "INR": "₹", "CHF": "CHF"}

HOST_PATTERN = re.compile(r"(\*\.)?[A-Za-z0-9._-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\]")


class Settings(BaseSettings):
    """Settings of the service, from ``EXECDASH_*`` variables. See ``docs/settings.md``."""

    model_config = SettingsConfigDict(env_prefix="EXECDASH_", frozen=True)

    database_url: str = Field(
        "sqlite:///var/execdash.db",
        description="Database: sqlite:///PATH or postgresql+psycopg://USER:PASSWORD@HOST/NAME.",
    )
    currency: str = Field(
        "GBP", pattern="^[A-Z]{3}$", description="Reporting currency, an ISO 4217 code."
    )
    timezone: str = Field(
        "UTC", description="Reporting time zone, an IANA name; it decides what yesterday is."
    )
    fiscal_year_start_month: int = Field(
        1, ge=1, le=12, description="First month of the fiscal year, 1 to 12."
    )
    payback_static_months: Decimal | None = Field(
        None, gt=0, le=1200, description="CAC payback in months to show instead of computing it."
    )
    state_dir: Path = Field(
        Path("var"),
        description="Folder for the last good answers, served when the database is away.",
    )
    raw_retention_days: int = Field(
        35, ge=31, le=400, description="Days for which raw RUM events are kept."
    )
    event_requests_per_second: int = Field(
        2000,
        ge=1,
        le=1_000_000,
        description="Requests a second to POST /api/events by one subject, or one address without"
        " accounts.",
    )
    event_queue: int = Field(
        20_000,
        ge=500,
        le=1_000_000,
        description="RUM events that may wait to be stored; more are turned away with 503.",
    )
    traces_per_second: float = Field(
        10.0,
        ge=0,
        le=1000,
        description="Traces that are kept, beside those of failed and slow requests.",
    )
    trace_slow_seconds: float = Field(
        0.3, gt=0, le=60, description="A request that takes longer is slow, and its trace is kept."
    )
    allowed_hosts: Annotated[tuple[str, ...], NoDecode] = Field(
        ("127.0.0.1", "localhost", "[::1]"),
        min_length=1,
        description="Host names under which browsers may reach the service, with commas between;"
        " a name may start with *. for its subdomains.",
    )
    trusted_proxies: Annotated[tuple[str, ...], NoDecode] = Field(
        (),
        description="Addresses or networks of proxies whose X-Forwarded-For and X-Forwarded-Proto"
        " are believed, with commas between, such as 10.0.0.0/8. Nobody else's are.",
    )
    requests_per_second: int = Field(
        500,
        ge=1,
        le=1_000_000,
        description="Requests a second that one client (by address) may send for what is not"
        " ready in memory; more are answered with 429.",
    )
    accounts: bool = Field(
        default=False,
        validate_default=True,
        description="true: nobody comes in without signing in or a token. Needed beyond loopback"
        " and behind proxies.",
    )
    public_url: str | None = Field(
        None,
        validate_default=True,
        description="Address under which people reach the service, such as https://kpi.corp."
        " Needed with accounts; cookies are Secure unless it is http on loopback.",
    )
    token_files: Annotated[Mapping[Role, Path], NoDecode] = Field(
        {},
        description="Files that hold tokens of programs beside the service, which it makes known"
        " when it starts: ROLE=FILE, with commas between.",
    )
    oidc_issuer: str | None = Field(
        None,
        description="OpenID provider that people sign in with: its issuer, an https address."
        " Needs EXECDASH_ACCOUNTS, and EXECDASH_OIDC_CLIENT_ID.",
    )
    oidc_client_id: str | None = Field(
        None,
        validate_default=True,
        max_length=255,
        description="How the provider knows this service."
        " Its redirect address there is PUBLIC_URL/sign-in/callback.",
    )
    oidc_client_secret_file: Path | None = Field(
        None, description="File that holds the client's secret; without it, a public client."
    )
    jwt_issuer: str | None = Field(
        None, description="Issuer of bearer JWTs that a gateway sends. Needs EXECDASH_ACCOUNTS."
    )
    jwt_audience: str | None = Field(
        None, validate_default=True, description="Audience that those JWTs must be meant for."
    )
    jwt_keys_url: str | None = Field(
        None, validate_default=True, description="Address of the key set (JWKS) that signs them."
    )
    roles_claim: str = Field(
        "roles",
        min_length=1,
        max_length=255,
        description="Claim that holds roles or groups; dots lead into objects, as in"
        " realm_access.roles.",
    )
    role_mapping: Annotated[Mapping[str, Role], NoDecode] = Field(
        {},
        description="What the claim's names mean: NAME=ROLE, with commas between. Without it names"
        " are roles.",
    )
    session_hours: int = Field(
        12, ge=1, le=168, description="Hours after which a person has to sign in again."
    )
    frontend_dir: Path = Field(
        Path(__file__).parent.parent / "frontend" / "dist",
        description="Directory of the built pages.",
    )

    @field_validator("allowed_hosts", "trusted_proxies", mode="before")
    @classmethod
    def _split_list(cls, given: object) -> object:
        if isinstance(given, str):
            return tuple(host.strip() for host in given.split(",") if host.strip())
        return given

    @field_validator("allowed_hosts")
    @classmethod
    def _hosts_are_names(cls, hosts: tuple[str, ...]) -> tuple[str, ...]:
        for host in hosts:
            if not HOST_PATTERN.fullmatch(host):
                raise ValueError(f"{host[:80]!r} is not a host name without port, such as kpi.corp")
        return hosts

    @field_validator("token_files", "role_mapping", mode="before")
    @classmethod
    def _split_pairs(cls, given: object) -> object:
        if isinstance(given, str):
            pairs = (pair.rpartition("=") for pair in given.split(",") if pair.strip())
            return {name.strip(): value.strip() for name, _, value in pairs}
        return given

    @field_validator("accounts")
    @classmethod
    def _needed_where_others_come_in(cls, accounts: bool, info: ValidationInfo) -> bool:
        names = [host for host in info.data.get("allowed_hosts", ()) if not is_loopback(host)]
        for variable, found in (
            ("ALLOWED_HOSTS", names),
            ("TRUSTED_PROXIES", info.data.get("trusted_proxies")),
        ):
            if found and not accounts:
                raise ValueError(
                    f"must be true, and EXECDASH_PUBLIC_URL set (docs/accounts.md), because"
                    f" EXECDASH_{variable} has {found[0]}"
                )
        return accounts

    @field_validator("oidc_issuer", "jwt_issuer")
    @classmethod
    def _only_with_accounts(cls, issuer: str | None, info: ValidationInfo) -> str | None:
        if issuer is not None and not info.data.get("accounts"):
            raise ValueError("needs EXECDASH_ACCOUNTS=true")
        return issuer

    @field_validator("oidc_issuer", "jwt_keys_url")
    @classmethod
    def _address(cls, url: str | None) -> str | None:
        if url is not None and not _is_https_or_loopback(url):
            raise ValueError("is not an https address")
        return url

    @field_validator("oidc_client_id", "jwt_audience", "jwt_keys_url")
    @classmethod
    def _goes_with_its_issuer(cls, value: str | None, info: ValidationInfo) -> str | None:
        issuer = f"{str(info.field_name).partition('_')[0]}_issuer"
        if value is None and info.data.get(issuer):
            raise ValueError(f"is needed with EXECDASH_{issuer.upper()}")
        return value

    @field_validator("oidc_client_secret_file")
    @classmethod
    def _holds_a_secret(cls, file: Path | None) -> Path | None:
        try:
            if file is not None and not file.read_text(encoding="utf-8").strip():
                raise ValueError(f"{file} is empty")
        except OSError as error:
            raise ValueError(f"{file}: {error.strerror}") from error
        return file

    @field_validator("public_url")
    @classmethod
    def _reachable(cls, url: str | None, info: ValidationInfo) -> str | None:
        if url is None:
            if info.data.get("accounts"):
                raise ValueError("is needed with accounts")
            return None
        parts = urlsplit(url)
        if not _is_https_or_loopback(url) or parts.path.strip("/") or parts.query:
            raise ValueError("is not the https address of a host, without a path")
        return f"{parts.scheme}://{parts.netloc}"

    @field_validator("trusted_proxies")
    @classmethod
    def _proxies_are_networks(cls, proxies: tuple[str, ...]) -> tuple[str, ...]:
        for proxy in proxies:
            try:
                ip_network(proxy)
            except ValueError:
                raise ValueError(
                    f"{proxy[:80]!r} is not an address or a network such as 10.0.0.0/8"
                ) from None
        return proxies

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, url: str) -> str:
        try:
            backend = make_url(url).get_backend_name()
        except ArgumentError:
            backend = "?"
        if backend not in {"sqlite", "postgresql"}:
            raise ValueError("not a URL of SQLite or PostgreSQL")
        return url

    @field_validator("timezone")
    @classmethod
    def _known_timezone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError(f"{name!r} is not an IANA time zone such as Europe/London") from error
        return name

    @property
    def is_https(self) -> bool:
        """Whether people reach the service by https."""
        return (self.public_url or "").startswith("https://")

    @property
    def session_cookie(self) -> str:
        """The session cookie's name; the prefix makes browsers keep it Secure and of one host."""
        return "__Host-execdash" if self.is_https else "execdash"

    @cached_property
    def currency_sign(self) -> str:
        """The currency's sign as people see it, for example £."""
        return CURRENCY_SIGNS.get(self.currency, self.currency)


def is_loopback(host: str) -> bool:
    """Whether an address or a name leads to this machine only."""
    if host == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _is_https_or_loopback(url: str) -> bool:
    parts = urlsplit(url)
    is_near = parts.hostname in {"127.0.0.1", "localhost", "::1"}
    return bool(parts.hostname) and (
        parts.scheme == "https" or (parts.scheme == "http" and is_near)
    )


def telemetry_environment() -> dict[str, str]:
    """OpenTelemetry's standard variables, which its own library reads as well."""
    return {name: value for name, value in os.environ.items() if name.startswith("OTEL_")}
