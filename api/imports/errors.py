"""Why a file was not imported: which line and column, and what is wrong there."""

from collections.abc import Sequence
from dataclasses import dataclass

from api.errors import BadRequest

MAX_LISTED_ERRORS = 20


@dataclass(frozen=True, order=True)
class RowError:
    """One mistake. ``line`` counts from 1, the header included; ``column`` is the file's."""

    line: int
    column: str | None
    reason: str

    def __str__(self) -> str:
        place = f"line {self.line}" + (f", {self.column}" if self.column else "")
        return f"{place}: {self.reason}"


class ImportRefused(BadRequest):
    """Nothing of the file was imported. Lists the first 20 mistakes.

    ``rejected`` counts the bad rows; it is 0 when the file itself cannot be read as rows.
    """

    def __init__(
        self,
        summary: str,
        errors: Sequence[RowError],
        rejected: int = 0,
        ignored_columns: Sequence[str] = (),
    ) -> None:
        self.errors = tuple(errors[:MAX_LISTED_ERRORS])
        self.rejected = rejected
        self.ignored_columns = tuple(ignored_columns)
        super().__init__(
            "; ".join([summary, *map(str, self.errors[:1])]),
            import_id=None,
            inserted=0,
            updated=0,
            unchanged=0,
            rejected=rejected,
            errors=[vars(error) for error in self.errors],
            ignored_columns=list(ignored_columns),
        )
        self.summary = summary


def unreadable(line: int, reason: str, column: str | None = None) -> ImportRefused:
    """The file cannot be read as rows of the kind, from ``line`` on."""
    return ImportRefused("the file cannot be imported", [RowError(line, column, reason)])
