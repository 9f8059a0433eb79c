"""The guide names what the program takes."""

from pathlib import Path

import pytest

from api.imports.kinds import KINDS

GUIDE = Path(__file__).parents[3] / "docs/imports.md"


@pytest.mark.parametrize("name", KINDS)
def test_the_guide_has_every_kind_with_its_fields_and_key(name: str) -> None:
    kind = KINDS[name]
    fields = ", ".join(field.name + ("" if field.required else "?") for field in kind.fields)
    key = ", ".join(f"`{part}`" for part in kind.key if part not in kind.fixed)
    assert f"| `{name}` | `{fields}` | {key} |" in GUIDE.read_text("utf-8")
