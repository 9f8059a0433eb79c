"""CSV for spreadsheets: written in bounded memory, safe to open, with a byte order mark."""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from io import TextIOWrapper
from tempfile import SpooledTemporaryFile

from fastapi.responses import StreamingResponse

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
BYTES_IN_MEMORY = 4_000_000
CHUNK_BYTES = 64_000


def csv_response(
    header: Sequence[str], rows: Iterable[Sequence[Cell]], filename: str
) -> StreamingResponse:
    """A download. All rows are read before the answer starts, so that a failure is still an error.

    They wait in a temporary file when they are many, and need no database while they leave.
    """
    file: SpooledTemporaryFile[bytes] = SpooledTemporaryFile(BYTES_IN_MEMORY)  # noqa: SIM115 - closed when sent
    try:
        _write(file, header, rows)
    except BaseException:
        file.close()
        raise
    return StreamingResponse(
        chunks(file),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{filename}"'},
    )


def safe_cell(value: Cell) -> str:
    """A cell's text, with a leading ``'`` where a spreadsheet would run it. Missing is empty."""
    text = "" if value is None else str(value)
    if text.startswith(FORMULA_STARTS) and not NEGATIVE_NUMBER.fullmatch(text):
        return f"'{text}"
    return text


def _write(
    file: SpooledTemporaryFile[bytes], header: Sequence[str], rows: Iterable[Sequence[Cell]]
) -> None:
    text = TextIOWrapper(file, encoding="utf-8-sig", newline="")
    writer = csv.writer(text)
    writer.writerow(header)
    writer.writerows([safe_cell(value) for value in row] for row in rows)
    text.flush()
    text.detach()  # the file outlives its wrapper
    file.seek(0)


def chunks(file: SpooledTemporaryFile[bytes]) -> Iterator[bytes]:
    """What is in ``file``, which is closed then."""
    with file:
        while chunk := file.read(CHUNK_BYTES):
            yield chunk
