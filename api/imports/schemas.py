"""The answer of an import, the same from the command's ``--json`` and from the API."""

from typing import Any

from pydantic import Field

from api.imports.errors import ImportRefused
from api.imports.loader import ImportResult
from api.schema import ResponseModel


class BadRow(ResponseModel):
    """One mistake: ``line`` counts from 1, the header included; ``column`` is the file's."""

    line: int
    column: str | None
    reason: str


class ImportAnswer(ResponseModel):
    """What an import did. A refused file has only ``rejected``, ``errors`` and columns.

    ``import_id`` is null for a dry run and for a refused file.
    """

    import_id: int | None = Field(examples=[12])
    inserted: int = Field(examples=[9994])
    updated: int = Field(examples=[0])
    unchanged: int = Field(examples=[0])
    rejected: int = Field(description="Bad rows. One is enough to refuse the file.", examples=[0])
    errors: list[BadRow] = Field(description="The first 20 mistakes.", examples=[[]])
    ignored_columns: list[str] = Field(examples=[["City", "State"]])


def answer(result: ImportResult) -> ImportAnswer:
    """What was imported."""
    return ImportAnswer(
        import_id=result.import_id,
        inserted=result.inserted,
        updated=result.updated,
        unchanged=result.unchanged,
        rejected=0,
        errors=[],
        ignored_columns=list(result.ignored_columns),
    )


def refusal(refused: ImportRefused) -> ImportAnswer:
    """Why nothing was."""
    return ImportAnswer(
        import_id=None,
        inserted=0,
        updated=0,
        unchanged=0,
        rejected=refused.rejected,
        errors=[BadRow(**vars(error)) for error in refused.errors],
        ignored_columns=list(refused.ignored_columns),
    )


_PROBLEM: dict[str, Any] = {
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What is wrong, in one sentence."},
    },
}
_REFUSED: dict[str, Any] = {
    **_PROBLEM,
    "properties": {
        **_PROBLEM["properties"],
        "rejected": {"type": "integer", "description": "Bad rows."},
        "errors": {
            "type": "array",
            "items": {"type": "object"},
            "description": "The first 20 mistakes, each with `line`, `column` and `reason`.",
        },
        "ignored_columns": {"type": "array", "items": {"type": "string"}},
    },
}


def _problem(description: str, schema: dict[str, Any] = _PROBLEM) -> dict[str, Any]:
    return {
        "description": description,
        "content": {"application/problem+json": {"schema": schema}},
    }


ERROR_RESPONSES: dict[int | str, dict[str, Any]] = {
    400: _problem("The file or a parameter is not usable; nothing was imported.", _REFUSED),
    404: _problem("No such kind."),
    413: _problem("The file is too large."),
    415: _problem("The body is not `text/csv`, or is compressed."),
    503: _problem("The database is away, or there is no room for the file: nothing was imported."),
}
