"""Response bodies in the OpenAPI document."""

from api.executive.schemas import Kpi


def test_a_response_body_is_described_field_by_field() -> None:
    described = Kpi.model_json_schema(mode="serialization")

    assert described["properties"]["value"]["anyOf"] == [{"type": "number"}, {"type": "null"}]
    assert "value" in described["required"]


def test_a_field_that_is_left_out_when_missing_is_optional_and_never_null() -> None:
    described = Kpi.model_json_schema(mode="serialization")

    assert described["properties"]["target"] == {"title": "Target", "type": "number"}
    assert "target" not in described["required"]
