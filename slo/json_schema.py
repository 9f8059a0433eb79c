"""A JSON Schema of the file of objectives, so that editors complete and check it while one types.

It says less than ``execdash slo validate``: what stands inside an annotation is text to it.
"""

import json
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import Field, TypeAdapter
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from slo.command_line import Check, write_or_compare
from slo.openslo import Service, Slo

FOLDER = Path("slo")
NAME = "objectives.schema.json"
DIALECT = "https://json-schema.org/draft/2020-12/schema"

Document = Annotated[Slo | Service, Field(discriminator="kind")]


class _ForEditors(GenerateJsonSchema):
    """Exact decimals are plain numbers in a file, and what is missing is not written."""

    def decimal_schema(self, schema: core_schema.DecimalSchema) -> JsonSchemaValue:
        plain: JsonSchemaValue = {"type": "number"}
        self.update_with_validations(plain, schema, self.ValidationsMapping.numeric)
        return {key: float(v) if key != "type" else v for key, v in plain.items()}

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])


def schema_file() -> str:
    """The schema of one document of the file."""
    made: dict[str, Any] = TypeAdapter(Document).json_schema(schema_generator=_ForEditors)
    made.pop("discriminator")  # a word of OpenAPI
    head = {"$schema": DIALECT, "title": "Objectives of execdash: OpenSLO v1 documents"}
    return json.dumps({**head, **made}, indent=2) + "\n"


def schema(
    folder: Annotated[Path, typer.Option(help="Where the file goes.")] = FOLDER,
    check: Check = False,
) -> None:
    """Write the JSON Schema that editors check the file of objectives by."""
    write_or_compare(folder, {NAME: schema_file()}, check=check)
