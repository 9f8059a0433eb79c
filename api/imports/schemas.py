"""The answer of an import, the same from the command's ``--json`` and from the API."""

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
