"""The base of every JSON body the API answers with."""

from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, SerializerFunctionWrapHandler, model_serializer


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


class RequestModel(BaseModel):
    """A request body: unknown fields are an error, and nothing is converted silently."""

    model_config = ConfigDict(extra="forbid", strict=True)
