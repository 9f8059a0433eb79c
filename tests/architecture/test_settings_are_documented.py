"""docs/settings.md lists exactly the settings that the code reads, with their defaults."""

import re

from api.settings import Settings
from tests.architecture.source import ROOT

ROW = re.compile(r"^\| `(EXECDASH_[A-Z_]+)` \| (.+?) \| (.+?) \|$", re.MULTILINE)


def test_every_setting_is_documented_with_its_default_and_nothing_else_is() -> None:
    documented = {name: default for name, default, _ in ROW.findall(_page())}
    assert documented == {
        f"EXECDASH_{field.upper()}": _shown(field) for field in Settings.model_fields
    }


def test_the_documentation_says_what_the_code_says() -> None:
    documented = {name: text for name, _, text in ROW.findall(_page())}
    for field, setting in Settings.model_fields.items():
        assert documented[f"EXECDASH_{field.upper()}"] == setting.description


def _page() -> str:
    return (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")


def _shown(field: str) -> str:
    default = Settings.model_fields[field].default
    if field == "frontend_dir":
        default = default.relative_to(ROOT)
    match default:
        case None | {} | ():
            return "none"
        case bool():
            return f"`{str(default).lower()}`"
        case tuple():
            return f"`{','.join(default)}`"
        case _:
            return f"`{default}`"
