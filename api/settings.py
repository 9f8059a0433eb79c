"""Every setting, read from the environment here and nowhere else."""

from functools import cached_property
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

# ISO 4217 codes with a sign of their own; any other code is shown as the code itself.
CURRENCY_SIGNS = {"GBP": "£", "EUR": "€", "USD": "$", "JPY": "¥", "INR": "₹", "CHF": "CHF"}


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
    raw_retention_days: int = Field(
        35, ge=31, le=400, description="Days for which raw RUM events are kept."
    )

    @field_validator("timezone")
    @classmethod
    def _known_timezone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError(f"{name!r} is not an IANA time zone such as Europe/London") from error
        return name

    @cached_property
    def currency_sign(self) -> str:
        """The currency's sign as people see it, for example £."""
        return CURRENCY_SIGNS.get(self.currency, self.currency)
