"""The base of every JSON body the API answers with."""

from typing import Annotated, Any, ClassVar, cast

from fastapi import Query
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    SerializerFunctionWrapHandler,
    model_serializer,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema


class ResponseModel(BaseModel):
    """A response body.

    Most missing values are sent as ``null``: a client must see that a number is missing.
    Names in ``absent_when_none`` are left out instead, because the contract marks them optional.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, ser_json_inf_nan="null")
    absent_when_none: ClassVar[frozenset[str]] = frozenset()

    @model_serializer(mode="wrap")
    def _leave_out_absent(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        fields: dict[str, Any] = handler(self)
        return {k: v for k, v in fields.items() if v is not None or k not in self.absent_when_none}

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """Describe the fields: by itself the document would show the serializer's bare dict."""
        fields = {k: v for k, v in core_schema.items() if k != "serialization"}
        described = handler(cast("CoreSchema", fields))
        properties = handler.resolve_ref_schema(described)["properties"]
        for name in cls.absent_when_none:
            properties[name] = _never_null(properties[name])
        return described


def _never_null(field: JsonSchemaValue) -> JsonSchemaValue:
    """The schema of an optional field that is left out rather than sent as ``null``."""
    kept = {k: v for k, v in field.items() if k not in {"anyOf", "default"}}
    (present,) = [choice for choice in field["anyOf"] if choice != {"type": "null"}]
    return {**kept, **present}


class RequestModel(BaseModel):
    """A request body: unknown fields are an error, and nothing is converted silently."""

    model_config = ConfigDict(extra="forbid", strict=True)


MAX_NAME = 80
"""Characters of a name of ours that a request may ask for: a KPI, a dimension, an objective."""
STORABLE = "^[^\\x00]*$"
"""Pattern of texts that a database is asked for: PostgreSQL's hold every character but NUL."""


def query_text(description: str, longest: int = MAX_NAME, **more: Any) -> Any:
    """A query parameter that is a text: as long, and of such characters, as can be looked for."""
    return Query(max_length=longest, pattern=STORABLE, description=description, **more)


def _integral(value: object) -> object:
    return int(value) if isinstance(value, float) and value.is_integer() else value


Count = Annotated[int, Field(ge=0), BeforeValidator(_integral)]
"""A number of things in a request body; it may be written as 1.0: JSON knows no difference."""
