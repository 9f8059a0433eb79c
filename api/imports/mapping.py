"""Which column of a file holds which field, and which fields are the same on every row."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Annotated, Any

import yaml
from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from api.errors import BadRequest
from api.imports.kinds import KINDS, Kind

MAX_MAPPING_BYTES = 64 * 1024
MERGE_KEY = "tag:yaml.org,2002:merge"

_Text = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class MappingError(BadRequest):
    """The mapping is not usable; ``detail`` says where and why."""


class _Loader(yaml.SafeLoader):
    """Plain YAML: nothing in it can stand for more than is written there."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        event = self.peek_event()  # type: ignore[no-untyped-call]  # has no annotations
        if event.anchor is not None:
            raise MappingError("mapping: anchors and aliases (& and *) are not allowed")
        if getattr(event, "tag", None) is not None:
            raise MappingError("mapping: tags (!) are not allowed")
        node: yaml.Node | None = super().compose_node(parent, index)
        return node

    def flatten_mapping(self, node: yaml.MappingNode) -> None:
        if any(key.tag == MERGE_KEY for key, _value in node.value):
            raise MappingError("mapping: merge keys (<<) are not allowed")


@dataclass(frozen=True)
class ColumnMapping:
    """``columns`` names a file's column per field; ``constants`` gives fields one value.

    A field in neither is read from the column of its own name. ``date_format`` is a
    ``strptime`` format for the file's days.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    date_format: str | None = None


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    columns: dict[_Text, _Text] = {}
    constants: dict[_Text, _Text] = {}
    date_format: _Text | None = None


def read_mapping(content: bytes, kind: Kind) -> ColumnMapping:
    """The part of a YAML mapping file that is about ``kind``. Raises ``MappingError``."""
    sections = _sections(content)
    if unknown := sorted(str(name) for name in sections if name not in KINDS):
        raise MappingError(f"mapping: {unknown[0]!r} is not a kind; kinds are {', '.join(KINDS)}")
    if kind.name not in sections:
        raise MappingError(f"mapping: it has no section for {kind.name}")
    try:
        section = _Section.model_validate(sections[kind.name])
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, (kind.name, *first["loc"])))
        text_wanted = first["type"] == "string_type"  # YAML reads No as false, and 2024 as a number
        reason = "must be text; put it in quotes" if text_wanted else first["msg"]
        raise MappingError(f"mapping: {place}: {reason}") from None
    return _checked(kind, ColumnMapping(section.columns, section.constants, section.date_format))


def with_columns(mapping: ColumnMapping, kind: Kind, assignments: Sequence[str]) -> ColumnMapping:
    """``mapping`` with ``FIELD=COLUMN`` assignments over it. Raises ``MappingError``."""
    columns = {}
    for assignment in assignments:
        name, separator, column = assignment.partition("=")
        if not (name and separator and column):
            raise MappingError(f"--map {assignment!r}: write FIELD=COLUMN")
        columns[name] = column
    constants = {k: v for k, v in mapping.constants.items() if k not in columns}
    merged = replace(mapping, columns={**mapping.columns, **columns}, constants=constants)
    return _checked(kind, merged)


def _sections(content: bytes) -> dict[Any, Any]:
    if len(content) > MAX_MAPPING_BYTES:
        raise MappingError(f"mapping: it is larger than {MAX_MAPPING_BYTES} bytes")
    try:
        sections = yaml.load(content, _Loader)  # noqa: S506 - a kind of SafeLoader
    except (yaml.YAMLError, ValueError, OverflowError, RecursionError) as error:
        reason = " ".join(str(error).split())[:200]
        raise MappingError(f"mapping: it is not YAML: {reason}") from None
    if not isinstance(sections, dict):
        raise MappingError("mapping: it must hold a section per kind, such as 'orders:'")
    return sections


def _checked(kind: Kind, mapping: ColumnMapping) -> ColumnMapping:
    names = ", ".join(item.name for item in kind.fields)
    for name in (*mapping.columns, *mapping.constants):
        if kind.field_named(name) is None:
            raise MappingError(f"mapping: {kind.name} has no field {name!r}; fields are {names}")
    if both := sorted(set(mapping.columns) & set(mapping.constants)):
        raise MappingError(f"mapping: {both[0]} has both a column and a constant")
    for name, value in mapping.constants.items():
        _check_constant(kind, name, value)
    if mapping.date_format is not None:
        _check_date_format(mapping.date_format)
    return mapping


def _check_constant(kind: Kind, name: str, value: str) -> None:
    item = kind.field_named(name)
    assert item is not None
    try:
        item.parse(value)
    except ValueError as error:
        raise MappingError(f"mapping: {kind.name}.constants.{name}: {error}") from None


def _check_date_format(date_format: str) -> None:
    # A format that loses the day, the month or the year cannot give the day back.
    for probe in (date(2001, 2, 3), date(1998, 12, 31)):
        try:
            parsed = datetime.strptime(probe.strftime(date_format), date_format)  # noqa: DTZ007 - a day has no zone
        except ValueError:
            parsed = None
        if parsed is None or parsed.date() != probe:
            raise MappingError(f"mapping: date_format {date_format!r} does not give whole dates")
