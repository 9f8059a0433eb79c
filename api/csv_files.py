"""CSV for spreadsheets: written a row at a time, safe to open, with a byte order mark."""

import csv
import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from io import TextIOWrapper
from typing import IO

CONTENT_TYPE = "text/csv"
Cell = str | int | float | None


class Number(str):
    """A number written out exactly, where a float would not be."""


def exact(value: float | None) -> Number | None:
    """The shortest decimal that stands for just this number, without an exponent."""
    if value is None:
        return None
    text = format(Decimal(repr(value)), "f")
    return Number(text.removesuffix(".0"))


# A cell that starts like this would be run as a formula; the wide signs are read as the others.
FORMULA_STARTS = tuple("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")
NEGATIVE_NUMBER = re.compile(r"-[0-9]+(\.[0-9]+)?(e[+-]?[0-9]+)?")


def write_csv(file: IO[bytes], header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> None:
    """Write a table, from the file's present place on."""
    text = TextIOWrapper(file, encoding="utf-8-sig", newline="")
    writer = csv.writer(text)
    writer.writerow(header)
    writer.writerows([safe_cell(value) for value in row] for row in rows)
    text.flush()
    text.detach()  # the file outlives its wrapper


def safe_cell(value: Cell) -> str:
    """A cell's text, with a leading ``'`` where a spreadsheet would run it. Missing is empty."""
    text = "" if value is None else str(value)
    if text.startswith(FORMULA_STARTS) and not NEGATIVE_NUMBER.fullmatch(text):
        return f"'{text}"
    return text
