"""The kinds of files that a table can be downloaded as."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi.responses import StreamingResponse

from api.csv_files import Cell, csv_response
from api.xlsx_files import CONTENT_TYPE, xlsx_response


@dataclass(frozen=True)
class TableFile:
    """One kind: how its names end, how it is answered, and how the API's document tells of it."""

    ending: str
    respond: Callable[[Sequence[str], Iterable[Sequence[Cell]], str], StreamingResponse]
    responses: dict[int | str, dict[str, Any]]

    def answer(
        self, header: Sequence[str], rows: Iterable[Sequence[Cell]], name: str
    ) -> StreamingResponse:
        """The download, called ``name`` with this ending."""
        return self.respond(header, rows, f"{name}.{self.ending}")


def _described(content_type: str, schema: dict[str, str]) -> dict[int | str, dict[str, Any]]:
    return {200: {"content": {content_type: {"schema": schema}}}}


CSV = TableFile("csv", csv_response, _described("text/csv", {"type": "string"}))
XLSX = TableFile(
    "xlsx", xlsx_response, _described(CONTENT_TYPE, {"type": "string", "format": "binary"})
)
