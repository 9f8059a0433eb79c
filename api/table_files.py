"""The kinds of files that a table can be downloaded as."""

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from tempfile import SpooledTemporaryFile
from typing import IO, Any
from weakref import finalize

from fastapi.responses import StreamingResponse

from api import csv_files, xlsx_files
from api.csv_files import Cell
from api.errors import Unavailable

logger = logging.getLogger(__name__)

BYTES_IN_MEMORY = 4_000_000
CHUNK_BYTES = 64_000


@dataclass(frozen=True)
class TableFile:
    """One kind: how its names end, what it is, how the API's document says so, how it is made."""

    ending: str
    content_type: str
    schema: dict[str, str]
    write: Callable[[IO[bytes], Sequence[str], Iterable[Sequence[Cell]]], None]

    @property
    def responses(self) -> dict[int | str, dict[str, Any]]:
        """How the API's document tells of it."""
        return {200: {"content": {self.content_type: {"schema": self.schema}}}}

    def answer(
        self, header: Sequence[str], rows: Iterable[Sequence[Cell]], name: str
    ) -> StreamingResponse:
        """The download, called ``name`` with this ending.

        All rows are read before the answer starts, so that a failure is still an error. They wait
        in a temporary file when they are many, and need no database while they leave. Raises
        ``Unavailable`` where there is no room for it.
        """
        file: SpooledTemporaryFile[bytes] = SpooledTemporaryFile(BYTES_IN_MEMORY)  # noqa: SIM115 - closed with its answer
        try:
            self.write(file, header, rows)
            file.seek(0)
        except BaseException as error:
            with suppress(OSError):  # what it still holds has no room either
                file.close()
            if isinstance(error, OSError):
                logger.warning("a download cannot be made: %s", error.strerror)
                headers = {"Retry-After": "60"}
                raise Unavailable("There is no room for the file now.", headers=headers) from None
            raise
        disposition = f'attachment; filename="{name}.{self.ending}"'
        answer = StreamingResponse(
            _chunks(file),
            media_type=self.content_type,
            headers={"Content-Disposition": disposition},
        )
        finalize(answer, file.close)  # who went away may have taken some of it, or nothing
        return answer


def _chunks(file: SpooledTemporaryFile[bytes]) -> Iterator[bytes]:
    with file:
        while chunk := file.read(CHUNK_BYTES):
            yield chunk


CSV = TableFile("csv", csv_files.CONTENT_TYPE, {"type": "string"}, csv_files.write_csv)
XLSX = TableFile(
    "xlsx",
    xlsx_files.CONTENT_TYPE,
    {"type": "string", "format": "binary"},
    xlsx_files.write_xlsx,
)
