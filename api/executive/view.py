"""Which window a client asks for, and what to hold it against, on every endpoint with numbers."""

import re
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Annotated

from fastapi import Depends, Query
from pydantic import BeforeValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from api import calendar
from api.calendar import Compare, Granularity, Range, Window
from api.dependencies import Now, Settings
from api.errors import BadRequest
from api.executive.schemas import Comparison, Timeframe
from api.settings import Settings as AppSettings

EARLIEST = date(1900, 1, 1)
_ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


@dataclass(frozen=True)
class View:
    """A window and what it was asked for with."""

    range: Range
    granularity: Granularity
    as_of: date
    fiscal_year_start_month: int
    compare: Compare = Compare.PREVIOUS

    @cached_property
    def window(self) -> Window:
        """The complete months or quarters in view: as long as the range, or the year to date."""
        asked = calendar.window(
            self.range.months, self.granularity, self.as_of, self.fiscal_year_start_month
        )
        return asked.year_to_date if self.compare is Compare.YTD_TARGET else asked

    @cached_property
    def baseline(self) -> Window:
        """The window that changes are measured from."""
        return self.window.baseline(self.compare)

    @property
    def query(self) -> dict[str, str]:
        """What a link to the same view asks with."""
        asked = {
            "range": str(self.range),
            "granularity": str(self.granularity),
            "as_of": self.as_of.isoformat(),
        }
        usual = self.compare is Compare.PREVIOUS
        return asked if usual else asked | {"compare": str(self.compare)}

    @property
    def timeframe(self) -> Timeframe:
        """The window as answers name it."""
        return Timeframe(
            range=self.range,
            start_date=self.window.start_date,
            end_date=self.window.end_date,
            granularity=self.granularity,
            as_of=self.as_of,
            fiscal_year_start_month=self.fiscal_year_start_month,
        )

    @property
    def comparison(self) -> Comparison | None:
        """What changes are measured from, as answers name it; None for what is usual."""
        if self.compare is Compare.PREVIOUS:
            return None
        return Comparison(
            compare=self.compare,
            start_date=self.baseline.start_date,
            end_date=self.baseline.end_date,
        )


def _iso_date(text: object) -> object:
    """Only ``YYYY-MM-DD``: a number or an instant would pass as a date, too."""
    try:
        if isinstance(text, str) and _ISO_DATE.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass  # the 30th of February, say
    raise PydanticCustomError("date", "allowed is a date such as 2024-06-30")


AsOf = Annotated[
    date | None, BeforeValidator(_iso_date), WithJsonSchema({"type": "string", "format": "date"})
]


def view(
    range_: Range,
    granularity: Granularity,
    as_of: date | None,
    now: datetime,
    settings: AppSettings,
    compare: Compare = Compare.PREVIOUS,
) -> View:
    """The view a client asked for. Raises ``BadRequest`` for a day that is not over history."""
    if as_of is None:
        as_of = calendar.yesterday(now, settings.timezone)
    latest = calendar.today(now, settings.timezone)
    if not EARLIEST <= as_of <= latest:
        raise BadRequest(f"as_of: {as_of} is not allowed; allowed are {EARLIEST} to {latest}")
    return View(range_, granularity, as_of, settings.fiscal_year_start_month, compare)


def _requested_view(
    now: Now,
    settings: Settings,
    range_: Annotated[
        Range, Query(alias="range", description="Length of the window in complete months.")
    ] = Range.TWELVE_MONTHS,
    granularity: Annotated[
        Granularity, Query(description="Length of one period; quarters are fiscal quarters.")
    ] = Granularity.MONTH,
    as_of: Annotated[
        AsOf,
        Query(description="The day to look from; without it yesterday in the reporting time zone."),
    ] = None,
    compare: Annotated[
        Compare,
        Query(
            description="What changes are measured from: the window before, or the same months a"
            " year ago; with `ytd_target` the window is the fiscal year to date, held against its"
            " targets."
        ),
    ] = Compare.PREVIOUS,
) -> View:
    return view(range_, granularity, as_of, now, settings, compare)


RequestedView = Annotated[View, Depends(_requested_view)]
